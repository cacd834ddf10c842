// One external program behind a port: what the spawn driver's callbacks do. Every function runs in
// a callback of its port.
//
// Threads: the port's lock. Ownership: `stop` deletes it; its descriptors are closed by
// stop_select. Source: otp_ports.md 3.3 (order at the end: data, exit_status, last partial line,
// then eof or EXIT), 6.3.
#pragma once

#include <optional>

#include "driver/start_options.h"
#include "erl_driver.h"
#include "launch/spawn_client.h"
#include "spawn/port_channel.h"

namespace portlab {

class ProgramPort {
 public:
  ProgramPort(ErlDrvPort port, const StartOptions& options, const ChannelLimits& limits,
              ProgramPipes pipes);
  ~ProgramPort();
  ProgramPort(const ProgramPort&) = delete;
  ProgramPort& operator=(const ProgramPort&) = delete;

  void Begin();  // selects on the status pipe
  void Stop();   // deselects everything; the descriptors are closed by stop_select
  void Output(ErlIOVec& vector);
  void ReadyInput(int fd);
  void ReadyOutput();

 private:
  void ReadStatus();
  void Started(int os_pid);
  void StartFailed(int error_number);
  void ReadOutput();
  void OutputEnded();
  void MaybeFinish();
  void Deselect(int& fd);

  const ErlDrvPort port_;
  PortChannel channel_;
  const bool wants_status_;
  int to_program_;
  int from_program_;
  int status_;
  bool acknowledged_ = false;
  bool output_ended_ = false;
  std::optional<int> exit_status_;  // as the port's owner sees it: the code, or 128 + signal
};

}  // namespace portlab
