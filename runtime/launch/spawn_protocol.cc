#include "launch/spawn_protocol.h"

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

namespace portlab {
namespace {

enum Flags : std::uint32_t {
  kUseStdio = 1,
  kStderrToStdout = 2,
  kHasOutput = 4,
  kHasInput = 8,
  kSeparateErrors = 16,
  kTerminal = 32,
  kContained = 64,
  kDefaultSignals = 128,
};

std::uint32_t FlagsOf(const ProgramSpec& program) {
  const std::pair<bool, Flags> flags[] = {{program.use_stdio, kUseStdio},
                                          {program.stderr_to_stdout, kStderrToStdout},
                                          {program.read, kHasOutput},
                                          {program.write, kHasInput},
                                          {program.separate_errors, kSeparateErrors},
                                          {program.terminal.has_value(), kTerminal},
                                          {program.contained, kContained},
                                          {program.limits.default_signals, kDefaultSignals}};
  std::uint32_t result = 0;
  for (const auto& [set, flag] : flags) result |= set ? flag : 0u;
  return result;
}

void SetFlags(std::uint32_t flags, ProgramSpec& program) {
  const auto has = [flags](Flags flag) { return (flags & flag) != 0; };
  program.use_stdio = has(kUseStdio);
  program.stderr_to_stdout = has(kStderrToStdout);
  program.read = has(kHasOutput);
  program.write = has(kHasInput);
  program.separate_errors = has(kSeparateErrors);
  if (has(kTerminal)) program.terminal.emplace();
  program.contained = has(kContained);
  program.limits.default_signals = has(kDefaultSignals);
}

template <class T>
void PutNumber(std::string* out, T value) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

void PutString(std::string* out, const std::string& value) {
  PutNumber(out, static_cast<std::uint32_t>(value.size()));
  out->append(value);
}

void PutList(std::string* out, const std::vector<std::string>& values) {
  PutNumber(out, static_cast<std::uint32_t>(values.size()));
  for (const std::string& value : values) PutString(out, value);
}

template <class T>
void PutOptional(std::string* out, const std::optional<T>& value) {
  PutNumber(out, static_cast<std::uint8_t>(value.has_value()));
  if (value) PutNumber(out, *value);
}

void PutLimits(std::string* out, const ProgramLimits& limits) {
  PutOptional(out, limits.user);
  PutOptional(out, limits.group);
  PutOptional(out, limits.niceness);
  PutOptional(out, limits.umask);
  PutNumber(out, static_cast<std::uint8_t>(limits.cgroup.has_value()));
  if (limits.cgroup) {
    PutOptional(out, limits.cgroup->memory_max);
    PutOptional(out, limits.cgroup->pids_max);
  }
  PutNumber(out, static_cast<std::uint32_t>(limits.resources.size()));
  for (const ResourceLimit& limit : limits.resources) {
    PutNumber(out, limit.resource);
    PutNumber(out, limit.value);
  }
}

bool HasNul(const std::string& value) { return value.find('\0') != std::string::npos; }

bool AnyHasNul(const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    if (HasNul(value)) return true;
  }
  return false;
}

// Reads what was put; after the first thing that is not there, ok() is false and everything read is
// empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T Number() {
    T value = {};
    const std::string_view bytes = Take(sizeof value);
    if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  std::string String() { return std::string(Take(Number<std::uint32_t>())); }

  std::vector<std::string> List() {
    std::vector<std::string> values;
    for (std::uint32_t left = Number<std::uint32_t>(); left > 0 && ok_; --left) {
      values.push_back(String());
    }
    return values;
  }

  template <class T>
  std::optional<T> Optional() {
    return Number<std::uint8_t>() != 0 ? std::optional<T>(Number<T>()) : std::nullopt;
  }

  void Limits(ProgramLimits& limits) {
    limits.user = Optional<std::uint32_t>();
    limits.group = Optional<std::uint32_t>();
    limits.niceness = Optional<std::int32_t>();
    limits.umask = Optional<std::uint32_t>();
    if (Number<std::uint8_t>() != 0) {
      limits.cgroup.emplace();
      limits.cgroup->memory_max = Optional<std::uint64_t>();
      limits.cgroup->pids_max = Optional<std::uint64_t>();
    }
    for (std::uint32_t left = Number<std::uint32_t>(); left > 0 && ok_; --left) {
      const auto resource = Number<std::int32_t>();
      limits.resources.push_back({resource, Number<std::uint64_t>()});
    }
  }

  bool CompleteAndOk() const { return ok_ && bytes_.empty(); }

 private:
  std::string_view Take(std::size_t size) {
    if (!ok_ || size > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace

Result<std::string> EncodeStart(const ProgramSpec& program) {
  if (HasNul(program.file) || HasNul(program.arg0) || HasNul(program.directory) ||
      AnyHasNul(program.args) || AnyHasNul(program.environment)) {
    return Fail(Error::Errno(EINVAL, "a NUL in the name, an argument or the environment"));
  }
  std::string payload;
  PutNumber(&payload, SpawnRequest::kStart);
  PutNumber(&payload, FlagsOf(program));
  PutNumber(&payload, program.grace_ms);
  PutString(&payload, program.file);
  PutString(&payload, program.arg0);
  PutString(&payload, program.directory);
  PutList(&payload, program.args);
  PutList(&payload, program.environment);
  PutLimits(&payload, program.limits);
  if (payload.size() > kMaxSpawnFrame) return Fail(Error::Errno(E2BIG, program.file));
  return payload;
}

std::string EncodeSignal(const SignalRequest& request) {
  std::string payload;
  PutNumber(&payload, SpawnRequest::kSignal);
  PutNumber(&payload, request.pid);
  PutNumber(&payload, request.signo);
  return payload;
}

Result<ProgramSpec> DecodeStart(std::string_view payload) {
  Reader reader(payload);
  const bool is_start = reader.Number<SpawnRequest>() == SpawnRequest::kStart;
  const std::uint32_t flags = reader.Number<std::uint32_t>();
  ProgramSpec program;
  SetFlags(flags, program);
  program.grace_ms = reader.Number<std::uint32_t>();
  program.file = reader.String();
  program.arg0 = reader.String();
  program.directory = reader.String();
  program.args = reader.List();
  program.environment = reader.List();
  reader.Limits(program.limits);
  if (!is_start || !reader.CompleteAndOk()) return Fail(Error::Errno(EPROTO, "start request"));
  return program;
}

Result<SignalRequest> DecodeSignal(std::string_view payload) {
  Reader reader(payload);
  const bool is_signal = reader.Number<SpawnRequest>() == SpawnRequest::kSignal;
  SignalRequest request;
  request.pid = reader.Number<std::int32_t>();
  request.signo = reader.Number<std::int32_t>();
  if (!is_signal || !reader.CompleteAndOk()) return Fail(Error::Errno(EPROTO, "signal request"));
  return request;
}

}  // namespace portlab
