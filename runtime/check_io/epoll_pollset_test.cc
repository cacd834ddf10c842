#include "check_io/epoll_pollset.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

namespace portlab {
namespace {

class EpollPollsetTest : public testing::Test {
 protected:
  EpollPollsetTest() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) std::abort();
    read_end_.Reset(ends[0]);
    write_end_.Reset(ends[1]);
  }

  std::vector<ReadyFd> Wait(int timeout_ms = 0) {
    std::vector<ReadyFd> ready;
    pollset_.Wait(timeout_ms, ready);
    return ready;
  }
  void Fill() { ASSERT_EQ(::write(write_end_.get(), "x", 1), 1); }

  EpollPollset pollset_;
  UniqueFd read_end_;
  UniqueFd write_end_;
};

TEST_F(EpollPollsetTest, ReadyFdIsReportedWithItsTagOnce) {
  ASSERT_EQ(pollset_.Arm(read_end_.get(), true, false, 42), 0);
  EXPECT_TRUE(Wait().empty());
  Fill();
  const auto ready = Wait();
  ASSERT_EQ(ready.size(), 1u);
  EXPECT_EQ(ready[0].fd, read_end_.get());
  EXPECT_EQ(ready[0].tag, 42u);
  EXPECT_TRUE(ready[0].readable);
  EXPECT_FALSE(ready[0].writable);
  EXPECT_TRUE(Wait().empty());
  ASSERT_EQ(pollset_.Arm(read_end_.get(), true, false, 43), 0);
  EXPECT_EQ(Wait().size(), 1u);
}

TEST_F(EpollPollsetTest, ACopyOfTheProcessTakesNothing) {
  ASSERT_EQ(pollset_.Arm(read_end_.get(), true, false, 1), 0);
  Fill();
  const pid_t copy = ::fork();
  if (copy == 0) {
    std::vector<ReadyFd> ready;
    pollset_.Wait(0, ready);
    EpollPollset own;  // one that the copy made is its own
    own.Wake();
    own.Wait(-1, ready);
    ::_exit(ready.empty() ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(copy, &status, 0), copy);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(Wait().size(), 1u);
}

TEST_F(EpollPollsetTest, WritableFdIsReported) {
  ASSERT_EQ(pollset_.Arm(write_end_.get(), false, true, 1), 0);
  const auto ready = Wait();
  ASSERT_EQ(ready.size(), 1u);
  EXPECT_TRUE(ready[0].writable);
}

TEST_F(EpollPollsetTest, HangUpCountsAsReadable) {
  ASSERT_EQ(pollset_.Arm(read_end_.get(), true, false, 1), 0);
  write_end_.Reset();
  const auto ready = Wait();
  ASSERT_EQ(ready.size(), 1u);
  EXPECT_TRUE(ready[0].readable);
}

TEST_F(EpollPollsetTest, RemovedFdIsNotReported) {
  ASSERT_EQ(pollset_.Arm(read_end_.get(), true, false, 1), 0);
  Fill();
  pollset_.Remove(read_end_.get());
  EXPECT_TRUE(Wait().empty());
  pollset_.Remove(read_end_.get());
}

TEST_F(EpollPollsetTest, ClosedFdIsRefused) {
  const int closed = read_end_.get();
  read_end_.Reset();
  EXPECT_EQ(pollset_.Arm(closed, true, false, 1), EBADF);
}

TEST_F(EpollPollsetTest, RegularFileIsReadyAtOnceAndOnce) {
  const UniqueFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(file);
  ASSERT_EQ(pollset_.Arm(file.get(), true, false, 8), 0);
  const auto ready = Wait(-1);
  ASSERT_EQ(ready.size(), 1u);
  EXPECT_EQ(ready[0].fd, file.get());
  EXPECT_EQ(ready[0].tag, 8u);
  EXPECT_TRUE(ready[0].readable);
  EXPECT_FALSE(ready[0].writable);
  EXPECT_TRUE(Wait().empty());
}

TEST_F(EpollPollsetTest, WakeEndsAWaitWhetherItCameBeforeOrAfter) {
  pollset_.Wake();
  EXPECT_TRUE(Wait(-1).empty());
  std::thread waker([this] { pollset_.Wake(); });
  EXPECT_TRUE(Wait(-1).empty());
  waker.join();
}

}  // namespace
}  // namespace portlab
