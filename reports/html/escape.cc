#include "reports/html/escape.h"

#include "reports/summary.h"

namespace portlab::html {

std::string Escape(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : Printable(text)) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string Identifier(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    name += upper ? static_cast<char>(c - 'A' + 'a') : kept ? c : '-';
  }
  return name;
}

}  // namespace portlab::html
