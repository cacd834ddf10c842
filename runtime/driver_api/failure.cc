// How a driver ends its own port. All of them call stop before they return; after that the driver
// may only return.
#include <cerrno>

#include "driver_api/port_access.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::ErrnoName;
using portlab::ExecutorOf;
using portlab::HeldPort;
using portlab::Port;
using portlab::Term;

namespace {

constexpr int kPortIsDead = -1;

int FailWith(ErlDrvPort port, Term reason) {
  Port* held = HeldPort(port);
  if (held == nullptr) return kPortIsDead;
  ExecutorOf(*held).Terminate(reason);
  return 0;
}

int EndOfFile(ErlDrvPort port) {
  Port* held = HeldPort(port);
  if (held == nullptr) return kPortIsDead;
  ExecutorOf(*held).EndOfFile();
  return 0;
}

}  // namespace

int driver_failure_eof(ErlDrvPort port) {
  ApiCall call(ApiFunction::k_driver_failure_eof);
  return EndOfFile(port);
}

int driver_failure_atom(ErlDrvPort port, char* reason) {
  ApiCall call(ApiFunction::k_driver_failure_atom);
  return FailWith(port, Term::Atom(reason));
}

int driver_failure_posix(ErlDrvPort port, int error) {
  ApiCall call(ApiFunction::k_driver_failure_posix);
  return FailWith(port, Term::Atom(ErrnoName(error)));
}

int driver_failure(ErlDrvPort port, int error) {
  ApiCall call(ApiFunction::k_driver_failure);
  return error == 0 ? EndOfFile(port) : FailWith(port, Term::Int(error));
}

int driver_exit(ErlDrvPort port, int error) {
  ApiCall call(ApiFunction::k_driver_exit);
  Port* held = HeldPort(port);
  if (held == nullptr) return kPortIsDead;
  // The connected process is unlinked first: no exit signal reaches it.
  portlab::PortBody& body = held->body();
  body.links.erase(held->connected().word());
  if (body.owner != nullptr) body.owner->RemoveLink(held->id().word());
  return FailWith(port, Term::Atom(error == 0 ? "normal" : ErrnoName(error)));
}
