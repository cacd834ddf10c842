#include "spawn/fd_driver.h"

#include <sys/resource.h>

#include "spawn/descriptor_port.h"

namespace portlab {
namespace {

ChannelLimits channel_limits;

bool InRange(int fd) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return fd >= 0 && static_cast<rlim_t>(fd) < limit.rlim_cur;
}

ErlDrvData Start(ErlDrvPort port, char* /*command*/) {
  const StartOptions* options = StartOptions::Current();
  if (options == nullptr) return ERL_DRV_ERROR_BADARG;
  if ((options->in && !InRange(options->fd_in)) || (options->out && !InRange(options->fd_out))) {
    return ERL_DRV_ERROR_GENERAL;
  }
  auto* started =
      new DescriptorPort(port, *options, channel_limits, options->in ? options->fd_in : -1,
                         options->out ? options->fd_out : -1, DescriptorPort::AtStop::kLeaveOpen);
  return reinterpret_cast<ErlDrvData>(started);
}

}  // namespace

void ConnectFdDriver(const ChannelLimits& limits) { channel_limits = limits; }

const ErlDrvEntry& FdDriverEntry() {
  static char name[] = "fd";
  static const ErlDrvEntry entry = DescriptorPort::EntryFor(name, Start);
  return entry;
}

}  // namespace portlab
