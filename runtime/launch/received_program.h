// A start request as the spawn server has it: the program and the descriptors that came with it;
// and how it becomes a process.
//
// Threads: the server's one. Ownership: of the descriptors. Errors: StartFailure. Boost.Process
// launches, so few files include this.
#pragma once

#include <boost/asio/io_context.hpp>
#include <vector>

#include "base/unique_fd.h"
#include "launch/cgroup.h"
#include "launch/clone3_launcher.h"
#include "launch/program_spec.h"
#include "launch/spawn_protocol.h"

namespace portlab {

using ServerProcess = boost::process::v2::basic_process<boost::asio::io_context::executor_type>;

struct ReceivedProgram {
  ProgramSpec spec;
  std::vector<UniqueFd> descriptors;  // as spawn_protocol.h says of a start request

  UniqueFd& status() { return descriptors.front(); }
  // Whether all that the spec needs has arrived: less means that the server has none left.
  bool Complete() const;
};

// `cgroup`: what it is to be in, if any. `failure` is kStartFailed or kDirectoryFailed with an
// errno when it did not work. Of a program that runs only the status channel is left here: its ends
// of the pipes are its own before anybody hears of it, so that one it closes is closed.
ServerProcess StartReceived(boost::asio::io_context& io, ReceivedProgram& program,
                            const Cgroup* cgroup, StatusRecord* failure);

}  // namespace portlab
