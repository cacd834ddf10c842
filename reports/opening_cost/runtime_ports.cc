#include "reports/opening_cost/runtime_ports.h"

namespace portlab {
namespace {

RuntimeOptions SmallRuntime() {
  RuntimeOptions options;
  options.limits.port_limit = 1024;
  options.limits.scheduler_threads = 1;
  return options;
}

}  // namespace

RuntimePorts::RuntimePorts()
    : runtime_(SmallRuntime()),
      self_(runtime_.processes()),
      program_options_(Term::List({Term::Atom("exit_status")})) {}

Result<void> RuntimePorts::Load(const std::string& file) {
  const Result<std::string> name = runtime_.ddll().LoadDriverFile(file);
  if (!name) return Fail(name.error());
  driver_ = Term::Tuple({Term::Atom("spawn_driver"), Term::String(*name)});
  return {};
}

Result<void> RuntimePorts::OpenDriver() {
  const Result<PortId> port = runtime_.OpenPort(*self_, driver_, Term::Nil());
  if (!port) return Fail(port.error());
  return runtime_.PortClose(*self_, *port);
}

Result<void> RuntimePorts::OpenProgram(const std::string& file) {
  const Term name = Term::Tuple({Term::Atom("spawn_executable"), Term::String(file)});
  const Result<PortId> port = runtime_.OpenPort(*self_, name, program_options_);
  if (!port) return Fail(port.error());
  const Term from = Term::Of(*port);
  const auto ended = self_->ReceiveUntil(MonotonicNow() + kPatience, [&](const Term& message) {
    return message.is(TermKind::kTuple) && message.tuple().size() == 2 &&
           message.tuple()[0] == from && message.tuple()[1].is_tagged("exit_status", 2);
  });
  if (!ended) {
    (void)runtime_.PortClose(*self_, *port);
    return Fail(Error::General("no exit status came"));
  }
  const Term status = ended->tuple()[1].tuple()[1];
  if (status.as_int() != 0) {
    return Fail(Error::General("the program ended with status " + status.ToString()));
  }
  return {};
}

}  // namespace portlab
