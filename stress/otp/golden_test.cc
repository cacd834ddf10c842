// One `erl` for each test: starting it is what takes the time.
#include "stress/otp/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace portlab {
namespace {

void ExpectAllAsInErl(std::initializer_list<std::vector<Behaviour>> parts) {
  std::vector<Behaviour> all;
  for (const std::vector<Behaviour>& part : parts) all.insert(all.end(), part.begin(), part.end());
  ExpectAsInErl(all, ErlangVariables{});
}

TEST(GoldenTest, OpeningsAndProgramsAreAsInErl) {
  ExpectAllAsInErl({RefusalBehaviours(), ProgramBehaviours(), PipeBehaviours()});
}

TEST(GoldenTest, SignalsAndOwnersAreAsInErl) {
  ExpectAllAsInErl({SignalBehaviours(), OwnerBehaviours()});
}

// Both worlds use the same folder, one after the other.
TEST(GoldenTest, BusyPortsAreAsInErl) { ExpectAllAsInErl({BusyBehaviours()}); }

TEST(GoldenTest, FilesAreAsInErl) {
  char folder[] = "/tmp/portlab-golden-XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  std::ofstream(std::string(folder) + "/data") << "abc\ndef\n";
  std::ofstream(std::string(folder) + "/packets") << "\x02hi\x05cut";
  ExpectAllAsInErl({FileBehaviours(folder)});
  std::filesystem::remove_all(folder);
}

// The comparison itself: a difference in either half must be seen.
TEST(GoldenTest, IdentitiesAreNamedInOrderOfAppearance) {
  EXPECT_EQ(WithPlainIdentities("{#Port<0.7>,<0.80.0>,#Port<0.5>,#Port<0.7>,#Ref<0.1.2.3>}"),
            "{P1,Pid1,P2,P1,Ref1}");
  EXPECT_NE(WithPlainIdentities("{#Port<0.7>,#Port<0.7>}"),
            WithPlainIdentities("{#Port<0.7>,#Port<0.8>}"));
  EXPECT_EQ(WithPlainIdentities("<<0,5>>"), "<<0,5>>");
}

}  // namespace
}  // namespace portlab
