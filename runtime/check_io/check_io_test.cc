#include "check_io/check_io.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "base/ordered_thread.h"
#include "base/unique_fd.h"
#include "check_io/epoll_pollset.h"
#include "testing/fake_pollset.h"

namespace portlab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr PortId kA{3};
constexpr PortId kB{4};
constexpr int kReadUse = kSelectRead | kSelectUse;

struct Posted {
  PortId port;
  PortEvent event;
};

class Recorder : public PortEventSink {
 public:
  bool Post(PortId port, const PortEvent& event) override {
    posted.push_back({port, event});
    if (during_post) during_post();
    return true;
  }

  std::vector<Posted> posted;
  std::function<void()> during_post;
};

struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) std::abort();
    in.Reset(ends[0]);
    out.Reset(ends[1]);
  }
  void Fill() { ASSERT_EQ(::write(out.get(), "x", 1), 1); }
  void Drain() {
    char byte = 0;
    ASSERT_EQ(::read(in.get(), &byte, 1), 1);
  }

  UniqueFd in;
  UniqueFd out;
};

class CheckIoTest : public testing::Test {
 protected:
  // What is ready now.
  int PollNow() { return io_.Poll(0); }

  Recorder recorder_;
  CheckIo io_{std::make_unique<EpollPollset>(), recorder_};
  Pipe pipe_;
};

TEST_F(CheckIoTest, ReadyFdIsPostedToItsPort) {
  EXPECT_EQ(io_.Select(kA, pipe_.in.get(), kReadUse, true).status, 0);
  EXPECT_EQ(PollNow(), 0);
  pipe_.Fill();
  EXPECT_EQ(PollNow(), 1);
  ASSERT_EQ(recorder_.posted.size(), 1u);
  EXPECT_EQ(recorder_.posted[0].port, kA);
  EXPECT_EQ(recorder_.posted[0].event.kind, PortEventKind::kReadyInput);
  EXPECT_EQ(recorder_.posted[0].event.fd, pipe_.in.get());
  EXPECT_NE(recorder_.posted[0].event.serial, 0u);
}

TEST_F(CheckIoTest, WritableFdIsPostedAsOutput) {
  io_.Select(kA, pipe_.out.get(), kSelectWrite | kSelectUse, true);
  EXPECT_EQ(PollNow(), 1);
  EXPECT_EQ(recorder_.posted.at(0).event.kind, PortEventKind::kReadyOutput);
}

TEST_F(CheckIoTest, NothingMoreIsPostedUntilRearm) {
  const int fd = pipe_.in.get();
  io_.Select(kA, fd, kReadUse, true);
  pipe_.Fill();
  ASSERT_EQ(PollNow(), 1);
  const std::uint64_t serial = recorder_.posted[0].event.serial;
  EXPECT_EQ(PollNow(), 0);
  EXPECT_TRUE(io_.Claim(kA, fd, true, serial));
  EXPECT_EQ(io_.Rearm(kA, fd, true, serial), "");
  EXPECT_EQ(PollNow(), 1);
  EXPECT_TRUE(io_.Claim(kA, fd, true, serial));
  pipe_.Drain();
  io_.Rearm(kA, fd, true, serial);
  EXPECT_EQ(PollNow(), 0);
}

TEST_F(CheckIoTest, ClaimWithoutAPostedEventIsRefused) {
  const int fd = pipe_.in.get();
  io_.Select(kA, fd, kReadUse, true);
  pipe_.Fill();
  PollNow();
  const PortEvent event = recorder_.posted.at(0).event;
  EXPECT_FALSE(io_.Claim(kA, fd, false, event.serial));
  EXPECT_FALSE(io_.Claim(kB, fd, true, event.serial));
  EXPECT_FALSE(io_.Claim(kA, fd + 1, true, event.serial));
  EXPECT_TRUE(io_.Claim(kA, fd, true, event.serial));
  io_.Rearm(kA, fd, true, event.serial);
  EXPECT_FALSE(io_.Claim(kA, fd, true, event.serial));
}

