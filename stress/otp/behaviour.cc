#include "stress/otp/behaviour.h"

#include <gtest/gtest.h>

namespace portlab {
namespace {

// A driver that stays loaded would otherwise see the ports of one behaviour end in the next. Some
// never end, as their queue is never drained: `stay` counts those.
void AwaitEndOfPorts(Runtime& runtime, std::uint32_t& stay) {
  ThreadProcess waiter(runtime.processes());
  const Nanos deadline = MonotonicNow() + 200 * kMillisecond;
  while (runtime.port_count() > stay && MonotonicNow() < deadline) {
    waiter->ReceiveUntil(MonotonicNow() + kMillisecond, [](const Term&) { return false; });
  }
  stay = runtime.port_count();
}

}  // namespace

std::vector<Question> QuestionsOf(const std::vector<Behaviour>& behaviours) {
  std::vector<Question> questions;
  for (const Behaviour& behaviour : behaviours) {
    questions.push_back({behaviour.name, behaviour.erlang});
  }
  return questions;
}

void ExpectAsInErl(const std::vector<Behaviour>& behaviours,
                   const std::map<std::string, std::string>& answers) {
  RuntimeOptions options;
  options.limits.scheduler_threads = 2;
  options.strict = false;
  options.spawn_server = PORTLAB_SPAWN_SERVER_PATH;
  Runtime runtime(options);
  std::uint32_t stay = 0;
  for (const Behaviour& behaviour : behaviours) {
    AwaitEndOfPorts(runtime, stay);
    std::string ours;
    try {
      Actor actor(runtime, ours);
      behaviour.ours(actor);
    } catch (const ProcessExited&) {
      ours += "ended\n";
    }
    const auto theirs = answers.find(behaviour.name);
    ASSERT_NE(theirs, answers.end()) << "`erl` did not answer " << behaviour.name;
    EXPECT_NE(theirs->second, "") << behaviour.name << ": nothing was said, so nothing is compared";
    EXPECT_EQ(WithPlainIdentities(ours), WithPlainIdentities(theirs->second))
        << "behaviour " << behaviour.name << " (first portlab, then OTP): " << behaviour.erlang;
  }
}

void ExpectAsInErl(const std::vector<Behaviour>& behaviours, const ErlangVariables& variables) {
  const auto answers = AskErl(QuestionsOf(behaviours), variables);
  ASSERT_TRUE(answers.has_value()) << answers.error().detail;
  ExpectAsInErl(behaviours, *answers);
}

}  // namespace portlab
