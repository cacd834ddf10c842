#include "faulty_drivers/trial/bridge_host.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/black_box.h"
#include "bridge/bridge_server.h"
#include "faulty_drivers/trial/host_command.h"
#include "faulty_drivers/trial/trial_phase.h"
#include "portlab/runtime.h"

namespace portlab {
namespace {

// For ports that flush, and callbacks that are slow. Who waits for the host kills it after longer.
constexpr Nanos kWindUp = 1'000 * kMillisecond;

RuntimeOptions OptionsOf(const BridgeHostCommand& command) {
  RuntimeOptions options;
  options.strict = command.strict;
  options.baton_seed = command.seed;
  options.limits.port_limit = command.port_limit;
  options.limits.scheduler_threads = command.schedulers;
  return options;
}

Term About() { return *Term::Map({{Term::Atom("os_pid"), Term::Int(::getpid())}}); }

}  // namespace

int RunBridgeHost(const BridgeHostCommand& command) {
  if (command.black_box_fd >= 0 && !BlackBox::MapFrom(command.black_box_fd)) {
    std::fprintf(stderr, "portlab-host: --black-box-fd %d is no black box\n", command.black_box_fd);
    return kExitBadInput;
  }
  int status = EXIT_SUCCESS;
  {
    Runtime runtime(OptionsOf(command));
    BlackBox::Get().phase.store(static_cast<std::uint32_t>(TrialPhase::kRuntimeUp));
    BridgeServer server(runtime.processes(), runtime.ddll(),
                        {command.in_fd, command.out_fd, command.node});
    if (const Result<void> served = server.Serve(About()); !served) {
      std::fprintf(stderr, "portlab-host: bridge: %s\n", served.error().ToString().c_str());
      BlackBox::Get().phase.store(static_cast<std::uint32_t>(TrialPhase::kRefused));
      status = kExitBadInput;
    }
    if (!runtime.Stop(kWindUp)) {
      BlackBox::Get().goodbye.store(BlackBox::kGoodbye);
      ::_exit(status);
    }
  }
  BlackBox::Get().goodbye.store(BlackBox::kGoodbye);
  return status;
}

}  // namespace portlab
