// One external program behind a port: what the spawn driver's callbacks do. Every function runs in
// a callback of its port.
//
// Threads: the port's lock. Ownership: `stop` deletes it; its descriptors are closed by
// stop_select. Source: otp_ports.md 3.3 (order at the end: data, exit_status, last partial line,
// then eof or EXIT), 6.3; include/portlab/program.h for what is beyond OTP.
#pragma once

#include <optional>

#include "driver/start_options.h"
#include "erl_driver.h"
#include "launch/spawn_client.h"
#include "portlab/term.h"
#include "spawn/exit_report.h"
#include "spawn/port_channel.h"
#include "spawn/program_deadlines.h"

namespace portlab {

class ProgramPort {
 public:
  ProgramPort(ErlDrvPort port, const StartOptions& options, const ChannelLimits& limits,
              SpawnClient& client, ProgramSpec spec);
  ~ProgramPort();
  ProgramPort(const ProgramPort&) = delete;
  ProgramPort& operator=(const ProgramPort&) = delete;

  // Asks the server for the program; an errno. After an error: Stop.
  int Begin();
  void Stop();  // deselects everything; the descriptors are closed by stop_select
  void Output(ErlIOVec& vector);
  void ReadyInput(int fd);
  void ReadyOutput();
  void Timeout();
  // False: not an operation of this port.
  bool Control(unsigned operation, Bytes data);

 private:
  // Start and end (program_port.cc).
  void ReadStatus();
  void ServerLost();
  void Started(int os_pid);
  bool SelectAll();
  void Refuse(int error_number);
  void StartFailed(int error_number);
  void Exited(WaitStatus status);
  void Ended(int left);
  void ReportExit();
  void End(EndedBy by);
  void MaybeFinish();
  bool OwnerIsGone();
  void Deselect(int& fd);

  // Input and output (program_io.cc).
  void ReadOutput(int& fd);
  void ReadErrors();
  bool DeliverErrors();
  void OutputEnded(int& fd);
  void SelectOutput(bool on);
  bool TakeWhatIsThere();
  bool PipeIsOpen() const;
  void Charge(std::size_t bytes);
  void GiveCredit(std::uint64_t bytes);
  void CloseInput();
  void InputMayClose();
  bool OutputsEnded() const { return from_program_ < 0 && errors_ < 0; }
  std::size_t Credit() const;

  const ErlDrvPort port_;
  SpawnClient& client_;
  std::optional<ProgramSpec> spec_;  // until it is known what became of its start
  const ProgramOptions options_;
  PortChannel channel_;
  ExitReport report_;
  ProgramDeadlines deadlines_;
  const bool wants_status_;
  int to_program_ = -1;
  int from_program_ = -1;
  int errors_ = -1;
  int status_ = -1;
  std::optional<std::uint64_t> credit_;  // bytes of output that may still be read
  bool was_out_only_;
  bool selected_ = false;  // the outputs are
  bool closing_input_ = false;
  bool acknowledged_ = false;
  bool asked_twice_ = false;
  bool status_sent_ = false;
  EndedBy ended_by_ = EndedBy::kItself;
  std::optional<WaitStatus> exit_;
  std::optional<int> exit_number_;  // as the port's owner sees it: the code, or 128 + signal
};

}  // namespace portlab
