// The limit counters in chosen interleavings: the two real ones hold in all that are run, each
// broken one is caught.
#include "port/limit_counter.h"

#include <gtest/gtest.h>

#include <string>

#include "port/broken_counters.h"
#include "port/interleaver.h"
#include "port/port_churn.h"
#include "port/port_table.h"

namespace portlab {
namespace {

template <class Counter>
using SteppedTable = PortTable<ChurnPort, InterleavedAtomics, Counter>;
using Reserve = ReserveCounter<InterleavedAtomics>;
using Otp = OtpCounter<InterleavedAtomics>;

// The steps of one program, e.g. {"OC", "OC"}: two threads that each open and then close what they
// opened, if anything.
template <class Counter>
Program MakeProgram(std::uint32_t limit, const std::vector<std::string>& steps) {
  struct State {
    explicit State(std::uint32_t limit, std::size_t threads)
        : table(limit), ghost(limit), workers(threads, {table, ghost}) {}
    SteppedTable<Counter> table;
    Ghost ghost;
    std::vector<ChurnWorker<SteppedTable<Counter>>> workers;
  };
  auto state = std::make_shared<State>(limit, steps.size());
  Program program;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Interleaver::Calls calls;
    for (const char step : steps[i]) {
      calls.push_back([state, i, step] {
        auto& worker = state->workers[i];
        if (step == 'O') {
          worker.Open();
        } else if (worker.held() > 0) {
          worker.Close(0);
        }
      });
    }
    program.threads.push_back(std::move(calls));
  }
  program.holds = [state] { return QuietTrouble(state->table, state->ghost).empty(); };
  return program;
}

template <class Counter>
Exploration ExploreTable(std::uint32_t limit, const std::vector<std::string>& steps,
                         int preemptions) {
  return Explore([&] { return MakeProgram<Counter>(limit, steps); }, preemptions, 20'000);
}

template <class Counter>
class RealCounterTest : public testing::Test {};
using RealCounters = testing::Types<Reserve, Otp>;
TYPED_TEST_SUITE(RealCounterTest, RealCounters);

TYPED_TEST(RealCounterTest, EveryInterleavingWithTwoPreemptionsHolds) {
  const std::pair<std::uint32_t, std::vector<std::string>> programs[] = {
      {1, {"OC", "OC"}}, {2, {"OC", "OC"}}, {1, {"OO", "OC"}}, {1, {"O", "O", "OC"}}};
  for (const auto& [limit, steps] : programs) {
    const Exploration result = ExploreTable<TypeParam>(limit, steps, 2);
    EXPECT_FALSE(result.violated) << steps[0] << "|" << steps[1] << " limit " << limit;
    EXPECT_TRUE(result.complete);
    EXPECT_GT(result.executions, 100);
  }
}

// The bare counter: few enough accesses for all interleavings, whatever the preemptions.
template <class Counter>
Program MakeBareProgram(std::uint32_t limit, const std::vector<std::string>& steps) {
  struct State {
    State(std::uint32_t limit, std::size_t threads) : counter(limit), ghost(limit), held(threads) {}
    Counter counter;
    Ghost ghost;
    std::vector<std::uint32_t> held;
  };
  auto state = std::make_shared<State>(limit, steps.size());
  Program program;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Interleaver::Calls calls;
    for (const char step : steps[i]) {
      calls.push_back([state, i, step] {
        if (step == 'O') {
          if (!state->counter.Reserve()) return;
          ++state->held[i];
          state->ghost.Opened();
        } else if (state->held[i] > 0) {
          --state->held[i];
          state->ghost.Closing();
          state->counter.GiveBack();
        }
      });
    }
    program.threads.push_back(std::move(calls));
  }
  program.holds = [state] {
    return !state->ghost.over_limit() && state->counter.count() == state->ghost.live();
  };
  return program;
}

TYPED_TEST(RealCounterTest, EveryInterleavingOfTheBareCounterHolds) {
  const std::vector<std::string> programs[] = {{"OC", "OC"}, {"OO", "OC"}, {"OCO", "O"}};
  for (const std::vector<std::string>& steps : programs) {
    const Exploration result =
        Explore([&] { return MakeBareProgram<TypeParam>(1, steps); }, 1000, 50'000);
    EXPECT_FALSE(result.violated) << steps[0] << "|" << steps[1];
    EXPECT_TRUE(result.complete);
  }
}

template <class Counter>
class BrokenCounterTest : public testing::Test {};
using BrokenCounters = testing::Types<
    CheckThenIncrementCounter<InterleavedAtomics>, NonAtomicIncrementCounter<InterleavedAtomics>,
    RollbackByStoreCounter<InterleavedAtomics>, RollbackTriedOnceCounter<InterleavedAtomics>,
    LostDecrementCounter<InterleavedAtomics>, DoubleDecrementCounter<InterleavedAtomics>,
    LateAcceptanceOffByOneCounter<InterleavedAtomics>>;
TYPED_TEST_SUITE(BrokenCounterTest, BrokenCounters);

TYPED_TEST(BrokenCounterTest, IsCaughtInTheTable) {
  int executions = 0;
  bool caught = false;
  for (const std::vector<std::string>& steps :
       {std::vector<std::string>{"OC", "OC"}, std::vector<std::string>{"OO", "OC"}}) {
    const Exploration result = ExploreTable<TypeParam>(1, steps, 2);
    executions += result.executions;
    caught = caught || result.violated;
    if (caught) break;
  }
  EXPECT_TRUE(caught) << "survived " << executions << " executions";
  // A jump of this number means that a scheduling point was lost.
  testing::Test::RecordProperty("executions_to_catch", executions);
  EXPECT_LE(executions, 3'000);
}

// Mistakes that need no second thread: the same steps, one thread, no scheduler.
template <class Counter>
std::string TroubleInOneThread() {
  PortTable<ChurnPort, HostAtomics, Counter> table(2);
  Ghost ghost(2);
  ChurnWorker worker(table, ghost);
  for (int i = 0; i < 3; ++i) worker.Open();
  return QuietTrouble(table, ghost);
}

TEST(BrokenCounterTest, OneThreadCatchesWhatNeedsNoSecond) {
  EXPECT_EQ(TroubleInOneThread<ReserveCounter<>>(), "");
  EXPECT_EQ(TroubleInOneThread<OtpCounter<>>(), "");
  EXPECT_NE(TroubleInOneThread<DoubleDecrementCounter<>>(), "");
  PortTable<ChurnPort, HostAtomics, LostDecrementCounter<>> table(2);
  Ghost ghost(2);
  ChurnWorker worker(table, ghost);
  for (int i = 0; i < 3; ++i) worker.Open();
  worker.CloseAll();
  EXPECT_EQ(QuietTrouble(table, ghost), "count 1 with 0 ports");
}

// concurrency.md 1, "The OTP violation". Limit 1; thread 0 opens, closes, opens, opens; thread 1
// opens once. Returns what the opens got: + or -, thread 0's first, then thread 1's.
template <class Counter>
std::string RunSpuriousLimitScript() {
  SteppedTable<Counter> table(1);
  Ghost ghost(1);
  using Worker = ChurnWorker<SteppedTable<Counter>>;
  std::vector<Worker> workers(2, Worker(table, ghost));
  std::string results[2];
  const auto open = [&](std::size_t i) {
    return [&, i] { results[i] += workers[i].Open() ? '+' : '-'; };
  };
  const Interleaver::Calls thread0 = {open(0), [&] { workers[0].Close(0); }, open(0), open(0)};
  Script script({
      {0, Script::kToEndOfCall},  // open
      {1, 2},                     // open: the call begins, and its first access of the counter
      {0, Script::kToEndOfCall},  // close: the table is empty from here on
      {0, Script::kToEndOfCall},  // open
      {0, 2},                     // open: begins, first access
      {1, Script::kToEndOfCall},  // thread 1's open ends
      {0, Script::kToEndOfCall},
  });
  EXPECT_TRUE(Interleaver::Run({thread0, {open(1)}}, std::ref(script)));
  EXPECT_EQ(QuietTrouble(table, ghost), "");
  return results[0] + "|" + results[1];
}

TEST(LimitCounterTest, OtpCounterRefusesAnOpenOfAnEmptyTable) {
  // Thread 0's second open is refused though nothing is open: it meets the increment of thread 1's,
  // refused as well.
  EXPECT_EQ(RunSpuriousLimitScript<Otp>(), "+-+|-");
}

TEST(LimitCounterTest, ReserveCounterRefusesOnlyTheOpenThatMetAFullTable) {
  // Thread 1 saw the first port; thread 0's second open finds room and takes it, so its third is
  // rightly refused.
  EXPECT_EQ(RunSpuriousLimitScript<Reserve>(), "++-|-");
}

}  // namespace
}  // namespace portlab
