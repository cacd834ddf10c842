#include "bridge/bridge_request.h"

#include <unistd.h>

#include <cerrno>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bif/open_port.h"
#include "bif/port_call.h"
#include "bif/port_close.h"
#include "bif/port_command.h"
#include "bif/port_connect.h"
#include "bif/port_control.h"
#include "bif/port_info.h"
#include "bif/port_send.h"
#include "port/ports.h"
#include "term/term_text.h"

namespace portlab {
namespace {

using Arguments = std::span<const Term>;

BridgeStep Answer(Result<Term> answer) {
  return [answer = std::move(answer)] { return std::optional<Result<Term>>(answer); };
}

BridgeStep Done() { return Answer(Term::Bool(true)); }

std::optional<PortId> PortOf(const Term& term) {
  const std::optional<std::uint64_t> number = term.as_uint();
  if (!number || *number >= PortId::kNone) return std::nullopt;
  return PortId{*number};
}

// ---- Ports. Each: the arguments behind the port. ----

BridgeStep Command(Process& self, PortId port, Arguments rest) {
  const auto words = rest[1].list_elements();
  if (!words) return Answer(Fail(Error::BadArg("the options are no list")));
  CommandOptions options;
  for (const Term& word : *words) {
    if (word.is_atom("force")) {
      options.force = true;
    } else if (word.is_atom("nosuspend")) {
      options.nosuspend = true;
    } else {
      return Answer(Fail(Error::BadArg("the options are force and nosuspend")));
    }
  }
  return PortCommand(self, port, rest[0], options);
}

std::optional<std::uint32_t> OperationOf(const Term& term) {
  const std::optional<std::uint64_t> operation = term.as_uint();
  if (!operation || *operation > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*operation);
}

BridgeStep Control(Process& self, PortId port, Arguments rest) {
  const auto operation = OperationOf(rest[0]);
  if (!operation) return Answer(Fail(Error::BadArg("an operation is an integer of 32 bits")));
  std::optional<std::string> data = FlattenIodata(rest[1]);
  if (!data) return Answer(Fail(Error::BadArg("the data is not iodata")));
  // The signal borrows the bytes until it is sent.
  auto bytes = std::make_shared<const std::string>(*std::move(data));
  return [bytes, step = PortControl(self, port, *operation, AsBytes(*bytes))]() mutable {
    return step();
  };
}

BridgeStep Call(Process& self, PortId port, Arguments rest) {
  const auto operation = OperationOf(rest[0]);
  if (!operation) return Answer(Fail(Error::BadArg("an operation is an integer of 32 bits")));
  return PortCall(self, port, *operation, rest[1]);
}

BridgeStep Connect(Process& self, PortId port, Arguments rest) {
  if (!rest[0].is(TermKind::kPid)) return Answer(Fail(Error::BadArg("the new owner is no pid")));
  return PortConnect(self, port, rest[0].as_pid());
}

BridgeStep Send(Process& self, PortId port, Arguments rest) {
  return [step = PortSend(self, port, rest[0],
                          rest[1].is_atom("true"))]() mutable -> std::optional<Result<Term>> {
    const std::optional<Result<Term>> sent = step();
    if (!sent) return std::nullopt;
    return Term::Atom(**sent == Term::Bool(true) ? "ok" : "nosuspend");
  };
}

BridgeStep Exit(Process& self, PortId port, Arguments rest) {
  ExitPort(self, port, rest[0]);
  return Done();
}

BridgeStep Link(Process& self, PortId port, Arguments /*rest*/) {
  LinkPort(self, port);
  return Done();
}

BridgeStep Unlink(Process& self, PortId port, Arguments /*rest*/) {
  UnlinkPort(self, port);
  return Done();
}

BridgeStep Monitor(Process& self, PortId port, Arguments /*rest*/) {
  return Answer(Term::Of(MonitorPort(self, port)));
}

BridgeStep Demonitor(Process& self, PortId port, Arguments rest) {
  if (!rest[0].is(TermKind::kRef)) return Answer(Fail(Error::BadArg("no reference")));
  DemonitorPort(self, port, rest[0].as_ref());
  return Done();
}

struct PortOperation {
  std::string_view name;
  std::size_t arity;  // of the tuple
  BridgeStep (*step)(Process& self, PortId port, Arguments rest);
};

constexpr PortOperation kPortOperations[] = {
    {"command", 4, Command},
    {"control", 4, Control},
    {"call", 4, Call},
    {"close", 2,
     [](Process& self, PortId port, Arguments) -> BridgeStep { return PortClose(self, port); }},
    {"connect", 3, Connect},
    {"info", 2,
     [](Process& self, PortId port, Arguments) -> BridgeStep { return PortInfo(self, port); }},
    {"send", 4, Send},
    {"exit", 3, Exit},
    {"link", 2, Link},
    {"unlink", 2, Unlink},
    {"monitor", 2, Monitor},
    {"demonitor", 3, Demonitor},
};

// ---- The runtime, and drivers ----

BridgeStep Open(Process& self, const Term& name, const Term& options) {
  return [step = OpenPort(self, name, options)]() mutable -> std::optional<Result<Term>> {
    std::optional<Result<PortId>> opened = step();
    if (!opened) return std::nullopt;
    if (!*opened) return Fail(opened->error());
    return Term::Of(**opened);
  };
}

Term AllPorts() {
  std::vector<Term> ports;
  for (PortId port : Ports::Get().List()) ports.push_back(Term::Of(port));
  return Term::List(ports);
}

Error NoName() { return Error::BadArg("a name is a string, a binary or an atom"); }

Result<Term> ChangeDirectory(const Term& directory) {
  const std::optional<std::string> path = TextOf(directory);
  if (!path) return Fail(NoName());
  if (::chdir(path->c_str()) != 0) return Fail(Error::Errno(errno, *path));
  return Term::Bool(true);
}

Result<Term> LoadDriver(Ddll& ddll, const Term& directory, const Term& name) {
  const std::optional<std::string> where = TextOf(directory);
  const std::optional<std::string> what = TextOf(name);
  if (!where || !what) return Fail(NoName());
  const Result<void> loaded = ddll.LoadDriver(*where, *what);
  if (!loaded) return Fail(loaded.error());
  return Term::Atom("loaded");
}

Result<Term> UnloadDriver(Ddll& ddll, const Term& name) {
  const std::optional<std::string> what = TextOf(name);
  if (!what) return Fail(NoName());
  const Result<void> unloaded = ddll.UnloadDriver(*what);
  if (!unloaded) return Fail(unloaded.error());
  return Term::Atom("unloaded");
}

Term LoadedDrivers(const Ddll& ddll) {
  std::vector<Term> names;
  for (const std::string& name : ddll.LoadedNames()) names.push_back(Term::String(name));
  return Term::List(names);
}

BridgeStep StepOfWord(Ddll& ddll, const Term& word) {
  const Ports& ports = Ports::Get();
  if (word.is_atom("ports")) return Answer(AllPorts());
  if (word.is_atom("port_count")) return Answer(Term::Uint(ports.count()));
  if (word.is_atom("port_limit")) return Answer(Term::Uint(ports.limit()));
  if (word.is_atom("loaded_drivers")) return Answer(LoadedDrivers(ddll));
  return Answer(Fail(Error::BadArg("no request: " + word.ToString().substr(0, 200))));
}

}  // namespace

BridgeStep StepOf(Process& self, Ddll& ddll, const Term& request) {
  if (!request.is(TermKind::kTuple)) return StepOfWord(ddll, request);
  const Arguments parts = request.tuple();
  for (const PortOperation& operation : kPortOperations) {
    if (!request.is_tagged(operation.name, operation.arity)) continue;
    const std::optional<PortId> port = PortOf(parts[1]);
    if (!port) return Answer(Fail(Error::BadArg("the port is no number")));
    return operation.step(self, *port, parts.subspan(2));
  }
  if (request.is_tagged("open_port", 3)) return Open(self, parts[1], parts[2]);
  if (request.is_tagged("directory", 2)) return Answer(ChangeDirectory(parts[1]));
  if (request.is_tagged("load_driver", 3)) return Answer(LoadDriver(ddll, parts[1], parts[2]));
  if (request.is_tagged("unload_driver", 2)) return Answer(UnloadDriver(ddll, parts[1]));
  return Answer(Fail(Error::BadArg("no request: " + request.ToString().substr(0, 200))));
}

}  // namespace portlab
