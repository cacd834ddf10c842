#include "launch/frame_channel.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <thread>

#include "launch/launch_test_support.h"

namespace portlab {
namespace {

class FrameChannelTest : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    sender_.Reset(ends[0]);
    receiver_socket_.Reset(ends[1]);
    null_.Reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    zero_.Reset(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  }

  int Send(std::string_view payload, int fd) {
    const std::array<int, 1> one = {fd};
    return SendFrame(sender_.get(), payload, one);
  }

  static std::string TargetOf(const UniqueFd& fd) {
    char target[64];
    const ssize_t size =
        ::readlink(("/proc/self/fd/" + std::to_string(fd.get())).c_str(), target, sizeof target);
    return {target, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

  UniqueFd sender_;
  UniqueFd receiver_socket_;
  UniqueFd null_;
  UniqueFd zero_;
  FrameReceiver receiver_{1 << 20};
};

TEST_F(FrameChannelTest, FramesReadTogetherKeepTheirDescriptors) {
  ASSERT_EQ(Send("one", null_.get()), 0);
  ASSERT_EQ(Send("", zero_.get()), 0);
  ASSERT_EQ(receiver_.Receive(receiver_socket_.get()), FrameReceiver::State::kOpen);
  Frame frame;
  ASSERT_TRUE(receiver_.Next(&frame));
  EXPECT_EQ(frame.payload, "one");
  ASSERT_EQ(frame.descriptors.size(), 1u);
  EXPECT_EQ(TargetOf(frame.descriptors[0]), "/dev/null");
  ASSERT_TRUE(receiver_.Next(&frame));
  EXPECT_EQ(frame.payload, "");
  ASSERT_EQ(frame.descriptors.size(), 1u);
  EXPECT_EQ(TargetOf(frame.descriptors[0]), "/dev/zero");
  EXPECT_FALSE(receiver_.Next(&frame));
}

TEST_F(FrameChannelTest, FrameLargerThanTheSocketArrivesWhole) {
  const std::string large(900'000, 'x');
  std::thread sending([&] { EXPECT_EQ(Send(large, null_.get()), 0); });
  Frame frame;
  EXPECT_TRUE(launch_test::Eventually([&] {
    return receiver_.Receive(receiver_socket_.get()) == FrameReceiver::State::kOpen &&
           receiver_.Next(&frame);
  }));
  sending.join();
  EXPECT_EQ(frame.payload, large);
  EXPECT_EQ(frame.descriptors.size(), 1u);
}

TEST_F(FrameChannelTest, EndOfFileAndOversizeClose) {
  const std::uint32_t length = 2 << 20;
  ASSERT_EQ(::write(sender_.get(), &length, sizeof length), static_cast<ssize_t>(sizeof length));
  EXPECT_EQ(receiver_.Receive(receiver_socket_.get()), FrameReceiver::State::kClosed);
  FrameReceiver fresh(1 << 20);
  sender_.Reset();
  EXPECT_EQ(fresh.Receive(receiver_socket_.get()), FrameReceiver::State::kClosed);
}

TEST_F(FrameChannelTest, SendingToNobodyIsEpipe) {
  receiver_socket_.Reset();
  EXPECT_EQ(Send("x", null_.get()), EPIPE);
}

}  // namespace
}  // namespace portlab
