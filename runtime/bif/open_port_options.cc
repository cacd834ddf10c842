#include "bif/open_port_options.h"

#include <algorithm>
#include <limits>

#include "bif/open_port_name.h"
#include "bif/program_options.h"
#include "term/term_text.h"

namespace portlab {
namespace {

constexpr int kDefaultLineLength = 512;

// Directions that were given; none: both.
struct Seen {
  bool in = false;
  bool out = false;
};

// The options that are bare atoms. False: it is none of them.
bool ParseFlag(const Term& option, StartOptions& out, Seen& seen) {
  const std::string_view name = option.atom_name();
  if (name == "stream") {
    out.packet_bytes = 0;
  } else if (name == "line") {
    out.line_length = kDefaultLineLength;
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
  } else if (name == "pty") {
    out.program.terminal.emplace();
  } else if (name == "contained") {
    out.program.contained = true;
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
  out.env.clear();  // of several env options the last counts
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

// The range of a busy limit: 1 … 2^64-2.
std::optional<std::uint64_t> BusyLimit(const Term& term) {
  const auto value = term.as_uint();
  if (!value || *value == 0 || *value == std::numeric_limits<std::uint64_t>::max()) {
    return std::nullopt;
  }
  return value;
}

Result<void> ParseBusyLimits(const Term& option, std::optional<BusyLimits>& out) {
  const Term& value = option.tuple()[1];
  if (value.is_atom("disabled")) {
    out = BusyLimits::Disabled();
    return {};
  }
  const bool pair = value.is(TermKind::kTuple) && value.tuple().size() == 2;
  const auto low = pair ? BusyLimit(value.tuple()[0]) : std::nullopt;
  const auto high = pair ? BusyLimit(value.tuple()[1]) : std::nullopt;
  if (!low || !high) {
    return Fail(BadOption(option, "it takes {Low,High}, each 1 to 2^64-2, or disabled"));
  }
  out = BusyLimits{std::min(*low, *high), *high};
  return {};
}

Result<void> ParsePair(const Term& option, StartOptions& out) {
  if (const auto taken = ParseProgramOption(option, out.program)) return *taken;
  const Term& value = option.tuple()[1];
  const auto number = value.as_int();
  if (option.is_tagged("packet", 2)) {
    if (!number || (*number != 1 && *number != 2 && *number != 4))
      return Fail(BadOption(option, "packet takes 1, 2 or 4"));
    out.packet_bytes = static_cast<int>(*number);
  } else if (option.is_tagged("line", 2)) {
    if (!number || *number <= 0 || *number > std::numeric_limits<int>::max()) {
      return Fail(BadOption(option, "line takes a length of at least 1"));
    }
    out.line_length = static_cast<int>(*number);
  } else if (option.is_tagged("parallelism", 2)) {
    if (!value.is_atom("true") && !value.is_atom("false"))
      return Fail(BadOption(option, "parallelism takes a boolean"));
    out.parallelism = value.is_atom("true");
  } else if (option.is_tagged("busy_limits_port", 2)) {
    return ParseBusyLimits(option, out.busy_limits_port);
  } else if (option.is_tagged("busy_limits_msgq", 2)) {
    return ParseBusyLimits(option, out.busy_limits_msgq);
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
Result<void> CheckTogether(const StartOptions& options) {
  if (options.packet_bytes != 0 && options.line_length != 0) {
    return Fail(Error::BadOpt("packet and line exclude each other"));
  }
  if (options.stderr_to_stdout && !options.use_stdio) {
    return Fail(Error::BadOpt("stderr_to_stdout and nouse_stdio exclude each other"));
  }
  if ((options.args || options.arg0) && options.name_kind != PortNameKind::kSpawnExecutable) {
    return Fail(Error::BadOpt("args and arg0 go with {spawn_executable,File} only"));
  }
  const bool program = options.name_kind == PortNameKind::kSpawn ||
                       options.name_kind == PortNameKind::kSpawnExecutable;
  if (!program && options.program != ProgramOptions()) {
    return Fail(Error::BadOpt("what limits and watches programs goes with external programs only"));
  }
  if (program) {
    if (auto fits = CheckProgramOptions(options); !fits) return fits;
  }
  if (!program && options.exit_status) {
    return Fail(Error::BadOpt("exit_status goes with external programs only"));
  }
  return {};
}

}  // namespace

Result<StartOptions> ParseOpenPort(const Term& name, const Term& options) {
  StartOptions out;
  if (auto parsed = ParsePortName(name, out); !parsed) return Fail(parsed.error());
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
    if (auto parsed = ParsePair(option, out); !parsed) return Fail(parsed.error());
  }
  if (seen.in || seen.out) {
    out.in = seen.in;
    out.out = seen.out;
  }
  if (auto fits = CheckTogether(out); !fits) return Fail(fits.error());
  return out;
}

}  // namespace portlab
