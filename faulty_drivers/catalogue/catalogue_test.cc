#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "base/callback_kind.h"
#include "faulty_drivers/catalogue/entry.h"

namespace portlab {
namespace {

const std::filesystem::path kZoo = PORTLAB_ZOO_SOURCE_DIR;

// The names, without extension, of the C and C++ sources of a folder.
std::set<std::string> SourcesIn(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(kZoo / folder)) {
    const std::string extension = file.path().extension();
    if (extension == ".c" || extension == ".cc") names.insert(file.path().stem());
  }
  return names;
}

const std::set<std::string> kHarmless = {"echo_drv"};

// What the name of a zoo driver says about where its fault is: "output" of
// "heap_overflow_in_output_drv". Empty: the name is no such name, or of no callback there is.
std::string CallbackIn(const CatalogueEntry& entry) {
  std::smatch parts;
  if (!std::regex_match(entry.driver, parts, std::regex(entry.name + "_in_(.*)_drv"))) return {};
  const auto known = std::ranges::count(kCallbackNames, parts[1].str());
  return known == 1 ? parts[1].str() : std::string();
}

// The modes an entry has, with what is expected of each.
std::vector<std::pair<IsolationMode, const Expectation*>> ModesOf(const CatalogueEntry& entry) {
  std::vector<std::pair<IsolationMode, const Expectation*>> modes;
  if (HasMode(entry, IsolationMode::kInVm)) modes.push_back({IsolationMode::kInVm, &entry.in_vm});
  if (HasMode(entry, IsolationMode::kProgram))
    modes.push_back({IsolationMode::kProgram, &entry.program_mode});
  return modes;
}

TEST(CatalogueTest, EveryEntryHasADriverOrAProgram) {
  for (const CatalogueEntry& entry : Catalogue())
    EXPECT_FALSE(ModesOf(entry).empty()) << entry.name;
}

TEST(CatalogueTest, NothingIsExpectedOfAModeThatIsNotThere) {
  for (const CatalogueEntry& entry : Catalogue()) {
    for (const auto& [mode, expected] : {std::pair{IsolationMode::kInVm, entry.in_vm},
                                         {IsolationMode::kProgram, entry.program_mode}}) {
      if (HasMode(entry, mode)) continue;
      EXPECT_TRUE(expected.plain.empty() && expected.asan.empty() && expected.guarded.empty())
          << entry.name << ", " << ModeName(mode);
    }
  }
}

TEST(CatalogueTest, DriversSayInTheirNameWhereTheFaultIs) {
  for (const CatalogueEntry& entry : Catalogue()) {
    if (entry.driver.empty() || kHarmless.contains(entry.driver)) continue;
    EXPECT_NE(CallbackIn(entry), "") << entry.driver;
  }
}

TEST(CatalogueTest, EveryDriverSourceHasAnEntryAndEveryEntryItsSource) {
  std::set<std::string> drivers;
  for (const CatalogueEntry& entry : Catalogue()) {
    if (HasMode(entry, IsolationMode::kInVm)) drivers.insert(entry.driver);
  }
  EXPECT_EQ(drivers, SourcesIn("drivers"));
}

TEST(CatalogueTest, EveryProgramSourceHasAnEntryAndEveryEntryItsSource) {
  std::set<std::string> programs;
  for (const CatalogueEntry& entry : Catalogue()) {
    if (HasMode(entry, IsolationMode::kProgram)) programs.insert(entry.program);
  }
  std::set<std::string> built;
  for (const std::string& source : SourcesIn("programs")) built.insert(source + "_program");
  EXPECT_EQ(programs, built);
}

TEST(CatalogueTest, EveryDriverAndProgramIsBuilt) {
  for (const auto& [folder, rule] :
       {std::pair{"drivers", "faulty_driver"}, {"programs", "faulty_program"}}) {
    std::ostringstream text;
    text << std::ifstream(kZoo / folder / "CMakeLists.txt").rdbuf();
    for (const CatalogueEntry& entry : Catalogue()) {
      const std::string target =
          std::string(rule) == "faulty_driver" ? entry.driver : entry.program;
      EXPECT_TRUE(target.empty() || std::regex_search(text.str(), std::regex(std::string(rule) +
                                                                             "\\(" + target + " ")))
          << folder << "/CMakeLists.txt has no " << rule << "(" << target << " …)";
    }
  }
}

TEST(CatalogueTest, NamesAndIdsPerModeAreUnique) {
  std::set<std::string> names;
  std::set<std::pair<std::string, IsolationMode>> ids;
  for (const CatalogueEntry& entry : Catalogue()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    for (const auto& [mode, expected] : ModesOf(entry)) {
      EXPECT_TRUE(entry.id == "-" || ids.insert({entry.id, mode}).second) << entry.id;
    }
    EXPECT_EQ(entry.id == "-", entry.cwe == 0) << entry.name;
    EXPECT_FALSE(entry.title.empty()) << entry.name;
  }
}

// Exactly one key, so none that lets the host both live and die.
TEST(CatalogueTest, SanitizerExpectationsHaveExactlyOneKey) {
  for (const CatalogueEntry& entry : Catalogue()) {
    for (const auto& [mode, expected] : ModesOf(entry)) {
      EXPECT_EQ(expected->asan.size(), 1u) << entry.name << ", " << ModeName(mode);
      EXPECT_FALSE(expected->plain.empty()) << entry.name << ", " << ModeName(mode);
    }
  }
}

TEST(CatalogueTest, GuardedExpectationsHaveExactlyOneKey) {
  for (const CatalogueEntry& entry : Catalogue()) {
    EXPECT_TRUE(entry.program_mode.guarded.empty()) << entry.name << ": nothing to guard there";
    if (!HasMode(entry, IsolationMode::kInVm)) continue;
    const Expectation& expected = entry.in_vm;
    const auto& keys = expected.guarded.empty() ? expected.plain : expected.guarded;
    EXPECT_EQ(keys.size(), 1u) << entry.name;
  }
}

TEST(CatalogueTest, FaultyEntriesExpectNoCleanOutcome) {
  for (const CatalogueEntry& entry : Catalogue()) {
    for (const auto& [mode, expected] : ModesOf(entry)) {
      for (const auto* keys : {&expected->plain, &expected->asan, &expected->guarded}) {
        for (const std::string& key : *keys)
          EXPECT_EQ(key == "clean", entry.id == "-") << entry.name << ", " << ModeName(mode);
      }
    }
  }
}

// Whatever a program does, it does it outside: a host that dies of one would be portlab's defect.
TEST(CatalogueTest, NoProgramTakesTheHostDown) {
  for (const CatalogueEntry& entry : Catalogue()) {
    for (const std::string& key : entry.program_mode.plain)
      EXPECT_FALSE(key.starts_with("host_down")) << entry.name;
  }
}

TEST(CatalogueTest, CommandsAreCountedWhereCommandsAreTheTrigger) {
  for (const CatalogueEntry& entry : Catalogue()) {
    EXPECT_EQ(entry.trigger != Trigger::kControl, entry.commands > 0) << entry.name;
  }
}

TEST(FindEntryTest, KnownNameGivesTheEntryAndUnknownNull) {
  ASSERT_NE(FindEntry("null_write"), nullptr);
  EXPECT_EQ(FindEntry("null_write")->id, "A1");
  EXPECT_EQ(FindEntry("no_such_fault"), nullptr);
  EXPECT_EQ(FindEntry(""), nullptr);
}

}  // namespace
}  // namespace portlab
