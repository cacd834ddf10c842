// Terms to processes: erl_drv_output_term, erl_drv_send_term, and the two older forms that take a
// port handle.
#include <optional>
#include <span>

#include "driver_api/port_access.h"
#include "term/driver_term.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::HeldPort;
using portlab::Pid;
using portlab::Port;
using portlab::PortId;
using portlab::Ports;
using portlab::PortState;
using portlab::Process;
using portlab::Term;

namespace {

constexpr int kBadProgramOrPort = -1;
constexpr int kNotDelivered = 0;
constexpr int kDelivered = 1;

std::optional<Term> Build(ErlDrvTermData* data, int len) {
  if (len <= 0) return std::nullopt;
  static_assert(sizeof(ErlDrvTermData) == sizeof(portlab::TermWord));
  return portlab::BuildDriverTerm(
      std::span(reinterpret_cast<const portlab::TermWord*>(data), static_cast<std::size_t>(len)));
}

int DeliverTo(const std::shared_ptr<Process>& process, Term term) {
  return process != nullptr && process->Deliver(std::move(term)) ? kDelivered : kNotDelivered;
}

int Send(ErlDrvTermData to, ErlDrvTermData* data, int len) {
  std::optional<Term> term = Build(data, len);
  if (!term) return kBadProgramOrPort;
  if (!Pid::IsPid(to)) return kNotDelivered;
  return DeliverTo(Ports::Get().services().processes->Find(Pid::FromWord(to)), *std::move(term));
}

}  // namespace

int erl_drv_output_term(ErlDrvTermData port, ErlDrvTermData* data, int len) {
  ApiCall call(ApiFunction::k_erl_drv_output_term);
  std::optional<Term> term = Build(data, len);
  if (!term || !PortId::IsPort(port)) return kBadProgramOrPort;
  Ports& ports = Ports::Get();
  const PortId id = PortId::FromWord(port);
  if (Port* held = ports.Held(Ports::HandleOf(id))) {
    if (held->state() == PortState::kClosing) return kNotDelivered;
    return DeliverTo(held->body().owner, *std::move(term));
  }
  // Another thread of the driver: a callback may be waiting for it, with the port's lock.
  const std::optional<Pid> connected = ports.ConnectedOf(id);
  if (!connected) return kBadProgramOrPort;
  if (!*connected) return kNotDelivered;
  return DeliverTo(ports.services().processes->Find(*connected), *std::move(term));
}

int erl_drv_send_term(ErlDrvTermData port, ErlDrvTermData to, ErlDrvTermData* data, int len) {
  ApiCall call(ApiFunction::k_erl_drv_send_term);
  if (!PortId::IsPort(port)) return kBadProgramOrPort;
  return Send(to, data, len);
}

int driver_output_term(ErlDrvPort ix, ErlDrvTermData* data, int len) {
  ApiCall call(ApiFunction::k_driver_output_term);
  std::optional<Term> term = Build(data, len);
  Port* held = HeldPort(ix);
  if (!term || held == nullptr) return kBadProgramOrPort;
  if (held->state() == PortState::kClosing) return kNotDelivered;
  return DeliverTo(held->body().owner, *std::move(term));
}

int driver_send_term(ErlDrvPort /*ix*/, ErlDrvTermData to, ErlDrvTermData* data, int len) {
  ApiCall call(ApiFunction::k_driver_send_term);
  return Send(to, data, len);
}
