#include "driver/callback_scope.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <thread>

#include "driver/float_control.h"

namespace portlab {
namespace {

// On a thread of its own, whose rounding is nobody else's.
void InCallback(CallbackKind kind, void (*body)()) {
  std::thread([&] {
    CallbackScope scope(kind, PortId{}, nullptr, Pid{});
    body();
  }).join();
}

TEST(CallbackScopeTest, ChangedRoundingIsNotedOnceItIsLeft) {
  CallbackScope::WatchFloatControl(true);
  const std::uint64_t before = CallbackScope::float_changes().count;
  InCallback(CallbackKind::kControl, [] {
    volatile double third = 1.0;
    third = third / 3.0;  // inexact, which sets a flag and is no change
  });
  EXPECT_EQ(CallbackScope::float_changes().count, before);
  InCallback(CallbackKind::kOutput, [] {
    std::fesetround(FE_UPWARD);
    std::fesetround(FE_TONEAREST);
  });
  EXPECT_EQ(CallbackScope::float_changes().count, before);
  InCallback(CallbackKind::kTimeout, [] { std::fesetround(FE_UPWARD); });
  InCallback(CallbackKind::kStop, [] { std::fesetround(FE_DOWNWARD); });
  const FloatChanges changes = CallbackScope::float_changes();
  EXPECT_EQ(changes.count, before + 2);
  EXPECT_EQ(changes.callback, CallbackKind::kTimeout) << "the first";
  EXPECT_NE(changes.before, changes.after);
  EXPECT_EQ(changes.before, FloatControl()) << "this thread's, which nobody changed";
}

TEST(CallbackScopeTest, NoChangeIsNotedWhereNobodyLooks) {
  CallbackScope::WatchFloatControl(false);
  const std::uint64_t before = CallbackScope::float_changes().count;
  InCallback(CallbackKind::kTimeout, [] { std::fesetround(FE_UPWARD); });
  CallbackScope::WatchFloatControl(true);
  EXPECT_EQ(CallbackScope::float_changes().count, before);
  InCallback(CallbackKind::kTimeout, [] { std::fesetround(FE_UPWARD); });
  EXPECT_EQ(CallbackScope::float_changes().count, before + 1);
}

}  // namespace
}  // namespace portlab
