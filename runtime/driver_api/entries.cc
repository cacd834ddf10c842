// Drivers that a driver brings along: add_driver_entry, remove_driver_entry. Such a driver is
// linked in: erl_ddll does not touch it. Source: erl_driver(3erl); otp_ports.md 1.4, measured on
// OTP 25: nothing is checked, a failing init is not told, one name may be added twice, and finish
// is not called.
#include "driver_api/port_access.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::DriverRegistry;
using portlab::Ports;

namespace {

DriverRegistry& Drivers() { return *Ports::Get().services().drivers; }

}  // namespace

void add_driver_entry(ErlDrvEntry* entry) {
  ApiCall call(ApiFunction::k_add_driver_entry);
  if (entry == nullptr || entry->driver_name == nullptr) {
    portlab::StopHost("add_driver_entry: the entry and its name must not be NULL");
  }
  Drivers().AddEntry(*entry);
}

int remove_driver_entry(ErlDrvEntry* entry) {
  ApiCall call(ApiFunction::k_remove_driver_entry);
  if (entry == nullptr) portlab::StopHost("remove_driver_entry: the entry must not be NULL");
  return Drivers().RemoveEntry(*entry);
}
