// The driver API beside real OTP: every function it promises (driver_api/exported_symbols.txt),
// every callback, every flag and every rule of loading has a probe that runs there and here, and
// must see the same. The probes are runtime/testing/api_probes; what they cover is
// coverage_test.cc's.
#include <gtest/gtest.h>

#include <algorithm>

#include "stress/otp/coverage.h"
#include "stress/otp/golden_steps.h"

namespace portlab {
namespace {

constexpr unsigned kRun = 1;

// Where OTP 25 is at fault, what the manual promises instead.
struct Promised {
  const char* function;
  const char* seen;
};
// It moves the wrong end of its queue: what was queued is lost, or the VM crashes (measured).
constexpr Promised kOtpIsAtFault[] = {
    {"driver_pushqv", "0 [bc|3456|xy|] 8 refc 2 0 -1 [bc|3456|xy|] 8"}};

const Promised* FaultOf(const std::string& function) {
  for (const Promised& each : kOtpIsAtFault) {
    if (function == each.function) return &each;
  }
  return nullptr;
}

// Keeps the driver loaded from one probe to the next: an unload and a load of real OTP take long.
Behaviour Keeper() {
  return {"keeper",
          "S=self(),spawn(fun()->load(Drivers,\"api_probe_drv\"),S!kept,receive stop->ok end end),"
          "take(1)",
          [](Actor& actor) { actor.Say(Term::Atom("kept")); }};
}

// All of them take one `erl` longer than a test may: each of the tests asks about its part.
constexpr std::size_t kParts = 4;

class ApiProbesInErlTest : public testing::TestWithParam<std::size_t> {};

TEST_P(ApiProbesInErlTest, SeeInPortlabWhatTheySeeInErl) {
  const std::vector<std::string> functions = PromisedFunctions();
  std::vector<Behaviour> probes = {Keeper()};
  for (std::size_t i = GetParam() * functions.size() / kParts;
       i < (GetParam() + 1) * functions.size() / kParts; ++i) {
    if (FaultOf(functions[i]) == nullptr) probes.push_back(FunctionBehaviour(functions[i]));
  }
  ExpectAsInErl(probes, ErlangVariables{{"Drivers", PORTLAB_DRIVERS}});
  if (HasFailure()) return;
  std::printf("driver API: %zu of 111 functions agree with OTP 25 in this part\n",
              probes.size() - 1);
}

INSTANTIATE_TEST_SUITE_P(Parts, ApiProbesInErlTest, testing::Range(std::size_t{0}, kParts));

TEST(ApiProbesTest, WhereOtpIsAtFaultTheManualHolds) {
  Runtime runtime;
  std::string transcript;
  Actor actor(runtime, transcript);
  actor.Load(PORTLAB_DRIVERS, "api_probe_drv");
  for (const Promised& each : kOtpIsAtFault) {
    const PortId port = actor.Open("{spawn_driver,\"api_probe_drv\"}", "[]");
    const auto seen = actor.Control(port, kRun, each.function);
    ASSERT_TRUE(seen.has_value()) << each.function;
    EXPECT_EQ(FlattenIodata(*seen).value_or(""), each.seen) << each.function;
  }
}

std::vector<Behaviour> BehavioursOf(const std::vector<Covered>& all) {
  std::vector<Behaviour> behaviours;
  for (const Covered& each : all) behaviours.push_back(each.behaviour);
  return behaviours;
}

TEST(CallbackProbesTest, CallbacksSeeInPortlabWhatTheySeeInErl) {
  ExpectAsInErl(BehavioursOf(CallbackBehaviours()), ErlangVariables{{"Drivers", PORTLAB_DRIVERS}});
}

TEST(CallbackProbesTest, FlagsDoInPortlabWhatTheyDoInErl) {
  ExpectAsInErl(BehavioursOf(FlagBehaviours()), ErlangVariables{{"Drivers", PORTLAB_DRIVERS}});
}

TEST(CallbackProbesTest, ConstantsMeanInPortlabWhatTheyMeanInErl) {
  ExpectAsInErl(BehavioursOf(ConstantBehaviours()), ErlangVariables{{"Drivers", PORTLAB_DRIVERS}});
}

// All that OTP's module exports, but for what the manual does not have.
TEST(DdllProbesTest, TheListOfFunctionsIsErls) {
  const auto answers =
      AskErl({{"exports",
               "say(lists:sort([lists:concat([F,\"/\",A])||{F,A}<-erl_ddll:module_info(exports),"
               "F=/=module_info,F=/=start,F=/=stop]))"}},
             {});
  ASSERT_TRUE(answers) << answers.error().detail;
  std::vector<std::string> functions = PromisedDdllFunctions();
  functions.emplace_back("format_error_int/1");
  std::sort(functions.begin(), functions.end());
  std::vector<Term> names;
  for (const std::string& function : functions) names.push_back(Term::String(function));
  EXPECT_EQ(answers->at("exports"), Term::List(names).ToString() + "\n");
}

TEST(DdllProbesTest, FunctionsAndOptionsDoInPortlabWhatTheyDoInErl) {
  std::vector<Behaviour> behaviours = BehavioursOf(DdllBehaviours());
  for (const Behaviour& each : BehavioursOf(DdllOptionBehaviours())) behaviours.push_back(each);
  ExpectAsInErl(behaviours, ErlangVariables{{"Drivers", PORTLAB_DRIVERS}});
}

constexpr const char* kLoadRules[] = {
    "plain",       "undefined",   "beam",        "no_driver_init",    "underscore",
    "null_entry",  "no_marker",   "version_1_0", "init_before_check", "version_2_99",
    "version_3_0", "version_3_4", "version_4_0", "other_name",        "init_fails"};

// Loads it, says what came of it and why, and asks a port of it.
Behaviour RuleOf(const std::string& rule) {
  const std::string driver = "rule_" + rule + "_drv";
  const std::string erlang =
      "R=erl_ddll:try_load(Drivers++\"/load_rules\"," + driver +
      ",[]),case R of {error,{open_error,_}=E}->say({open_error,re:replace(erl_ddll:format_error(E)"
      ",\"symbol: .*\",\"symbol\",[{return,list}])});{error,E}->say({E,erl_ddll:format_error(E)});"
      "_->say(R),P=open({spawn_driver,\"" +
      driver + "\"},[]),answer(fun()->port_control(P,0,\"\") end) end";
  return {"load rule " + rule, erlang, [driver](Actor& actor) {
            const auto answer = actor.runtime().ddll().TryLoad(
                actor.self(), Term::String(std::string(PORTLAB_DRIVERS) + "/load_rules"),
                Term::Atom(driver), Term::Nil());
            if (answer && answer->is_tagged("error", 2)) {
              const Term& reason = answer->tuple()[1];
              std::string text = FlattenIodata(*Ddll::FormatError(reason)).value_or("");
              if (!reason.is(TermKind::kAtom)) text = text.substr(0, text.find(": "));
              actor.Say(Term::Tuple({reason.is(TermKind::kAtom) ? reason : Term::Atom("open_error"),
                                     Term::String(text)}));
              return;
            }
            actor.Answer(answer);
            const PortId port = actor.Open("{spawn_driver,\"" + driver + "\"}", "[]");
            actor.Answer(actor.Control(port, 0, ""));
          }};
}

TEST(LoadRulesTest, DriversAreTakenAndRefusedAsInErl) {
  std::vector<Behaviour> rules;
  for (const char* rule : kLoadRules) rules.push_back(RuleOf(rule));
  ExpectAsInErl(rules, ErlangVariables{{"Drivers", PORTLAB_DRIVERS}});
}

// OTP has no such text: what is wrong, and with what.
TEST(LoadRulesTest, AllSymbolsThatAreNotDriverApiAreNamed) {
  Runtime runtime;
  const auto loaded =
      runtime.ddll().LoadDriver(PORTLAB_DRIVERS "/load_rules", "rule_undefined_drv");
  ASSERT_FALSE(loaded.has_value());
  EXPECT_NE(loaded.error().detail.find("(not driver API: no_such_function;"), std::string::npos)
      << loaded.error().detail;
}

}  // namespace
}  // namespace portlab
