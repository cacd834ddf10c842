#include "driver/callback_scope.h"

#include "base/black_box.h"

namespace portlab {
namespace {

thread_local CallbackScope* current_scope = nullptr;

}  // namespace

CallbackScope::CallbackScope(CallbackKind callback, PortId port_id, Driver* of, Pid caller_pid)
    : kind(callback), port(port_id), driver(of), caller(caller_pid), outer_(current_scope) {
  current_scope = this;
  BlackBox& box = BlackBox::Get();
  box.callback.store(static_cast<std::uint32_t>(kind), std::memory_order_relaxed);
  box.port.store(port.number, std::memory_order_relaxed);
  box.callbacks_entered.fetch_add(1, std::memory_order_relaxed);
}

CallbackScope::~CallbackScope() {
  current_scope = outer_;
  BlackBox::Get().callbacks_left.fetch_add(1, std::memory_order_relaxed);
}

CallbackScope* CallbackScope::Current() { return current_scope; }

}  // namespace portlab
