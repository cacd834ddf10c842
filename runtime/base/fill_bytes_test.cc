#include "base/fill_bytes.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace portlab {
namespace {

// In blocks of just the size, so that a sanitizer sees one byte too many.
TEST(FillBytesTest, FillsEveryLengthAndNothingElse) {
  for (std::size_t size = 0; size <= 100; ++size) {
    const auto block = std::make_unique<char[]>(size);
    FillBytes(block.get(), 0xbe, size);
    EXPECT_EQ(std::string(block.get(), size), std::string(size, '\xbe')) << size;
    std::string frame(size + 2, '#');
    FillBytes(frame.data() + 1, 0xbe, size);
    EXPECT_EQ(frame, "#" + std::string(size, '\xbe') + "#") << size;
  }
}

}  // namespace
}  // namespace portlab
