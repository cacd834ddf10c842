// Term::ToString: what io:format("~p") of OTP 25 writes, on one line. Text is UTF-8; as with ~p
// (not ~tp), strings and binaries are Latin-1 characters, and an atom's characters above 255 are
// written \x{…}.
#include <array>
#include <charconv>
#include <cmath>

#include "portlab/term.h"
#include "term/integer_text.h"
#include "term/term_node.h"
#include "term/utf8.h"

namespace portlab {
namespace {

constexpr auto kReservedWords = std::to_array<std::string_view>(
    {"after", "and",  "andalso", "band",   "begin",   "bnot", "bor", "bsl",  "bsr",
     "bxor",  "case", "catch",   "cond",   "div",     "end",  "fun", "if",   "let",
     "not",   "of",   "or",      "orelse", "receive", "rem",  "try", "when", "xor"});

bool IsPrintable(std::uint8_t c) {
  return (c >= 32 && c <= 126) || c >= 160 || (c >= 8 && c <= 13) || c == 27;
}

void AppendEscaped(char32_t c, char quote, std::string& out) {
  constexpr std::string_view kControls = "\b\t\n\v\f\r\x1b\x7f";
  constexpr std::string_view kLetters = "btnvfred";
  const std::size_t at = c < 128 ? kControls.find(static_cast<char>(c)) : std::string_view::npos;
  if (at != std::string_view::npos) {
    out += '\\';
    out += kLetters[at];
  } else if (c == static_cast<char32_t>(quote) || c == '\\') {
    out += '\\';
    out += static_cast<char>(c);
  } else if (c < 32 || (c > 126 && c < 160)) {
    out += '\\';
    for (int shift : {6, 3, 0}) out += static_cast<char>('0' + ((c >> shift) & 7));
  } else if (c > 255) {
    std::array<char, 8> hex{};
    const auto end = std::to_chars(hex.begin(), hex.end(), static_cast<std::uint32_t>(c), 16).ptr;
    out += "\\x{";
    for (const char* digit = hex.begin(); digit != end; ++digit) {
      out += static_cast<char>(*digit >= 'a' ? *digit - 'a' + 'A' : *digit);
    }
    out += '}';
  } else {
    AppendUtf8(c, out);
  }
}

void AppendAtom(std::string_view name, std::string& out) {
  bool bare = !name.empty();
  for (const std::string_view word : kReservedWords) bare = bare && name != word;
  std::u32string characters;
  while (std::optional<char32_t> c = PopUtf8(name)) characters.push_back(*c);
  for (std::size_t i = 0; i < characters.size(); ++i) {
    bare = bare && (i == 0 ? StartsBareAtom(characters[i]) : ContinuesBareAtom(characters[i]));
  }
  if (!bare) out += '\'';
  for (char32_t c : characters) AppendEscaped(c, '\'', out);
  if (!bare) out += '\'';
}

// The shortest digits that read back as the same float, with a point, in whichever of the two
// notations is shorter.
void AppendFloat(double value, std::string& out) {
  std::array<char, 32> buffer{};
  const char* end =
      std::to_chars(buffer.begin(), buffer.end(), std::fabs(value), std::chars_format::scientific)
          .ptr;
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t e = text.find('e');
  std::string digits(1, text[0]);
  if (e > 2) digits.append(text.substr(2, e - 2));
  int exponent = 0;
  const bool plus = text[e + 1] == '+';
  std::from_chars(text.data() + e + (plus ? 2 : 1), text.data() + text.size(), exponent);

  if (std::signbit(value)) out += '-';
  const int count = static_cast<int>(digits.size());
  const int place = exponent + 1;  // of the point, counted from the first digit
  const int exponent_cost =
      static_cast<int>(std::to_string(exponent).size()) + (count == 1 ? 3 : 2);
  const bool whole_above_2_53 = std::fabs(value) >= 9007199254740992.0;
  if (place > 0 && place < count && !whole_above_2_53) {
    out += digits.substr(0, static_cast<std::size_t>(place)) + "." +
           digits.substr(static_cast<std::size_t>(place));
  } else if (place <= 0 && (place == 0 || 2 - place <= exponent_cost)) {
    out += "0." + std::string(static_cast<std::size_t>(-place), '0') + digits;
  } else if (place >= count && place - count + 2 <= exponent_cost && !whole_above_2_53) {
    out += digits + std::string(static_cast<std::size_t>(place - count), '0') + ".0";
  } else {
    out += digits.substr(0, 1) + "." + (count == 1 ? "0" : digits.substr(1)) + "e" +
           std::to_string(exponent);
  }
}

void AppendNumbers(Bytes bytes, std::string& out) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i != 0) out += ',';
    out += std::to_string(bytes[i]);
  }
}

void AppendQuoted(Bytes bytes, std::string& out) {
  out += '"';
  for (std::uint8_t byte : bytes) AppendEscaped(byte, '"', out);
  out += '"';
}

