#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

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

TEST(CatalogueTest, EveryDriverSourceHasAnEntryAndEveryEntryItsSource) {
  std::set<std::string> drivers;
  for (const CatalogueEntry& entry : Catalogue()) drivers.insert(entry.driver);
  EXPECT_EQ(drivers, SourcesIn("drivers"));
}

TEST(CatalogueTest, EveryProgramSourceHasAnEntryAndEveryEntryItsSource) {
  std::set<std::string> programs;
  for (const CatalogueEntry& entry : Catalogue()) programs.insert(entry.program);
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
      EXPECT_TRUE(
          std::regex_search(text.str(), std::regex(std::string(rule) + "\\(" + target + " ")))
          << folder << "/CMakeLists.txt has no " << rule << "(" << target << " …)";
    }
  }
}

TEST(CatalogueTest, NamesAndIdsAreUnique) {
  std::set<std::string> names;
  std::set<std::string> ids;
  for (const CatalogueEntry& entry : Catalogue()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_TRUE(entry.id == "-" || ids.insert(entry.id).second) << entry.id;
    EXPECT_EQ(entry.id == "-", entry.cwe == 0) << entry.name;
    EXPECT_FALSE(entry.title.empty()) << entry.name;
  }
}

TEST(CatalogueTest, SanitizerExpectationsHaveExactlyOneKey) {
  for (const CatalogueEntry& entry : Catalogue()) {
    EXPECT_EQ(entry.in_vm.asan.size(), 1u) << entry.name;
    EXPECT_EQ(entry.program_mode.asan.size(), 1u) << entry.name;
    EXPECT_FALSE(entry.in_vm.plain.empty()) << entry.name;
    EXPECT_FALSE(entry.program_mode.plain.empty()) << entry.name;
  }
}

TEST(CatalogueTest, FaultyEntriesExpectNoCleanOutcome) {
  for (const CatalogueEntry& entry : Catalogue()) {
    for (const Expectation* expectation : {&entry.in_vm, &entry.program_mode}) {
      for (const auto* keys : {&expectation->plain, &expectation->asan}) {
        for (const std::string& key : *keys)
          EXPECT_EQ(key == "clean", entry.id == "-") << entry.name;
      }
    }
  }
}

TEST(CatalogueTest, CommandsAreCountedWhereCommandsAreTheTrigger) {
  for (const CatalogueEntry& entry : Catalogue()) {
    EXPECT_EQ(entry.trigger == Trigger::kCommands, entry.commands > 0) << entry.name;
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
