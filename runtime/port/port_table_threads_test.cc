// What the port table promises to several threads at once, on real threads. Weak evidence by itself
// (concurrency.md 3.3); limit_counter_test runs chosen interleavings, and TSan reads along here.
#include <gtest/gtest.h>

#include <barrier>
#include <thread>
#include <tuple>

#include "base/mutex.h"
#include "port/port_churn.h"
#include "port/port_table.h"

namespace portlab {
namespace {

using Table = PortTable<ChurnPort>;

constexpr int kThreads = 4;

template <class Body>
void InThreads(int threads, Body body) {
  std::vector<std::thread> started;
  for (int i = 0; i < threads; ++i) started.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : started) thread.join();
}

class PortTableThreadsTest
    : public testing::TestWithParam<std::tuple<std::uint32_t, LimitCounterKind>> {};

TEST_P(PortTableThreadsTest, ChurnAroundTheLimitKeepsThePromises) {
  const auto [limit, kind] = GetParam();
  Table table(limit, kind);
  Ghost ghost(limit);
  std::set<PortId> unique;
  for (int round = 0; round < 10; ++round) {
    std::vector<ChurnWorker<Table>> workers(kThreads, {table, ghost});
    InThreads(kThreads, [&](int i) {
      Random random(static_cast<std::uint64_t>(round * kThreads + i));
      for (int step = 0; step < 2'000; ++step) {
        workers[static_cast<std::size_t>(i)].RandomStep(random);
      }
    });
    ASSERT_EQ(QuietTrouble(table, ghost), "");
    for (ChurnWorker<Table>& worker : workers) {
      for (const PortId id : worker.seen()) ASSERT_TRUE(unique.insert(id).second) << id.number;
      worker.CloseAll();
    }
    ASSERT_EQ(ghost.live(), 0u);
    ASSERT_EQ(QuietTrouble(table, ghost), "");
  }
  EXPECT_GT(ghost.refused(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Limits, PortTableThreadsTest,
                         testing::Combine(testing::Values(1u, 2u, 8u, 24u, 64u),
                                          testing::Values(LimitCounterKind::kReserve,
                                                          LimitCounterKind::kOtp)));

TEST(PortTableThreadsTest, OneOfManyReleasesOfAnIdWins) {
  Table table(8);
  for (int round = 0; round < 500; ++round) {
    const PortId id = *table.Acquire([](ChurnPort&, PortId) {});
    std::atomic<int> winners{0};
    InThreads(kThreads, [&](int) { winners += table.Release(id) ? 1 : 0; });
    ASSERT_EQ(winners, 1);
    ASSERT_EQ(table.count(), 0u);
  }
}

TEST(PortTableThreadsTest, EnoughRoomForAllIsNeverRefusedByTheReserveCounter) {
  Table table(kThreads);
  Ghost ghost(kThreads);
  InThreads(kThreads, [&](int) {
    ChurnWorker<Table> worker(table, ghost);
    for (int i = 0; i < 10'000; ++i) {
      if (worker.Open()) worker.Close(0);
    }
  });
  EXPECT_EQ(ghost.refused(), 0u);
  EXPECT_EQ(QuietTrouble(table, ghost), "");
}

// A port as the real ones are: its own lock, under which its identity is checked again.
struct LockedPort {
  Mutex mutex;
  std::uint64_t id GUARDED_BY(mutex) = PortId::kNone;
  std::uint64_t value GUARDED_BY(mutex) = 0;
};

TEST(PortTableThreadsTest, StaleLookUpsNeverTouchAnotherPort) {
  PortTable<LockedPort> table(2);
  std::atomic<std::uint64_t> shared_id{PortId::kNone};
  std::atomic<std::uint64_t> wrong{0};
  std::atomic<bool> done{false};
  InThreads(3, [&](int i) {
    if (i == 0) {
      for (int round = 0; round < 20'000; ++round) {
        const Result<PortId> id = table.Acquire([](LockedPort& port, PortId new_id) {
          const MutexLock lock(port.mutex);
          port.id = new_id.number;
          port.value = new_id.number * 3;
        });
        shared_id = id->number;
        LockedPort* port = table.Find(*id);
        {
          const MutexLock lock(port->mutex);
          port->id = PortId::kNone;
        }
        if (!table.Release(*id)) ++wrong;
      }
      done = true;
    }
    while (!done) {
      const PortId id{shared_id};
      LockedPort* port = table.Find(id);
      if (port == nullptr) continue;
      const MutexLock lock(port->mutex);
      if (port->id == id.number && port->value != id.number * 3) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(table.count(), 0u);
}

TEST(PortTableThreadsTest, ListHoldsEveryPortThatLivedThroughoutTheCall) {
  Table table(64);
  std::vector<PortId> lasting;
  for (int i = 0; i < 16; ++i) lasting.push_back(*table.Acquire([](ChurnPort&, PortId) {}));
  Ghost ghost(48);
  std::atomic<bool> done{false};
  int missing = 0;
  InThreads(3, [&](int i) {
    if (i == 0) {
      for (int round = 0; round < 300; ++round) {
        const std::vector<PortId> listed = table.List();
        const std::set<PortId> ids(listed.begin(), listed.end());
        if (ids.size() != listed.size()) ++missing;
        for (const PortId id : lasting) missing += ids.count(id) == 0 ? 1 : 0;
      }
      done = true;
    }
    ChurnWorker<Table> worker(table, ghost);
    Random random(static_cast<std::uint64_t>(i));
    while (!done) worker.RandomStep(random);
    worker.CloseAll();
  });
  EXPECT_EQ(missing, 0);
  EXPECT_EQ(table.List().size(), lasting.size());
}

TEST(PortTableThreadsTest, ThreadsThatGrowTheTableAtOnceShareItsChunks) {
  for (int round = 0; round < 20; ++round) {
    Table table(1024);
    std::barrier start(kThreads);
    std::vector<std::vector<PortId>> ids(kThreads);
    InThreads(kThreads, [&](int i) {
      start.arrive_and_wait();
      for (int n = 0; n < 256; ++n) {
        const Result<PortId> id =
            table.Acquire([](ChurnPort& port, PortId new_id) { port.id = new_id.number; });
        ids[static_cast<std::size_t>(i)].push_back(*id);
      }
    });
    ASSERT_EQ(table.count(), 1024u);
    for (const std::vector<PortId>& mine : ids) {
      for (const PortId id : mine) ASSERT_EQ(table.Find(id)->id, id.number);
    }
  }
}

}  // namespace
}  // namespace portlab
