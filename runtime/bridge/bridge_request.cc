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
#include "driver_api/environment.h"
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
  // The flag that decides what noproc is, a message or an exception, is in the node.
  if (auto linked = LinkPort(self, port); !linked) return Answer(Fail(linked.error()));
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

Result<Term> ChangeDirectory(const Term& directory) {
  const std::optional<std::string> path = TextOf(directory);
  if (!path) return Fail(Error::BadArg("a directory is a string or a binary"));
  if (::chdir(path->c_str()) != 0) return Fail(Error::Errno(errno, *path));
  return Term::Bool(true);
}

// [{Name, Value | false}]
Result<Term> ChangeEnvironment(const Term& changes) {
  const auto list = changes.list_elements();
  if (!list) return Fail(Error::BadArg("the changes are no list"));
  for (const Term& change : *list) {
    if (!change.is(TermKind::kTuple) || change.tuple().size() != 2)
      return Fail(Error::BadArg("a change is {Name,Value}"));
    const std::optional<std::string> name = TextOf(change.tuple()[0]);
    const bool unset = change.tuple()[1].is_atom("false");
    const std::optional<std::string> value = unset ? "" : TextOf(change.tuple()[1]);
    if (!name || !value) return Fail(Error::BadArg("names and values are strings or binaries"));
    unset ? Environment::Get().Unset(*name) : Environment::Get().Put(*name, *value);
  }
  return Term::Bool(true);
}

BridgeStep StepOfWord(Ddll& ddll, const Term& word) {
  const Ports& ports = Ports::Get();
  if (word.is_atom("ports")) return Answer(AllPorts());
  if (word.is_atom("port_count")) return Answer(Term::Uint(ports.count()));
  if (word.is_atom("port_limit")) return Answer(Term::Uint(ports.limit()));
  if (word.is_atom("loaded_drivers")) return Answer(ddll.LoadedDrivers());
  if (word.is_atom("driver_info")) return Answer(ddll.Info());
  return Answer(Fail(Error::BadArg("no request: " + word.ToString().substr(0, 200))));
}

// Nullopt: it is not about drivers.
std::optional<Result<Term>> AboutDrivers(Process& self, Ddll& ddll, const Term& request) {
  const Arguments parts = request.tuple();
  if (request.is_tagged("try_load", 4)) return ddll.TryLoad(self, parts[1], parts[2], parts[3]);
  if (request.is_tagged("try_unload", 3)) return ddll.TryUnload(self, parts[1], parts[2]);
  if (request.is_tagged("monitor_driver", 3)) return ddll.MonitorDriver(self, parts[1], parts[2]);
  if (request.is_tagged("demonitor_driver", 2)) return ddll.DemonitorDriver(self, parts[1]);
  if (request.is_tagged("driver_info", 2)) return ddll.Info(parts[1]);
  if (request.is_tagged("driver_info", 3)) return ddll.Info(parts[1], parts[2]);
  if (request.is_tagged("format_error", 2)) return Ddll::FormatError(parts[1]);
  return std::nullopt;
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
  if (request.is_tagged("environment", 2)) return Answer(ChangeEnvironment(parts[1]));
  if (auto answer = AboutDrivers(self, ddll, request)) return Answer(*std::move(answer));
  return Answer(Fail(Error::BadArg("no request: " + request.ToString().substr(0, 200))));
}

}  // namespace portlab
