#include "bif/open_port_options.h"

#include <limits>

#include "term/term_node.h"
#include "term/utf8.h"

namespace portlab {
namespace {

constexpr int kDefaultLineLength = 512;

// Which options were given: what "excludes" is about.
struct Seen {
  bool packet = false;
  bool line = false;
  bool direction = false;
  bool in = false;
  bool out = false;
};

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

// The UTF-8 text of a string: a proper list of characters, and of such lists; nullopt: it is none.
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

// A string, binary or atom as text; nullopt: none of these, or a NUL in a string. A binary is taken
// as it is, up to a NUL.
std::optional<std::string> TextOf(const Term& term) {
  if (term.is(TermKind::kBinary)) {
    const std::string_view bytes = AsText(term.binary());
    return std::string(bytes.substr(0, bytes.find('\0')));
  }
  if (!term.is(TermKind::kAtom)) return StringText(term);
  if (term.atom_name().find('\0') != std::string_view::npos) return std::nullopt;
  return std::string(term.atom_name());
}

Error BadOption(const Term& option, std::string_view allowed) {
  return Error::BadOpt("option " + option.ToString() + ": " + std::string(allowed));
}

Result<void> ParseName(const Term& name, StartOptions& out) {
  constexpr const char* known =
      "a port name is {spawn,Command}, {spawn_driver,Command} or {spawn_executable,File}";
  if (name.is_tagged("fd", 3))
    return Fail(Error::BadArg(name.ToString() +
                              ": ports of descriptors are not provided by this version; " + known));
  if (name.is_tagged("spawn", 2)) {
    out.name_kind = PortNameKind::kSpawn;
  } else if (name.is_tagged("spawn_driver", 2)) {
    out.name_kind = PortNameKind::kSpawnDriver;
  } else if (name.is_tagged("spawn_executable", 2)) {
    out.name_kind = PortNameKind::kSpawnExecutable;
  } else {
    return Fail(Error::BadArg(name.ToString() + ": " + known));
  }
  const auto text = TextOf(name.tuple()[1]);
  if (!text || text->empty())
    return Fail(Error::BadArg(name.ToString() + ": the command is a non-empty string without NUL"));
  out.command = *text;
  return {};
}

// The options that are bare atoms. False: it is none of them.
bool ParseFlag(const Term& option, StartOptions& out, Seen& seen) {
  const std::string_view name = option.atom_name();
  if (name == "stream") {
    out.packet_bytes = 0;
  } else if (name == "line") {
    out.line_length = kDefaultLineLength;
    seen.line = true;
  } else if (name == "binary") {
    out.binary = true;
  } else if (name == "in") {
    seen.in = true;
  } else if (name == "out") {
    seen.out = true;
  } else if (name == "eof") {
    out.eof = true;
  } else if (name == "exit_status") {
    out.exit_status = true;
  } else if (name == "stderr_to_stdout") {
    out.stderr_to_stdout = true;
  } else if (name == "use_stdio") {
    out.use_stdio = true;
  } else if (name == "nouse_stdio") {
    out.use_stdio = false;
  } else if (name == "hide") {
    out.hide = true;
  } else {
    return name == "overlapped_io";
  }
  return true;
}

Result<void> ParseEnvironment(const Term& option, StartOptions& out) {
  const auto elements = option.tuple()[1].list_elements();
  if (!elements) return Fail(BadOption(option, "{env,[{Name,Value|false}]}"));
  for (const Term& element : *elements) {
    if (!element.is(TermKind::kTuple) || element.tuple().size() != 2) {
      return Fail(BadOption(option, "each element is {Name,Value|false}"));
    }
    const Term& key = element.tuple()[0];
    const Term& value = element.tuple()[1];
    const auto name = StringText(key);
    if (!name || name->find('=') != std::string::npos)
      return Fail(BadOption(option, "a name is a string without '='"));
    if (value.is_atom("false")) {
      out.env.emplace_back(*name, std::nullopt);
      continue;
    }
    const auto text = StringText(value);
    if (!text) return Fail(BadOption(option, "a value is a string, or false to unset the name"));
    out.env.emplace_back(*name, text->empty() ? std::nullopt : text);
  }
  return {};
}

Result<void> ParseArguments(const Term& option, StartOptions& out) {
  const auto elements = option.tuple()[1].list_elements();
  if (!elements || option.tuple()[1].is(TermKind::kString))
    return Fail(BadOption(option, "{args,[String]}"));
  std::vector<std::string> args;
  for (const Term& element : *elements) {
    const auto text = TextOf(element);
    if (!text) return Fail(BadOption(option, "each argument is a string or a binary"));
    args.push_back(*text);
  }
  out.args = std::move(args);
  return {};
}

Result<void> ParsePair(const Term& option, StartOptions& out, Seen& seen) {
  const Term& value = option.tuple()[1];
  const auto number = value.as_int();
  if (option.is_tagged("packet", 2)) {
    if (!number || (*number != 1 && *number != 2 && *number != 4))
      return Fail(BadOption(option, "packet takes 1, 2 or 4"));
    out.packet_bytes = static_cast<int>(*number);
    seen.packet = true;
  } else if (option.is_tagged("line", 2)) {
    if (!number || *number <= 0 || *number > std::numeric_limits<int>::max()) {
      return Fail(BadOption(option, "line takes a length of at least 1"));
    }
    out.line_length = static_cast<int>(*number);
    seen.line = true;
  } else if (option.is_tagged("parallelism", 2)) {
    if (!value.is_atom("true") && !value.is_atom("false"))
      return Fail(BadOption(option, "parallelism takes a boolean"));
    out.parallelism = value.is_atom("true");
  } else if (option.is_tagged("env", 2)) {
    return ParseEnvironment(option, out);
  } else if (option.is_tagged("args", 2)) {
    return ParseArguments(option, out);
  } else if (option.is_tagged("arg0", 2) || option.is_tagged("cd", 2)) {
    const auto text = TextOf(value);
    if (!text) return Fail(BadOption(option, "it takes a string"));
    (option.is_tagged("cd", 2) ? out.cd : out.arg0) = *text;
  } else {
    return Fail(BadOption(option, "no such option"));
  }
  return {};
}

// What may not stand together, and what goes with which kind of name.
Result<void> CheckTogether(const StartOptions& options, const Seen& seen) {
  if (seen.packet && seen.line) return Fail(Error::BadOpt("packet and line exclude each other"));
  if (options.stderr_to_stdout && !options.use_stdio) {
    return Fail(Error::BadOpt("stderr_to_stdout and nouse_stdio exclude each other"));
  }
  if ((options.args || options.arg0) && options.name_kind != PortNameKind::kSpawnExecutable) {
    return Fail(Error::BadOpt("args and arg0 go with {spawn_executable,File} only"));
  }
  const bool program = options.name_kind == PortNameKind::kSpawn ||
                       options.name_kind == PortNameKind::kSpawnExecutable;
  if (!program && options.exit_status) {
    return Fail(Error::BadOpt("exit_status goes with external programs only"));
  }
  return {};
}

}  // namespace

Result<StartOptions> ParseOpenPort(const Term& name, const Term& options) {
  StartOptions out;
  if (auto parsed = ParseName(name, out); !parsed) return Fail(parsed.error());
  const auto elements = options.list_elements();
  if (!elements || options.is(TermKind::kString))
    return Fail(Error::BadOpt("the options are a proper list"));
  Seen seen;
  for (const Term& option : *elements) {
    if (option.is(TermKind::kAtom)) {
      if (!ParseFlag(option, out, seen)) return Fail(BadOption(option, "no such option"));
      continue;
    }
    if (!option.is(TermKind::kTuple) || option.tuple().size() != 2)
      return Fail(BadOption(option, "no such option"));
    if (auto parsed = ParsePair(option, out, seen); !parsed) return Fail(parsed.error());
  }
  if (seen.in || seen.out) {
    out.in = seen.in;
    out.out = seen.out;
  }
  if (auto fits = CheckTogether(out, seen); !fits) return Fail(fits.error());
  return out;
}

}  // namespace portlab
