// Source: erl_driver(3erl) erl_errno_id.
#include <erl_driver.h>

#include "driver_api/api_call.h"
#include "portlab/error.h"

char* erl_errno_id(int error) {
  portlab::ApiCall call(portlab::ApiFunction::k_erl_errno_id);
  // The C interface is older than const; nobody may write there.
  return const_cast<char*>(portlab::ErrnoName(error));
}
