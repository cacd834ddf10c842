#include "base/word_set.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace portlab {
namespace {

TEST(WordSetTest, OneWordNeedsNoTable) {
  WordSet set;
  EXPECT_TRUE(set.empty());
  EXPECT_FALSE(set.contains(7));
  EXPECT_FALSE(set.erase(7));
  EXPECT_TRUE(set.insert(7));
  EXPECT_FALSE(set.insert(7));
  EXPECT_TRUE(set.contains(7));
  EXPECT_EQ(set.size(), 1u);
  EXPECT_TRUE(set.erase(7));
  EXPECT_TRUE(set.empty());
}

TEST(WordSetTest, IsVisitedInAscendingOrder) {
  WordSet set;
  for (const WordSet::Word word : {90u, 3u, 51u, 7u}) set.insert(word);
  EXPECT_EQ(set.Sorted(), (std::vector<WordSet::Word>{3, 7, 51, 90}));
  std::vector<WordSet::Word> seen;
  set.ForEach([&seen](WordSet::Word word) { seen.push_back(word); });
  EXPECT_EQ(seen, set.Sorted());
}

TEST(WordSetTest, AMovedFromSetIsEmpty) {
  WordSet from;
  for (const WordSet::Word word : {1u, 2u, 3u}) from.insert(word);
  WordSet to = std::move(from);
  EXPECT_EQ(to.size(), 3u);
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): what is asked for here
  EXPECT_TRUE(from.insert(1));
}

// Few different words, so that searches meet the gaps that erasing makes.
TEST(WordSetTest, DoesWhatAStdSetDoes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    WordSet set;
    std::set<WordSet::Word> expected;
    for (int i = 0; i < 5000; ++i) {
      const WordSet::Word word = 1 + random.Below(seed * 40);
      if (random.Below(i < 2500 ? 3 : 2) != 0) {
        ASSERT_EQ(set.insert(word), expected.insert(word).second);
      } else {
        ASSERT_EQ(set.erase(word), expected.erase(word) != 0);
      }
      ASSERT_EQ(set.size(), expected.size());
      ASSERT_EQ(set.contains(word), expected.count(word) != 0);
    }
    ASSERT_EQ(set.Sorted(), std::vector<WordSet::Word>(expected.begin(), expected.end()));
  }
}

}  // namespace
}  // namespace portlab
