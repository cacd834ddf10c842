#include "async/async_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "base/black_box.h"
#include "base/callback_kind.h"

namespace portlab {
namespace {

constexpr PortId kPort{5};
constexpr PortId kDeadPort{6};

// Owns what is posted; refuses the dead port.
class Receiver : public PortEventSink {
 public:
  bool Post(PortId port, const PortEvent& event) override {
    if (port == kDeadPort) return false;
    const MutexLock lock(mutex_);
    EXPECT_EQ(event.kind, PortEventKind::kAsyncDone);
    done_.emplace_back(static_cast<AsyncJob*>(event.payload));
    changed_.NotifyAll();
    return true;
  }

  void AwaitJobs(std::size_t count) {
    const MutexLock lock(mutex_);
    while (done_.size() < count) changed_.Wait(mutex_);
  }

  std::vector<long> Ids() {
    const MutexLock lock(mutex_);
    std::vector<long> ids;
    for (const auto& job : done_) ids.push_back(static_cast<long>(job->id));
    return ids;
  }

 private:
  Mutex mutex_;
  Condition changed_;
  std::vector<std::unique_ptr<AsyncJob>> done_ GUARDED_BY(mutex_);
};

// What a job did: counts its runs and notes the thread.
struct Work {
  std::atomic<int> invoked{0};
  std::atomic<int> freed{0};
  std::thread::id thread;
};

void RunWork(void* data) {
  auto* work = static_cast<Work*>(data);
  work->thread = std::this_thread::get_id();
  ++work->invoked;
}

void FreeWork(void* data) { ++static_cast<Work*>(data)->freed; }

AsyncJob JobFor(Work& work, PortId port = kPort) {
  AsyncJob job;
  job.port = port;
  job.invoke = RunWork;
  job.data = &work;
  job.free = FreeWork;
  return job;
}

// The pool must work with real threads and with the baton.
class AsyncPoolTest : public testing::TestWithParam<bool> {
 protected:
  AsyncPoolTest() {
    if (GetParam()) Order::InstallBaton(11);
    Order::Join("main");
  }
  ~AsyncPoolTest() override {
    Order::Leave();
    if (GetParam()) Order::Uninstall();
  }

