#include "term/scanner.h"

#include <charconv>
#include <cstdint>

#include "term/integer_text.h"
#include "term/utf8.h"

namespace portlab {
namespace {

constexpr std::uint64_t kPidNumber = std::uint64_t{1} << 28;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlphanumeric(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
std::string ToUtf8(const std::u32string& characters) {
  std::string out;
  for (char32_t c : characters) AppendUtf8(c, out);
  return out;
}

}  // namespace

Token Scanner::Wrong(std::string what) {
  if (error_.empty()) error_ = std::move(what);
  return {TokenKind::kError};
}

Token Scanner::Made(std::optional<Term> term, const char* otherwise) {
  if (!term) return Wrong(otherwise);
  return {TokenKind::kTerm, *std::move(term)};
}

bool Scanner::Accept(std::string_view prefix) {
  if (!rest_.starts_with(prefix)) return false;
  rest_.remove_prefix(prefix.size());
  return true;
}

void Scanner::SkipSpace() {
  const std::size_t space = rest_.find_first_not_of(" \t\r\n\f\v");
  rest_.remove_prefix(space == std::string_view::npos ? rest_.size() : space);
}

Token Scanner::Next() {
  SkipSpace();
  if (rest_.empty()) return {TokenKind::kEnd};
  if (Accept("[")) return {TokenKind::kOpenList};
  if (Accept("]")) return {TokenKind::kCloseList};
  if (Accept("{")) return {TokenKind::kOpenTuple};
  if (Accept("#{")) return {TokenKind::kOpenMap};
  if (Accept("}")) return {TokenKind::kCloseBrace};
  if (Accept(",")) return {TokenKind::kComma};
  if (Accept("|")) return {TokenKind::kBar};
  if (Accept("=>")) return {TokenKind::kArrow};
  if (Accept("<<")) return Binary();
  if (Accept("\"")) return String();
  if (Accept("'")) return QuotedAtom();
  if (Accept("$")) return Character();
  for (std::string_view prefix : {"<0.", "#Port<0.", "#Ref<0."}) {
    if (Accept(prefix)) return Identity(prefix);
  }
  if (rest_.front() == '.' && rest_.find_first_not_of(" \t\r\n\f\v", 1) == std::string_view::npos) {
    rest_ = {};
    return {TokenKind::kEnd};
  }
  const char first = rest_.front();
  if (IsDigit(first) || first == '-' || first == '+') return Number();
  return Word();
}

Token Scanner::Word() {
  std::string name;
  for (std::string_view after = rest_;; rest_ = after) {
    const std::optional<char32_t> c = PopUtf8(after);
    if (!c || !(name.empty() ? StartsBareAtom(*c) : ContinuesBareAtom(*c))) break;
    AppendUtf8(*c, name);
  }
  if (name.empty()) return Wrong("no term starts here");
  return Made(Term::TryAtom(name), "an atom of more than 255 characters");
}

Token Scanner::QuotedAtom() {
  const std::optional<std::u32string> name = Quoted('\'');
  if (!name) return Wrong("a quoted atom that does not end");
  return Made(Term::TryAtom(ToUtf8(*name)), "an atom of more than 255 characters");
}

std::string_view Scanner::TakeDigits() {
  std::size_t count = 0;
  while (count < rest_.size() && IsDigit(rest_[count])) ++count;
  const std::string_view digits = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return digits;
}

Token Scanner::Number() {
  const std::string_view literal = rest_;
  const std::string_view sign = Accept("-") ? "-" : (Accept("+") ? "+" : "");
  const std::string_view digits = TakeDigits();
  if (digits.empty()) return Wrong("a sign without a number");
  if (Accept("#")) return Based(sign, digits);
  if (rest_.size() >= 2 && rest_[0] == '.' && IsDigit(rest_[1])) return Float(literal);
  const std::optional<std::vector<std::uint8_t>> magnitude = TextToMagnitude(digits, 10);
  if (!magnitude) return Wrong("a decimal number with too many digits; write it in base 16");
  return {TokenKind::kTerm, Term::Big(sign == "-", *magnitude)};
}

Token Scanner::Float(std::string_view literal) {
  Accept(".");
  TakeDigits();
  const std::string_view before_exponent = rest_;
  if (Accept("e") || Accept("E")) {
    if (!Accept("-")) Accept("+");
    if (TakeDigits().empty()) rest_ = before_exponent;
  }
  literal = literal.substr(0, literal.size() - rest_.size());
  if (literal.starts_with('+')) literal.remove_prefix(1);
  double value = 0;
  const auto end = std::from_chars(literal.data(), literal.data() + literal.size(), value);
  // Too small a number becomes a zero or a denormal in Erlang as well; too large a one is refused.
  if (end.ec != std::errc()) return Wrong("a float out of range");
  return Made(Term::Float(value), "a float out of range");
}

Token Scanner::Based(std::string_view sign, std::string_view base_text) {
  unsigned base = 0;
  std::from_chars(base_text.data(), base_text.data() + base_text.size(), base);
  if (base < 2 || base > 36) return Wrong("a base is 2 to 36");
  std::size_t count = 0;
  while (count < rest_.size() && IsAlphanumeric(rest_[count])) ++count;
  const auto magnitude = TextToMagnitude(rest_.substr(0, count), base);
  if (!magnitude) return Wrong("not digits of that base, or too many");
  rest_.remove_prefix(count);
  return {TokenKind::kTerm, Term::Big(sign == "-", *magnitude)};
}

std::optional<char32_t> Scanner::HexEscape() {
  const bool braces = Accept("{");
  const std::size_t length = braces ? rest_.find('}') : 2;
  if (length == std::string_view::npos || length > rest_.size() || length == 0) return std::nullopt;
  std::uint32_t value = 0;
  const char* end = rest_.data() + length;
  const auto parsed = std::from_chars(rest_.data(), end, value, 16);
  if (parsed.ec != std::errc() || parsed.ptr != end || value > 0x10ffff) return std::nullopt;
  rest_.remove_prefix(length + (braces ? 1 : 0));
  return value;
}

// What follows a backslash.
std::optional<char32_t> Scanner::Escape() {
  std::optional<char32_t> c = PopUtf8(rest_);
  if (!c) return std::nullopt;
  if (*c == 'x') return HexEscape();
  if (*c >= '0' && *c <= '7') {
    char32_t value = *c - '0';
    for (int i = 0; i < 2 && !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '7'; ++i) {
      value = value * 8 + static_cast<char32_t>(rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  constexpr std::string_view kLetters = "btnvfreds";
  constexpr std::string_view kMeanings = "\b\t\n\v\f\r\x1b\x7f ";
  const std::size_t at = *c < 128 ? kLetters.find(static_cast<char>(*c)) : std::string_view::npos;
  return at == std::string_view::npos ? *c : static_cast<char32_t>(kMeanings[at]);
}

std::optional<std::u32string> Scanner::Quoted(char quote) {
  std::u32string out;
  while (!rest_.empty()) {
    if (Accept(std::string_view(&quote, 1))) return out;
    const std::optional<char32_t> c = Accept("\\") ? Escape() : PopUtf8(rest_);
    if (!c) return std::nullopt;
    out.push_back(*c);
  }
  return std::nullopt;
}

Token Scanner::Character() {
  const std::optional<char32_t> c = Accept("\\") ? Escape() : PopUtf8(rest_);
  if (!c) return Wrong("a $ without a character");
  return {TokenKind::kTerm, Term::Int(static_cast<std::int64_t>(*c))};
}

Token Scanner::String() {
  const std::optional<std::u32string> characters = Quoted('"');
  if (!characters) return Wrong("a string that does not end, or is not UTF-8");
  if (const std::optional<std::string> latin1 = Utf8ToLatin1(ToUtf8(*characters))) {
    return {TokenKind::kTerm, Term::String(*latin1)};
  }
  std::vector<Term> elements;
  for (char32_t c : *characters) elements.push_back(Term::Int(static_cast<std::int64_t>(c)));
  return {TokenKind::kTerm, Term::List(elements)};
}

bool Scanner::BinarySegment(std::string& bytes) {
  SkipSpace();
  if (Accept("\"")) {
    const std::optional<std::u32string> characters = Quoted('"');
    if (!characters) return false;
    const bool utf8 = Accept("/utf8");
    for (char32_t c : *characters) {
      // Without /utf8 a character is one byte, and larger ones lose their upper bits, as in Erlang.
      utf8 ? AppendUtf8(c, bytes) : bytes.push_back(static_cast<char>(c));
    }
    return true;
  }
  const std::optional<std::uint64_t> value = TakeNumber();
  if (!value || *value > 255) return false;
  bytes.push_back(static_cast<char>(*value));
  return true;
}

Token Scanner::Binary() {
  std::string bytes;
  SkipSpace();
  if (Accept(">>")) return {TokenKind::kTerm, Term::Binary(bytes)};
  for (;;) {
    if (!BinarySegment(bytes)) return Wrong("a binary is made of strings and bytes 0 to 255");
    SkipSpace();
    if (Accept(">>")) return {TokenKind::kTerm, Term::Binary(bytes)};
    if (!Accept(",")) return Wrong("a binary that does not end");
  }
}

std::optional<std::uint64_t> Scanner::TakeNumber() {
  const std::string_view digits = TakeDigits();
  std::uint64_t value = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || end.ec != std::errc()) return std::nullopt;
  return value;
}

// The numbers of <0.N.S>, #Port<0.N> or #Ref<0.C.B.A>, whose first zero has been read.
Token Scanner::Identity(std::string_view prefix) {
  std::vector<std::uint64_t> numbers;
  do {
    const std::optional<std::uint64_t> number = TakeNumber();
    if (!number) return Wrong("an identifier has numbers between its dots");
    numbers.push_back(*number);
  } while (Accept("."));
  if (!Accept(">")) return Wrong("an identifier that does not end");
  const auto wrong = [this] { return Wrong("not numbers such an identifier has"); };
  if (prefix == "#Port<0.") {
    if (numbers.size() != 1 || numbers[0] >= PortId::kNone) return wrong();
    return {TokenKind::kTerm, Term::Of(PortId{numbers[0]})};
  }
  if (prefix == "<0.") {
    if (numbers.size() != 2 || numbers[0] >= kPidNumber || numbers[1] >= kPidNumber) return wrong();
    return {TokenKind::kTerm, Term::Of(Pid{numbers[1] * kPidNumber + numbers[0]})};
  }
  if (numbers.size() == 3 && numbers[0] == 0 && numbers[1] == 0) {
    return {TokenKind::kTerm, Term::Of(RefId{numbers[2]})};
  }
  if (numbers.size() < 3 || numbers.size() > 5) return wrong();
  std::array<std::uint32_t, 5> words{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] > UINT32_MAX) return wrong();
    words[numbers.size() - 1 - i] = static_cast<std::uint32_t>(numbers[i]);
  }
  return {TokenKind::kTerm, Term::OfReferenceWords(words)};
}

}  // namespace portlab
