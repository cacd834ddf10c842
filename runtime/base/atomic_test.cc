#include "base/atomic.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/order.h"
#include "base/ordered_thread.h"

namespace portlab {
namespace {

// Of the whole process: each test leaves it broken, as it was.
class OneAtATimeTest : public testing::Test {
 protected:
  ~OneAtATimeTest() override { OneAtATime::ThreadIsMade(); }
};

class Baton {
 public:
  Baton() { Order::InstallBaton(1); }
  ~Baton() { Order::Uninstall(); }
};

// What each operation answered, and what the word was after it.
template <template <class> class Atomic, class T>
std::vector<T> AllOperations() {
  Atomic<T> word{5};
  std::vector<T> seen;
  const auto note = [&](T answer) { seen.insert(seen.end(), {answer, word.load()}); };
  const auto note_exchange = [&](bool done, T expected) {
    note(static_cast<T>(done));
    seen.push_back(expected);
  };
  note(word.fetch_add(3, std::memory_order_relaxed));
  note(word.fetch_sub(9, std::memory_order_acq_rel));
  note(word.fetch_or(64));
  note(word.exchange(7, std::memory_order_acquire));
  word.store(11);
  note(0);
  T expected = 11;
  note_exchange(word.compare_exchange_strong(expected, 12, std::memory_order_acq_rel,
                                             std::memory_order_relaxed),
                expected);
  note_exchange(word.compare_exchange_strong(expected, 13), expected);
  while (!word.compare_exchange_weak(expected, 14, std::memory_order_acq_rel)) continue;
  note(expected);
  expected = 1;
  note_exchange(word.compare_exchange_weak(expected, 15, std::memory_order_acq_rel,
                                           std::memory_order_relaxed),
                expected);
  return seen;
}

template <class T>
using Std = std::atomic<T>;

template <class T>
void ExpectSameAsStd() {
  const std::vector<T> right = AllOperations<Std, T>();
  EXPECT_EQ((AllOperations<OneAtATimeAtomic, T>()), right);
  OneAtATime::Begin();
  EXPECT_TRUE(OneAtATime::Holds());
  EXPECT_EQ((AllOperations<OneAtATimeAtomic, T>()), right);
  OneAtATime::ThreadIsMade();
}

TEST_F(OneAtATimeTest, AWordIsTheSamePlainAndNot) {
  ExpectSameAsStd<int>();
  ExpectSameAsStd<std::uint32_t>();
  ExpectSameAsStd<std::uint64_t>();
  ExpectSameAsStd<std::int64_t>();
  ExpectSameAsStd<std::uint8_t>();
}

TEST_F(OneAtATimeTest, EndsForGoodWithTheFirstThreadThatIsMade) {
  OneAtATime::Begin();
  const std::uint32_t before = OneAtATime::threads_made();
  OneAtATime::ThreadIsMade();
  EXPECT_FALSE(OneAtATime::Holds());
  OneAtATime::OneGoesOutside();
  OneAtATime::OneIsBack();
  EXPECT_FALSE(OneAtATime::Holds());
  OneAtATime::ThreadIsMade();
  EXPECT_EQ(OneAtATime::threads_made(), before + 2);
}

TEST_F(OneAtATimeTest, DoesNotHoldWhileAThreadIsOutside) {
  OneAtATime::OneGoesOutside();
  OneAtATime::Begin();
  EXPECT_FALSE(OneAtATime::Holds());
  OneAtATime::OneGoesOutside();
  OneAtATime::OneIsBack();
  EXPECT_FALSE(OneAtATime::Holds());
  OneAtATime::OneIsBack();
  EXPECT_TRUE(OneAtATime::Holds());
}

// The mutex of a fuzz host and its counts: nothing is lost once there are two.
TEST_F(OneAtATimeTest, ThreadsThatAreToldOfLoseNothing) {
  constexpr int kEach = 200'000;
  OneAtATimeAtomic<int> sum{0};
  OneAtATimeAtomic<int> claimed{0};
  const auto work = [&] {
    for (int i = 0; i < kEach; ++i) {
      sum.fetch_add(1, std::memory_order_relaxed);
      int seen = claimed.load();
      while (!claimed.compare_exchange_weak(seen, seen + 1)) continue;
    }
  };
  OneAtATime::Begin();
  work();
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    OneAtATime::ThreadIsMade();
    threads.emplace_back(work);
  }
  work();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum.load(), 4 * kEach);
  EXPECT_EQ(claimed.load(), 4 * kEach);
}

TEST_F(OneAtATimeTest, HandsWordsOnWithTheBaton) {
  constexpr int kEach = 1000;
  const Baton baton;
  const JoinedThread main("main");
  OneAtATimeAtomic<int> sum{0};
  int under_the_sum = 0;  // plain: ThreadSanitizer sees whether the baton orders the threads
  std::vector<OrderedThread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back("counter", [&] {
      for (int round = 0; round < kEach; ++round) {
        sum.fetch_add(1, std::memory_order_relaxed);
        ++under_the_sum;
        Order::Point();
      }
    });
  }
  OneAtATime::Begin();
  for (OrderedThread& thread : threads) thread.Join();
  EXPECT_TRUE(OneAtATime::Holds());
  EXPECT_EQ(sum.load(), 3 * kEach);
  EXPECT_EQ(under_the_sum, 3 * kEach);
}

TEST_F(OneAtATimeTest, TheBatonTellsOfWhoGoesOutside) {
  const Baton baton;
  const JoinedThread main("main");
  OneAtATime::Begin();
  {
    const OutsideOrder outside;
    EXPECT_FALSE(OneAtATime::Holds());
  }
  EXPECT_TRUE(OneAtATime::Holds());
}

}  // namespace
}  // namespace portlab
