// {line,L}: output cut at line ends, and lines longer than L cut into pieces of L bytes.
//
// A line ends at "\n"; one "\r" right before it is dropped with it. Whether a piece of L bytes ends
// its line is known only by what follows, so the decoder holds it, and a "\r" behind it, back until
// then.
// Threads: one at a time.
// Ownership: pieces are copied out.
// Units: bytes.
// Errors: none.
// Source: erlang(3erl) open_port/2 {line,L}; otp_ports.md 3.3 and golden 15-20; edge cases measured
// on OTP 25.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

#include "portlab/term.h"

namespace portlab {

struct LinePiece {
  bool eol = false;  // false: noeol, the line goes on
  std::string bytes;
  bool operator==(const LinePiece&) const = default;
};

class LineDecoder {
 public:
  explicit LineDecoder(std::size_t max_line);  // REQUIRES: max_line > 0

  void Feed(Bytes bytes);
  // The end of the stream: what was held back becomes noeol pieces.
  void Finish();
  std::optional<LinePiece> Next();

 private:
  void Byte(char byte);
  void Emit(bool eol);

  std::size_t max_line_;
  std::string line_;      // at most max_line_ bytes
  bool held_cr_ = false;  // a "\r" came behind a full line_
  std::deque<LinePiece> ready_;
};

}  // namespace portlab
