// Of everything the driver API promises there is a behaviour that notices when it is broken: each
// mutant (mutants.cc) is run and must say something else than the healthy host, or end otherwise.
// Prints who noticed what.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "stress/otp/mutants.h"

namespace portlab {
namespace {

struct Equivalent {
  const char* promise;
  const char* what;
};
// What is broken in these is nothing.
constexpr Equivalent kEquivalents[] = {
    {"null_func", "does nothing, answers 0"},  // which is all it does
};

bool IsEquivalent(const Mutant& mutant) {
  for (const Equivalent& each : kEquivalents) {
    if (mutant.promise == each.promise && mutant.what == each.what) return true;
  }
  return false;
}

class Healthy {
 public:
  // Twice, so that a difference is the mutant's.
  const MutantRun& Run(const Behaviour& behaviour) {
    const auto known = runs_.find(behaviour.name);
    if (known != runs_.end()) return known->second;
    const MutantRun first = RunMutant(behaviour, [] { return true; });
    const MutantRun second = RunMutant(behaviour, [] { return true; });
    EXPECT_EQ(Difference(first, second), "") << behaviour.name << " differs by itself";
    EXPECT_EQ(first.end, "") << behaviour.name;
    EXPECT_NE(first.said, "") << behaviour.name;
    return runs_.emplace(behaviour.name, first).first->second;
  }

 private:
  std::map<std::string, MutantRun> runs_;
};

// The promises whose mutants were noticed.
std::set<std::string> ExpectNoticed(const std::vector<Mutant>& mutants) {
  Healthy healthy;
  std::set<std::string> noticed;
  for (const Mutant& mutant : mutants) {
    const MutantRun& right = healthy.Run(mutant.behaviour);
    const MutantRun wrong = RunMutant(mutant.behaviour, mutant.mutate);
    const std::string difference = Difference(right, wrong);
    EXPECT_NE(wrong.end, kNothingToChange) << mutant.promise;
    EXPECT_EQ(difference.empty(), IsEquivalent(mutant))
        << mutant.promise << " " << mutant.what << ", and " << mutant.behaviour.name
        << (difference.empty() ? " does not notice" : " notices: " + difference);
    if (!difference.empty()) noticed.insert(mutant.promise);
    std::printf("| %s | %s | %s | %s |\n", mutant.promise.c_str(), mutant.what.c_str(),
                mutant.behaviour.name.c_str(),
                difference.empty() ? "equivalent" : difference.c_str());
  }
  return noticed;
}

TEST(MutationTest, EveryFunctionIsMissed) {
  const std::set<std::string> noticed = ExpectNoticed(FunctionMutants());
  for (const std::string& function : PromisedFunctions())
    EXPECT_TRUE(noticed.contains(function)) << function << " may be broken, and nobody notices";
}

TEST(MutationTest, EveryCallbackAndFlagIsMissed) {
  const std::set<std::string> noticed = ExpectNoticed(EntryMutants());
  for (const std::string& callback : PromisedCallbacks()) {
    // Its own tests, EmergencyCloseTest and ContractDeathTest, take the end of a host.
    if (callback == "emergency_close") continue;
    EXPECT_TRUE(noticed.contains(callback)) << callback << " may be missing, and nobody notices";
  }
  for (const std::string& flag : PromisedConstants("ERL_DRV_FLAG_"))
    EXPECT_TRUE(noticed.contains(flag)) << flag << " may be missing, and nobody notices";
}

TEST(MutationTest, EveryFunctionAndOptionOfErlDdllIsMissed) {
  const std::set<std::string> noticed = ExpectNoticed(DdllMutants());
  for (const auto& all : {DdllBehaviours(), DdllOptionBehaviours()}) {
    for (const Covered& each : all)
      EXPECT_TRUE(noticed.contains(each.promise)) << each.promise << " has no mutant";
  }
}

TEST(MutationTest, EveryConstantIsMissed) {
  const std::set<std::string> noticed = ExpectNoticed(ConstantMutants());
  for (const std::string& constant : PromisedWords())
    EXPECT_TRUE(noticed.contains(constant)) << constant << " may be another, and nobody notices";
}

}  // namespace
}  // namespace portlab
