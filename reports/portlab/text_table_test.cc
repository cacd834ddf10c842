#include "reports/portlab/text_table.h"

#include <gtest/gtest.h>

namespace portlab {
namespace {

TEST(TextTableTest, ColumnsAreAligned) {
  TextTable table({"a", "long head"});
  table.Add({"µµµ", "x"});
  table.Add({"b"});
  EXPECT_EQ(table.ToString(), "a    long head\nµµµ  x\nb\n");
}

TEST(TextTableTest, CellCannotMoveTheCursor) {
  TextTable table({"a\x1b[2J\nb"});
  EXPECT_EQ(table.ToString(), "a␛[2J b\n");
}

}  // namespace
}  // namespace portlab
