#include "fuzz/campaign/doctor.h"

#include <elf.h>
#include <gmock/gmock.h>

#include <cstring>
#include <filesystem>

#include "fuzz/campaign/files.h"

namespace portlab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> RulesOf(const Diagnosis& diagnosis) {
  std::vector<std::string> rules;
  for (const auto& problem : diagnosis.problems) rules.push_back(problem.rule);
  return rules;
}

class DoctorTest : public testing::Test {
 protected:
  std::string FileWith(const std::string& content) {
    const std::string path = scratch_.path() + "/drv.so";
    EXPECT_TRUE(WriteFileWhole(path, content).has_value());
    return path;
  }
  ScratchFolder scratch_ = std::move(*ScratchFolder::Make());
};

TEST_F(DoctorTest, UninstrumentedDriverIsRefusedButCanBeGuarded) {
  const Diagnosis diagnosis = Examine(TargetKind::kDriver, PORTLAB_TEST_PLAIN_DRIVER);
  EXPECT_THAT(RulesOf(diagnosis), ElementsAre("no-coverage", "no-asan"));
  EXPECT_FALSE(diagnosis.fatal());
  const std::string text = RefusalText(TargetKind::kDriver, "my_drv.so", diagnosis);
  EXPECT_THAT(text, HasSubstr("-fsanitize=address,undefined,fuzzer-no-link"));
  EXPECT_THAT(text, HasSubstr("--guarded"));
}

TEST_F(DoctorTest, LibraryWithoutDriverInitIsNoDriver) {
  const Diagnosis diagnosis = Examine(TargetKind::kDriver, PORTLAB_TEST_NO_INIT);
  EXPECT_THAT(RulesOf(diagnosis), ElementsAre("no-driver-init"));
  EXPECT_TRUE(diagnosis.fatal());
}

#if defined(PORTLAB_TEST_GCC_ASAN_DRIVER)
TEST_F(DoctorTest, AddressSanitizerOfGccIsNamed) {
  const Diagnosis diagnosis = Examine(TargetKind::kDriver, PORTLAB_TEST_GCC_ASAN_DRIVER);
  EXPECT_THAT(RulesOf(diagnosis), ElementsAre("gcc-asan"));
  EXPECT_TRUE(diagnosis.fatal());
  EXPECT_THAT(RefusalText(TargetKind::kDriver, "a.so", diagnosis),
              testing::Not(HasSubstr("--guarded")));
}
#endif

#if defined(PORTLAB_TEST_FIT_DRIVER)
TEST_F(DoctorTest, DriverBuiltAsTheManualSaysIsFit) {
  const Diagnosis diagnosis = Examine(TargetKind::kDriver, PORTLAB_TEST_FIT_DRIVER);
  EXPECT_THAT(RulesOf(diagnosis), IsEmpty());
  EXPECT_THAT(diagnosis.warnings, IsEmpty());
  EXPECT_TRUE(diagnosis.has_coverage);
  EXPECT_TRUE(diagnosis.has_asan);
}

TEST_F(DoctorTest, OtherKindOfCoverageIsRefused) {
  const Diagnosis diagnosis = Examine(TargetKind::kDriver, PORTLAB_TEST_PC_GUARD_DRIVER);
  EXPECT_THAT(RulesOf(diagnosis), ElementsAre("trace-pc-guard"));
}
#endif

TEST_F(DoctorTest, TextFileIsNoSharedLibrary) {
  const Diagnosis diagnosis =
      Examine(TargetKind::kDriver, FileWith("#!/bin/sh\necho hello, I am long enough\n"));
  ASSERT_THAT(RulesOf(diagnosis), ElementsAre("not-a-driver"));
  EXPECT_THAT(diagnosis.problems[0].text, HasSubstr("no ELF file"));
}

TEST_F(DoctorTest, OtherMachineIsNamed) {
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_type = ET_DYN;
  header.e_machine = EM_RISCV;
  const std::string bytes(reinterpret_cast<const char*>(&header), sizeof(header));
  const Diagnosis diagnosis = Examine(TargetKind::kDriver, FileWith(bytes));
  ASSERT_THAT(RulesOf(diagnosis), ElementsAre("not-a-driver"));
  EXPECT_THAT(diagnosis.problems[0].text, HasSubstr("another machine"));
}

TEST_F(DoctorTest, DamagedLibraryIsNoTrouble) {
  const std::string whole = ReadFile(PORTLAB_TEST_PLAIN_DRIVER).value_or("");
  ASSERT_GT(whole.size(), 4096u);
  for (std::size_t size = 0; size < whole.size(); size += 509) {
    EXPECT_TRUE(Examine(TargetKind::kDriver, FileWith(whole.substr(0, size))).problems.size() > 0)
        << size;
  }
  std::string damaged = whole;
  for (std::size_t at = 16; at < damaged.size(); at += 7) damaged[at] = '\xff';
  EXPECT_FALSE(Examine(TargetKind::kDriver, FileWith(damaged)).problems.empty());
}

TEST_F(DoctorTest, WhatIsNotThereOrNoFileIsSaid) {
  const Diagnosis missing = Examine(TargetKind::kDriver, scratch_.path() + "/none.so");
  ASSERT_THAT(RulesOf(missing), ElementsAre("not-a-driver"));
  EXPECT_THAT(missing.problems[0].text, HasSubstr("No such file"));
  EXPECT_THAT(RulesOf(Examine(TargetKind::kDriver, scratch_.path())), ElementsAre("not-a-file"));
}

TEST_F(DoctorTest, LibraryOfAProgramIsAskedForItsPacketLoop) {
  const Diagnosis diagnosis = Examine(TargetKind::kLibrary, PORTLAB_TEST_PLAIN_DRIVER);
  EXPECT_THAT(RulesOf(diagnosis), ElementsAre("no-port-main"));
  Diagnosis plain;
  plain.problems.push_back({"no-coverage", "it is not instrumented", false});
  const std::string text = RefusalText(TargetKind::kLibrary, "loop.so", plain);
  EXPECT_THAT(text, HasSubstr("loop.c -o loop.so"));
  EXPECT_THAT(text, HasSubstr("--program PROGRAM"));
  EXPECT_THAT(text, testing::Not(HasSubstr("--guarded")));
}

TEST_F(DoctorTest, ProgramsAreToldFromLibraries) {
  EXPECT_EQ(ProgramKindOf(PORTLAB_TEST_PLAIN_DRIVER), TargetKind::kLibrary);
  EXPECT_EQ(ProgramKindOf("/proc/self/exe"), TargetKind::kProgram);
  const std::string script = FileWith("#!/bin/sh\n");
  EXPECT_EQ(ProgramKindOf(script), std::nullopt) << "it cannot be started";
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  EXPECT_EQ(ProgramKindOf(script), TargetKind::kProgram);
  EXPECT_EQ(ProgramKindOf(scratch_.path()), std::nullopt);
  EXPECT_THAT(Examine(TargetKind::kProgram, script).problems, IsEmpty());
}

}  // namespace
}  // namespace portlab
