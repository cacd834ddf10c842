#include "faulty_drivers/trial/trial_runner.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <nlohmann/json.hpp>

#include "base/unique_fd.h"
#include "faulty_drivers/trial/host_command.h"
#include "faulty_drivers/trial/host_end.h"
#include "faulty_drivers/trial/shared_black_box.h"
#include "launch/real_time.h"
#include "launch/supervised_child.h"

namespace portlab {
namespace {

constexpr int kBlackBoxFd = 3;
constexpr int kResultFd = 4;
constexpr int kScriptFd = 5;
// For a host that has more to do than wait: start, bystanders, the end, on a busy machine.
constexpr Nanos kTimeBeyondPatience = 20'000 * kMillisecond;

// Where the host finds the script; no descriptor when there is none.
Result<UniqueFd> ScriptFile(std::string_view script) {
  if (script.empty()) return UniqueFd();
  UniqueFd file(::memfd_create("trial_script", MFD_CLOEXEC));
  if (!file) return Fail(Error::Errno(errno, "no memory file for the script"));
  while (!script.empty()) {
    const ssize_t count = ::write(file.get(), script.data(), script.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Fail(Error::Errno(errno, "the script cannot be written"));
    script.remove_prefix(static_cast<std::size_t>(count));
  }
  return file;
}

std::string ReadWhole(int fd) {
  std::string text;
  std::array<char, 16 * 1024> buffer;
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), at);
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    at += got;
  }
}

// What the host knew before the trigger: the first line of its result.
int PortCountBefore(const std::string& text) {
  const nlohmann::json json =
      nlohmann::json::parse(text.substr(0, text.find('\n')), nullptr, false);
  return json.is_object() ? json.value("port_count_before", 0) : 0;
}

// The second line. Nullopt: none, or cut off where the host died.
std::optional<Outcome> ReadResult(const std::string& text) {
  const std::size_t first = text.find('\n');
  if (first == std::string::npos) return std::nullopt;
  const nlohmann::json json = nlohmann::json::parse(text.substr(first + 1), nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  try {
    return json.get<Outcome>();
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

std::string PathIn(const std::string& folder, const std::string& name,
                   const std::string& extension) {
  return name.starts_with('/') ? name : folder + "/" + name + extension;
}

HostCommand CommandFor(const Installation& installation, const TrialRequest& request) {
  const CatalogueEntry& entry = *request.entry;
  const std::string drivers = installation.drivers + "/" + std::string(BuildName(request.flavour));
  HostCommand command;
  command.mode = request.mode;
  command.echo_driver = PathIn(drivers, "echo_drv", ".so");
  if (request.mode == IsolationMode::kInVm) {
    command.driver = PathIn(drivers, entry.driver, ".so");
  } else {
    command.program = PathIn(installation.programs, entry.program, "");
  }
  command.trigger = request.trigger;
  command.trigger_kind = entry.trigger;
  command.commands = entry.commands;
  command.patience_ms = request.patience_ms;
  command.guard = request.flavour == Flavour::kGuarded;
  command.black_box_fd = kBlackBoxFd;
  command.result_fd = kResultFd;
  if (!request.script.empty()) command.script_fd = kScriptFd;
  return command;
}

// From the trigger to the host's end; -1: it was never pulled.
double DetectionMs(const LastWords& words, Nanos host_ended_at) {
  if (words.triggered_at == 0) return -1;
  return static_cast<double>(std::max<Nanos>(0, host_ended_at - words.triggered_at)) / kMillisecond;
}

}  // namespace

Installation Installation::BesideThisExecutable() {
  char self[PATH_MAX];
  const ssize_t length = ::readlink("/proc/self/exe", self, sizeof self);
  std::string here(self, length > 0 ? static_cast<std::size_t>(length) : 0);
  for (int levels = 0; levels < 2; ++levels) here.erase(std::min(here.rfind('/'), here.size()));
  return {here + "/bin", here + "/drivers", here + "/programs"};
}

Result<Outcome> RunTrial(const Installation& installation, const TrialRequest& request,
                         const std::function<bool()>& cancelled) {
  Result<SharedBlackBox> box = SharedBlackBox::Make();
  if (!box) return Fail(box.error());
  const UniqueFd result(::memfd_create("trial_result", MFD_CLOEXEC));
  if (!result) return Fail(Error::Errno(errno, "no memory file for the result"));
  const Result<UniqueFd> script = ScriptFile(request.script);
  if (!script) return Fail(script.error());

  SupervisedSpec spec;
  spec.file = installation.bin + "/portlab-host-" + std::string(BuildName(request.flavour));
  spec.args = ToArguments(CommandFor(installation, request));
  spec.environment = SanitizerEnvironment();
  spec.inherit_fds = {{box->fd(), kBlackBoxFd}, {result.get(), kResultFd}};
  if (script->get() >= 0) spec.inherit_fds.push_back({script->get(), kScriptFd});
  spec.time_limit = request.patience_ms * kMillisecond + kTimeBeyondPatience;
  BecomeSubreaper();
  const Nanos begin = RealNow();
  const Result<SupervisedEnd> end = RunSupervised(spec, cancelled);
  if (!end) return Fail(end.error());
  if (end->cause == SupervisedEnd::kStartFailed) {
    return Fail(Error::Errno(end->error_number,
                             spec.file + " cannot be started; build target portlab-host" +
                                 " (for asan: -DPORTLAB_HOST_FLAVOURS=asan)"));
  }
  if (end->cancelled) return Fail(Error::General("the trial was cancelled"));
  const LastWords words = box->Read();
  const std::string text = ReadWhole(result.get());
  Result<Outcome> outcome =
      JudgeHostEnd(*end, words, ReadResult(text), DetectionMs(words, begin + end->wall));
  if (outcome) outcome->port_count_before = PortCountBefore(text);
  return outcome;
}

const std::vector<std::string>& ExpectedKeys(const TrialRequest& request) {
  // Never destroyed, as the catalogue.
  static const auto& clean = *new std::vector<std::string>{"clean"};
  if (!request.trigger) return clean;
  const CatalogueEntry& entry = *request.entry;
  const Expectation& expected =
      request.mode == IsolationMode::kInVm ? entry.in_vm : entry.program_mode;
  if (request.flavour == Flavour::kAsan) return expected.asan;
  const bool guarded = request.flavour == Flavour::kGuarded && !expected.guarded.empty();
  return guarded ? expected.guarded : expected.plain;
}

bool MeetsExpectation(const TrialRequest& request, const Outcome& outcome) {
  return std::ranges::count(ExpectedKeys(request), outcome.key) != 0;
}

}  // namespace portlab
