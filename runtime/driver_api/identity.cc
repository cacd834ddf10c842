// Words a driver builds terms from: driver_mk_atom, driver_mk_port, driver_connected,
// driver_caller.
#include "driver/callback_scope.h"
#include "driver_api/port_access.h"
#include "term/utf8.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::CallbackScope;
using portlab::HeldPort;
using portlab::Port;

ErlDrvTermData driver_mk_atom(char* name) {
  ApiCall call(ApiFunction::k_driver_mk_atom);
  // A driver's names are Latin-1, whatever their bytes look like.
  return portlab::Term::Atom(portlab::Latin1ToUtf8(name)).word();
}

ErlDrvTermData driver_mk_port(ErlDrvPort port) {
  ApiCall call(ApiFunction::k_driver_mk_port);
  Port* held = HeldPort(port);
  return held == nullptr ? portlab::kNilWord : held->id().word();
}

ErlDrvTermData driver_connected(ErlDrvPort port) {
  ApiCall call(ApiFunction::k_driver_connected);
  Port* held = HeldPort(port);
  return held == nullptr ? portlab::kNilWord : held->connected().word();
}

ErlDrvTermData driver_caller(ErlDrvPort port) {
  ApiCall call(ApiFunction::k_driver_caller);
  const CallbackScope* scope = CallbackScope::Current();
  if (HeldPort(port) == nullptr || scope == nullptr || !scope->caller) return portlab::kNilWord;
  return scope->caller.word();
}
