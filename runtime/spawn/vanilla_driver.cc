#include "spawn/vanilla_driver.h"

#include <fcntl.h>

#include "spawn/descriptor_port.h"

namespace portlab {
namespace {

constexpr int kMode = 0666;  // less the umask

ChannelLimits channel_limits;

int OpenFlags(const StartOptions& options) {
  if (!options.out) return O_RDONLY;
  return options.in ? O_RDWR | O_CREAT : O_WRONLY | O_CREAT | O_TRUNC;
}

ErlDrvData Start(ErlDrvPort port, char* /*command*/) {
  const StartOptions* options = StartOptions::Current();
  if (options == nullptr) return ERL_DRV_ERROR_BADARG;
  const int fd =
      ::open(options->command.c_str(), OpenFlags(*options) | O_NONBLOCK | O_CLOEXEC, kMode);
  if (fd < 0) return ERL_DRV_ERROR_GENERAL;
  auto* started = new DescriptorPort(port, *options, channel_limits, options->in ? fd : -1,
                                     options->out ? fd : -1, DescriptorPort::AtStop::kClose);
  return reinterpret_cast<ErlDrvData>(started);
}

}  // namespace

void ConnectVanillaDriver(const ChannelLimits& limits) { channel_limits = limits; }

const ErlDrvEntry& VanillaDriverEntry() {
  static char name[] = "vanilla";
  static const ErlDrvEntry entry = DescriptorPort::EntryFor(name, Start);
  return entry;
}

}  // namespace portlab
