// Which threads may read the clock through the driver API, and the calendar's distance from the
// monotonic clock. Threads: any. Units: nanoseconds. Source: erl_driver(3erl)
// erl_drv_monotonic_time …
#pragma once

#include "base/order.h"

namespace portlab {

// System time is MonotonicNow() plus this. Fixed at first use, as with OTP's default, no_time_warp;
// with the baton it is the same in every run.
Nanos TimeOffset();

// `test` tells whether the calling thread is one of the runtime's: others get ERL_DRV_TIME_ERROR.
// Until it is set, all are, but those a driver made with erl_drv_thread_create. Null sets that
// again.
void SetManagedThreadTest(bool (*test)());

}  // namespace portlab
