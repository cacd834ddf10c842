#include "base/copy_bytes.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace portlab {
namespace {

// In blocks of just the size, so that a sanitizer sees one byte too many.
TEST(CopyBytesTest, CopiesEveryLengthAndNothingElse) {
  for (std::size_t size = 0; size <= 300; ++size) {
    const auto from = std::make_unique<char[]>(size);
    const auto to = std::make_unique<char[]>(size);
    for (std::size_t i = 0; i < size; ++i) from[i] = static_cast<char>(i * 7 + size);
    CopyBytes(to.get(), from.get(), size);
    EXPECT_EQ(std::string(to.get(), size), std::string(from.get(), size)) << size;
    std::string frame(size + 2, '#');
    CopyBytes(frame.data() + 1, from.get(), size);
    EXPECT_EQ(frame, "#" + std::string(from.get(), size) + "#") << size;
  }
  CopyBytes(nullptr, nullptr, 0);
}

}  // namespace
}  // namespace portlab
