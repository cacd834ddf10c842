// The spawn driver: external programs as ports. An ordinary driver (it uses erl_driver.h only to
// talk to its port) around the spawn server: three descriptors a program, all selected on: its
// input, its output, and the status pipe that says "started", and later how it ended.
//
// Threads: set the environment once, before the first port. Source: otp_ports.md 3.3, 3.7, 6;
// erlang(3erl) open_port/2.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "erl_driver.h"
#include "spawn/port_channel.h"

namespace portlab {

class SpawnClient;

struct SpawnDriverServices {
  SpawnClient* client = nullptr;
  std::function<std::vector<std::string>()> environment;  // "K=V", what programs start with
  ChannelLimits limits;
};

void ConnectSpawnDriver(SpawnDriverServices services);
const ErlDrvEntry& SpawnDriverEntry();

}  // namespace portlab
