// The functions of the driver API that only look at their arguments.
// Source: erl_driver(3erl); otp_ports.md 1.4.
#include <erl_driver.h>

#include <algorithm>
#include <cstring>

#include "base/ids.h"
#include "driver_api/api_call.h"

using portlab::ApiCall;
using portlab::ApiFunction;

const ErlDrvTermData driver_term_nil = portlab::kNilWord;

ErlDrvTermData driver_mk_term_nil(void) {
  ApiCall call(ApiFunction::k_driver_mk_term_nil);
  return driver_term_nil;
}

int null_func(void) {
  ApiCall call(ApiFunction::k_null_func);
  return 0;
}

ErlDrvSizeT driver_vec_to_buf(ErlIOVec* ev, char* buf, ErlDrvSizeT len) {
  ApiCall call(ApiFunction::k_driver_vec_to_buf);
  ErlDrvSizeT copied = 0;
  for (int i = 0; i < ev->vsize && copied < len; ++i) {
    const ErlDrvSizeT piece = std::min<ErlDrvSizeT>(ev->iov[i].iov_len, len - copied);
    // An empty piece may have no memory behind it.
    if (piece > 0) std::memcpy(buf + copied, ev->iov[i].iov_base, piece);
    copied += piece;
  }
  return copied;
}

int driver_compare_monitors(const ErlDrvMonitor* monitor1, const ErlDrvMonitor* monitor2) {
  ApiCall call(ApiFunction::k_driver_compare_monitors);
  // The rest of the struct is for larger references than there are.
  constexpr std::size_t kUsed = 24;
  return std::memcmp(monitor1->data, monitor2->data, kUsed);
}
