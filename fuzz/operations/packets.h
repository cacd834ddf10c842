// What operations mean to a program of a port: the program hears what port_command writes to its
// stdin, and that the port was closed; all else is between the port and its owner.
//
// The commands of p0 are packets, framed as the port was opened; close is the end of the input, and
// an open after it starts the program anew. Before the first open there is one by itself. Threads:
// values. Ownership: values. Units: bytes. Errors: nullopt for a flag that is none. Source:
// fuzzing.md 5.7; otp_ports.md 3.3.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fuzz/operations/operation.h"

namespace portlab {

// How the port of the program is opened; both 0: as a stream.
struct PacketFraming {
  int packet_bytes = 4;  // {packet, 1 | 2 | 4}
  int line_length = 0;   // {line, L}; a command gets the end of line that it does not have

  bool operator==(const PacketFraming&) const = default;
};

// "--packet=4", "--line=1024", "--stream", and back.
std::string FramingFlag(const PacketFraming& framing);
std::optional<PacketFraming> FramingFromFlag(std::string_view flag);

// A program may need many packets before it fails.
inline constexpr std::size_t kPacketsMax = 4096;

enum class PacketStep { kNothing, kPacket, kOpen, kClose };
PacketStep PacketStepOf(const OperationView& operation);

// Appends `packet` as the program reads it; what its header cannot express is cut.
void AppendFramed(const PacketFraming& framing, Bytes packet, std::string& stream);

}  // namespace portlab
