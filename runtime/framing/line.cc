#include "framing/line.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace portlab {

LineDecoder::LineDecoder(std::size_t max_line) : max_line_(max_line) {
  PORTLAB_CHECK(max_line > 0, "{line,0} is a bad option, for open_port to refuse");
}

void LineDecoder::Emit(bool eol) { ready_.push_back({eol, std::exchange(line_, {})}); }

void LineDecoder::Byte(char byte) {
  if (byte == '\n') {
    // Behind a full line the "\r" is not part of line_ yet, and just not taken in.
    if (!held_cr_ && line_.ends_with('\r')) line_.pop_back();
    held_cr_ = false;
    Emit(true);
    return;
  }
  if (line_.size() == max_line_) {
    if (byte == '\r' && !held_cr_) {
      held_cr_ = true;
      return;
    }
    Emit(false);
    if (std::exchange(held_cr_, false)) {
      Byte('\r');
      Byte(byte);
      return;
    }
  }
  line_.push_back(byte);
}

void LineDecoder::Feed(Bytes bytes) {
  std::string_view rest = AsText(bytes);
  while (!rest.empty()) {
    // Up to the next line end or the limit, whichever comes first, there is nothing to decide.
    const std::size_t room = max_line_ - line_.size();
    const std::size_t plain =
        std::min(rest.substr(0, room).find('\n'), std::min(room, rest.size()));
    line_.append(rest.substr(0, plain));
    rest.remove_prefix(plain);
    if (rest.empty()) return;
    Byte(rest.front());
    rest.remove_prefix(1);
  }
}

void LineDecoder::Finish() {
  if (!line_.empty()) Emit(false);
  if (std::exchange(held_cr_, false)) ready_.push_back({false, "\r"});
}

std::optional<LinePiece> LineDecoder::Next() {
  if (ready_.empty()) return std::nullopt;
  LinePiece piece = std::move(ready_.front());
  ready_.pop_front();
  return piece;
}

}  // namespace portlab
