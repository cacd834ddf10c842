#include "fuzz/operations/text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace portlab {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 3> kOpenWords = {
    {{"binary", kOpenBinary}, {"line", kOpenLine}, {"eof", kOpenEof}}};

void AppendQuoted(std::string_view bytes, std::string& out) {
  out += '"';
  for (const char c : bytes) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c >= 0x20 && c < 0x7f) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  out += '"';
}

void AppendNumber(const Operation& operation, std::string& out) {
  switch (operation.kind) {
    case OperationKind::kOpen:
      for (const auto& [word, bit] : kOpenWords) {
        if ((operation.number & bit) != 0) out.append(" ").append(word);
      }
      break;
    case OperationKind::kControl:
    case OperationKind::kCall:
      fmt::format_to(std::back_inserter(out), " {:#x}", operation.number);
      break;
    case OperationKind::kPieces:
    case OperationKind::kFailAlloc:
      fmt::format_to(std::back_inserter(out), " {}", operation.number + 1);
      break;
    default:
      if (ShapeOf(operation.kind).number_bytes > 0) out += fmt::format(" {}", operation.number);
  }
}

// Reads one line, from its front.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  // The next word; empty at the end of the line, at a comment and before a quote.
  std::string_view Word() {
    SkipBlanks();
    const std::size_t end = std::min(rest_.find_first_of(" \t\r\"#"), rest_.size());
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return word;
  }

  // The word, if it is next.
  bool TakeWord(std::string_view word) {
    const std::string_view before = rest_;
    if (Word() == word) return true;
    rest_ = before;
    return false;
  }

  std::optional<std::uint32_t> Number() {
    std::string_view word = Word();
    const int base = word.starts_with("0x") ? 16 : 10;
    if (base == 16) word.remove_prefix(2);
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number, base);
    if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
    return number;
  }

  // A quoted string; nullopt: there is none, or it does not end.
  std::optional<std::string> Quoted() {
    SkipBlanks();
    if (!rest_.starts_with('"')) return std::nullopt;
    rest_.remove_prefix(1);
    std::string bytes;
    while (!rest_.empty() && rest_.front() != '"') {
      const std::optional<char> c = Character();
      if (!c) return std::nullopt;
      bytes += *c;
    }
    if (rest_.empty()) return std::nullopt;
    rest_.remove_prefix(1);
    return bytes;
  }

  bool AtEnd() {
    SkipBlanks();
    return rest_.empty() || rest_.front() == '#';
  }

 private:
  void SkipBlanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r"), rest_.size()));
  }

  std::optional<char> Character() {
    const char first = rest_.front();
    rest_.remove_prefix(1);
    if (first != '\\') return first;
    if (rest_.starts_with('"') || rest_.starts_with('\\')) {
      const char escaped = rest_.front();
      rest_.remove_prefix(1);
      return escaped;
    }
    unsigned value = 0;
    if (!rest_.starts_with('x') || rest_.size() < 3) return std::nullopt;
    const auto [end, error] = std::from_chars(rest_.data() + 1, rest_.data() + 3, value, 16);
    if (error != std::errc() || end != rest_.data() + 3) return std::nullopt;
    rest_.remove_prefix(3);
    return static_cast<char>(value);
  }

  std::string_view rest_;
};

std::optional<OperationKind> KindNamed(std::string_view word) {
  for (std::size_t i = 0; i < kOperationKinds; ++i) {
    const auto kind = static_cast<OperationKind>(i);
    if (ShapeOf(kind).name == word) return kind;
  }
  return std::nullopt;
}

// What is wrong with the line; empty: nothing.
std::string ParseNumber(LineReader& line, Operation& operation) {
  const OperationShape& shape = ShapeOf(operation.kind);
  if (operation.kind == OperationKind::kOpen) {
    for (const auto& [word, bit] : kOpenWords) {
      if (line.TakeWord(word)) operation.number |= bit;
    }
    return {};
  }
  if (shape.number_bytes == 0) return {};
  const std::optional<std::uint32_t> number = line.Number();
  const bool from_one =
      operation.kind == OperationKind::kPieces || operation.kind == OperationKind::kFailAlloc;
  const std::uint32_t least = from_one ? 1 : 0;
  const std::uint64_t bound = (std::uint64_t{1} << (8 * shape.number_bytes)) + least;
  if (!number || *number < least || *number >= bound) {
    return fmt::format("a number from {} to {} belongs here", least, bound - 1);
  }
  operation.number = *number - least;
  return {};
}

std::string ParseLine(LineReader& line, Operation& operation) {
  const OperationShape& shape = ShapeOf(operation.kind);
  if (shape.has_port) {
    const std::string_view port = line.Word();
    if (port.size() != 2 || port[0] != 'p' || port[1] < '0' ||
        port[1] >= static_cast<char>('0' + kOperationPorts)) {
      return fmt::format("a port belongs here, p0 to p{}", kOperationPorts - 1);
    }
    operation.port = static_cast<std::uint8_t>(port[1] - '0');
  }
  if (std::string wrong = ParseNumber(line, operation); !wrong.empty()) return wrong;
  if (shape.has_bytes) {
    std::optional<std::string> bytes = line.Quoted();
    if (!bytes) return R"(a string belongs here, such as "a \x00 \\ \"")";
    if (bytes->size() + shape.number_bytes > kPayloadMax) return "the string is too long";
    operation.bytes = *std::move(bytes);
  }
  return line.AtEnd() ? "" : "the operation is whole before the line ends";
}

}  // namespace

std::string PrintOperation(const Operation& operation) {
  const OperationShape& shape = ShapeOf(operation.kind);
  std::string out(shape.name);
  if (shape.has_port) out += fmt::format(" p{}", operation.port);
  AppendNumber(operation, out);
  if (shape.has_bytes) {
    out += ' ';
    AppendQuoted(operation.bytes, out);
  }
  return out;
}

std::string PrintOperations(std::span<const Operation> operations) {
  std::string out;
  for (const Operation& operation : operations) out += PrintOperation(operation) + '\n';
  return out;
}

Result<std::vector<Operation>> ParseOperations(std::string_view text, std::size_t operations_max) {
  std::vector<Operation> operations;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    LineReader line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.AtEnd()) continue;
    const std::string_view word = line.Word();
    const std::optional<OperationKind> kind = KindNamed(word);
    std::string wrong =
        kind ? "" : fmt::format("'{}' is no operation; the first is usually: open p0 \"\"", word);
    Operation operation;
    if (kind) {
      operation.kind = *kind;
      wrong = ParseLine(line, operation);
    }
    if (wrong.empty() && operations.size() == operations_max) {
      wrong = fmt::format("an input has at most {} operations", operations_max);
    }
    if (!wrong.empty()) return Fail(Error::BadArg(fmt::format("line {}: {}", number, wrong)));
    operations.push_back(std::move(operation));
  }
  return operations;
}

Result<std::string> EncodeText(std::string_view text, std::size_t operations_max) {
  const auto operations = ParseOperations(text, operations_max);
  if (!operations) return Fail(operations.error());
  return EncodeOperations(*operations);
}

}  // namespace portlab
