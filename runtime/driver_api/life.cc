// What a driver says about its port's life: erl_drv_init_ack, erl_drv_set_os_pid; and about its
// own: driver_lock_driver.
#include "driver_api/port_access.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::ExecutorOf;
using portlab::HeldPort;
using portlab::Port;
using portlab::Ports;

void erl_drv_init_ack(ErlDrvPort ix, ErlDrvData res) {
  ApiCall call(ApiFunction::k_erl_drv_init_ack);
  if (Port* held = HeldPort(ix)) ExecutorOf(*held).InitAck(res);
}

void erl_drv_set_os_pid(ErlDrvPort ix, ErlDrvSInt pid) {
  ApiCall call(ApiFunction::k_erl_drv_set_os_pid);
  if (Port* held = HeldPort(ix)) held->body().extras().os_pid = pid;
}

int driver_lock_driver(ErlDrvPort ix) {
  ApiCall call(ApiFunction::k_driver_lock_driver);
  Port* held = HeldPort(ix);
  if (held == nullptr) return -1;
  return Ports::Get().services().drivers->MakePermanent(*held->driver()) ? 0 : -1;
}
