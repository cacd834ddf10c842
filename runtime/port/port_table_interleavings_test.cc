// The table and its ring in chosen interleavings.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>

#include "port/interleaver.h"
#include "port/port_churn.h"
#include "port/port_table.h"

namespace portlab {
namespace {

using SteppedTable = PortTable<ChurnPort, InterleavedAtomics, ReserveCounter<InterleavedAtomics>>;
using Worker = ChurnWorker<SteppedTable>;

TEST(PortTableTest, ListSeesNoStateThatNeverWas) {
  // Thread 1 opens a port in a slot the list has passed, then closes one it has not reached: a
  // single pass finds neither.
  SteppedTable table(8);
  Ghost ghost(8);
  Worker mover(table, ghost);
  mover.Open();  // 0
  mover.Open();  // 1
  mover.Close(0);
  for (int i = 0; i < 6; ++i) mover.Open();    // 2 … 7
  for (int i = 0; i < 6; ++i) mover.Close(1);  // 1 stays; the next number is 8, in slot 0
  std::vector<PortId> listed;
  Script script({
      {0, 3},  // begin, the chunk, slot 0: empty
      {1, Script::kToEndOfCall},
      {1, Script::kToEndOfCall},
      {0, Script::kToEndOfCall},
  });
  EXPECT_TRUE(Interleaver::Run(
      {{[&] { listed = table.List(); }}, {[&] { mover.Open(); }, [&] { mover.Close(0); }}},
      std::ref(script)));
  EXPECT_EQ(listed, std::vector<PortId>{PortId{8}});
}

// Threads that close one of the ports each was given, and open: C and O. The table holds `limit`
// ports at first.
struct FullTable {
  FullTable(std::uint32_t limit, std::size_t threads)
      : table(limit), ghost(limit), workers(threads, Worker(table, ghost)) {
    for (std::uint32_t i = 0; i < limit; ++i) workers[i % threads].Open();
  }

  bool Holds() {
    std::set<PortId> unique;
    for (const Worker& worker : workers) {
      for (const PortId id : worker.seen()) {
        if (!unique.insert(id).second) return false;
      }
    }
    return QuietTrouble(table, ghost).empty();
  }

  SteppedTable table;
  Ghost ghost;
  std::vector<Worker> workers;
  int accesses_max = 0;  // of one call
};

Program MakeProgram(const std::shared_ptr<FullTable>& state,
                    const std::vector<std::string>& steps) {
  Program program;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Interleaver::Calls calls;
    for (const char step : steps[i]) {
      calls.push_back([state, i, step] {
        const int before = Interleaver::accesses();
        Worker& worker = state->workers[i];
        if (step == 'O') {
          worker.Open();
        } else if (worker.held() > 0) {
          worker.Close(0);
        }
        state->accesses_max = std::max(state->accesses_max, Interleaver::accesses() - before);
      });
    }
    program.threads.push_back(std::move(calls));
  }
  program.holds = [state] { return state->Holds(); };
  return program;
}

// In a full table an open can come to the place in the ring that a close is about to fill.
TEST(PortTableTest, OpensThatOvertakeAClosePassItsPlaceOver) {
  for (const std::vector<std::string>& steps :
       {std::vector<std::string>{"C", "CO"}, std::vector<std::string>{"C", "C", "OO"},
        std::vector<std::string>{"CO", "CO"}}) {
    const Exploration result =
        Explore([&] { return MakeProgram(std::make_shared<FullTable>(8, steps.size()), steps); }, 2,
                20'000);
    EXPECT_FALSE(result.violated) << steps[0] << "|" << steps[1];
    EXPECT_TRUE(result.complete);
  }
}

// One thread stops at every point of its call in turn, while another goes round the ring more than
// twice.
TEST(PortTableTest, ThreadThatStopsAnywhereCostsTheOthersOneTry) {
  std::string rounds;
  for (int i = 0; i < 36; ++i) rounds += "CO";
  int accesses_max = 0;
  std::shared_ptr<FullTable> last;
  for (const char* stopping : {"CO", "OC"}) {
    const Exploration result = Explore(
        [&] {
          if (last) accesses_max = std::max(accesses_max, last->accesses_max);
          last = std::make_shared<FullTable>(8, 2);
          return MakeProgram(last, {rounds, stopping});
        },
        1, 20'000);
    EXPECT_FALSE(result.violated) << stopping;
    EXPECT_TRUE(result.complete);
    EXPECT_GT(result.executions, 500);
  }
  // A close with its three look-ups takes 14, alone; one more try of Push takes 3.
  EXPECT_LE(accesses_max, 17);
}

// Thread 0 stops inside Pop, before it takes the number it found. Thread 1 goes round the ring
// until the turn that has the same entry. There thread 2 stops inside Push, and thread 1's next
// open passes the turn over. If thread 2 then filled the entry that thread 0 has emptied meanwhile,
// nobody would ever come for the number.
TEST(PortTableTest, NumberIsNotPutWhereItsPopHasPassed) {
  constexpr int kRounds = 15;  // entries of the ring of 8, less the one that thread 0 stops at
  FullTable full(8, 3);
  const auto close = [&](std::size_t i) { return [&full, i] { full.workers[i].Close(0); }; };
  const auto open = [&](std::size_t i) { return [&full, i] { full.workers[i].Open(); }; };
  std::vector<Script::Entry> entries = {
      {0, Script::kToEndOfCall},  // close
      {0, 5},                     // open: begin; load and count; take a turn, read the entry
  };
  Interleaver::Calls walker;
  for (int i = 0; i <= kRounds; ++i) {
    if (i == kRounds) entries.push_back({2, 7});  // close: begin; Find: 2; Release: 3, take a turn
    walker.insert(walker.end(), {close(1), open(1)});
    entries.insert(entries.end(), {{1, Script::kToEndOfCall}, {1, Script::kToEndOfCall}});
  }
  entries.insert(entries.end(), {{0, Script::kToEndOfCall}, {2, Script::kToEndOfCall}});
  std::string trouble = "not checked";
  walker.push_back([&] { trouble = QuietTrouble(full.table, full.ghost); });
  Script script(std::move(entries));
  EXPECT_TRUE(Interleaver::Run({{close(0), open(0)}, walker, {close(2)}}, std::ref(script)));
  EXPECT_EQ(trouble, "");
}

}  // namespace
}  // namespace portlab
