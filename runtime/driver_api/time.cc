#include "driver_api/time.h"

#include <erl_driver.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "driver_api/api_call.h"
#include "driver_api/threads.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::Nanos;

namespace {

std::atomic<bool (*)()> managed_thread_test{nullptr};

bool InManagedThread() {
  bool (*test)() = managed_thread_test.load(std::memory_order_acquire);
  return test == nullptr ? !portlab::InDriverThread() : test();
}

// How many of a unit make a second; 0 for what is no unit. A driver may pass any number, so it is
// read as one.
std::int64_t PerSecond(ErlDrvTimeUnit unit) {
  constexpr std::array<std::int64_t, 4> kPerSecond{1, 1000, 1'000'000, 1'000'000'000};
  static_assert(ERL_DRV_SEC == 0 && ERL_DRV_NSEC == 3);
  const auto index = static_cast<unsigned>(unit);
  return index < kPerSecond.size() ? kPerSecond[index] : 0;
}

std::int64_t FloorDivide(std::int64_t value, std::int64_t divisor) {
  const std::int64_t quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}

// What does not fit wraps around, as on OTP.
ErlDrvTime Convert(std::int64_t value, std::int64_t from, std::int64_t to) {
  if (from == 0 || to == 0) return ERL_DRV_TIME_ERROR;
  if (from >= to) return FloorDivide(value, from / to);
  std::int64_t product = 0;
  (void)__builtin_mul_overflow(value, to / from, &product);
  return product;
}

ErlDrvTime InUnit(Nanos value, ErlDrvTimeUnit unit) {
  if (!InManagedThread()) return ERL_DRV_TIME_ERROR;
  return Convert(value, PerSecond(ERL_DRV_NSEC), PerSecond(unit));
}

// Microseconds of system time, never the same twice.
std::int64_t UniqueMicroseconds() {
  static std::atomic<std::int64_t> last{0};
  const std::int64_t now = (portlab::MonotonicNow() + portlab::TimeOffset()) / 1000;
  std::int64_t before = last.load(std::memory_order_relaxed);
  std::int64_t unique = 0;
  do {
    unique = std::max(now, before + 1);
  } while (!last.compare_exchange_weak(before, unique, std::memory_order_relaxed));
  return unique;
}

}  // namespace

namespace portlab {

Nanos TimeOffset() {
  constexpr Nanos kSecond = 1000 * kMillisecond;
  constexpr Nanos kOffsetWithBaton = 1'700'000'000 * kSecond;
  if (Order::deterministic()) return kOffsetWithBaton;
  static const Nanos offset = [] {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return Nanos{now.tv_sec} * kSecond + now.tv_nsec - MonotonicNow();
  }();
  return offset;
}

void SetManagedThreadTest(bool (*test)()) {
  managed_thread_test.store(test, std::memory_order_release);
}

}  // namespace portlab

int driver_get_now(ErlDrvNowData* now) {
  ApiCall call(ApiFunction::k_driver_get_now);
  if (now == nullptr) return -1;
  const auto microseconds = static_cast<unsigned long>(UniqueMicroseconds());
  now->microsecs = microseconds % 1'000'000;
  now->secs = microseconds / 1'000'000 % 1'000'000;
  now->megasecs = microseconds / 1'000'000 / 1'000'000;
  return 0;
}

ErlDrvTime erl_drv_monotonic_time(ErlDrvTimeUnit unit) {
  ApiCall call(ApiFunction::k_erl_drv_monotonic_time);
  return InUnit(portlab::MonotonicNow(), unit);
}

ErlDrvTime erl_drv_time_offset(ErlDrvTimeUnit unit) {
  ApiCall call(ApiFunction::k_erl_drv_time_offset);
  return InUnit(portlab::TimeOffset(), unit);
}

ErlDrvTime erl_drv_convert_time_unit(ErlDrvTime value, ErlDrvTimeUnit from, ErlDrvTimeUnit to) {
  ApiCall call(ApiFunction::k_erl_drv_convert_time_unit);
  return Convert(value, PerSecond(from), PerSecond(to));
}
