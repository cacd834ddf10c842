#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "launch/descendants.h"
#include "launch/launch_test_support.h"
#include "launch/start_program.h"
#include "launch/wait_status.h"

namespace portlab {
namespace {

using launch_test::Eventually;
using launch_test::HasAnyChild;
using launch_test::Runs;

// A host killed by SIGKILL cannot clean up: the server does, with all that tries to get away.
TEST(HostKilledTest, AllProgramsEnd) {
  BecomeSubreaper();  // so that what the server lost comes here
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  StartSpec host;
  host.file = PORTLAB_TEST_HOST;
  host.args = {PORTLAB_TEST_SPAWN_SERVER, "echo $$; exec sleep 1000",
               "trap '' TERM INT HUP; echo $$; while :; do sleep 1; done",
               "setsid sh -c 'trap \"\" TERM; (sleep 1001; :) & echo $!; exit' & sleep 1000",
               "trap '' TERM; echo $$; kill -STOP $$"};
  host.environment = EnvironmentWith({});
  host.setup.fds[1].fd = ends[1];
  const auto started = StartProgram(host);
  ASSERT_TRUE(started);
  ::close(ends[1]);
  std::string text;
  char c;
  while (text.find("ready\n") == std::string::npos && ::read(ends[0], &c, 1) == 1) text += c;
  std::istringstream stream(text);
  std::vector<pid_t> pids;
  for (pid_t pid; stream >> pid;) pids.push_back(pid);
  ASSERT_EQ(pids.size(), 5u) << text;
  for (const pid_t pid : pids) EXPECT_TRUE(Runs(pid)) << pid;
  const pid_t copy = pids.back();  // holds the host's end of the socket: no end of file will come
  pids.pop_back();

  ::kill(started->pid, SIGKILL);
  EXPECT_TRUE(ReapProgram(*started).status.signaled(SIGKILL));
  for (const pid_t pid : pids) EXPECT_TRUE(Eventually([&] { return !Runs(pid); })) << pid;
  EXPECT_TRUE(Runs(copy)) << "nobody's program";
  ::kill(copy, SIGKILL);
  EXPECT_EQ(::waitpid(copy, nullptr, 0), copy);
  // Then the server itself, our child by now; nothing else came to us.
  int raw = -1;
  EXPECT_GT(::waitpid(-1, &raw, 0), 0);
  EXPECT_EQ(WaitStatus(raw).ToString(), "exited 0");
  EXPECT_FALSE(HasAnyChild());
  ::close(ends[0]);
}

// Killed while programs start, while they run: whatever the moment, nobody is left, not even as a
// zombie. 200 hosts of 20 programs with ./lab test --long.
TEST(HostKilledTest, AtAnyMoment) {
  BecomeSubreaper();
  const std::string ignores = "trap '' TERM INT HUP; echo 1; while :; do sleep 1; done";
  const std::string daemon = "setsid sh -c 'trap \"\" TERM; sleep 1001 &' & echo 1; sleep 1000";
  const std::string holds = "sleep 1002 & echo 1; exit 3";
  const std::string stopped = "echo 1; kill -STOP $$";
  StartSpec host;
  host.file = PORTLAB_TEST_HOST;
  host.args = {PORTLAB_TEST_SPAWN_SERVER, "no copy"};
  for (int i = 0; i < 4; ++i) {
    for (const std::string& script : {ignores, daemon, holds, stopped, "contained:" + daemon}) {
      host.args.push_back(script);
    }
  }
  host.environment = EnvironmentWith({});
  const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  host.setup.fds[1].fd = null;
  std::minstd_rand random(20);
  const int rounds = std::getenv("PORTLAB_LONG") != nullptr ? 200 : 4;
  for (int round = 0; round < rounds; ++round) {
    const auto started = StartProgram(host);
    ASSERT_TRUE(started);
    ::poll(nullptr, 0, static_cast<int>(random() % 120));
    ::kill(started->pid, SIGKILL);
    ReapProgram(*started);
    // The server comes to us with what it lost, and ends when it has ended all it had.
    EXPECT_TRUE(Eventually([] {
      while (::waitpid(-1, nullptr, WNOHANG) > 0) {
      }
      return !HasAnyChild();
    })) << "round "
        << round;
  }
  ::close(null);
}

}  // namespace
}  // namespace portlab
