// The functions this version does not carry out. A driver that calls one stops the trial with the
// function's name: a silent wrong answer would be worse. runtime/ARCHITECTURE.md lists them;
// `not_provided_test` holds the list to this file.
#include "base/black_box.h"
#include "driver_api/api_call.h"
#include "erl_driver.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::StopHost;

ErlDrvPort driver_create_port(ErlDrvPort, ErlDrvTermData, char*, ErlDrvData) {
  ApiCall call(ApiFunction::k_driver_create_port);
  StopHost("driver_create_port is not provided by this version of portlab");
}

void add_driver_entry(ErlDrvEntry*) {
  ApiCall call(ApiFunction::k_add_driver_entry);
  StopHost("add_driver_entry is not provided by this version of portlab");
}

int remove_driver_entry(ErlDrvEntry*) {
  ApiCall call(ApiFunction::k_remove_driver_entry);
  StopHost("remove_driver_entry is not provided by this version of portlab");
}
