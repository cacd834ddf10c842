// A host for launch_test to kill: starts each argument as a shell script and prints what it prints,
// then forks and prints the pid of its copy, then waits for its end.
//   launch_test_host SERVER SCRIPT...
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <vector>

#include "launch/spawn_client.h"

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  portlab::SpawnClient client(argv[1]);
  std::vector<portlab::ProgramPipes> programs;
  for (int i = 2; i < argc; ++i) {
    portlab::ProgramSpec spec;
    spec.file = "/bin/sh";
    spec.args = {"-c", argv[i]};
    spec.environment = {"PATH=/usr/bin:/bin"};
    auto pipes = client.Start(spec);
    if (!pipes) return 3;
    pollfd ready = {pipes->from_program.get(), POLLIN, 0};
    ::poll(&ready, 1, 10'000);
    char line[256];
    const ssize_t size = ::read(pipes->from_program.get(), line, sizeof line);
    if (size <= 0 || ::write(STDOUT_FILENO, line, static_cast<size_t>(size)) != size) return 4;
    programs.push_back(std::move(*pipes));
  }
  // What a faulty driver might do: a copy that outlives the host and holds its end of the server's
  // socket.
  const pid_t copy = ::fork();
  if (copy == 0) {
    while (true) ::pause();
  }
  ::dprintf(STDOUT_FILENO, "%d\nready\n", static_cast<int>(copy));
  while (true) ::pause();
}
