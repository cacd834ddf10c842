// What goes between a port and its program: output within its credit, errors, the end of the input.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <limits>

#include "spawn/program_port.h"

namespace portlab {
namespace {

constexpr std::size_t kErrorBytes = 16 * 1024;
constexpr char kEndOfTransmission = 4;  // what a terminal takes for the end of its input

// What poll says of it now.
int StateOf(int fd) {
  pollfd state = {fd, POLLIN, 0};
  while (::poll(&state, 1, 0) < 0 && errno == EINTR) {
  }
  return state.revents;
}

}  // namespace

std::size_t ProgramPort::Credit() const {
  return static_cast<std::size_t>(credit_.value_or(std::numeric_limits<std::size_t>::max()));
}

void ProgramPort::SelectOutput(bool on) {
  if (selected_ == on) return;
  selected_ = on;
  for (const int fd : {from_program_, errors_}) {
    if (fd < 0) continue;
    if (driver_select(port_, PortChannel::EventOf(fd), ERL_DRV_READ, on ? 1 : 0) == 0) continue;
    driver_failure_posix(port_, errno);  // `this` is gone
    return;
  }
}

void ProgramPort::Charge(std::size_t bytes) {
  deadlines_.Busy();
  if (!credit_) return;
  *credit_ -= std::min<std::uint64_t>(*credit_, bytes);
  if (*credit_ == 0) SelectOutput(false);
}

void ProgramPort::GiveCredit(std::uint64_t bytes) {
  *credit_ += bytes;
  if (*credit_ != 0) SelectOutput(true);
}

void ProgramPort::ReadOutput(int& fd) {
  if (Credit() == 0) return;
  std::size_t got = 0;
  switch (channel_.Read(fd, Credit(), &got)) {
    case PortChannel::Step::kPortEnded:
      return;
    case PortChannel::Step::kEndOfFile:
      OutputEnded(fd);
      return;
    case PortChannel::Step::kGoOn:
      if (got != 0) Charge(got);
      return;
  }
}

void ProgramPort::ReadErrors() {
  if (Credit() != 0 && !DeliverErrors()) OutputEnded(errors_);
}

// {Port,{stderr,Data}}: as it comes, whatever the framing of the output is. False: it has ended.
bool ProgramPort::DeliverErrors() {
  char buffer[kErrorBytes];
  const ssize_t got = ::read(errors_, buffer, std::min(Credit(), sizeof(buffer)));
  if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
  const bool binary = (get_port_flags(port_) & PORT_FLAG_BINARY) != 0;
  const auto kind = static_cast<ErlDrvTermData>(binary ? ERL_DRV_BUF2BINARY : ERL_DRV_STRING);
  ErlDrvTermData term[] = {ERL_DRV_PORT,
                           driver_mk_port(port_),
                           ERL_DRV_ATOM,
                           driver_mk_atom(const_cast<char*>("stderr")),
                           kind,
                           reinterpret_cast<ErlDrvTermData>(buffer),
                           static_cast<ErlDrvTermData>(got),
                           ERL_DRV_TUPLE,
                           2,
                           ERL_DRV_TUPLE,
                           2};
  erl_drv_output_term(driver_mk_port(port_), term, std::size(term));
  Charge(static_cast<std::size_t>(got));
  return true;
}

void ProgramPort::OutputEnded(int& fd) {
  Deselect(fd);
  MaybeFinish();
}

// What the program wrote before it ended goes before the news of its end; whoever else has the pipe
// is not waited for. False: the port has ended.
bool ProgramPort::TakeWhatIsThere() {
  const auto has_data = [this](int fd) {
    return fd >= 0 && Credit() != 0 && (StateOf(fd) & POLLIN) != 0;
  };
  while (has_data(from_program_)) {
    std::size_t got = 0;
    const PortChannel::Step step = channel_.Read(from_program_, Credit(), &got);
    if (step == PortChannel::Step::kPortEnded) return false;
    if (step == PortChannel::Step::kEndOfFile) break;
    Charge(got);
  }
  while (has_data(errors_) && DeliverErrors()) {
  }
  return true;
}

bool ProgramPort::PipeIsOpen() const {
  for (const int fd : {from_program_, errors_}) {
    if (fd >= 0 && (StateOf(fd) & POLLHUP) == 0) return true;
  }
  return false;
}

void ProgramPort::Output(ErlIOVec& vector) {
  deadlines_.Busy();
  if (options_.queue_bytes_max && driver_sizeq(port_) + vector.size > *options_.queue_bytes_max) {
    static char reason[] = "queue_limit";
    driver_failure_atom(port_, reason);
    return;
  }
  channel_.Write(closing_input_ ? -1 : to_program_, vector);
}

void ProgramPort::ReadyOutput() {
  deadlines_.Busy();
  if (channel_.WriteQueue(to_program_) == PortChannel::Step::kGoOn) InputMayClose();
}

void ProgramPort::CloseInput() {
  closing_input_ = true;
  InputMayClose();
}

void ProgramPort::InputMayClose() {
  if (!closing_input_ || to_program_ < 0 || driver_sizeq(port_) != 0) return;
  if (options_.terminal) {
    [[maybe_unused]] const ssize_t written = ::write(to_program_, &kEndOfTransmission, 1);
  } else {
    Deselect(to_program_);
  }
}

}  // namespace portlab
