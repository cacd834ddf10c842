#include <erl_driver.h>

#include "driver/driver_memory.h"
#include "driver_api/api_call.h"

using portlab::ApiCall;
using portlab::ApiFunction;

void* driver_alloc(ErlDrvSizeT size) {
  ApiCall call(ApiFunction::k_driver_alloc);
  return portlab::DriverAllocationFails() ? nullptr : portlab::AllocateForDriver(size);
}

void* driver_realloc(void* ptr, ErlDrvSizeT size) {
  ApiCall call(ApiFunction::k_driver_realloc);
  return portlab::DriverAllocationFails() ? nullptr : portlab::ReallocateForDriver(ptr, size);
}

void driver_free(void* ptr) {
  ApiCall call(ApiFunction::k_driver_free);
  portlab::FreeForDriver(ptr);
}
