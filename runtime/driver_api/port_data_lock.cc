// The port data lock: driver_pdl_*.
#include "port/port_data_lock.h"

#include "driver_api/port_access.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::HeldPort;
using portlab::Port;
using portlab::PortDataLock;

namespace {

PortDataLock* LockOf(ErlDrvPDL pdl) { return reinterpret_cast<PortDataLock*>(pdl); }

}  // namespace

ErlDrvPDL driver_pdl_create(ErlDrvPort port) {
  ApiCall call(ApiFunction::k_driver_pdl_create);
  Port* held = HeldPort(port);
  if (held == nullptr || held->body().data_lock != nullptr) return nullptr;
  held->body().shared();  // made before others may touch it
  held->body().data_lock = PortDataLock::Create(held->id(), *held);
  return reinterpret_cast<ErlDrvPDL>(held->body().data_lock);
}

void driver_pdl_lock(ErlDrvPDL pdl) {
  ApiCall call(ApiFunction::k_driver_pdl_lock);
  LockOf(pdl)->Lock();
}

void driver_pdl_unlock(ErlDrvPDL pdl) {
  ApiCall call(ApiFunction::k_driver_pdl_unlock);
  LockOf(pdl)->Unlock();
}

ErlDrvSInt driver_pdl_get_refc(ErlDrvPDL pdl) {
  ApiCall call(ApiFunction::k_driver_pdl_get_refc);
  return LockOf(pdl)->references();
}

ErlDrvSInt driver_pdl_inc_refc(ErlDrvPDL pdl) {
  ApiCall call(ApiFunction::k_driver_pdl_inc_refc);
  return LockOf(pdl)->AddReference();
}

ErlDrvSInt driver_pdl_dec_refc(ErlDrvPDL pdl) {
  ApiCall call(ApiFunction::k_driver_pdl_dec_refc);
  return LockOf(pdl)->DropReference();
}
