// What a fuzz input says: a sequence of operations on up to four ports of one driver.
//
// An input is a flat list of records without any header, count or checksum, so that cutting,
// joining and copying inputs anywhere gives inputs:
//
//   byte 0   kind, modulo the number of kinds
//   byte 1   bits 0-1: port; bit 7: the length has two bytes
//   then     length of the rest, one byte, or two with the low one first; what is not there is cut
//   then     the number, low byte first, as wide as the kind says; what is missing counts as zero
//   then     the bytes
//
// Every byte string is a valid input, and Encode gives the one that Decode gives back: an input
// that was decoded and encoded once stays as it is.
//
// Threads: values. Ownership: OperationView borrows the input. Units: bytes. Errors: none: what is
// beyond the reader's bound or kPayloadMax is dropped. Source: fuzzing.md 5.3.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "portlab/term.h"

namespace portlab {

enum class OperationKind : std::uint8_t {
  kOpen,         // open_port, unless it is open; number: OpenBits; bytes: the start arguments
  kCommand,      // port_command with a binary
  kCommandList,  // port_command with a list of bytes
  kPieces,       // port_command with a list of binaries; number: length of a piece, less one
  kSend,         // Port ! {self(), {command, Binary}}: nobody waits for it
  kControl,      // port_control; number: the operation
  kCall,         // erlang:port_call; number: the operation; bytes: an external term, else a binary
  kClose,        // port_close
  kSendClose,    // Port ! {self(), close}
  kConnect,      // port_connect to another process, which unlinks it; and back the next time
  kExit,         // exit(Port, Reason); bytes: the reason, an atom's name
  kOwnerExit,    // the port gets a new owner, which exits at once
  kInfo,         // port_info
  kAdvance,      // time passes; number: milliseconds
  kSettle,       // everything that is ready happens: timers that are due, async jobs, fds
  kFailAlloc,    // an allocation of the driver's fails; number: how many before it do not
};
inline constexpr std::size_t kOperationKinds = 16;

// kOpen's number.
enum OpenBits : std::uint32_t { kOpenBinary = 1, kOpenLine = 2, kOpenEof = 4 };
inline constexpr std::uint32_t kOpenBitsAll = 7;

inline constexpr std::size_t kOperationPorts = 4;
inline constexpr std::size_t kOperationsMax = 32;  // of an input for a driver
inline constexpr std::size_t kPayloadMax = 0xffff;

struct OperationView {
  OperationKind kind = OperationKind::kOpen;
  std::uint8_t port = 0;
  std::uint32_t number = 0;
  Bytes bytes;
};

struct Operation {
  OperationKind kind = OperationKind::kOpen;
  std::uint8_t port = 0;
  std::uint32_t number = 0;
  std::string bytes;

  Operation() = default;
  explicit Operation(const OperationView& view)
      : kind(view.kind), port(view.port), number(view.number), bytes(AsText(view.bytes)) {}
  OperationView view() const { return {kind, port, number, AsBytes(bytes)}; }
  bool operator==(const Operation&) const = default;
};

struct OperationShape {
  std::string_view name;  // in the text form
  std::uint8_t number_bytes;
  bool has_bytes;
  bool has_port;
};
const OperationShape& ShapeOf(OperationKind kind);

// Takes one operation after the other off the front of an input.
class OperationReader {
 public:
  explicit OperationReader(Bytes input, std::size_t operations_max = kOperationsMax)
      : rest_(input), left_(operations_max) {}
  // False: there is none left.
  bool Next(OperationView& operation);
  bool done() const { return rest_.empty() || left_ == 0; }

 private:
  Bytes rest_;
  std::size_t left_;
};

std::vector<Operation> DecodeOperations(Bytes input, std::size_t operations_max = kOperationsMax);
std::string EncodeOperations(std::span<const Operation> operations);
// Writes the record behind `at`; the byte after it, or null: `end` comes first.
std::uint8_t* EncodeOperation(const OperationView& operation, std::uint8_t* at, std::uint8_t* end);

}  // namespace portlab
