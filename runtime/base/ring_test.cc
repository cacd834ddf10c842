#include "base/ring.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>

#include "base/random.h"

namespace portlab {
namespace {

TEST(RingTest, TakesFromTheFrontAndFromTheMiddle) {
  Ring<std::string> ring;
  for (const char* word : {"a", "b", "c", "d"}) ring.push_back(word);
  EXPECT_EQ(ring.Take(2), "c");
  EXPECT_EQ(ring.Take(0), "a");
  EXPECT_EQ(ring.size(), 2u);
  EXPECT_EQ(ring[0], "b");
  EXPECT_EQ(ring[1], "d");
}

// Long enough to go round, to grow, and to give a flood's memory back.
TEST(RingTest, DoesWhatADequeDoes) {
  Random random(5);
  Ring<int> ring;
  std::deque<int> expected;
  for (int i = 0; i < 60000; ++i) {
    const bool filling = i / 3000 % 2 == 0;
    if (expected.empty() || random.Below(10) < (filling ? 8u : 2u)) {
      ring.push_back(i);
      expected.push_back(i);
    } else {
      const std::size_t index = random.Below(4) == 0 ? random.Below(expected.size()) : 0;
      ASSERT_EQ(ring.Take(index), expected[index]);
      expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(index));
    }
    ASSERT_EQ(ring.size(), expected.size());
  }
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(ring[i], expected[i]);
}

TEST(RingTest, WhatIsTakenIsReleased) {
  auto shared = std::make_shared<int>(1);
  Ring<std::shared_ptr<int>> ring;
  for (int i = 0; i < 3; ++i) ring.push_back(shared);
  ring.Take(1);
  ring.Take(0);
  EXPECT_EQ(shared.use_count(), 2);
}

TEST(RingTest, ClearReleasesAllAndTheRingGoesOn) {
  Ring<std::shared_ptr<int>> ring;
  const auto element = std::make_shared<int>(7);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5; ++i) ring.push_back(element);
    ring.Take(0);  // so that the front is not the block's
    ring.clear();
    EXPECT_TRUE(ring.empty());
    EXPECT_EQ(element.use_count(), 1);
  }
  for (int i = 0; i < 5'000; ++i) ring.push_back(element);
  ring.clear();
  EXPECT_EQ(element.use_count(), 1);
  ring.push_back(element);
  EXPECT_EQ(ring.Take(0), element);
}

}  // namespace
}  // namespace portlab
