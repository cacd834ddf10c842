#include "spawn/descriptor_port.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/unique_fd.h"
#include "testing/port_test.h"

namespace portlab {
namespace {

class DescriptorPortTest : public PortTest {
 protected:
  DescriptorPortTest() {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_), 0);
    char folder[] = "/tmp/portlab-descriptors-XXXXXX";
    EXPECT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
  }
  ~DescriptorPortTest() override {
    ::close(ends_[0]);
    ::close(ends_[1]);
    std::filesystem::remove_all(folder_);
  }
  std::string Name(int in, int out) {
    return "{fd," + std::to_string(in) + "," + std::to_string(out) + "}";
  }
  std::string ReadEnd(std::size_t bytes) {
    std::string text(bytes, '\0');
    std::size_t got = 0;
    while (got < bytes) {
      const ssize_t size = ::read(ends_[1], text.data() + got, bytes - got);
      if (size <= 0) break;
      got += static_cast<std::size_t>(size);
    }
    return text.substr(0, got);
  }
  bool NonBlocking(int fd) { return (::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0; }

  int ends_[2];
  std::string folder_;
};

TEST_F(DescriptorPortTest, PacketsGoBothWaysAndTheDescriptorStays) {
  const PortId port = Open(Name(ends_[0], ends_[0]), "[binary,{packet,2}]");
  EXPECT_TRUE(Command(port, "abc"));
  EXPECT_EQ(ReadEnd(5), std::string("\0\3abc", 5));
  EXPECT_EQ(::write(ends_[1], "\0\2hi\0\0", 6), 6);
  EXPECT_EQ(Next(), "{P,{data,<<\"hi\">>}}");
  EXPECT_EQ(Next(), "{P,{data,<<>>}}");
  EXPECT_TRUE(NonBlocking(ends_[0]));
  EXPECT_TRUE(runtime_.PortClose(self(), port));
  EXPECT_FALSE(NonBlocking(ends_[0])) << "as it was";
  EXPECT_GE(::fcntl(ends_[0], F_GETFD), 0) << "a port does not close what it was given";
}

TEST_F(DescriptorPortTest, TheEndOfTheInputEndsThePort) {
  Open(Name(ends_[0], ends_[0]), "[binary]");
  ::shutdown(ends_[1], SHUT_WR);
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  // Links hear of the end before the driver's stop lets go of the descriptor.
  while (runtime_.port_count() != 0) EXPECT_EQ(Next(1), "nothing");
}

TEST_F(DescriptorPortTest, WithEofThePortStaysAndSaysItOnce) {
  const PortId port = Open(Name(ends_[0], ends_[0]), "[binary,eof]");
  ::shutdown(ends_[1], SHUT_WR);
  EXPECT_EQ(Next(), "{P,eof}");
  EXPECT_EQ(Next(30), "nothing");
  EXPECT_TRUE(Command(port, "still"));
  EXPECT_EQ(ReadEnd(5), "still");
}

TEST_F(DescriptorPortTest, QueuedBytesArriveBeforeAClosedPortEnds) {
  const PortId port = Open(Name(-1, ends_[0]), "[out,binary]");
  const std::string much(1 << 20, 'x');
  EXPECT_TRUE(Command(port, much));
  EXPECT_GT(Info(port, "queue_size"), 0);
  runtime_.Send(self(), port, Term::Tuple({Term::Of(self().pid()), Term::Atom("close")}));
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  EXPECT_EQ(ReadEnd(much.size()), much);
  EXPECT_EQ(Next(), "{P,closed}");
}

// A file never says "not now": it is written by an async thread.
TEST_F(DescriptorPortTest, AFileIsWrittenInOrderAndWholly) {
  const std::string path = folder_ + "/out";
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const PortId port = Open(Name(-1, file.get()), "[out]");
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    const std::string piece(static_cast<std::size_t>(1000 + i), static_cast<char>('a' + i % 26));
    EXPECT_TRUE(Command(port, piece));
    expected += piece;
  }
  runtime_.Send(self(), port, Term::Tuple({Term::Of(self().pid()), Term::Atom("close")}));
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  EXPECT_EQ(Next(), "{P,closed}");
  std::ifstream in(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), expected);
}

TEST_F(DescriptorPortTest, ANamedPipeIsOpenedWithoutWaiting) {
  const std::string path = folder_ + "/pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(Refusal("\"" + path + "\"", "[out]"), "einval") << "nobody reads it";
  const UniqueFd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const PortId port = Open("\"" + path + "\"", "[out]");
  EXPECT_TRUE(Command(port, "abc"));
  char bytes[4];
  EXPECT_EQ(::read(reader.get(), bytes, sizeof bytes), 3);
}

TEST_F(DescriptorPortTest, AVanillaPortClosesItsFile) {
  const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::close(next);
  const PortId port = Open("\"" + folder_ + "/file\"", "[out]");
  EXPECT_GE(::fcntl(next, F_GETFD), 0);
  EXPECT_TRUE(runtime_.PortClose(self(), port));
  EXPECT_LT(::fcntl(next, F_GETFD), 0);
}

}  // namespace
}  // namespace portlab
