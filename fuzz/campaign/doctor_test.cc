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
  const Diagnosis diagnosis = ExamineDriver(PORTLAB_TEST_PLAIN_DRIVER);
  EXPECT_THAT(RulesOf(diagnosis), ElementsAre("no-coverage", "no-asan"));
  EXPECT_FALSE(diagnosis.fatal());
  const std::string text = RefusalText("my_drv.so", diagnosis);
  EXPECT_THAT(text, HasSubstr("-fsanitize=address,undefined,fuzzer-no-link"));
  EXPECT_THAT(text, HasSubstr("--guarded"));
}

TEST_F(DoctorTest, LibraryWithoutDriverInitIsNoDriver) {
  const Diagnosis diagnosis = ExamineDriver(PORTLAB_TEST_NO_INIT);
  EXPECT_THAT(RulesOf(diagnosis), ElementsAre("no-driver-init"));
  EXPECT_TRUE(diagnosis.fatal());
}

#if defined(PORTLAB_TEST_GCC_ASAN_DRIVER)
TEST_F(DoctorTest, AddressSanitizerOfGccIsNamed) {
  const Diagnosis diagnosis = ExamineDriver(PORTLAB_TEST_GCC_ASAN_DRIVER);
  EXPECT_THAT(RulesOf(diagnosis), ElementsAre("gcc-asan"));
  EXPECT_TRUE(diagnosis.fatal());
  EXPECT_THAT(RefusalText("a.so", diagnosis), testing::Not(HasSubstr("--guarded")));
}
#endif

#if defined(PORTLAB_TEST_FIT_DRIVER)
TEST_F(DoctorTest, DriverBuiltAsTheManualSaysIsFit) {
  const Diagnosis diagnosis = ExamineDriver(PORTLAB_TEST_FIT_DRIVER);
  EXPECT_THAT(RulesOf(diagnosis), IsEmpty());
  EXPECT_THAT(diagnosis.warnings, IsEmpty());
  EXPECT_TRUE(diagnosis.has_coverage);
  EXPECT_TRUE(diagnosis.has_asan);
}

TEST_F(DoctorTest, OtherKindOfCoverageIsRefused) {
  const Diagnosis diagnosis = ExamineDriver(PORTLAB_TEST_PC_GUARD_DRIVER);
  EXPECT_THAT(RulesOf(diagnosis), ElementsAre("trace-pc-guard"));
}
#endif

TEST_F(DoctorTest, TextFileIsNoSharedLibrary) {
  const Diagnosis diagnosis = ExamineDriver(FileWith("#!/bin/sh\necho hello, I am long enough\n"));
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
  const Diagnosis diagnosis = ExamineDriver(FileWith(bytes));
  ASSERT_THAT(RulesOf(diagnosis), ElementsAre("not-a-driver"));
  EXPECT_THAT(diagnosis.problems[0].text, HasSubstr("another machine"));
}

TEST_F(DoctorTest, DamagedLibraryIsNoTrouble) {
  const std::string whole = ReadFile(PORTLAB_TEST_PLAIN_DRIVER).value_or("");
  ASSERT_GT(whole.size(), 4096u);
  for (std::size_t size = 0; size < whole.size(); size += 509) {
    EXPECT_TRUE(ExamineDriver(FileWith(whole.substr(0, size))).problems.size() > 0) << size;
  }
  std::string damaged = whole;
  for (std::size_t at = 16; at < damaged.size(); at += 7) damaged[at] = '\xff';
  EXPECT_FALSE(ExamineDriver(FileWith(damaged)).problems.empty());
}

TEST_F(DoctorTest, WhatIsNotThereOrNoFileIsSaid) {
  const Diagnosis missing = ExamineDriver(scratch_.path() + "/none.so");
  ASSERT_THAT(RulesOf(missing), ElementsAre("not-a-driver"));
  EXPECT_THAT(missing.problems[0].text, HasSubstr("No such file"));
  EXPECT_THAT(RulesOf(ExamineDriver(scratch_.path())), ElementsAre("not-a-file"));
}

}  // namespace
}  // namespace portlab
