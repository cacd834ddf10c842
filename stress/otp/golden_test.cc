// One `erl` for each test.
#include "stress/otp/golden.h"

#include <gtest/gtest.h>

namespace portlab {
namespace {

const ErlangVariables kVariables = {{"Drivers", PORTLAB_DRIVERS}};

TEST(GoldenTest, RefusalsAreAsInErl) { ExpectAsInErl(RefusalBehaviours(), kVariables); }

TEST(GoldenTest, ProgramsAreAsInErl) { ExpectAsInErl(ProgramBehaviours(), kVariables); }

TEST(GoldenTest, PipesAreAsInErl) { ExpectAsInErl(PipeBehaviours(), kVariables); }

TEST(GoldenTest, SignalsAreAsInErl) { ExpectAsInErl(SignalBehaviours(), kVariables); }

TEST(GoldenTest, OwnersAreAsInErl) { ExpectAsInErl(OwnerBehaviours(), kVariables); }

TEST(GoldenTest, DriversAreAsInErl) { ExpectAsInErl(DriverBehaviours(), kVariables); }

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
