// Whose pids, ports and references the external format names: by default those of a node that is
// not distributed.
//
// A runtime that speaks for a real node (the bridge) passes that node's identity, so that its pids
// survive the round trip.
// Threads: values.
// Source: erl_ext_dist(3erl), NEW_PID_EXT.
#pragma once

#include <cstdint>
#include <string>

namespace portlab {

struct NodeIdentity {
  std::string name = "nonode@nohost";
  std::uint32_t creation = 0;  // 0: any, when decoding
};

}  // namespace portlab
