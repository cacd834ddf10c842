#include "driver/callback_scope.h"

#include <atomic>

#include "base/black_box.h"
#include "driver/float_control.h"
#include "driver/guarded_memory.h"

namespace portlab {
namespace {

thread_local CallbackScope* current_scope = nullptr;
std::atomic<std::uint64_t> watched{PortId::kNone};
std::atomic<bool> float_is_watched{false};

// Of the first change `count` is set last, so that who sees it sees the rest.
std::atomic<std::uint64_t> float_changes_begun{0};
std::atomic<std::uint64_t> float_changes_count{0};
std::atomic<CallbackKind> float_change_in{CallbackKind::kNone};
std::atomic<std::uint64_t> float_before{0};
std::atomic<std::uint64_t> float_after{0};

[[gnu::cold]] void NoteFloatChange(CallbackKind in, std::uint64_t before, std::uint64_t after) {
  if (float_changes_begun.fetch_add(1) == 0) {
    float_change_in.store(in);
    float_before.store(before);
    float_after.store(after);
  }
  float_changes_count.fetch_add(1);
}

std::uint64_t FloatControlIfWatched() {
  return float_is_watched.load(std::memory_order_relaxed) ? FloatControl() : 0;
}

bool IsWatched(PortId port) {
  const std::uint64_t only = watched.load(std::memory_order_relaxed);
  return only == PortId::kNone || only == port.number;
}

}  // namespace

CallbackScope::CallbackScope(CallbackKind callback, PortId port_id, Driver* of, Pid caller_pid)
    : kind(callback),
      port(port_id),
      driver(of),
      caller(caller_pid),
      outer_(current_scope),
      float_control_(FloatControlIfWatched()) {
  current_scope = this;
  if (GuardedMemory::on()) GuardedMemory::GiveThisThreadASignalStack();
  BlackBox& box = BlackBox::Get();
  box.CallbackEntered();
  if (!IsWatched(port)) return;
  box.callback.store(static_cast<std::uint32_t>(kind), std::memory_order_relaxed);
  box.port.store(port.number, std::memory_order_relaxed);
}

CallbackScope::~CallbackScope() {
  if (const std::uint64_t now = FloatControlIfWatched(); now != float_control_) [[unlikely]] {
    NoteFloatChange(kind, float_control_, now);
  }
  current_scope = outer_;
  BlackBox::Get().CallbackLeft();
}

CallbackScope* CallbackScope::Current() { return current_scope; }

void CallbackScope::Watch(PortId port) { watched.store(port.number, std::memory_order_relaxed); }

void CallbackScope::WatchFloatControl(bool on) { float_is_watched.store(on); }

FloatChanges CallbackScope::float_changes() {
  FloatChanges changes;
  changes.count = float_changes_count.load();
  changes.callback = float_change_in.load();
  changes.before = float_before.load();
  changes.after = float_after.load();
  return changes;
}

bool CallbackScope::Recorded() {
  if (current_scope != nullptr) return IsWatched(current_scope->port);
  return watched.load(std::memory_order_relaxed) == PortId::kNone;
}

}  // namespace portlab
