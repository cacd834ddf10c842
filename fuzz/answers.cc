#include "fuzz/answers.h"

#include <algorithm>
#include <bit>

namespace {

constexpr std::size_t kShapes = 512;
constexpr std::size_t kCounters = 2 * kShapes;  // shapes, then pairs of them

}  // namespace

// Volatile and used: written only, the array would be deleted, and its section with it.
extern "C" {
__attribute__((section("__libfuzzer_extra_counters"),
               used)) volatile std::uint8_t portlab_answer_counters[kCounters];
}

namespace portlab {
namespace {

// What is longer ends a port of this runtime, too, unless its limits say otherwise.
constexpr std::uint64_t kPacketMax = 64 << 20;
constexpr std::size_t kCountMax = 3;
constexpr std::uint32_t kEnded = 1;

// Several times as many combinations as places occur in theory; a collision costs a little
// feedback.
std::uint32_t Spread(std::uint32_t value) { return (value * 0x9e3779b1u) >> 16; }

}  // namespace

Answers::Answers(const PacketFraming& framing) {
  if (framing.line_length > 0) {
    lines_.emplace(static_cast<std::size_t>(framing.line_length));
  } else if (framing.packet_bytes > 0) {
    packets_.emplace(static_cast<PacketHeaderSize>(framing.packet_bytes), kPacketMax);
  }
}

void Answers::Expect() {
  count_ = 0;
  first_size_ = 0;
  first_byte_ = 0;
}

void Answers::Take(std::string_view answer) {
  if (count_ == 0) {
    first_size_ = answer.size();
    first_byte_ = answer.empty() ? 0 : static_cast<std::uint8_t>(answer.front());
  }
  ++count_;
}

Result<void> Answers::Feed(Bytes bytes) {
  if (bytes.empty()) return {};
  if (lines_) {
    lines_->Feed(bytes);
    while (const auto piece = lines_->Next()) Take(piece->bytes);
    part_ = bytes.back() != '\n';
    return {};
  }
  if (!packets_) {
    Take(AsText(bytes));
    return {};
  }
  packets_->Feed(bytes);
  while (true) {
    auto packet = packets_->Next();
    if (!packet) return Fail(packet.error());
    if (!*packet) break;
    Take(**packet);
  }
  part_ = !packets_->rest().empty();
  return {};
}

std::string_view Answers::InWords() const {
  if (count_ == 0) return part_ ? "part of an answer" : "nothing";
  return count_ == 1 ? "an answer" : "several answers";
}

void Answers::Count(std::uint32_t shape) {
  portlab_answer_counters[Spread(shape) % kShapes] = 1;
  portlab_answer_counters[kShapes + Spread(before_ * 31 + shape) % kShapes] = 1;
  before_ = shape;
}

void Answers::CountShape() {
  const auto number = static_cast<std::uint32_t>(std::min(count_, kCountMax));
  const auto length = static_cast<std::uint32_t>(std::bit_width(first_size_));
  Count((number << 16 | length << 8 | first_byte_) << 1);
}

void Answers::CountEnd() { Count(kEnded); }

}  // namespace portlab
