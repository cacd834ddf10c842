// open_port/2.
//
// A step for Process::BlockOn / Until: the port, or the error. Only a driver that acknowledges its
// start itself (programs, through the spawn driver) makes it wait. Threads: the body of `self`,
// which outlives the step. Errors: badarg, badopt, system_limit, einval, an errno name: OTP's types
// -1 … -4. Source: erlang(3erl) open_port/2; otp_ports.md 3.1, 3.2, 2.3.
#pragma once

#include "driver/start_options.h"
#include "port/ports.h"

namespace portlab {

// The drivers built into the runtime: of programs, of descriptors, of files. As on OTP their names
// are not found by {spawn,_} and {spawn_driver,_}.
inline constexpr std::string_view kSpawnDriverName = "spawn";
inline constexpr std::string_view kFdDriverName = "fd";
inline constexpr std::string_view kVanillaDriverName = "vanilla";

class OpenPort {
 public:
  // Borrowed until the first step; a temporary is kept.
  OpenPort(Process& self, const StartOptions& options) : self_(self), borrowed_(&options) {}
  OpenPort(Process& self, StartOptions&& options) : self_(self), parsed_(std::move(options)) {}
  // Arguments as in Erlang.
  OpenPort(Process& self, const Term& name, const Term& options);
  std::optional<Result<PortId>> operator()();

 private:
  Result<Driver*> ChooseDriver(const StartOptions& options) const;
  Result<Driver*> ChooseByFirstWord(const StartOptions& options) const;
  std::optional<Result<PortId>> Acknowledged();

  Process& self_;
  const StartOptions* borrowed_ = nullptr;
  std::optional<Result<StartOptions>> parsed_;
  PortId port_;
  std::shared_ptr<SignalReply> pending_;
};

}  // namespace portlab
