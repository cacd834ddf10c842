#include "spawn/program_port.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/order.h"
#include "launch/spawn_protocol.h"
#include "launch/wait_status.h"

namespace portlab {
namespace {

ErlDrvEvent EventOf(int fd) { return PortChannel::EventOf(fd); }

constexpr int kSignalBase = 128;  // a signal is reported as 128 + its number
constexpr int kDirectoryStatus = 2;

// What open_port itself reports: the machine has no more of something. Any other failure is the
// program's exit status.
bool IsShortage(int error_number) {
  return error_number == EAGAIN || error_number == ENOMEM || error_number == EMFILE ||
         error_number == ENFILE;
}

}  // namespace

ProgramPort::ProgramPort(ErlDrvPort port, const StartOptions& options, const ChannelLimits& limits,
                         ProgramPipes pipes)
    : port_(port),
      channel_(port, options, limits),
      wants_status_(options.exit_status),
      to_program_(pipes.to_program.Release()),
      from_program_(pipes.from_program.Release()),
      status_(pipes.status.Release()) {
  Order::EnterRealWorld();
}

ProgramPort::~ProgramPort() { Order::LeaveRealWorld(); }

void ProgramPort::Begin() { driver_select(port_, EventOf(status_), ERL_DRV_READ | ERL_DRV_USE, 1); }

void ProgramPort::Deselect(int& fd) {
  if (fd < 0) return;
  driver_select(port_, EventOf(std::exchange(fd, -1)), ERL_DRV_READ | ERL_DRV_WRITE | ERL_DRV_USE,
                0);
}

void ProgramPort::Stop() {
  Deselect(status_);
  Deselect(from_program_);
  Deselect(to_program_);
}

void ProgramPort::ReadyInput(int fd) {
  if (fd == status_) {
    ReadStatus();
  } else {
    ReadOutput();
  }
}

void ProgramPort::ReadStatus() {
  StatusRecord record{};
  const ssize_t got = ::read(status_, &record, sizeof(record));
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got != static_cast<ssize_t>(sizeof(record))) {
    // The spawn server is gone, and with it everybody who could tell how the program ended.
    Deselect(status_);
    if (!acknowledged_) {
      errno = EPIPE;
      erl_drv_init_ack(port_, ERL_DRV_ERROR_ERRNO);
    } else if (!exit_status_) {
      driver_failure_posix(port_, EPIPE);
    }
    return;
  }
  switch (record.kind) {
    case StatusRecord::kStarted:
      Started(record.value);
      return;
    case StatusRecord::kStartFailed:
      StartFailed(record.value);
      return;
    case StatusRecord::kDirectoryFailed:
      StartFailed(-kDirectoryStatus);
      return;
    case StatusRecord::kExited: {
      const WaitStatus status(record.value);
      exit_status_ = status.signaled() ? kSignalBase + status.signal() : status.exit_code();
      Deselect(status_);
      // Nobody asked: the end of the output was the end.
      if (wants_status_) MaybeFinish();
      return;
    }
    case StatusRecord::kSignalSent:
      return;
  }
}

void ProgramPort::Started(int os_pid) {
  erl_drv_set_os_pid(port_, os_pid);
  acknowledged_ = true;
  // `this` survives: an acknowledgement without an error never stops the port.
  erl_drv_init_ack(port_, reinterpret_cast<ErlDrvData>(this));
  if (from_program_ >= 0)
    driver_select(port_, EventOf(from_program_), ERL_DRV_READ | ERL_DRV_USE, 1);
  // Selected for its USE only: so that closing it goes through stop_select like the others.
  if (to_program_ >= 0) {
    driver_select(port_, EventOf(to_program_), ERL_DRV_WRITE | ERL_DRV_USE, 1);
    driver_select(port_, EventOf(to_program_), ERL_DRV_WRITE, 0);
  }
}

void ProgramPort::StartFailed(int error_number) {
  if (IsShortage(error_number)) {
    errno = error_number;
    erl_drv_init_ack(port_, ERL_DRV_ERROR_ERRNO);  // stops the port: `this` is gone
    return;
  }
  // As on OTP: the port opens, and the failed exec is the exit status of a program that never was.
  acknowledged_ = true;
  erl_drv_init_ack(port_, reinterpret_cast<ErlDrvData>(this));
  exit_status_ = error_number < 0 ? -error_number : error_number;
  output_ended_ = true;
  Deselect(status_);
  MaybeFinish();
}

void ProgramPort::ReadOutput() {
  if (channel_.Read(from_program_) == PortChannel::Step::kEndOfFile) OutputEnded();
}

void ProgramPort::OutputEnded() {
  output_ended_ = true;
  Deselect(from_program_);
  MaybeFinish();
}

void ProgramPort::MaybeFinish() {
  if (!output_ended_) return;
  if (wants_status_) {
    if (!exit_status_) return;  // still to come on the status pipe
    ErlDrvTermData program[] = {ERL_DRV_PORT,  driver_mk_port(port_),
                                ERL_DRV_ATOM,  driver_mk_atom(const_cast<char*>("exit_status")),
                                ERL_DRV_INT,   static_cast<ErlDrvTermData>(*exit_status_),
                                ERL_DRV_TUPLE, 2,
                                ERL_DRV_TUPLE, 2};
    erl_drv_output_term(driver_mk_port(port_), program, sizeof(program) / sizeof(program[0]));
  }
  driver_failure_eof(port_);
}

void ProgramPort::Output(ErlIOVec& vector) { channel_.Write(to_program_, vector); }

void ProgramPort::ReadyOutput() { channel_.WriteQueue(to_program_); }

}  // namespace portlab
