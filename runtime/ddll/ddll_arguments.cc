#include "ddll/ddll_arguments.h"

#include "term/term_text.h"

namespace portlab {
namespace {

Error BadOption(const Term& option, std::string_view allowed) {
  return Error::BadArg("option " + option.ToString() + ": " + std::string(allowed));
}

Result<std::vector<Term>> OptionList(const Term& options) {
  auto list = options.list_elements();
  if (!list) return Fail(Error::BadArg("the options are a proper list"));
  return *std::move(list);
}

Result<void> ParseMonitor(const Term& option, MonitorPending& monitor) {
  const Term& when = option.tuple()[1];
  if (when.is_atom("pending_driver")) {
    monitor = MonitorPending::kDriver;
  } else if (when.is_atom("pending")) {
    monitor = MonitorPending::kAny;
  } else {
    return Fail(BadOption(option, "monitor takes pending_driver or pending"));
  }
  return {};
}

Result<void> ParseDriverOptions(const Term& option, bool& kill_ports) {
  const auto list = option.tuple()[1].list_elements();
  if (!list) return Fail(BadOption(option, "driver_options takes a list"));
  for (const Term& each : *list) {
    if (!each.is_atom("kill_ports")) return Fail(BadOption(option, "there is kill_ports"));
    kill_ports = true;
  }
  return {};
}

Result<void> ParseReload(const Term& option, Reload& reload) {
  const Term& when = option.tuple()[1];
  if (when.is_atom("pending_driver")) {
    reload = Reload::kSoleUser;
  } else if (when.is_atom("pending")) {
    reload = Reload::kAlways;
  } else {
    return Fail(BadOption(option, "reload takes pending_driver or pending"));
  }
  return {};
}

}  // namespace

Result<std::string> DriverName(const Term& term) {
  if (term.is(TermKind::kAtom)) {
    if (term.atom_name().empty()) return Fail(Error::BadArg("a driver has a name"));
    return std::string(term.atom_name());
  }
  auto name = FlattenIodata(term);
  if (!name) return Fail(Error::BadArg(term.ToString() + ": a driver's name is an atom or text"));
  return name->substr(0, name->find('\0'));
}

Result<std::string> DriverPath(const Term& term) {
  auto path = term.is(TermKind::kAtom) ? std::nullopt : TextOf(term);
  if (!path) return Fail(Error::BadArg(term.ToString() + ": a path is a string or a binary"));
  return *std::move(path);
}

Result<void> ParseLoadOptions(const Term& options, LoadRequest& request) {
  const auto list = OptionList(options);
  if (!list) return Fail(list.error());
  for (const Term& option : *list) {
    Result<void> parsed = Fail(BadOption(option, "no such option"));
    if (option.is_tagged("driver_options", 2))
      parsed = ParseDriverOptions(option, request.kill_ports);
    if (option.is_tagged("monitor", 2)) parsed = ParseMonitor(option, request.monitor);
    if (option.is_tagged("reload", 2)) parsed = ParseReload(option, request.reload);
    if (!parsed) return parsed;
  }
  return {};
}

Result<void> ParseUnloadOptions(const Term& options, UnloadRequest& request) {
  const auto list = OptionList(options);
  if (!list) return Fail(list.error());
  for (const Term& option : *list) {
    if (option.is_atom("kill_ports")) {
      request.kill_ports = true;
      continue;
    }
    if (!option.is_tagged("monitor", 2)) return Fail(BadOption(option, "no such option"));
    if (auto parsed = ParseMonitor(option, request.monitor); !parsed) return parsed;
  }
  return {};
}

}  // namespace portlab
