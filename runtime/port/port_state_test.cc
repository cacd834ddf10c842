#include "port/port_state.h"

#include <gtest/gtest.h>

namespace portlab {
namespace {

TEST(PortStateTest, OnlyTheDrawnMovesAreLegal) {
  using enum PortState;
  const PortState all[] = {kFree, kStarting, kOpen, kClosing, kDead};
  int legal = 0;
  for (PortState from : all) {
    for (PortState to : all) legal += LegalMove(from, to) ? 1 : 0;
  }
  EXPECT_EQ(legal, 7);
  EXPECT_TRUE(LegalMove(kStarting, kDead));
  EXPECT_FALSE(LegalMove(kClosing, kOpen));
  EXPECT_FALSE(LegalMove(kDead, kOpen));
}

}  // namespace
}  // namespace portlab
