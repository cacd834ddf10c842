// The coverage table of the driver API and of erl_ddll: everything that is promised, and the
// behaviour that shows it, each of which is compared with real OTP (api_probes_test.cc, and through
// the bridge) and has been seen to notice a mutant (mutation_test.cc). What has none fails.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

#include "stress/otp/mutants.h"

namespace portlab {
namespace {

using Table = std::map<std::string, std::string>;  // promise to behaviour

void Add(Table& table, const std::vector<Covered>& all) {
  for (const Covered& each : all) table[each.promise] = each.behaviour.name;
}

// Prints a row for each; says which are missing.
void ExpectAll(const char* kind, const std::vector<std::string>& promised, const Table& table) {
  std::size_t covered = 0;
  for (const std::string& promise : promised) {
    const auto row = table.find(promise);
    EXPECT_NE(row, table.end()) << kind << " " << promise << " has no probe";
    if (row == table.end()) continue;
    ++covered;
    std::printf("| %s | %s | %s |\n", kind, promise.c_str(), row->second.c_str());
  }
  EXPECT_FALSE(promised.empty()) << kind;
  std::printf("%s: %zu of %zu have a probe\n", kind, covered, promised.size());
}

// Those whose probe the driver has.
Table FunctionTable() {
  Table table;
  RuntimeOptions options;
  options.strict = false;
  Runtime runtime(options);
  for (const std::string& function : PromisedFunctions()) {
    std::string said;
    Actor actor(runtime, said);
    FunctionBehaviour(function).ours(actor);
    if (said.find("no_probe") == std::string::npos) table[function] = "probe " + function;
  }
  return table;
}

TEST(CoverageTest, EveryFunctionHasAProbe) {
  ExpectAll("function", PromisedFunctions(), FunctionTable());
}

TEST(CoverageTest, EveryCallbackAndFlagHasAProbe) {
  Table table;
  Add(table, CallbackBehaviours());
  table["emergency_close"] = "EmergencyCloseTest.IsCalledAsInErl";
  const std::vector<std::string> callbacks = PromisedCallbacks();
  EXPECT_EQ(callbacks.size(), 17u);
  ExpectAll("callback", callbacks, table);
  Add(table, FlagBehaviours());
  ExpectAll("flag", PromisedConstants("ERL_DRV_FLAG_"), table);
}

TEST(CoverageTest, EveryConstantHasAProbe) {
  Table table;
  for (const Mutant& mutant : ConstantMutants()) table[mutant.promise] = mutant.behaviour.name;
  ExpectAll("constant", PromisedWords(), table);
}

TEST(CoverageTest, EveryFunctionAndOptionOfErlDdllHasAProbe) {
  Table table;
  Add(table, DdllBehaviours());
  std::ifstream in(PORTLAB_DIFFER_DDLL);
  const std::string scenarios{std::istreambuf_iterator<char>(in), {}};
  for (const std::string& function : PromisedDdllFunctions()) {
    // With another process's Erlang text around ours.
    const std::string call = "erl_ddll:" + function.substr(0, function.find('/')) + "(";
    if (!table.contains(function) && scenarios.find(call) != std::string::npos)
      table[function] = "differ_scenarios_ddll";
  }
  ExpectAll("erl_ddll", PromisedDdllFunctions(), table);
  Add(table, DdllOptionBehaviours());
  ExpectAll("erl_ddll option", PromisedDdllOptions(), table);
}

}  // namespace
}  // namespace portlab
