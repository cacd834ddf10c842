// Flow control and flags of a port: set_busy_port, erl_drv_busy_msgq_limits,
// set_port_control_flags, get_port_flags.
#include <algorithm>

#include "driver_api/port_access.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::HeldPort;
using portlab::Port;
using portlab::Ports;
using portlab::PortState;

void set_busy_port(ErlDrvPort port, int on) {
  ApiCall call(ApiFunction::k_set_busy_port);
  Port* held = HeldPort(port);
  if (held != nullptr) Ports::Get().SetBusy(*held, on != 0);
}

void erl_drv_busy_msgq_limits(ErlDrvPort port, ErlDrvSizeT* low, ErlDrvSizeT* high) {
  ApiCall call(ApiFunction::k_erl_drv_busy_msgq_limits);
  Port* held = HeldPort(port);
  if (held == nullptr) return;
  portlab::PortBody& body = held->body();
  const bool disables = (low != nullptr && *low == ERL_DRV_BUSY_MSGQ_DISABLED) ||
                        (high != nullptr && *high == ERL_DRV_BUSY_MSGQ_DISABLED);
  const bool was_disabled = body.message_queue_disabled;
  if (disables) body.message_queue_disabled = true;  // for good
  std::size_t new_low = held->message_queue_low();
  std::size_t new_high = held->message_queue_high();
  if (body.message_queue_disabled) {
    new_high = SIZE_MAX;
  } else {
    // Low first: it may push high up; a high below low then pulls low down.
    if (low != nullptr && *low != ERL_DRV_BUSY_MSGQ_READ_ONLY) {
      new_low = *low;
      new_high = std::max(new_high, new_low);
    }
    if (high != nullptr && *high != ERL_DRV_BUSY_MSGQ_READ_ONLY) {
      new_high = *high;
      new_low = std::min(new_low, new_high);
    }
  }
  Ports::Get().SetMessageQueueLimits(*held, new_low, new_high);
  if (disables && !was_disabled) return;  // what was passed in stays
  if (low != nullptr) *low = body.message_queue_disabled ? ERL_DRV_BUSY_MSGQ_DISABLED : new_low;
  if (high != nullptr) *high = body.message_queue_disabled ? ERL_DRV_BUSY_MSGQ_DISABLED : new_high;
}

void set_port_control_flags(ErlDrvPort port, int flags) {
  ApiCall call(ApiFunction::k_set_port_control_flags);
  Port* held = HeldPort(port);
  if (held != nullptr) held->body().control_flags = flags;
}

int get_port_flags(ErlDrvPort port) {
  ApiCall call(ApiFunction::k_get_port_flags);
  Port* held = HeldPort(port);
  // OTP sets the flags after start has returned.
  if (held == nullptr || held->state() == PortState::kStarting) return 0;
  const portlab::PortOptions& options = held->body().options;
  return (options.binary ? PORT_FLAG_BINARY : 0) | (options.line ? PORT_FLAG_LINE : 0);
}
