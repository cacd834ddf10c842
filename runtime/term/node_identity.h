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
  // Not empty: ports, and the references this runtime makes, are those of a node of their own.
  std::string ports_name = {};
  std::uint32_t ports_creation = 0;
};

}  // namespace portlab
