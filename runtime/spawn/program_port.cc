#include "spawn/program_port.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <utility>

#include "base/order.h"
#include "launch/spawn_protocol.h"
#include "launch/wait_status.h"
#include "portlab/program.h"

namespace portlab {
namespace {

ErlDrvEvent EventOf(int fd) { return PortChannel::EventOf(fd); }

constexpr int kDirectoryStatus = 2;

// What open_port itself reports: the machine has no more of something. Any other failure is the
// program's exit status.
bool IsShortage(int error_number) {
  return error_number == EAGAIN || error_number == ENOMEM || error_number == EMFILE ||
         error_number == ENFILE || error_number == ENOSPC || error_number == ENOBUFS;
}

void Ask(int status, KeeperRequest::Kind kind, int value) {
  const KeeperRequest request = {kind, value};
  // A keeper that is gone has nothing left to keep.
  while (::send(status, &request, sizeof request, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
         errno == EINTR) {
  }
}

std::uint64_t BigEndian(Bytes bytes) {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

}  // namespace

ProgramPort::ProgramPort(ErlDrvPort port, const StartOptions& options, const ChannelLimits& limits,
                         SpawnClient& client, ProgramSpec spec)
    : port_(port),
      client_(client),
      spec_(std::move(spec)),
      options_(options.program),
      channel_(port, options, limits),
      report_(port, options_),
      deadlines_(port, options_),
      wants_status_(options.exit_status || options_.full_exit_status),
      credit_(options_.window_bytes),
      was_out_only_(!spec_->read && !spec_->terminal) {
  Order::EnterRealWorld();
}

ProgramPort::~ProgramPort() { Order::LeaveRealWorld(); }

int ProgramPort::Begin() {
  Result<ProgramEnds> ends = MakeProgramEnds(*spec_);
  if (!ends) return ends.error().error_number;
  to_program_ = ends->ours.to_program.Release();
  from_program_ = ends->ours.from_program.Release();
  errors_ = ends->ours.errors.Release();
  status_ = ends->ours.status.Release();
  // Before anything is asked for: what came of it could not be heard.
  if (driver_select(port_, EventOf(status_), ERL_DRV_READ | ERL_DRV_USE, 1) != 0) return errno;
  const Result<void> asked = client_.Start(*spec_, std::move(ends->theirs));
  return asked ? 0 : asked.error().error_number;
}

void ProgramPort::Deselect(int& fd) {
  if (fd < 0) return;
  driver_select(port_, EventOf(std::exchange(fd, -1)), ERL_DRV_READ | ERL_DRV_WRITE | ERL_DRV_USE,
                0);
}

bool ProgramPort::OwnerIsGone() {
  ErlDrvMonitor unused;
  return driver_monitor_process(port_, driver_connected(port_), &unused) > 0;
}

void ProgramPort::Stop() {
  const bool may_end = options_.end_at_close || options_.end_at_owner_exit;
  if (may_end && status_ >= 0) {
    const bool end = OwnerIsGone() ? options_.end_at_owner_exit : options_.end_at_close;
    if (end) Ask(status_, KeeperRequest::kEnd, 0);
  }
  for (int* fd : {&status_, &from_program_, &errors_, &to_program_}) Deselect(*fd);
}

void ProgramPort::ReadyInput(int fd) {
  if (fd == status_) {
    ReadStatus();
  } else if (fd == errors_) {
    ReadErrors();
  } else {
    ReadOutput(from_program_);
  }
}

void ProgramPort::ReadStatus() {
  StatusRecord record{};
  const ssize_t got = ::read(status_, &record, sizeof(record));
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got != static_cast<ssize_t>(sizeof(record))) {
    ServerLost();
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
    case StatusRecord::kExited:
      Exited(WaitStatus(record.value));
      return;
    case StatusRecord::kEnded:
      Ended(record.value);
      return;
    case StatusRecord::kCgroupFailed:
      Refuse(record.value);
      return;
    case StatusRecord::kOutOfMemory:
      report_.SetOutOfMemory(record.value != 0);
      return;
    case StatusRecord::kSignalSent:
      return;
  }
}

// The spawn server is gone, and with it everybody who could tell how the program ended; it took the
// program along.
void ProgramPort::ServerLost() {
  Deselect(status_);
  if (!acknowledged_) {
    // Perhaps the request never reached it. A program that it did start died with it.
    for (int* fd : {&from_program_, &errors_, &to_program_}) Deselect(*fd);
    const int error = std::exchange(asked_twice_, true) ? EPIPE : Begin();
    if (error != 0) Refuse(error);
  } else if (!exit_number_) {
    static char reason[] = "spawn_server_lost";
    driver_failure_atom(port_, reason);
  }
}

// open_port fails. Stops the port: `this` is gone.
void ProgramPort::Refuse(int error_number) {
  errno = error_number;
  erl_drv_init_ack(port_, ERL_DRV_ERROR_ERRNO);
}

// False: errno says why.
bool ProgramPort::SelectAll() {
  for (const int fd : {from_program_, errors_}) {
    if (fd >= 0 && driver_select(port_, EventOf(fd), ERL_DRV_READ | ERL_DRV_USE, 1) != 0) {
      return false;
    }
  }
  selected_ = true;
  if (to_program_ < 0) return true;
  // For its USE only: so that closing it goes through stop_select like the others.
  return driver_select(port_, EventOf(to_program_), ERL_DRV_USE, 1) == 0;
}

void ProgramPort::Started(int os_pid) {
  spec_.reset();
  if (!SelectAll()) {
    const int error = errno;
    // A port that cannot hear of its program is none, and a program without a port must not stay.
    if (options_.contained) {
      Ask(status_, KeeperRequest::kEnd, 0);
    } else {
      client_.SignalUnconfirmed(os_pid, SIGKILL, status_);
    }
    Refuse(error);
    return;
  }
  erl_drv_set_os_pid(port_, os_pid);
  acknowledged_ = true;
  deadlines_.Started();
  // `this` survives: an acknowledgement without an error never stops the port.
  erl_drv_init_ack(port_, reinterpret_cast<ErlDrvData>(this));
}

void ProgramPort::StartFailed(int error_number) {
  if (IsShortage(error_number)) {
    Refuse(error_number);
    return;
  }
  // As on OTP: the port opens, and the failed exec is the exit status of a program that never was.
  acknowledged_ = true;
  erl_drv_init_ack(port_, reinterpret_cast<ErlDrvData>(this));
  exit_number_ = error_number < 0 ? -error_number : error_number;
  deadlines_.Ended();
  if (options_.full_exit_status) {
    report_.SendFull(WaitStatus::OfExit(*exit_number_), EndedBy::kItself, false);
    status_sent_ = true;
  }
  was_out_only_ = false;
  for (int* fd : {&status_, &from_program_, &errors_}) Deselect(*fd);
  MaybeFinish();
}

void ProgramPort::Exited(WaitStatus status) {
  exit_ = status;
  exit_number_ = ExitReport::NumberOf(status);
  deadlines_.Ended();
  // A keeper still has what descends from the program.
  if (!options_.contained) Deselect(status_);
  // Ended by us: told when all its descendants have ended, too.
  if (ended_by_ == EndedBy::kItself) ReportExit();
}

void ProgramPort::Ended(int left) {
  if (left != 0) {
    ErlDrvTermData term[] = {ERL_DRV_PORT,  driver_mk_port(port_),
                             ERL_DRV_ATOM,  driver_mk_atom(const_cast<char*>("unkilled")),
                             ERL_DRV_INT,   static_cast<ErlDrvTermData>(left),
                             ERL_DRV_TUPLE, 2,
                             ERL_DRV_TUPLE, 2};
    erl_drv_output_term(driver_mk_port(port_), term, std::size(term));
  }
  if (ended_by_ != EndedBy::kItself && exit_) ReportExit();
}

void ProgramPort::ReportExit() {
  if (options_.full_exit_status && !status_sent_) {
    if (!TakeWhatIsThere()) return;
    report_.SendFull(*exit_, ended_by_, PipeIsOpen());
    status_sent_ = true;
  }
  // Nobody asked: the end of the output was the end.
  if (wants_status_) MaybeFinish();
}

void ProgramPort::MaybeFinish() {
  if (!OutputsEnded() || (was_out_only_ && !status_sent_)) return;
  if (wants_status_ && !status_sent_) {
    // Still to come on the status channel, all of it.
    if (!exit_number_ || options_.full_exit_status) return;
    report_.SendNumber(*exit_number_);
    status_sent_ = true;
  }
  driver_failure_eof(port_);
}

void ProgramPort::End(EndedBy by) {
  if (!exit_number_ && ended_by_ == EndedBy::kItself) ended_by_ = by;
  if (status_ >= 0) Ask(status_, KeeperRequest::kEnd, 0);
}

void ProgramPort::Timeout() {
  switch (deadlines_.Fired()) {
    case ProgramDeadlines::Missed::kNone:
      return;
    case ProgramDeadlines::Missed::kStart:
      errno = ETIMEDOUT;
      Ask(status_, KeeperRequest::kEnd, 0);
      erl_drv_init_ack(port_, ERL_DRV_ERROR_ERRNO);
      return;
    case ProgramDeadlines::Missed::kRun:
      End(EndedBy::kTimeout);
      return;
    case ProgramDeadlines::Missed::kIdle:
      End(EndedBy::kIdleTimeout);
      return;
  }
}

bool ProgramPort::Control(unsigned operation, Bytes data) {
  switch (operation) {
    case kProgramCredit:
      if (!credit_ || data.size() != 4) return false;
      GiveCredit(BigEndian(data));
      return true;
    case kProgramCloseInput:
      if (to_program_ < 0 || !data.empty()) return false;
      CloseInput();
      return true;
    case kProgramSignal:
      if (!options_.contained || status_ < 0 || data.size() != 1) return false;
      Ask(status_, KeeperRequest::kSignal, data[0]);
      return true;
    case kProgramEnd:
      if (!options_.contained || !data.empty()) return false;
      End(EndedBy::kAsked);
      return true;
    case kProgramWindowSize:
      if (!options_.terminal || from_program_ < 0 || data.size() != 4) return false;
      SetTerminalSize(from_program_, {static_cast<std::uint16_t>(BigEndian(data.first(2))),
                                      static_cast<std::uint16_t>(BigEndian(data.last(2)))});
      return true;
    default:
      return false;
  }
}

}  // namespace portlab