  Receiver receiver_;
};

INSTANTIATE_TEST_SUITE_P(Sources, AsyncPoolTest, testing::Bool(),
                         [](const auto& source) { return source.param ? "Baton" : "Threads"; });

TEST_P(AsyncPoolTest, JobIsInvokedOnAnotherThreadAndPosted) {
  AsyncPool pool(1, receiver_);
  Work work;
  EXPECT_EQ(pool.Submit(nullptr, JobFor(work)), 1);
  receiver_.AwaitJobs(1);
  EXPECT_EQ(work.invoked, 1);
  EXPECT_EQ(work.freed, 0);
  EXPECT_NE(work.thread, std::this_thread::get_id());
  EXPECT_THAT(receiver_.Ids(), testing::ElementsAre(1));
}

TEST_P(AsyncPoolTest, EqualKeysRunInTheOrderOfSubmission) {
  AsyncPool pool(4, receiver_);
  std::vector<Work> work(50);
  for (Work& one : work) {
    unsigned key = 7;
    pool.Submit(&key, JobFor(one));
  }
  receiver_.AwaitJobs(work.size());
  const std::vector<long> ids = receiver_.Ids();
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  std::set<std::thread::id> threads;
  for (const Work& one : work) threads.insert(one.thread);
  EXPECT_EQ(threads.size(), 1u);
}

TEST_P(AsyncPoolTest, KeyIsOverwrittenWithTheQueue) {
  AsyncPool pool(4, receiver_);
  Work work;
  unsigned key = 7;
  pool.Submit(&key, JobFor(work));
  EXPECT_EQ(key, 3u);
  receiver_.AwaitJobs(1);
}

TEST_P(AsyncPoolTest, JobsWithoutAKeyGoRoundRobin) {
  AsyncPool pool(3, receiver_);
  std::vector<Work> work(9);
  for (Work& one : work) pool.Submit(nullptr, JobFor(one));
  receiver_.AwaitJobs(work.size());
  std::map<std::thread::id, int> per_thread;
  for (const Work& one : work) ++per_thread[one.thread];
  ASSERT_EQ(per_thread.size(), 3u);
  for (const auto& [thread, count] : per_thread) EXPECT_EQ(count, 3);
}

TEST_P(AsyncPoolTest, JobOfADeadPortIsFreed) {
  AsyncPool pool(1, receiver_);
  Work work;
  auto driver = std::make_shared<int>(0);
  AsyncJob job = JobFor(work, kDeadPort);
  job.keep_alive = driver;
  pool.Submit(nullptr, std::move(job));
  pool.Stop();
  EXPECT_EQ(work.invoked, 1);
  EXPECT_EQ(work.freed, 1);
  EXPECT_EQ(driver.use_count(), 1);
}

TEST_P(AsyncPoolTest, JobOfADeadPortWithoutFreeIsDropped) {
  AsyncPool pool(1, receiver_);
  Work work;
  AsyncJob job = JobFor(work, kDeadPort);
  job.free = nullptr;
  pool.Submit(nullptr, std::move(job));
  pool.Stop();
  EXPECT_EQ(work.invoked, 1);
  EXPECT_EQ(pool.pending(), 0u);
}

TEST_P(AsyncPoolTest, StopRunsWhatIsQueuedAndRefusesMore) {
  AsyncPool pool(2, receiver_);
  std::vector<Work> work(20);
  for (Work& one : work) pool.Submit(nullptr, JobFor(one));
  pool.Stop();
  EXPECT_EQ(receiver_.Ids().size(), work.size());
  EXPECT_EQ(pool.pending(), 0u);
  Work late;
  EXPECT_EQ(pool.Submit(nullptr, JobFor(late)), -1);
  EXPECT_EQ(late.invoked + late.freed, 0);
}

// Two jobs that each wait for the other can only end when they run at the same time.
struct Meeting {
  Mutex mutex;
  Condition changed;
  int arrived GUARDED_BY(mutex) = 0;
};

void Meet(void* data) {
  auto* meeting = static_cast<Meeting*>(data);
  const MutexLock lock(meeting->mutex);
  ++meeting->arrived;
  meeting->changed.NotifyAll();
  while (meeting->arrived < 2) meeting->changed.Wait(meeting->mutex);
}

TEST_P(AsyncPoolTest, TwoThreadsRunTwoJobsAtTheSameTime) {
  AsyncPool pool(2, receiver_);
  Meeting meeting;
  for (unsigned key = 0; key < 2; ++key) {
    unsigned own_key = key;
    AsyncJob job;
    job.port = kPort;
    job.invoke = Meet;
    job.data = &meeting;
    pool.Submit(&own_key, std::move(job));
  }
  receiver_.AwaitJobs(2);
}

struct Gate {
  Mutex mutex;
  Condition changed;
  bool open GUARDED_BY(mutex) = false;
};

void PassGate(void* data) {
  auto* gate = static_cast<Gate*>(data);
  const MutexLock lock(gate->mutex);
  while (!gate->open) gate->changed.Wait(gate->mutex);
}

TEST_P(AsyncPoolTest, PendingCountsJobsThatAreNotPostedYet) {
  AsyncPool pool(1, receiver_);
  Gate gate;
  AsyncJob job;
  job.port = kPort;
  job.invoke = PassGate;
  job.data = &gate;
  pool.Submit(nullptr, job);
  pool.Submit(nullptr, job);
  EXPECT_EQ(pool.pending(), 2u);
  {
    const MutexLock lock(gate.mutex);
    gate.open = true;
    gate.changed.NotifyAll();
  }
  pool.Stop();
  EXPECT_EQ(pool.pending(), 0u);
}

TEST_P(AsyncPoolTest, BlackBoxShowsTheInvocation) {
  BlackBox& box = BlackBox::Get();
  const std::uint64_t entered = box.callbacks_entered();
  const std::uint64_t left = box.callbacks_left();
  AsyncPool pool(1, receiver_);
  Work work;
  pool.Submit(nullptr, JobFor(work));
  pool.Stop();
  EXPECT_EQ(box.callbacks_entered(), entered + 1);
  EXPECT_EQ(box.callbacks_left(), left + 1);
  EXPECT_EQ(box.callback.load(), static_cast<std::uint32_t>(CallbackKind::kAsyncInvoke));
  EXPECT_EQ(box.port.load(), kPort.number);
}

TEST(AsyncPoolBatonTest, EqualSeedsGiveEqualOrder) {
  const auto run = [](std::uint64_t seed) {
    Order::InstallBaton(seed);
    std::vector<long> ids;
    {
      const JoinedThread main("main");
      Receiver receiver;
      AsyncPool pool(4, receiver);
      std::vector<Work> work(20);
      for (Work& one : work) pool.Submit(nullptr, JobFor(one));
      receiver.AwaitJobs(work.size());
      ids = receiver.Ids();
      pool.Stop();
    }
    Order::Uninstall();
    return ids;
  };
  std::set<std::vector<long>> orders;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const std::vector<long> ids = run(seed);
    EXPECT_EQ(ids, run(seed));
    orders.insert(ids);
  }
  EXPECT_GT(orders.size(), 5u);
}

}  // namespace
}  // namespace portlab
