#include "bif/program_options.h"

#include <sys/resource.h>

#include <limits>

namespace portlab {
namespace {

constexpr std::uint64_t kMillisecondsMax = 1'000'000'000;  // eleven days

struct ResourceName {
  const char* name;
  int resource;
};
constexpr ResourceName kResources[] = {
    {"as", RLIMIT_AS},         {"core", RLIMIT_CORE},   {"cpu", RLIMIT_CPU},
    {"data", RLIMIT_DATA},     {"fsize", RLIMIT_FSIZE}, {"memlock", RLIMIT_MEMLOCK},
    {"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC}, {"stack", RLIMIT_STACK},
};

using Parser = Result<void> (*)(const Term& option, const Term& value, ProgramOptions& out);

std::optional<std::uint64_t> NumberUpTo(const Term& value, std::uint64_t max) {
  const auto number = value.as_uint();
  return number && *number <= max ? number : std::nullopt;
}

// Sets `field` to a number of 0 … `max`, or says what the option takes.
template <class Field>
Result<void> Number(const Term& option, const Term& value, std::uint64_t max, Field& field) {
  const auto number = NumberUpTo(value, max);
  if (!number) return Fail(BadOption(option, "it takes 0 to " + std::to_string(max)));
  field = static_cast<std::uint32_t>(*number);
  return {};
}

Result<void> Bytes64(const Term& option, const Term& value, std::optional<std::uint64_t>& field) {
  field = value.as_uint();
  if (field && *field > 0 && *field <= std::numeric_limits<std::int64_t>::max()) return {};
  return Fail(BadOption(option, "it takes a number of bytes, at least 1"));
}

Result<void> Milliseconds(const Term& option, const Term& value, ProgramOptions& out,
                          std::uint32_t& field) {
  out.contained = true;
  const auto number = NumberUpTo(value, kMillisecondsMax);
  if (!number || *number == 0) return Fail(BadOption(option, "it takes milliseconds, at least 1"));
  field = static_cast<std::uint32_t>(*number);
  return {};
}

Result<void> ParseResources(const Term& option, const Term& value, ProgramOptions& out) {
  const auto elements = value.list_elements();
  if (!elements) return Fail(BadOption(option, "{rlimit,[{Name,Value}]}"));
  for (const Term& element : *elements) {
    const ResourceName* found = nullptr;
    for (const ResourceName& known : kResources) {
      if (element.is_tagged(known.name, 2)) found = &known;
    }
    const auto limit = found == nullptr ? std::nullopt : element.tuple()[1].as_uint();
    if (!limit) {
      return Fail(
          BadOption(option, "each is {as|core|cpu|data|fsize|memlock|nofile|nproc|stack,Value}"));
    }
    out.limits.resources.push_back({found->resource, *limit});
  }
  return {};
}

Result<void> ParseCgroup(const Term& option, const Term& value, ProgramOptions& out) {
  const auto elements = value.list_elements();
  CgroupLimits& limits = out.limits.cgroup.emplace();
  out.contained = true;
  if (!elements) return Fail(BadOption(option, "{cgroup,[{memory_max,Bytes}|{pids_max,N}]}"));
  for (const Term& element : *elements) {
    const bool memory = element.is_tagged("memory_max", 2);
    const bool known = memory || element.is_tagged("pids_max", 2);
    const auto limit = known ? element.tuple()[1].as_uint() : std::nullopt;
    if (!limit) return Fail(BadOption(option, "each is {memory_max,Bytes} or {pids_max,N}"));
    (memory ? limits.memory_max : limits.pids_max) = *limit;
  }
  return {};
}

Result<void> ParseEndAt(const Term& option, const Term& value, ProgramOptions& out) {
  const auto elements = value.list_elements();
  if (!elements) return Fail(BadOption(option, "{kill_at,[owner_exit|port_close]}"));
  for (const Term& element : *elements) {
    if (element.is_atom("owner_exit")) {
      out.end_at_owner_exit = true;
    } else if (element.is_atom("port_close")) {
      out.end_at_close = true;
    } else {
      return Fail(BadOption(option, "each is owner_exit or port_close"));
    }
    out.contained = true;
  }
  return {};
}

Result<void> ParseTerminal(const Term& option, const Term& value, ProgramOptions& out) {
  const bool pair = value.is(TermKind::kTuple) && value.tuple().size() == 2;
  const auto rows = pair ? NumberUpTo(value.tuple()[0], UINT16_MAX) : std::nullopt;
  const auto columns = pair ? NumberUpTo(value.tuple()[1], UINT16_MAX) : std::nullopt;
  if (!rows || !columns) return Fail(BadOption(option, "{pty,{Rows,Columns}}"));
  out.terminal = {static_cast<std::uint16_t>(*rows), static_cast<std::uint16_t>(*columns)};
  return {};
}

Result<void> ParseNiceness(const Term& option, const Term& value, ProgramOptions& out) {
  const auto number = value.as_int();
  if (!number || *number < -20 || *number > 19)
    return Fail(BadOption(option, "it takes -20 to 19"));
  out.limits.niceness = static_cast<std::int32_t>(*number);
  return {};
}

// The one word an option takes.
Result<void> Word(const Term& option, const Term& value, const char* word, bool& field) {
  field = value.is_atom(word);
  if (field) return {};
  return Fail(BadOption(option, std::string("it takes ") + word));
}

struct Known {
  const char* name;
  Parser parse;
};

constexpr Known kKnown[] = {
    {"exit_status",
     [](const Term& option, const Term& value, ProgramOptions& out) {
       return Word(option, value, "full", out.full_exit_status);
     }},
    {"stderr",
     [](const Term& option, const Term& value, ProgramOptions& out) {
       return Word(option, value, "separate", out.separate_errors);
     }},
    {"signals",
     [](const Term& option, const Term& value, ProgramOptions& out) {
       return Word(option, value, "default", out.limits.default_signals);
     }},
    {"window", [](const Term& option, const Term& value,
                  ProgramOptions& out) { return Bytes64(option, value, out.window_bytes); }},
    {"packet_max",
     [](const Term& option, const Term& value, ProgramOptions& out) {
       return Bytes64(option, value, out.packet_bytes_max);
     }},
    {"queue_max", [](const Term& option, const Term& value,
                     ProgramOptions& out) { return Bytes64(option, value, out.queue_bytes_max); }},
    {"timeout",
     [](const Term& option, const Term& value, ProgramOptions& out) {
       return Milliseconds(option, value, out, out.timeout_ms);
     }},
    {"idle_timeout",
     [](const Term& option, const Term& value, ProgramOptions& out) {
       return Milliseconds(option, value, out, out.idle_timeout_ms);
     }},
    {"start_timeout",
     [](const Term& option, const Term& value, ProgramOptions& out) {
       return Milliseconds(option, value, out, out.start_timeout_ms);
     }},
    {"grace",
     [](const Term& option, const Term& value, ProgramOptions& out) {
       return Number(option, value, kMillisecondsMax, out.grace_ms);
     }},
    {"uid",
     [](const Term& option, const Term& value, ProgramOptions& out) {
       return Number(option, value, UINT32_MAX - 1, out.limits.user);
     }},
    {"gid",
     [](const Term& option, const Term& value, ProgramOptions& out) {
       return Number(option, value, UINT32_MAX - 1, out.limits.group);
     }},
    {"umask", [](const Term& option, const Term& value,
                 ProgramOptions& out) { return Number(option, value, 0777, out.limits.umask); }},
    {"nice", ParseNiceness},
    {"pty", ParseTerminal},
    {"rlimit", ParseResources},
    {"kill_at", ParseEndAt},
    {"cgroup", ParseCgroup},
};

}  // namespace

Error BadOption(const Term& option, std::string_view allowed) {
  return Error::BadOpt("option " + option.ToString() + ": " + std::string(allowed));
}

std::optional<Result<void>> ParseProgramOption(const Term& option, ProgramOptions& out) {
  for (const Known& known : kKnown) {
    if (option.is_tagged(known.name, 2)) return known.parse(option, option.tuple()[1], out);
  }
  return std::nullopt;
}

Result<void> CheckProgramOptions(const StartOptions& options) {
  const ProgramOptions& program = options.program;
  if (program.separate_errors && options.stderr_to_stdout) {
    return Fail(Error::BadOpt("{stderr,separate} and stderr_to_stdout exclude each other"));
  }
  if (program.terminal && (!options.use_stdio || !options.in || !options.out ||
                           program.separate_errors || options.stderr_to_stdout)) {
    return Fail(Error::BadOpt("a terminal is in and out, and stderr goes there as well"));
  }
  if (program.packet_bytes_max && options.packet_bytes == 0) {
    return Fail(Error::BadOpt("packet_max goes with {packet,N}"));
  }
  return {};
}

}  // namespace portlab
