#include "launch/spawn_protocol.h"

#include <cerrno>
#include <cstring>
#include <vector>

namespace portlab {
namespace {

enum Flags : std::uint32_t {
  kUseStdio = 1,
  kStderrToStdout = 2,
  kHasOutput = 4,
  kHasInput = 8,
};

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
  std::uint32_t flags = 0;
  if (program.use_stdio) flags |= kUseStdio;
  if (program.stderr_to_stdout) flags |= kStderrToStdout;
  if (program.read) flags |= kHasOutput;
  if (program.write) flags |= kHasInput;
  std::string payload;
  PutNumber(&payload, SpawnRequest::kStart);
  PutNumber(&payload, flags);
  PutString(&payload, program.file);
  PutString(&payload, program.arg0);
  PutString(&payload, program.directory);
  PutList(&payload, program.args);
  PutList(&payload, program.environment);
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
  program.file = reader.String();
  program.arg0 = reader.String();
  program.directory = reader.String();
  program.args = reader.List();
  program.environment = reader.List();
  program.use_stdio = (flags & kUseStdio) != 0;
  program.stderr_to_stdout = (flags & kStderrToStdout) != 0;
  program.read = (flags & kHasOutput) != 0;
  program.write = (flags & kHasInput) != 0;
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
