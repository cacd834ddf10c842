#include "launch/program_pipes.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace portlab {
namespace {

tl::unexpected<Error> Failed(const char* call) { return Fail(Error::Errno(errno, call)); }

// Of one that was made here, and has no other flag.
bool SetNonBlocking(const UniqueFd& fd) {
  return !fd || ::fcntl(fd.get(), F_SETFL, O_NONBLOCK) == 0;
}

Result<void> AddStatus(const ProgramSpec& program, ProgramEnds& ends) {
  if (!program.contained) {
    auto status = MakePipe();
    if (!status) return Fail(status.error());
    ends.ours.status = std::move(status->read_end);
    ends.theirs.push_back(std::move(status->write_end));
    return {};
  }
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    return Failed("socketpair");
  }
  ends.ours.status = UniqueFd(pair[0]);
  ends.theirs.emplace_back(pair[1]);
  return {};
}

// The program's input and output are one side of a terminal, ours the other.
Result<void> AddTerminal(const TerminalSize& size, ProgramEnds& ends) {
  UniqueFd ours(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  char name[64];
  if (!ours || ::grantpt(ours.get()) != 0 || ::unlockpt(ours.get()) != 0 ||
      ::ptsname_r(ours.get(), name, sizeof name) != 0) {
    return Failed("posix_openpt");
  }
  SetTerminalSize(ours.get(), size);
  ends.ours.to_program = UniqueFd(::fcntl(ours.get(), F_DUPFD_CLOEXEC, 0));
  if (!ends.ours.to_program) return Failed("dup");
  ends.ours.from_program = std::move(ours);
  for (int i = 0; i < 2; ++i) {
    ends.theirs.emplace_back(::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!ends.theirs.back()) return Failed("open of a terminal");
  }
  return {};
}

Result<void> AddPipes(const ProgramSpec& program, ProgramEnds& ends) {
  // The output first, as on OTP: of two pipes that are both at their end, the lower number counts.
  Result<Pipe> output = Pipe{};
  if (program.read) output = MakePipe();
  if (!output) return Fail(output.error());
  Result<Pipe> input = MakePipe();
  if (!input) return Fail(input.error());
  ends.ours.from_program = std::move(output->read_end);
  if (program.write) ends.ours.to_program = std::move(input->write_end);
  ends.theirs.push_back(std::move(input->read_end));
  if (program.read) ends.theirs.push_back(std::move(output->write_end));
  return {};
}

}  // namespace

void SetTerminalSize(int fd, const TerminalSize& size) {
  const winsize window = {size.rows, size.columns, 0, 0};
  ::ioctl(fd, TIOCSWINSZ, &window);
}

Result<Pipe> MakePipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Failed("pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<ProgramEnds> MakeProgramEnds(const ProgramSpec& program) {
  ProgramEnds ends;
  if (auto made = AddStatus(program, ends); !made) return Fail(made.error());
  const auto made =
      program.terminal ? AddTerminal(*program.terminal, ends) : AddPipes(program, ends);
  if (!made) return Fail(made.error());
  if (program.separate_errors) {
    auto errors = MakePipe();
    if (!errors) return Fail(errors.error());
    ends.ours.errors = std::move(errors->read_end);
    ends.theirs.push_back(std::move(errors->write_end));
  }
  for (const UniqueFd* fd :
       {&ends.ours.to_program, &ends.ours.from_program, &ends.ours.errors, &ends.ours.status}) {
    if (!SetNonBlocking(*fd)) return Failed("fcntl");
  }
  return ends;
}

}  // namespace portlab
