#include "port/lent_buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

#include "base/sanitizer.h"

namespace portlab {
namespace {

TEST(LentBufferTest, HoldsACopy) {
  const std::string text(300, 'x');
  const LentBuffer buffer(AsBytes(text));
  EXPECT_EQ(std::string(buffer.data(), text.size()), text);
  const LentBuffer empty{Bytes()};
  EXPECT_NE(empty.data(), nullptr);
}

// Outer callbacks keep what they were lent, however much inner ones are lent.
TEST(LentBufferTest, NestsAndGoesRound) {
  for (int round = 0; round < 200; ++round) {
    const LentBuffer outer(AsBytes("outer"));
    std::vector<std::unique_ptr<LentBuffer>> inner;
    for (int i = 0; i < 150; ++i) {
      inner.push_back(std::make_unique<LentBuffer>(static_cast<std::size_t>(7 * i)));
      std::memset(inner.back()->data(), i, static_cast<std::size_t>(7 * i));
    }
    for (int i = 0; i < 150; ++i) {
      for (int b = 0; b < 7 * i; ++b) ASSERT_EQ(inner[i]->data()[b], static_cast<char>(i));
    }
    ASSERT_EQ(std::memcmp(outer.data(), "outer", 5), 0);
    while (!inner.empty()) inner.pop_back();
  }
}

TEST(LentBufferTest, IsAlignedAsMallocs) {
  for (std::size_t size = 0; size < 40; ++size) {
    const LentBuffer buffer(size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % alignof(std::max_align_t), 0u);
  }
}

#if !defined(PORTLAB_SANITIZED)
TEST(LentBufferTest, SaysWhereAnAddressLies) {
  const LentBuffer buffer(20);
  EXPECT_EQ(LentBuffer::Describe(buffer.data() + 22),
            "2 bytes behind the 20 bytes that the callback is lent");
  EXPECT_EQ(LentBuffer::Describe(buffer.data() + 1), "in the 20 bytes that the callback is lent");
  int elsewhere = 0;
  EXPECT_EQ(LentBuffer::Describe(&elsewhere), "");
}
#endif

#if defined(PORTLAB_ASAN)
TEST(LentBufferDeathTest, OneByteMoreIsSeen) {
  EXPECT_DEATH(
      {
        const LentBuffer buffer(13);
        volatile char seen = buffer.data()[13];
        (void)seen;
      },
      "heap-buffer-overflow");
}
#endif

}  // namespace
}  // namespace portlab
