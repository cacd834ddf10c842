#include "launch/received_program.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <string>

#include "launch/launch_test_support.h"
#include "launch/program_pipes.h"

namespace portlab {
namespace {

// A program, and the descriptors that come with a start request for it.
ReceivedProgram Received(const std::string& file) {
  ReceivedProgram program;
  program.spec.file = file;
  for (const int flags : {O_WRONLY, O_RDONLY, O_WRONLY}) {
    program.descriptors.emplace_back(::open("/dev/null", flags | O_CLOEXEC));
  }
  EXPECT_TRUE(program.Complete());
  return program;
}

TEST(ReceivedProgramTest, OfARunningOneOnlyTheStatusChannelIsLeft) {
  boost::asio::io_context io;
  StatusRecord failure = {};
  ReceivedProgram program = Received("/bin/true");
  const int status = program.status().get();
  const ServerProcess started = StartReceived(io, program, nullptr, &failure);
  EXPECT_EQ(failure.value, 0);
  ASSERT_EQ(program.descriptors.size(), 1u);
  EXPECT_EQ(program.status().get(), status);
  EXPECT_EQ(::waitpid(started.id(), nullptr, 0), started.id());
}

TEST(ReceivedProgramTest, AFailedStartIsSaid) {
  boost::asio::io_context io;
  StatusRecord failure = {};
  ReceivedProgram program = Received("/no/such/program");
  (void)StartReceived(io, program, nullptr, &failure);
  EXPECT_EQ(failure.kind, StatusRecord::kStartFailed);
  EXPECT_EQ(failure.value, ENOENT);
  EXPECT_FALSE(launch_test::HasAnyChild());
}

}  // namespace
}  // namespace portlab