void AppendBinary(Bytes bytes, std::string& out) {
  bool printable = !bytes.empty();
  for (std::uint8_t byte : bytes) printable = printable && IsPrintable(byte);
  out += "<<";
  printable ? AppendQuoted(bytes, out) : AppendNumbers(bytes, out);
  out += ">>";
}

void AppendRef(const RefWords& ref, std::string& out) {
  bool whole = false;
  const RefId id = ToRefId(ref, &whole);
  out += "#Ref<0.";
  if (whole) {
    out += "0.0." + std::to_string(id.number);
  } else {
    std::size_t count = ref.words.size();
    while (count > 3 && ref.words[count - 1] == 0) --count;
    while (count-- > 1) out += std::to_string(ref.words[count]) + ".";
    out += std::to_string(ref.words[0]);
  }
  out += '>';
}

// Nothing unless the list is a non-empty proper list of printable characters.
std::optional<std::string> PrintableList(TermView list) {
  std::string characters;
  while (IsCell(list)) {
    const TermView head = list.head();
    if (head.kind() != TermKind::kInt) return std::nullopt;
    const std::int64_t value = SmallIntValue(head.word);
    if (value < 0 || value > 255 || !IsPrintable(static_cast<std::uint8_t>(value))) {
      return std::nullopt;
    }
    characters.push_back(static_cast<char>(value));
    list = list.tail();
  }
  if (list.kind() != TermKind::kNil || characters.empty()) return std::nullopt;
  return characters;
}

class Printer {
 public:
  std::string Run(const Term& term) {
    Later(TermView(term));
    while (!open_.empty()) {
      const Step step = open_.back();
      open_.pop_back();
      if (!step.text.empty()) {
        out_ += step.text;
      } else if (step.rest_of_list) {
        PrintRest(step.view);
      } else {
        Print(step.view);
      }
    }
    return std::move(out_);
  }

 private:
  struct Step {
    TermView view;
    bool rest_of_list = false;
    std::string_view text = {};
  };
  void Later(TermView view) { open_.push_back({view}); }
  void Later(std::string_view text) { open_.push_back({{}, false, text}); }

  void Print(TermView view) {
    const Term& term = AsTerm(view);
    switch (view.kind()) {
      case TermKind::kNil:
        out_ += "[]";
        return;
      case TermKind::kAtom:
        return AppendAtom(term.atom_name(), out_);
      case TermKind::kInt:
        out_ += std::to_string(SmallIntValue(view.word));
        return;
      case TermKind::kBig:
        if (term.big_negative()) out_ += '-';
        out_ += MagnitudeToText(term.big_magnitude());
        return;
      case TermKind::kFloat:
        return AppendFloat(term.as_float(), out_);
      case TermKind::kPid:
        return PrintPid(term.as_pid());
      case TermKind::kPort:
        out_ += "#Port<0." + std::to_string(term.as_port().number) + ">";
        return;
      case TermKind::kRef:
        return AppendRef(*view.node().body<RefWords>(), out_);
      case TermKind::kBinary:
        return AppendBinary(term.binary(), out_);
      case TermKind::kString:
      case TermKind::kCons:
        return PrintList(view);
      case TermKind::kTuple:
        return PrintTuple(view.node());
      case TermKind::kMap:
        return PrintMap(view.node());
    }
  }

  void PrintPid(Pid pid) {
    constexpr std::uint64_t kNumber = (std::uint64_t{1} << 28) - 1;
    out_ +=
        "<0." + std::to_string(pid.number & kNumber) + "." + std::to_string(pid.number >> 28) + ">";
  }

  void PrintList(TermView list) {
    if (const std::optional<std::string> characters = PrintableList(list)) {
      AppendQuoted(AsBytes(*characters), out_);
      return;
    }
    out_ += '[';
    open_.push_back({list.tail(), true});
    Later(list.head());
  }

  void PrintRest(TermView rest) {
    if (IsCell(rest)) {
      out_ += ',';
      open_.push_back({rest.tail(), true});
      Later(rest.head());
    } else if (rest.kind() == TermKind::kNil) {
      out_ += ']';
    } else {
      out_ += '|';
      Later("]");
      Later(rest);
    }
  }

  void PrintTuple(const TermNode& node) {
    out_ += '{';
    Later("}");
    for (std::size_t i = node.size; i-- > 0;) {
      Later(TermView(node.body<TermWord>()[i]));
      if (i != 0) Later(",");
    }
  }

  void PrintMap(const TermNode& node) {
    out_ += "#{";
    Later("}");
    for (std::size_t i = node.size; i-- > 0;) {
      Later(TermView(node.body<TermWord>()[2 * i + 1]));
      Later(" => ");
      Later(TermView(node.body<TermWord>()[2 * i]));
      if (i != 0) Later(",");
    }
  }

  std::vector<Step> open_;
  std::string out_;
};

}  // namespace

std::string Term::ToString() const { return Printer().Run(*this); }

}  // namespace portlab
