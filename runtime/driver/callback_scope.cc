#include "driver/callback_scope.h"

#include <atomic>

#include "base/black_box.h"

namespace portlab {
namespace {

thread_local CallbackScope* current_scope = nullptr;
std::atomic<std::uint64_t> watched{PortId::kNone};

bool IsWatched(PortId port) {
  const std::uint64_t only = watched.load(std::memory_order_relaxed);
  return only == PortId::kNone || only == port.number;
}

}  // namespace

CallbackScope::CallbackScope(CallbackKind callback, PortId port_id, Driver* of, Pid caller_pid)
    : kind(callback), port(port_id), driver(of), caller(caller_pid), outer_(current_scope) {
  current_scope = this;
  BlackBox& box = BlackBox::Get();
  box.callbacks_entered.fetch_add(1, std::memory_order_relaxed);
  if (!IsWatched(port)) return;
  box.callback.store(static_cast<std::uint32_t>(kind), std::memory_order_relaxed);
  box.port.store(port.number, std::memory_order_relaxed);
}

CallbackScope::~CallbackScope() {
  current_scope = outer_;
  BlackBox::Get().callbacks_left.fetch_add(1, std::memory_order_relaxed);
}

CallbackScope* CallbackScope::Current() { return current_scope; }

void CallbackScope::Watch(PortId port) { watched.store(port.number, std::memory_order_relaxed); }

bool CallbackScope::Recorded() {
  if (current_scope != nullptr) return IsWatched(current_scope->port);
  return watched.load(std::memory_order_relaxed) == PortId::kNone;
}

}  // namespace portlab
