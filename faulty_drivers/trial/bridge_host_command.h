// The command line of `portlab-host-<flavour> bridge`: what `portlab bridge` writes and the host
// reads.
//
// Threads: values. Errors: badopt; its detail is one line that names the option and what it takes.
// Source: design, decisions 2, 3 and 10.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "portlab/error.h"
#include "term/node_identity.h"

namespace portlab {

struct BridgeHostCommand {
  std::string help;  // not empty: what --help asked for, and nothing else is set
  bool strict = true;
  std::uint32_t port_limit = 65536;
  std::uint32_t schedulers = 0;  // 0: one per processor
  std::optional<std::uint64_t> seed;
  NodeIdentity node;
  int in_fd = 0;
  int out_fd = 1;
  int black_box_fd = -1;  // -1: none, when a person runs the host
};

// With "bridge" in front: the arguments after argv[0].
std::vector<std::string> ToArguments(const BridgeHostCommand& command);
Result<BridgeHostCommand> ParseBridgeHostCommand(const std::vector<std::string>& arguments);

}  // namespace portlab
