#include "fuzz/crash/known_crashes.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "fuzz/crash/bucket.h"

namespace portlab {
namespace {

using testing::IsEmpty;
using testing::StartsWith;

const TracedModules kModules = {"", "/src/my_program", true};

std::string Died(const std::string& how, const std::string& answered) {
  return "portlab: in operation 2: command p0 \"q\"\nportlab: answered: " + answered +
         "\nportlab: PROGRAM: " + how + ": the program died\n";
}
std::string Reported(const std::string& offset) {
  return "==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x1\n"
         "    #0 0x1 in <null> at <null>:0:0 (/src/my_program+" +
         offset + ")\n" + Died("exit-77", "nothing");
}
std::string IdOf(const std::string& log) {
  return BucketId(BucketOf(*ParseCrashReport(log), kModules));
}

class KnownCrashesTest : public testing::Test {
 protected:
  ~KnownCrashesTest() override { std::remove(file_.c_str()); }
  KnownCrashes With(const std::vector<std::string>& ids) {
    std::ofstream(file_) << KnownCrashesText(ids);
    return {file_, kModules};
  }
  const std::string file_ = testing::TempDir() + "known_crashes_test." + std::to_string(::getpid());
};

TEST_F(KnownCrashesTest, ListedDeathIsKnownByKindAndAnswer) {
  const std::string id = IdOf(Died("signal-8", "nothing"));
  const KnownCrashes known = With({"exit-3-00000000", id});
  EXPECT_TRUE(known.Has(known.IdOf(Died("signal-8", "nothing"))));
  EXPECT_FALSE(known.Has(known.IdOf(Died("signal-8", "part of an answer"))));
  EXPECT_FALSE(known.Has(known.IdOf(Died("signal-11", "nothing"))));
}

TEST_F(KnownCrashesTest, ReportIsKnownByItsAddresses) {
  const std::string id = IdOf(Reported("0x1234"));
  EXPECT_THAT(id, StartsWith("heap-buffer-overflow-"));
  const KnownCrashes known = With({id});
  EXPECT_TRUE(known.Has(known.IdOf(Reported("0x1234"))));
  EXPECT_FALSE(known.Has(known.IdOf(Reported("0x1238"))));
}

TEST_F(KnownCrashesTest, NothingIsKnownWithoutAListOrACrash) {
  const std::string id = IdOf(Died("signal-8", "nothing"));
  EXPECT_FALSE(KnownCrashes().Has(id));
  EXPECT_FALSE(KnownCrashes("/nowhere", kModules).Has(id));
  EXPECT_THAT(With({id}).IdOf("all is well\n"), IsEmpty());
}

TEST_F(KnownCrashesTest, LineGoesThereAndBack) {
  EXPECT_EQ(KnownCrashIn(KnownCrashLine("signal-8-0123abcd")), "signal-8-0123abcd");
  EXPECT_THAT(KnownCrashIn("portlab: answered: nothing"), IsEmpty());
  EXPECT_FALSE(ParseCrashReport(KnownCrashLine("signal-8-0123abcd") + "\n").has_value());
}

}  // namespace
}  // namespace portlab
