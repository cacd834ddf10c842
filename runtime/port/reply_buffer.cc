#include "port/reply_buffer.h"

#include <cstdio>

namespace portlab {

void ReplyBufferOverflow(const char* callback, std::size_t room) {
  char text[128];
  std::snprintf(text, sizeof(text),
                "reply-buffer-overflow: %s wrote behind the %zu bytes it was lent for its reply",
                callback, room);
  Misuse(text);
}

void OverlongReply(const char* callback, ErlDrvSSizeT length, std::size_t room) {
  char text[128];
  std::snprintf(text, sizeof(text),
                "overlong-reply: %s says its reply has %lld bytes, and left it in a buffer of %zu",
                callback, static_cast<long long>(length), room);
  Misuse(text);
}

}  // namespace portlab
