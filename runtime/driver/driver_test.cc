// What the runtime checks before it believes a driver.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "driver/driver_entry.h"
#include "driver/driver_library.h"
#include "driver/driver_registry.h"

namespace portlab {
namespace {

char entry_name[] = "tdrv";

ErlDrvEntry ValidEntry() {
  ErlDrvEntry entry{};
  entry.driver_name = entry_name;
  entry.extended_marker = static_cast<int>(ERL_DRV_EXTENDED_MARKER);
  entry.major_version = ERL_DRV_EXTENDED_MAJOR_VERSION;
  entry.minor_version = ERL_DRV_EXTENDED_MINOR_VERSION;
  return entry;
}

std::string LoadReason(const ErlDrvEntry& entry, std::string_view name = "tdrv") {
  auto copy = DriverEntry::Copy(entry, name);
  return copy ? "loads" : copy.error().Reason();
}

TEST(DriverEntryTest, MarkerIsRequired) {
  ErlDrvEntry entry = ValidEntry();
  entry.extended_marker = 0;
  EXPECT_EQ(LoadReason(entry), "driver_incorrect_version");
}

TEST(DriverEntryTest, VersionsAreOtp25s) {
  const struct {
    int major, minor;
    const char* reason;
  } cases[] = {{3, 3, "loads"},
               {3, 0, "loads"},
               {2, 99, "loads"},
               {3, 4, "driver_incorrect_version"},
               {4, 0, "driver_incorrect_version"},
               {1, 0, "driver_incorrect_version"}};
  for (const auto& version : cases) {
    ErlDrvEntry entry = ValidEntry();
    entry.major_version = version.major;
    entry.minor_version = version.minor;
    EXPECT_EQ(LoadReason(entry), version.reason) << version.major << "." << version.minor;
  }
}

TEST(DriverEntryTest, NameMustBeTheOneAskedFor) {
  EXPECT_EQ(LoadReason(ValidEntry(), "other"), "bad_driver_name");
  EXPECT_EQ(LoadReason(ValidEntry(), std::string(256, 'a')), "driver_name_to_long");
}

TEST(DriverEntryTest, EmergencyCloseIsNotReadFromOldEntries) {
  ErlDrvEntry entry = ValidEntry();
  entry.emergency_close = [](ErlDrvData) {};
  EXPECT_NE(DriverEntry::Copy(entry, "tdrv")->emergency_close, nullptr);
  entry.minor_version = 1;
  EXPECT_EQ(DriverEntry::Copy(entry, "tdrv")->emergency_close, nullptr);
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& contents)
      // Tests run at once, each in a process of its own.
      : base_(testing::TempDir() + "portlab_driver_test_" + std::to_string(::getpid())) {
    std::ofstream(base_ + ".so") << contents;
  }
  ~TemporaryFile() { std::remove((base_ + ".so").c_str()); }
  const std::string& base() const { return base_; }

 private:
  std::string base_;
};

TEST(DriverLibraryTest, MissingAndForeignFilesSayWhatTheyAre) {
  auto missing = OpenDriverLibrary("/no/such/driver");
  EXPECT_EQ(missing.error().Reason(), "open_error");
  EXPECT_NE(missing.error().detail.find("/no/such/driver.so"), std::string::npos);
  const TemporaryFile text("#!/bin/sh\n");
  auto foreign = OpenDriverLibrary(text.base());
  EXPECT_EQ(foreign.error().Reason(), "open_error");
  EXPECT_NE(foreign.error().detail.find("not an ELF file"), std::string::npos)
      << foreign.error().detail;
}

TEST(DriverLibraryTest, AnotherArchitectureIsNamed) {
  std::string header(64, '\0');
  header.replace(0, 4, "\177ELF");
  header[4] = 2;  // 64-bit
  header[5] = 1;  // little-endian
  header[6] = 1;
  header[16] = 3;          // shared object
  header[18] = char(243);  // RISC-V
  const TemporaryFile riscv(header);
  auto opened = OpenDriverLibrary(riscv.base());
  EXPECT_NE(opened.error().detail.find("another architecture"), std::string::npos)
      << opened.error().detail;
}

int inits = 0;
int finishes = 0;

TEST(DriverRegistryTest, InitRunsOnceAndAFailedOneLeavesNoDriver) {
  ErlDrvEntry entry = ValidEntry();
  entry.init = [] { return ++inits == 1 ? 0 : -1; };
  entry.finish = [] { ++finishes; };
  {
    DriverRegistry registry;
    EXPECT_TRUE(registry.AddLinkedIn(entry).has_value());
    EXPECT_EQ(inits, 1);
    UnloadRequest unload;
    unload.name = "tdrv";
    EXPECT_EQ(registry.Unload(unload).error().Reason(), "linked_in_driver");
    unload.name = "none";
    EXPECT_EQ(registry.Unload(unload).error().Reason(), "not_loaded");
    EXPECT_EQ(finishes, 0);
  }
  EXPECT_EQ(finishes, 1);
  DriverRegistry registry;
  EXPECT_EQ(registry.AddLinkedIn(entry).error().Reason(), "driver_init_failed");
  EXPECT_EQ(registry.Find("tdrv"), nullptr);
}

TEST(DriverRegistryTest, PortsAreCountedUpAndDown) {
  DriverRegistry registry;
  Driver& driver = **registry.AddLinkedIn(ValidEntry());
  EXPECT_EQ(registry.AcquireForPort("none").error().Reason(), "badarg");
  EXPECT_EQ(*registry.AcquireForPort("tdrv"), &driver);
  EXPECT_EQ(driver.port_count.load(), 1);
  EXPECT_EQ(driver.references.load(), 1);
  registry.ReleaseFromPort(driver);
  EXPECT_EQ(driver.port_count.load(), 0);
  EXPECT_EQ(driver.references.load(), 0);
}

}  // namespace
}  // namespace portlab
