// The decoders of {packet,N} and {line,L}, whose bytes come from programs.
//
// The first byte of an input says how many bytes arrive at a time (less one), the second is L less
// one, and the rest is the stream; it goes to every decoder.
// Oracles: the sanitizers; how the stream is cut makes no difference; packets and their headers
// joined again are the stream; lines joined again are the stream without the "\r" before "\n".
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "framing/line.h"
#include "framing/packet.h"

namespace portlab {
namespace {

constexpr std::size_t kPlanBytes = 2;

void Require(bool condition, const char* text) {
  if (condition) return;
  std::fprintf(stderr, "framing_fuzz: FOUND: %s\n", text);
  std::abort();
}

struct Packets {
  std::vector<std::string> packets;
  bool failed = false;
  std::string rest;
  bool operator==(const Packets&) const = default;
};

// Feeds `stream` to `decoder`, `chunk` bytes at a time, and calls `drain` after each.
template <class Decoder, class Drain>
void FeedInChunks(Decoder& decoder, Bytes stream, std::size_t chunk, Drain drain) {
  while (!stream.empty()) {
    const Bytes now = stream.first(std::min(chunk, stream.size()));
    decoder.Feed(now);
    drain();
    stream = stream.subspan(now.size());
  }
}

Packets DecodePackets(PacketHeaderSize header, Bytes stream, std::size_t chunk) {
  PacketDecoder decoder(header);
  Packets out;
  FeedInChunks(decoder, stream, chunk, [&] {
    while (!out.failed) {
      Result<std::optional<std::string>> next = decoder.Next();
      out.failed = !next;
      if (!next || !*next) return;
      out.packets.push_back(std::move(**next));
    }
  });
  Require(!out.failed || !decoder.Next(), "a stream that has lost its frames finds them again");
  out.rest = AsText(decoder.rest());
  return out;
}

void RunPackets(PacketHeaderSize header, Bytes stream, std::size_t chunk) {
  const Packets whole = DecodePackets(header, stream, std::max<std::size_t>(1, stream.size()));
  Require(DecodePackets(header, stream, chunk) == whole, "the cuts of a stream change its packets");
  std::string joined;
  for (const std::string& packet : whole.packets) {
    const Result<PacketHeader> made = EncodePacketHeader(header, packet.size());
    Require(made.has_value(), "a packet came that its header cannot express");
    joined += std::string(AsText(made->bytes())) + packet;
  }
  joined += whole.rest;
  Require(joined == AsText(stream), "packets and rest are not the stream");
}

std::vector<LinePiece> DecodeLines(std::size_t max_line, Bytes stream, std::size_t chunk) {
  LineDecoder decoder(max_line);
  std::vector<LinePiece> pieces;
  const auto drain = [&] {
    while (auto piece = decoder.Next()) pieces.push_back(std::move(*piece));
  };
  FeedInChunks(decoder, stream, chunk, drain);
  decoder.Finish();
  drain();
  return pieces;
}

std::string WithoutCarriageReturns(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!text.substr(i).starts_with("\r\n")) out.push_back(text[i]);
  }
  return out;
}

void RunLines(std::size_t max_line, Bytes stream, std::size_t chunk) {
  const std::vector<LinePiece> whole =
      DecodeLines(max_line, stream, std::max<std::size_t>(1, stream.size()));
  Require(DecodeLines(max_line, stream, chunk) == whole, "the cuts of a stream change its lines");
  std::string joined;
  for (const LinePiece& piece : whole) {
    Require(piece.bytes.size() <= max_line, "a piece is longer than L");
    Require(piece.eol || !piece.bytes.empty(), "an empty piece that ends no line");
    joined += piece.bytes;
    if (piece.eol) joined += '\n';
  }
  Require(joined == WithoutCarriageReturns(AsText(stream)), "lines joined are not the stream");
}

void Run(Bytes input) {
  if (input.size() < kPlanBytes) return;
  const std::size_t chunk = input[0] + std::size_t{1};
  const std::size_t max_line = input[1] + std::size_t{1};
  const Bytes stream = input.subspan(kPlanBytes);
  for (const auto header : {PacketHeaderSize::k1, PacketHeaderSize::k2, PacketHeaderSize::k4}) {
    RunPackets(header, stream, chunk);
  }
  RunLines(max_line, stream, chunk);
}

}  // namespace
}  // namespace portlab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portlab::Run(portlab::Bytes(data, size));
  return 0;
}
