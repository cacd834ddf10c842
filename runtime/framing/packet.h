// {packet,1|2|4}: a big-endian length before every message.
//
// Threads: a decoder belongs to one thread at a time.
// Ownership: packets are copied out.
// Units: bytes.
// Memory held is what was fed and not yet popped; an announced length reserves nothing.
// Errors: einval for an announced length above the maximum, and for a payload the header cannot
// express.
// Source: erlang(3erl) open_port/2 {packet,N}; otp_ports.md 3.3 and golden 22-26. Where OTP 25
// spins for ever (a length of 2^31 or more), this is an error.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "portlab/error.h"
#include "portlab/term.h"

namespace portlab {

// The number is that of the header's bytes.
enum class PacketHeaderSize : std::uint8_t { k1 = 1, k2 = 2, k4 = 4 };

inline constexpr std::uint64_t kMaxPacket = (std::uint64_t{1} << 31) - 1;

struct PacketHeader {
  std::array<std::uint8_t, 4> storage{};
  std::size_t size = 0;
  Bytes bytes() const { return {storage.data(), size}; }
};

Result<PacketHeader> EncodePacketHeader(PacketHeaderSize header, std::uint64_t payload_bytes);

class PacketDecoder {
 public:
  explicit PacketDecoder(PacketHeaderSize header, std::uint64_t max_packet = kMaxPacket);

  void Feed(Bytes bytes);
  // The next whole packet; nullopt: more bytes are needed. An error stays: the stream has lost its
  // frames.
  Result<std::optional<std::string>> Next();
  // What is left of a packet that has not wholly arrived, header included: OTP drops it silently at
  // the end of the stream.
  Bytes rest() const { return AsBytes(buffer_).subspan(taken_); }

 private:
  std::optional<std::uint64_t> AnnouncedLength() const;

  std::size_t header_bytes_;
  std::uint64_t max_packet_;
  std::string buffer_;
  std::size_t taken_ = 0;  // bytes of buffer_ that are popped
};

}  // namespace portlab
