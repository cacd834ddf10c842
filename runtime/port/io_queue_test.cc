#include "port/io_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace portlab {
namespace {

std::string Contents(IoQueue& queue) {
  std::string bytes;
  for (std::size_t i = 0; i < queue.piece_count(); ++i) {
    bytes.append(queue.pieces()[i].iov_base, queue.pieces()[i].iov_len);
  }
  return bytes;
}

TEST(IoQueueTest, BothEndsKeepTheOrder) {
  IoQueue queue;
  EXPECT_TRUE(queue.PushBack("cd", 2));
  EXPECT_TRUE(queue.PushFront("ab", 2));
  EXPECT_TRUE(queue.PushBack("", 0));
  EXPECT_EQ(Contents(queue), "abcd");
  EXPECT_EQ(queue.size(), 4u);
  EXPECT_EQ(queue.piece_count(), 2u);
}

TEST(IoQueueTest, DropCutsInsideAPieceAndRefusesTooMuch) {
  IoQueue queue;
  queue.PushBack("abc", 3);
  queue.PushBack("def", 3);
  EXPECT_TRUE(queue.Drop(4));
  EXPECT_EQ(Contents(queue), "ef");
  EXPECT_FALSE(queue.Drop(3));
  EXPECT_EQ(Contents(queue), "ef");
  EXPECT_TRUE(queue.Drop(2));
  EXPECT_EQ(queue.piece_count(), 0u);
}

TEST(IoQueueTest, SharedBinaryIsCountedNotCopied) {
  const std::int64_t before = BinaryBlock::live();
  BinaryBlock* block = BinaryBlock::Allocate(8);
  {
    IoQueue queue;
    queue.PushBack(*block, block->bytes() + 2, 4);
    EXPECT_EQ(block->count.load(), 2);
    EXPECT_EQ(queue.pieces()[0].iov_base, block->bytes() + 2);
  }
  EXPECT_EQ(block->count.load(), 1);
  block->Release();
  EXPECT_EQ(BinaryBlock::live(), before);
}

TEST(IoQueueTest, VectorIsSkippedIntoAndPushedInOrderAtTheHead) {
  IoQueue queue;
  queue.PushBack("z", 1);
  char first[] = "abc";
  char second[] = "def";
  SysIOVec iov[] = {{first, 3}, {nullptr, 0}, {second, 3}};
  ErlDrvBinary* binv[] = {nullptr, nullptr, nullptr};
  ErlIOVec vector{};
  vector.vsize = 3;
  vector.size = 6;
  vector.iov = iov;
  vector.binv = binv;
  EXPECT_TRUE(queue.PushVector(vector, 2, true));
  EXPECT_EQ(Contents(queue), "cdefz");
}

TEST(IoQueueTest, LongUseDoesNotGrowTheArrays) {
  IoQueue queue;
  for (int i = 0; i < 10'000; ++i) {
    queue.PushBack("xy", 2);
    if (i > 3) {
      EXPECT_TRUE(queue.Drop(2));
    }
  }
  EXPECT_EQ(queue.size(), 8u);
  EXPECT_EQ(queue.piece_count(), 4u);
}

}  // namespace
}  // namespace portlab
