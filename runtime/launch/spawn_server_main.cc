// portlab-spawn-server VERSION HOST_PID [keeper]: see launch/spawn_protocol.h. Started by
// SpawnClient, not by people.
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "launch/spawn_protocol.h"
#include "launch/spawn_server.h"

namespace portlab {
namespace {

// So that no descriptor opened later becomes a program's stdin, stdout or stderr by accident.
void OpenMissingStandardDescriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) {
      [[maybe_unused]] const int opened = ::open("/dev/null", O_RDWR);  // the lowest free: fd
    }
  }
}

int Main(int argc, char** argv) {
  if (argc < 3 || std::atoi(argv[1]) != kSpawnProtocolVersion ||
      ::fcntl(kSpawnSocketFd, F_SETFD, FD_CLOEXEC) != 0) {
    std::fprintf(stderr,
                 "portlab-spawn-server: is started by portlab; this one speaks protocol %d\n",
                 kSpawnProtocolVersion);
    return 2;
  }
  OpenMissingStandardDescriptors();
  ::syscall(SYS_close_range, kSpawnSocketFd + 1, UINT_MAX, 0);
  // A signal to the terminal's foreground group is meant for the host; the server ends when the
  // host has.
  ::setsid();
  for (const int signo : {SIGINT, SIGQUIT, SIGHUP, SIGPIPE, SIGTSTP}) ::signal(signo, SIG_IGN);
  const bool keeper = argc > 3 && std::strcmp(argv[3], kKeeperWord) == 0;
  return RunSpawnServer(UniqueFd(kSpawnSocketFd), std::atoi(argv[2]),
                        keeper ? ServerRole::kKeeper : ServerRole::kServer);
}

}  // namespace
}  // namespace portlab

int main(int argc, char** argv) { return portlab::Main(argc, argv); }
