// The coverage of the driver API: every function it promises (driver_api/exported_symbols.txt), and
// every rule of loading, has a probe that runs in real OTP and here, and must see the same. The
// probes are runtime/testing/api_probes; a function without one fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "stress/otp/behaviour.h"
#include "stress/otp/golden_steps.h"

namespace portlab {
namespace {

constexpr unsigned kRun = 1;
constexpr unsigned kMessages = 2;
constexpr const char* kItems[] = {"input", "output", "queue_size", "os_pid"};

std::vector<std::string> PromisedFunctions() {
  std::ifstream in(PORTLAB_EXPORTED_SYMBOLS);
  std::vector<std::string> names;
  for (std::string line; std::getline(in, line);) names.push_back(line);
  // It makes its driver permanent.
  std::stable_partition(names.begin(), names.end(),
                        [](const std::string& name) { return name != "driver_lock_driver"; });
  return names;
}

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

std::string DriverOf(const std::string& function) {
  return function == "erl_drv_init_ack" ? "api_probe_ack_drv" : "api_probe_drv";
}

Behaviour ProbeOf(const std::string& function) {
  const std::string driver = DriverOf(function);
  const std::string erlang =
      "load(Drivers,\"" + driver + "\"),P=open({spawn_driver,\"" + driver +
      "\"},[]),[K]=port_control(P,2,\"" + function + "\"),answer(fun()->port_control(P,1,\"" +
      function +
      "\") end),take(K),quiet(5),[say(erlang:port_info(P,I))||I<-[input,output,queue_size,os_pid]]";
  return {function, erlang, [function, driver](Actor& actor) {
            actor.Load(PORTLAB_DRIVERS, driver);
            const PortId port = actor.Open("{spawn_driver,\"" + driver + "\"}", "[]");
            const auto messages = actor.Control(port, kMessages, function);
            ASSERT_TRUE(messages.has_value()) << function << " has no probe";
            actor.Answer(actor.Control(port, kRun, function));
            actor.Take(static_cast<int>(*messages->head().as_int()));
            actor.Quiet(5);
            for (const char* item : kItems) actor.Say(InfoItem(actor, port, item));
          }};
}

// Keeps the driver loaded from one probe to the next: an unload and a load of real OTP take long.
Behaviour Keeper() {
  return {"keeper",
          "S=self(),spawn(fun()->load(Drivers,\"api_probe_drv\"),S!kept,receive stop->ok end end),"
          "take(1)",
          [](Actor& actor) { actor.Say(Term::Atom("kept")); }};
}

// Here alone: every function has a probe, and each of them runs.
TEST(ApiProbesTest, EveryFunctionHasAProbe) {
  RuntimeOptions options;
  options.strict = false;
  Runtime runtime(options);
  std::string transcript;
  Actor actor(runtime, transcript);
  std::size_t probes = 0;
  for (const std::string& function : PromisedFunctions()) {
    const std::string driver = DriverOf(function);
    actor.Load(PORTLAB_DRIVERS, driver);
    const PortId port = actor.Open("{spawn_driver,\"" + driver + "\"}", "[]");
    EXPECT_TRUE(actor.Control(port, kMessages, function).has_value()) << function;
    EXPECT_TRUE(actor.Control(port, kRun, function).has_value()) << function;
    ++probes;
  }
  // driver_term_nil is in the list, and no function.
  std::printf("driver API: %zu of 111 functions have a probe\n", HasFailure() ? 0 : probes - 1);
}

// All of them take one `erl` longer than a test may: each of the tests asks about its part.
constexpr std::size_t kParts = 4;

class ApiProbesInErlTest : public testing::TestWithParam<std::size_t> {};

TEST_P(ApiProbesInErlTest, SeeInPortlabWhatTheySeeInErl) {
  const std::vector<std::string> functions = PromisedFunctions();
  std::vector<Behaviour> probes = {Keeper()};
  for (std::size_t i = GetParam() * functions.size() / kParts;
       i < (GetParam() + 1) * functions.size() / kParts; ++i) {
    if (FaultOf(functions[i]) == nullptr) probes.push_back(ProbeOf(functions[i]));
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
