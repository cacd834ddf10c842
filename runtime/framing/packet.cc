#include "framing/packet.h"

#include <algorithm>
#include <cerrno>

namespace portlab {

Result<PacketHeader> EncodePacketHeader(PacketHeaderSize header, std::uint64_t payload_bytes) {
  PacketHeader out;
  out.size = static_cast<std::size_t>(header);
  const std::uint64_t limit = (std::uint64_t{1} << (8 * out.size)) - 1;
  if (payload_bytes > limit) {
    return Fail(Error::Errno(EINVAL, "a packet of " + std::to_string(payload_bytes) +
                                         " bytes; {packet," + std::to_string(out.size) +
                                         "} ends at " + std::to_string(limit)));
  }
  for (std::size_t i = out.size; i-- > 0; payload_bytes >>= 8) {
    out.storage[i] = static_cast<std::uint8_t>(payload_bytes);
  }
  return out;
}

PacketDecoder::PacketDecoder(PacketHeaderSize header, std::uint64_t max_packet)
    : header_bytes_(static_cast<std::size_t>(header)),
      max_packet_(std::min(max_packet, kMaxPacket)) {}

void PacketDecoder::Feed(Bytes bytes) {
  // Moving the rest down only when it is the smaller part keeps the work linear in what is fed.
  if (taken_ > buffer_.size() / 2) {
    buffer_.erase(0, taken_);
    taken_ = 0;
  }
  buffer_.append(AsText(bytes));
}

std::optional<std::uint64_t> PacketDecoder::AnnouncedLength() const {
  const Bytes waiting = rest();
  if (waiting.size() < header_bytes_) return std::nullopt;
  std::uint64_t length = 0;
  for (std::uint8_t byte : waiting.first(header_bytes_)) length = (length << 8) | byte;
  return length;
}

Result<std::optional<std::string>> PacketDecoder::Next() {
  const std::optional<std::uint64_t> length = AnnouncedLength();
  if (!length) return std::nullopt;
  if (*length > max_packet_) {
    return Fail(Error::Errno(EINVAL, "a packet of " + std::to_string(*length) +
                                         " bytes is announced; the limit is " +
                                         std::to_string(max_packet_)));
  }
  if (rest().size() - header_bytes_ < *length) return std::nullopt;
  std::string packet(AsText(rest().subspan(header_bytes_, *length)));
  taken_ += header_bytes_ + packet.size();
  return packet;
}

}  // namespace portlab
