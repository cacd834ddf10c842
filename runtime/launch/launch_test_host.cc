// A host for launch_test to kill: starts each argument as a shell script and prints what it prints,
// then forks and prints the pid of its copy, then waits for its end.
//   launch_test_host SERVER SCRIPT...
// A first script "no copy" is none: then nothing is forked. A script that starts with "contained:"
// has a keeper.
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "launch/spawn_client.h"

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  portlab::SpawnClient client(argv[1]);
  std::vector<portlab::ProgramPipes> programs;
  const bool forks = std::strcmp(argv[2], "no copy") != 0;
  for (int i = forks ? 2 : 3; i < argc; ++i) {
    constexpr std::string_view contained = "contained:";
    std::string_view script = argv[i];
    portlab::ProgramSpec spec;
    spec.contained = script.substr(0, contained.size()) == contained;
    if (spec.contained) script.remove_prefix(contained.size());
    spec.file = "/bin/sh";
    spec.args = {"-c", std::string(script)};
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
  const pid_t copy = forks ? ::fork() : -1;
  if (copy == 0) {
    while (true) ::pause();
  }
  ::dprintf(STDOUT_FILENO, "%d\nready\n", static_cast<int>(copy));
  while (true) ::pause();
}
