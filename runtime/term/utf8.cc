#include "term/utf8.h"

namespace portlab {

void AppendUtf8(char32_t code_point, std::string& out) {
  auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xc0 | (code_point >> 6));
    put(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    put(0xe0 | (code_point >> 12));
    put(0x80 | ((code_point >> 6) & 0x3f));
    put(0x80 | (code_point & 0x3f));
  } else {
    put(0xf0 | (code_point >> 18));
    put(0x80 | ((code_point >> 12) & 0x3f));
    put(0x80 | ((code_point >> 6) & 0x3f));
    put(0x80 | (code_point & 0x3f));
  }
}

std::optional<char32_t> PopUtf8(std::string_view& utf8) {
  if (utf8.empty()) return std::nullopt;
  const auto first = static_cast<unsigned char>(utf8[0]);
  if (first < 0x80) {
    utf8.remove_prefix(1);
    return first;
  }
  std::size_t length = 0;
  char32_t smallest = 0;
  char32_t value = 0;
  if (first >= 0xc2 && first < 0xe0) {
    length = 2, smallest = 0x80, value = first & 0x1fU;
  } else if (first >= 0xe0 && first < 0xf0) {
    length = 3, smallest = 0x800, value = first & 0x0fU;
  } else if (first >= 0xf0 && first < 0xf5) {
    length = 4, smallest = 0x10000, value = first & 0x07U;
  }
  if (length == 0 || utf8.size() < length) return std::nullopt;
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if ((byte & 0xc0) != 0x80) return std::nullopt;
    value = (value << 6) | (byte & 0x3fU);
  }
  if (value < smallest || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) {
    return std::nullopt;
  }
  utf8.remove_prefix(length);
  return value;
}

bool StartsBareAtom(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 0xdf && c <= 0xff && c != 0xf7);
}

bool ContinuesBareAtom(char32_t c) {
  const bool upper = (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7);
  return StartsBareAtom(c) || upper || (c >= '0' && c <= '9') || c == '_' || c == '@';
}

std::string Latin1ToUtf8(std::string_view latin1) {
  std::string out;
  out.reserve(latin1.size());
  for (char c : latin1) AppendUtf8(static_cast<unsigned char>(c), out);
  return out;
}

std::optional<std::string> Utf8ToLatin1(std::string_view utf8) {
  std::string out;
  while (!utf8.empty()) {
    std::optional<char32_t> c = PopUtf8(utf8);
    if (!c || *c > 0xff) return std::nullopt;
    out.push_back(static_cast<char>(*c));
  }
  return out;
}

std::optional<std::size_t> Utf8Length(std::string_view utf8) {
  std::size_t count = 0;
  while (!utf8.empty()) {
    if (!PopUtf8(utf8)) return std::nullopt;
    ++count;
  }
  return count;
}

}  // namespace portlab
