#include "term/atom_table.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "portlab/term.h"

namespace portlab {
namespace {

TEST(AtomTableTest, SameNameGivesSameIndex) {
  AtomTable& atoms = AtomTable::Instance();
  const auto first = atoms.FindOrAdd("same_name");
  const std::size_t size = atoms.size();
  EXPECT_EQ(atoms.FindOrAdd("same_name"), first);
  EXPECT_EQ(atoms.size(), size);
  EXPECT_EQ(atoms.Name(*first), "same_name");
}

TEST(AtomTableTest, UnknownIndexGivesNothing) {
  EXPECT_EQ(AtomTable::Instance().Name(AtomTable::kMaxAtoms), std::nullopt);
  EXPECT_EQ(AtomTable::Instance().Name(AtomTable::Instance().size()), std::nullopt);
}

TEST(AtomTableTest, Latin1AndUtf8OfOneNameGiveOneAtom) {
  EXPECT_EQ(Term::Atom("\xe5"), Term::Atom("\xc3\xa5"));
  EXPECT_EQ(Term::Atom("\xe5").atom_name(), "\xc3\xa5");
}

TEST(AtomTableTest, LimitIsCharactersNotBytes) {
  std::string wide;
  for (int i = 0; i < 255; ++i) wide += "\xe4\xb8\xad";
  EXPECT_TRUE(Term::TryAtom(wide));
  EXPECT_FALSE(Term::TryAtom(wide + "x"));
  EXPECT_FALSE(Term::TryAtom(std::string(256, 'a')));
  EXPECT_FALSE(Term::TryAtom(std::string(256, '\xe5')));
}

TEST(AtomTableTest, ConcurrentAddsAgreeOnEveryIndex) {
  constexpr int kNames = 2000;
  std::vector<std::vector<std::uint64_t>> seen(4);
  std::vector<std::thread> threads;
  for (auto& indexes : seen) {
    threads.emplace_back([&indexes] {
      for (int i = 0; i < kNames; ++i) {
        const std::string name = "concurrent_" + std::to_string(i);
        indexes.push_back(AtomTable::Instance().FindOrAdd(name).value());
        ASSERT_EQ(AtomTable::Instance().Name(indexes.back()), name);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& indexes : seen) EXPECT_EQ(indexes, seen[0]);
}

}  // namespace
}  // namespace portlab
