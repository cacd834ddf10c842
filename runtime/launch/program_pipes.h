// The two ends of everything between the host and one program: pipes, a terminal, the status
// channel.
//
// Threads: any. Ownership: of who holds them. Errors: errno of the call that failed (emfile,
// enfile); nothing is left open then. Source: otp_ports.md 6.1; pty(7).
#pragma once

#include <vector>

#include "base/unique_fd.h"
#include "launch/program_spec.h"
#include "portlab/error.h"

namespace portlab {

// The host's ends. All CLOEXEC and non-blocking.
struct ProgramPipes {
  UniqueFd to_program;    // with ProgramSpec::write
  UniqueFd from_program;  // with ProgramSpec::read; of a terminal its other side, as to_program
  UniqueFd errors;        // with ProgramSpec::separate_errors
  // StatusRecords; end of file without kExited, kStartFailed …: the server is gone. Of a contained
  // program a socket, that takes KeeperRequests.
  UniqueFd status;
};

struct ProgramEnds {
  ProgramPipes ours;
  std::vector<UniqueFd> theirs;  // in the order of a start request, see spawn_protocol.h
};

Result<ProgramEnds> MakeProgramEnds(const ProgramSpec& program);

// `fd`: either side of a terminal.
void SetTerminalSize(int fd, const TerminalSize& size);

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

// Both ends CLOEXEC.
Result<Pipe> MakePipe();

}  // namespace portlab
