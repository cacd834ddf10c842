// The one timer of a port: driver_set_timer, driver_cancel_timer, driver_read_timer; and
// erl_drv_consume_timeslice.
#include <algorithm>

#include "driver_api/port_access.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::ExecutorOf;
using portlab::HeldPort;
using portlab::kMillisecond;
using portlab::MonotonicNow;
using portlab::Nanos;
using portlab::Port;
using portlab::PortBody;
using portlab::PortEvent;
using portlab::PortEventKind;
using portlab::PortId;
using portlab::Ports;

namespace {

constexpr int kPortIsDead = -1;

}  // namespace

int driver_set_timer(ErlDrvPort port, unsigned long time) {
  ApiCall call(ApiFunction::k_driver_set_timer);
  Port* held = HeldPort(port);
  if (held == nullptr) return kPortIsDead;
  ExecutorOf(*held).CancelTimer();
  portlab::PortExtras& timer = held->body().extras();
  const Nanos now = MonotonicNow();
  const auto limit = static_cast<unsigned long>((portlab::kForever - now) / kMillisecond - 1);
  timer.timer_deadline = now + static_cast<Nanos>(std::min(time, limit)) * kMillisecond;
  const PortId id = held->id();
  const std::uint64_t serial = ++timer.timer_serial;
  timer.timer_id = Ports::Get().services().timers->Start(timer.timer_deadline, [id, serial] {
    PortEvent event{PortEventKind::kTimeout};
    event.serial = serial;
    Ports::Get().Post(id, event);
  });
  return 0;
}

int driver_cancel_timer(ErlDrvPort port) {
  ApiCall call(ApiFunction::k_driver_cancel_timer);
  Port* held = HeldPort(port);
  if (held == nullptr) return kPortIsDead;
  ExecutorOf(*held).CancelTimer();
  return 0;
}

int driver_read_timer(ErlDrvPort port, unsigned long* time_left) {
  ApiCall call(ApiFunction::k_driver_read_timer);
  Port* held = HeldPort(port);
  if (held == nullptr) return kPortIsDead;
  PortBody& body = held->body();
  const Nanos left =
      body.timer_is_set() ? std::max<Nanos>(0, body.extras().timer_deadline - MonotonicNow()) : 0;
  *time_left = static_cast<unsigned long>((left + kMillisecond - 1) / kMillisecond);
  return 0;
}

int erl_drv_consume_timeslice(ErlDrvPort port, int percent) {
  ApiCall call(ApiFunction::k_erl_drv_consume_timeslice);
  Port* held = HeldPort(port);
  if (held == nullptr) return kPortIsDead;
  constexpr int kReductionsPerPercent = portlab::kContextReductions / 100;
  PortBody& body = held->body();
  const int used = body.reductions + std::clamp(percent, 1, 100) * kReductionsPerPercent;
  body.reductions = std::min(used, portlab::kContextReductions);
  return used >= portlab::kContextReductions ? 1 : 0;
}
