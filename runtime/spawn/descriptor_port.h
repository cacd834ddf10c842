// A port of descriptors: what the fd driver ({fd,In,Out}) and the vanilla driver (a file's name)
// share.
//
// What may make the writer wait (a terminal, a file, whatever the host itself was started with) is
// written by an async thread, the rest at once, non-blocking. Threads: the port's lock. Ownership:
// `stop` deletes it; it closes its descriptors only when told so. Errors: those of reading and
// writing end the port. Source: otp_ports.md 6.5.
#pragma once

#include "driver/start_options.h"
#include "erl_driver.h"
#include "spawn/port_channel.h"

namespace portlab {

class DescriptorPort {
 public:
  enum class AtStop { kLeaveOpen, kClose };

  // A negative descriptor: no such direction.
  DescriptorPort(ErlDrvPort port, const StartOptions& options, const ChannelLimits& limits, int in,
                 int out, AtStop at_stop);
  ~DescriptorPort();
  DescriptorPort(const DescriptorPort&) = delete;
  DescriptorPort& operator=(const DescriptorPort&) = delete;

  // The entry of a driver whose ports are these; `start` returns one.
  static ErlDrvEntry EntryFor(char* name, ErlDrvData (*start)(ErlDrvPort, char*));

 private:
  static DescriptorPort& Of(ErlDrvData data) { return *reinterpret_cast<DescriptorPort*>(data); }
  void Stop();
  void Output(ErlIOVec& vector);
  void Read();
  void WriteLater();
  void LaterWritten(ErlDrvThreadData job);

  const ErlDrvPort port_;
  PortChannel channel_;
  int in_;
  int out_;
  const AtStop at_stop_;
  bool may_block_ = false;
  bool made_non_blocking_ = false;
  bool writing_ = false;  // a job is under way
};

}  // namespace portlab
