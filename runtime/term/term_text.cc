#include "term/term_text.h"

#include <vector>

#include "term/term_node.h"
#include "term/utf8.h"

namespace portlab {
namespace {

// The usual case in one step: a string in one node, all of it ASCII.
std::optional<std::string> AsciiText(const Term& string) {
  if (!string.is(TermKind::kString) || TermView(string).after_string().word != kNilWord) {
    return std::nullopt;
  }
  const Bytes bytes = string.string_bytes();
  for (const std::uint8_t byte : bytes) {
    if (byte == 0 || byte > 0x7f) return std::nullopt;
  }
  return std::string(AsText(bytes));
}

}  // namespace

std::optional<std::string> StringText(const Term& string) {
  if (auto ascii = AsciiText(string)) return ascii;
  constexpr std::int64_t kLastCodePoint = 0x10ffff;
  std::string text;
  std::vector<Term> open = {string};  // what is still to be read, the next last
  while (!open.empty()) {
    const Term part = open.back();
    open.pop_back();
    if (!part.is_list()) return std::nullopt;
    if (part.is(TermKind::kNil)) continue;
    open.push_back(part.tail());
    const Term head = part.head();
    const auto character = head.as_int();
    if (!character) {
      open.push_back(head);
      continue;
    }
    const bool surrogate = *character >= 0xd800 && *character <= 0xdfff;
    if (*character <= 0 || *character > kLastCodePoint || surrogate) return std::nullopt;
    AppendUtf8(static_cast<char32_t>(*character), text);
  }
  return text;
}

std::optional<std::string> TextOf(const Term& term) {
  if (term.is(TermKind::kBinary)) {
    const std::string_view bytes = AsText(term.binary());
    return std::string(bytes.substr(0, bytes.find('\0')));
  }
  if (!term.is(TermKind::kAtom)) return StringText(term);
  if (term.atom_name().find('\0') != std::string_view::npos) return std::nullopt;
  return std::string(term.atom_name());
}

std::optional<std::string> Latin1Text(const Term& term) {
  std::string text;
  if (term.is(TermKind::kAtom)) {
    text = term.atom_name();
  } else {
    const auto elements = term.list_elements();
    if (!elements || elements->empty()) return std::nullopt;
    for (const Term& element : *elements) {
      const auto byte = element.as_int();
      if (!byte || *byte < 0 || *byte > 0xff) return std::nullopt;
      text.push_back(static_cast<char>(*byte));
    }
  }
  return text.substr(0, text.find('\0'));
}

}  // namespace portlab
