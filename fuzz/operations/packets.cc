#include "fuzz/operations/packets.h"

#include <algorithm>
#include <charconv>

#include "framing/packet.h"

namespace portlab {
namespace {

constexpr std::string_view kPacketFlag = "--packet=";
constexpr std::string_view kLineFlag = "--line=";
constexpr std::string_view kStreamFlag = "--stream";

std::optional<int> PositiveNumber(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

}  // namespace

std::string FramingFlag(const PacketFraming& framing) {
  if (framing.line_length > 0) return std::string(kLineFlag) + std::to_string(framing.line_length);
  if (framing.packet_bytes == 0) return std::string(kStreamFlag);
  return std::string(kPacketFlag) + std::to_string(framing.packet_bytes);
}

std::optional<PacketFraming> FramingFromFlag(std::string_view flag) {
  if (flag == kStreamFlag) return PacketFraming{0, 0};
  if (flag.starts_with(kLineFlag)) {
    const auto length = PositiveNumber(flag.substr(kLineFlag.size()));
    return length ? std::optional(PacketFraming{0, *length}) : std::nullopt;
  }
  if (!flag.starts_with(kPacketFlag)) return std::nullopt;
  const auto bytes = PositiveNumber(flag.substr(kPacketFlag.size()));
  if (!bytes || (*bytes != 1 && *bytes != 2 && *bytes != 4)) return std::nullopt;
  return PacketFraming{*bytes, 0};
}

PacketStep PacketStepOf(const OperationView& operation) {
  if (operation.port != 0) return PacketStep::kNothing;
  switch (operation.kind) {
    case OperationKind::kCommand:
    case OperationKind::kCommandList:
    case OperationKind::kPieces:
    case OperationKind::kSend:
      return PacketStep::kPacket;
    case OperationKind::kOpen:
      return PacketStep::kOpen;
    case OperationKind::kClose:
    case OperationKind::kSendClose:
      return PacketStep::kClose;
    default:
      return PacketStep::kNothing;
  }
}

void AppendFramed(const PacketFraming& framing, Bytes packet, std::string& stream) {
  if (framing.packet_bytes > 0) {
    const std::size_t longest = framing.packet_bytes == 1 ? 0xff : kPayloadMax;
    packet = packet.first(std::min(packet.size(), longest));
    const auto size = static_cast<PacketHeaderSize>(framing.packet_bytes);
    stream += AsText(EncodePacketHeader(size, packet.size())->bytes());
  }
  stream += AsText(packet);
  if (framing.line_length > 0 && (packet.empty() || packet.back() != '\n')) stream += '\n';
}

}  // namespace portlab
