#include "spawn/spawn_driver.h"

#include <unistd.h>

#include <cerrno>
#include <memory>

#include "driver/start_options.h"
#include "launch/spawn_client.h"
#include "spawn/program_port.h"

namespace portlab {
namespace {

SpawnDriverServices services;

int FdOf(ErlDrvEvent event) { return PortChannel::FdOf(event); }
ProgramPort& PortOf(ErlDrvData data) { return *reinterpret_cast<ProgramPort*>(data); }

// The environment a program starts with: ours, changed as the env option says; the last word on a
// name counts.
std::vector<std::string> EnvironmentFor(const StartOptions& options) {
  std::vector<std::string> result =
      services.environment ? services.environment() : std::vector<std::string>{};
  for (const auto& [name, value] : options.env) {
    const std::string prefix = name + "=";
    std::erase_if(result, [&](const std::string& entry) {
      return entry.compare(0, prefix.size(), prefix) == 0;
    });
    if (value) result.push_back(prefix + *value);
  }
  return result;
}

ProgramSpec SpecFor(const StartOptions& options) {
  ProgramSpec spec;
  if (options.name_kind == PortNameKind::kSpawnExecutable) {
    spec.file = options.command;
    spec.arg0 = options.arg0.value_or("");
    spec.args = options.args.value_or(std::vector<std::string>{});
  } else {
    spec.file = "/bin/sh";
    spec.arg0 = "sh";
    spec.args = {"-c", "exec " + options.command};
  }
  spec.environment = EnvironmentFor(options);
  spec.directory = options.cd.value_or("");
  spec.use_stdio = options.use_stdio;
  spec.stderr_to_stdout = options.stderr_to_stdout;
  spec.read = options.in;
  spec.write = options.out;
  spec.limits = options.program.limits;
  spec.separate_errors = options.program.separate_errors;
  spec.terminal = options.program.terminal;
  spec.contained = options.program.contained;
  spec.grace_ms = options.program.grace_ms;
  return spec;
}

ErlDrvData Start(ErlDrvPort port, char* /*command*/) {
  const StartOptions* options = StartOptions::Current();
  if (options == nullptr || services.client == nullptr) return ERL_DRV_ERROR_BADARG;
  auto program = std::make_unique<ProgramPort>(port, *options, services.limits, *services.client,
                                               SpecFor(*options));
  const int error = program->Begin();
  if (error == 0) return reinterpret_cast<ErlDrvData>(program.release());
  program->Stop();
  errno = error;
  return ERL_DRV_ERROR_ERRNO;
}

void Stop(ErlDrvData data) {
  PortOf(data).Stop();
  delete &PortOf(data);
}

void Outputv(ErlDrvData data, ErlIOVec* vector) { PortOf(data).Output(*vector); }
void ReadyInput(ErlDrvData data, ErlDrvEvent event) { PortOf(data).ReadyInput(FdOf(event)); }
void ReadyOutput(ErlDrvData data, ErlDrvEvent /*event*/) { PortOf(data).ReadyOutput(); }
void Timeout(ErlDrvData data) { PortOf(data).Timeout(); }

// Nothing to say in reply; -1 is badarg, as for every operation on OTP.
ErlDrvSSizeT Control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size, char**,
                     ErlDrvSizeT) {
  const Bytes given(reinterpret_cast<const std::uint8_t*>(bytes), size);
  return PortOf(data).Control(operation, given) ? 0 : -1;
}

// Only so that a process may be monitored at all: the owner, to know whether it is gone.
void ProcessExit(ErlDrvData /*data*/, ErlDrvMonitor* /*monitor*/) {}

void StopSelect(ErlDrvEvent event, void* /*reserved*/) { ::close(FdOf(event)); }
// A closing port waits until the program has taken what is queued; nothing more to do for that.
void Flush(ErlDrvData /*data*/) {}

ErlDrvEntry MakeEntry() {
  static char name[] = "spawn";
  ErlDrvEntry entry{};
  entry.start = Start;
  entry.stop = Stop;
  entry.outputv = Outputv;
  entry.ready_input = ReadyInput;
  entry.ready_output = ReadyOutput;
  entry.flush = Flush;
  entry.timeout = Timeout;
  entry.control = Control;
  entry.process_exit = ProcessExit;
  entry.stop_select = StopSelect;
  entry.driver_name = name;
  entry.extended_marker = static_cast<int>(ERL_DRV_EXTENDED_MARKER);
  entry.major_version = ERL_DRV_EXTENDED_MAJOR_VERSION;
  entry.minor_version = ERL_DRV_EXTENDED_MINOR_VERSION;
  entry.driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING | ERL_DRV_FLAG_USE_INIT_ACK;
  return entry;
}

}  // namespace

void ConnectSpawnDriver(SpawnDriverServices given) { services = std::move(given); }

const ErlDrvEntry& SpawnDriverEntry() {
  static const ErlDrvEntry entry = MakeEntry();
  return entry;
}

}  // namespace portlab