TEST_F(CheckIoTest, TheOtherSideStaysArmedWhileOneEventIsInFlight) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const UniqueFd in(ends[0]);
  UniqueFd out(ends[1]);
  // One fd with both sides: a pipe end opened for reading and writing.
  const UniqueFd both(::open(("/proc/self/fd/" + std::to_string(in.get())).c_str(),
                             O_RDWR | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(both);
  io_.Select(kA, both.get(), kReadUse | kSelectWrite, true);
  ASSERT_EQ(PollNow(), 1);
  EXPECT_EQ(recorder_.posted[0].event.kind, PortEventKind::kReadyOutput);
  ASSERT_EQ(::write(out.get(), "x", 1), 1);
  ASSERT_EQ(PollNow(), 1);
  EXPECT_EQ(recorder_.posted[1].event.kind, PortEventKind::kReadyInput);
  EXPECT_EQ(PollNow(), 0);
}

TEST_F(CheckIoTest, EventOfADeselectedFdIsStale) {
  const int fd = pipe_.in.get();
  io_.Select(kA, fd, kReadUse, true);
  pipe_.Fill();
  PollNow();
  const std::uint64_t serial = recorder_.posted.at(0).event.serial;
  io_.Select(kA, fd, kSelectRead, false);
  EXPECT_FALSE(io_.Claim(kA, fd, true, serial));
}

TEST_F(CheckIoTest, EventOfAnFdThatWasClosedAndReusedIsStale) {
  const int fd = pipe_.in.get();
  io_.Select(kA, fd, kReadUse, true);
  pipe_.Fill();
  PollNow();
  const std::uint64_t old_serial = recorder_.posted.at(0).event.serial;
  EXPECT_TRUE(io_.Select(kA, fd, kSelectUse, false).call_stop_select);
  Pipe other;
  ASSERT_EQ(::dup3(other.in.get(), fd, O_CLOEXEC), fd);
  io_.Select(kA, fd, kReadUse, true);
  EXPECT_FALSE(io_.Claim(kA, fd, true, old_serial));
  io_.Rearm(kA, fd, true, old_serial);
  EXPECT_EQ(PollNow(), 0);
  other.Fill();
  EXPECT_EQ(PollNow(), 1);
  EXPECT_TRUE(io_.Claim(kA, fd, true, recorder_.posted.at(1).event.serial));
}

TEST_F(CheckIoTest, FdClosedWithoutDeselectingCanBeSelectedAgain) {
  const int fd = pipe_.in.get();
  io_.Select(kA, fd, kReadUse, true);
  Pipe other;
  ASSERT_EQ(::dup3(other.in.get(), fd, O_CLOEXEC), fd);
  EXPECT_EQ(io_.Select(kA, fd, kReadUse, true).warning, "");
  other.Fill();
  EXPECT_EQ(PollNow(), 1);
}

TEST_F(CheckIoTest, StolenFdServesTheThiefOnly) {
  const int fd = pipe_.in.get();
  io_.Select(kA, fd, kReadUse, true);
  pipe_.Fill();
  PollNow();
  const std::uint64_t old_serial = recorder_.posted.at(0).event.serial;
  const SelectResult stolen = io_.Select(kB, fd, kReadUse, true);
  EXPECT_THAT(stolen.warning, HasSubstr("stealing control of fd="));
  EXPECT_EQ(stolen.lost_port, kA);
  EXPECT_FALSE(io_.Claim(kA, fd, true, old_serial));
  EXPECT_EQ(PollNow(), 1);
  EXPECT_EQ(recorder_.posted.at(1).port, kB);
}

TEST_F(CheckIoTest, ImpossibleFdsAreRefused) {
  EXPECT_EQ(io_.Select(kA, -1, kReadUse, true).status, -1);
  CheckIo small(std::make_unique<EpollPollset>(), recorder_, 100);
  const SelectResult refused = small.Select(kA, 100, kReadUse, true);
  EXPECT_EQ(refused.status, -1);
  EXPECT_THAT(refused.warning, HasSubstr("fd=100 is larger than the largest allowed fd 99"));
  EXPECT_FALSE(refused.call_stop_select);
}

TEST_F(CheckIoTest, ClosedFdGivesZeroAndAWarning) {
  const int fd = pipe_.in.get();
  pipe_.in.Reset();
  const SelectResult selected = io_.Select(kA, fd, kReadUse, true);
  EXPECT_EQ(selected.status, 0);
  EXPECT_THAT(selected.warning, HasSubstr("Bad input fd"));
  EXPECT_FALSE(io_.HasFds());
  EXPECT_EQ(io_.Select(kA, fd, kSelectRead, false).status, 0);
}

TEST_F(CheckIoTest, ReleaseAllDeselectsAndNamesTheUsedFds) {
  Pipe other;
  io_.Select(kA, pipe_.in.get(), kReadUse, true);
  io_.Select(kA, other.in.get(), kSelectRead, true);
  EXPECT_TRUE(io_.HasFds());
  pipe_.Fill();
  other.Fill();
  EXPECT_THAT(io_.ReleaseAll(kA), ElementsAre(pipe_.in.get()));
  EXPECT_FALSE(io_.HasFds());
  EXPECT_EQ(PollNow(), 0);
}

TEST_F(CheckIoTest, PollReturnsAtItsDeadline) {
  const Nanos deadline = MonotonicNow() + 5 * kMillisecond;
  EXPECT_EQ(io_.Poll(deadline), 0);
  EXPECT_GE(MonotonicNow(), deadline);
}

TEST_F(CheckIoTest, WakeEndsAPollThatWaitsForEver) {
  std::thread waker([this] { io_.Wake(); });
  EXPECT_EQ(io_.Poll(kForever), 0);
  waker.join();
}

TEST_F(CheckIoTest, PostMayUseCheckIo) {
  recorder_.during_post = [this] { EXPECT_TRUE(io_.HasFds()); };
  io_.Select(kA, pipe_.in.get(), kReadUse, true);
  pipe_.Fill();
  EXPECT_EQ(PollNow(), 1);
}

TEST_F(CheckIoTest, SelectFromAnotherThreadReachesAWaitingPoll) {
  std::thread driver([this] {
    pipe_.Fill();
    io_.Select(kA, pipe_.in.get(), kReadUse, true);
  });
  int posted = 0;
  while (posted == 0) posted = io_.Poll(kForever);
  driver.join();
  EXPECT_EQ(posted, 1);
}

// Runs the port's side of each event at once, on the polling thread.
class EchoPort : public PortEventSink {
 public:
  bool Post(PortId port, const PortEvent& event) override {
    if (!io->Claim(port, event.fd, true, event.serial)) return true;
    char byte = 0;
    while (::read(event.fd, &byte, 1) == 1) ++bytes;
    io->Rearm(port, event.fd, true, event.serial);
    return true;
  }
  CheckIo* io = nullptr;
  int bytes = 0;
};

TEST(CheckIoThreadsTest, NoByteIsLostWhileOthersSelectAndDie) {
  constexpr int kBytes = 400;
  EchoPort port;
  CheckIo io(std::make_unique<EpollPollset>(), port);
  port.io = &io;
  Pipe pipe;
  io.Select(kA, pipe.in.get(), kReadUse, true);
  std::thread writer([&] {
    for (int i = 0; i < kBytes; ++i) pipe.Fill();
  });
  std::thread disturber([&] {
    Pipe other;
    for (int i = 0; i < kBytes; ++i) {
      io.Select(kB, other.out.get(), kSelectWrite | kSelectUse, true);
      io.Select(kA, pipe.in.get(), kSelectRead, false);
      io.Select(kA, pipe.in.get(), kSelectRead, true);
      EXPECT_EQ(io.ReleaseAll(kB).size(), 1u);
    }
  });
  while (port.bytes < kBytes) io.Poll(kForever);
  writer.join();
  disturber.join();
  EXPECT_EQ(port.bytes, kBytes);
}

TEST(CheckIoFakeTest, KernelEventOfAnEarlierSelectionIsDropped) {
  Recorder recorder;
  auto owned = std::make_unique<FakePollset>();
  FakePollset& pollset = *owned;
  CheckIo io(std::move(owned), recorder, 1000);
  io.Select(kA, 500, kReadUse, true);
  ASSERT_TRUE(pollset.MakeReady(500, true, false));
  io.Select(kA, 500, kSelectUse, false);
  io.Select(kA, 500, kReadUse, true);
  EXPECT_EQ(io.Poll(0), 0);
  ASSERT_TRUE(pollset.MakeReady(500, true, false));
  EXPECT_EQ(io.Poll(0), 1);
}

TEST(CheckIoFakeTest, EventsArePostedInTheOrderOfFds) {
  Recorder recorder;
  auto owned = std::make_unique<FakePollset>();
  FakePollset& pollset = *owned;
  CheckIo io(std::move(owned), recorder, 1000);
  for (const int fd : {7, 5, 6}) io.Select(kA, fd, kReadUse, true);
  for (const int fd : {7, 5, 6}) ASSERT_TRUE(pollset.MakeReady(fd, true, false));
  ASSERT_EQ(io.Poll(0), 3);
  EXPECT_EQ(recorder.posted[0].event.fd, 5);
  EXPECT_EQ(recorder.posted[1].event.fd, 6);
  EXPECT_EQ(recorder.posted[2].event.fd, 7);
}

class CheckIoBatonTest : public testing::Test {
 protected:
  CheckIoBatonTest() {
    Order::InstallBaton(3);
    Order::Join("poller");
  }
  ~CheckIoBatonTest() override {
    Order::Leave();
    Order::Uninstall();
  }

  Recorder recorder_;
  CheckIo io_{std::make_unique<EpollPollset>(), recorder_};
  Pipe pipe_;
};

TEST_F(CheckIoBatonTest, PollReachesAFarDeadlineAtOnce) {
  io_.Select(kA, pipe_.in.get(), kReadUse, true);
  const Nanos deadline = MonotonicNow() + 3600 * 1000 * kMillisecond;
  while (MonotonicNow() < deadline) EXPECT_EQ(io_.Poll(deadline), 0);
}

TEST_F(CheckIoBatonTest, PollSeesWhatOtherThreadsWrote) {
  io_.Select(kA, pipe_.in.get(), kReadUse, true);
  OrderedThread writer("writer", [this] {
    Order::Point();
    pipe_.Fill();
  });
  EXPECT_EQ(io_.Poll(kForever), 1);
  writer.Join();
}

TEST_F(CheckIoBatonTest, PollBlocksForAnFdFilledFromOutside) {
  io_.Select(kA, pipe_.in.get(), kReadUse, true);
  std::thread program([this] {
    ::usleep(2000);
    pipe_.Fill();
  });
  int posted = 0;
  for (int i = 0; i < 5 && posted == 0; ++i) posted = io_.Poll(kForever);
  EXPECT_EQ(posted, 1);
  program.join();
}

}  // namespace
}  // namespace portlab
