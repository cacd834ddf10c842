// What a program answers, as far as it can be seen from outside: the only feedback there is about a
// program whose code is not instrumented.
//
// The shape of the answers to one packet is their number, the length of the first, in powers of
// two, and its first byte. A shape that was not seen before, or not after the one before it, is new
// to libFuzzer, as a new branch would be. Threads: one. Ownership: values; nothing of an answer is
// kept. Units: bytes. Errors: einval when what comes is framed in a way that would end the port.
// Source: fuzzing.md 5.4, 5.7.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "framing/line.h"
#include "framing/packet.h"
#include "fuzz/operations/packets.h"

namespace portlab {

class Answers {
 public:
  explicit Answers(const PacketFraming& framing);

  // What an input counts does not depend on the one before it.
  void BeginInput() { before_ = 0; }
  // A packet is under way: what comes from here on is the answer to it.
  void Expect();
  Result<void> Feed(Bytes bytes);
  std::size_t count() const { return count_; }  // whole ones, since Expect
  // "nothing", "part of an answer", "an answer", "several answers"
  std::string_view InWords() const;

  // Adds the shape of what came since Expect to libFuzzer's counters.
  void CountShape();
  // So does a program that ended by itself.
  void CountEnd();

 private:
  void Take(std::string_view answer);
  void Count(std::uint32_t shape);

  std::optional<PacketDecoder> packets_;
  std::optional<LineDecoder> lines_;
  bool part_ = false;
  std::size_t count_ = 0;
  std::size_t first_size_ = 0;
  std::uint8_t first_byte_ = 0;
  std::uint32_t before_ = 0;  // the shape before this one
};

}  // namespace portlab
