#include "check_io/check_io.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <optional>
#include <utility>

namespace portlab {
namespace {

int LimitOfProcess() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  return static_cast<int>(std::min<rlim_t>(limit.rlim_cur, INT_MAX));
}

FdTable::Side SideOf(bool input) { return input ? FdTable::kRead : FdTable::kWrite; }

}  // namespace

CheckIo::CheckIo(std::unique_ptr<Pollset> pollset, PortEventSink& sink, int max_fds)
    : pollset_(std::move(pollset)),
      sink_(sink),
      max_fds_(max_fds > 0 ? max_fds : LimitOfProcess()) {}

SelectResult CheckIo::Select(PortId port, int fd, int mode, bool on) {
  SelectResult result;
  if (fd < 0 || fd >= max_fds_) {
    result.status = -1;
    if (fd >= 0) {
      result.warning = "driver_select by " + PortName(port) + ": fd=" + std::to_string(fd) +
                       " is larger than the largest allowed fd " + std::to_string(max_fds_ - 1);
    }
    return result;
  }
  const MutexLock lock(mutex_);
  if (on) {
    table_.On(port, fd, mode, result);
  } else {
    table_.Off(port, fd, mode, result);
  }
  const std::string warning = ArmAgain(fd, &result.error);
  // A descriptor that is none is only warned of, as on OTP.
  if (result.error == ENOMEM || result.error == ENOSPC) result.status = -1;
  if (!warning.empty() && !result.warning.empty()) result.warning += "; ";
  result.warning += warning;
  ports_with_fds_.store(table_.ports(), std::memory_order_release);
  return result;
}

std::string CheckIo::ArmAgain(int fd, int* error_number) {
  FdTable::Record* record = table_.Find(fd);
  const bool read = record != nullptr && record->waits(FdTable::kRead);
  const bool write = record != nullptr && record->waits(FdTable::kWrite);
  if (!read && !write) {
    // With an event in flight too: hang-ups would be reported whatever is asked for.
    pollset_->Remove(fd);
    return {};
  }
  record->tag = ++last_tag_;
  const int error = pollset_->Arm(fd, read, write, record->tag);
  if (error == 0) return {};
  if (error_number != nullptr) *error_number = error;
  const PortId owner = record->sides[read ? FdTable::kRead : FdTable::kWrite].owner;
  table_.DropEvents(fd);
  pollset_->Remove(fd);
  return "Bad input fd in erts_poll()! fd=" + std::to_string(fd) + ", port=" + PortName(owner) +
         " (errno " + std::to_string(error) + ")";
}

int CheckIo::Poll(Nanos deadline) {
  const Idle idle = Order::WaitIdle(deadline, HasFds());
  const int timeout_ms = TimeoutFor(idle, deadline);
  if (timeout_ms == 0 && !HasFds()) return 0;  // not worth a system call
  std::vector<ReadyFd> ready;
  {
    std::optional<OutsideOrder> outside;
    if (timeout_ms != 0) outside.emplace();
    pollset_->Wait(timeout_ms, ready);
  }
  return PostAll(ready);
}

int CheckIo::PollFor(int timeout_ms) {
  std::vector<ReadyFd> ready;
  pollset_->Wait(timeout_ms, ready);
  return PostAll(ready);
}

int CheckIo::PostAll(std::vector<ReadyFd>& ready) {
  // By number, not in the kernel's order, for equal runs.
  std::sort(ready.begin(), ready.end(),
            [](const ReadyFd& a, const ReadyFd& b) { return a.fd < b.fd; });
  std::vector<Posting> postings;
  {
    const MutexLock lock(mutex_);
    for (const ReadyFd& one : ready) Collect(one, postings);
  }
  for (const Posting& posting : postings) sink_.Post(posting.port, posting.event);
  return static_cast<int>(postings.size());
}

int CheckIo::TimeoutFor(Idle idle, Nanos deadline) const {
  if (idle == Idle::kBriefly) return 1;
  if (idle != Idle::kMayBlock) return 0;
  if (deadline == kForever) return -1;
  const Nanos left = deadline - MonotonicNow();
  if (left <= 0) return 0;
  return static_cast<int>(std::min<Nanos>((left + kMillisecond - 1) / kMillisecond, INT_MAX));
}

void CheckIo::Collect(const ReadyFd& ready, std::vector<Posting>& postings) {
  FdTable::Record* record = table_.Find(ready.fd);
  if (record == nullptr || record->tag != ready.tag) return;
  for (const FdTable::Side side : {FdTable::kRead, FdTable::kWrite}) {
    const bool input = side == FdTable::kRead;
    if (!record->waits(side) || !(input ? ready.readable : ready.writable)) continue;
    FdTable::Selection& selection = record->sides[side];
    selection.in_flight = true;
    PortEvent event{input ? PortEventKind::kReadyInput : PortEventKind::kReadyOutput};
    event.fd = ready.fd;
    event.serial = selection.serial;
    postings.push_back({selection.owner, event});
  }
  // The side that was not ready was disarmed with the other. Should the fd be closed by now, nobody
  // has to know.
  if (record->waits(FdTable::kRead) || record->waits(FdTable::kWrite)) ArmAgain(ready.fd);
}

void CheckIo::Wake() {
  pollset_->Wake();
  Order::WakeIdle();
}

bool CheckIo::Claim(PortId port, int fd, bool input, std::uint64_t serial) {
  const MutexLock lock(mutex_);
  const FdTable::Selection* selection = table_.FindCurrent(port, fd, SideOf(input), serial);
  return selection != nullptr && selection->in_flight;
}

std::string CheckIo::Rearm(PortId port, int fd, bool input, std::uint64_t serial) {
  const MutexLock lock(mutex_);
  FdTable::Selection* selection = table_.FindCurrent(port, fd, SideOf(input), serial);
  if (selection == nullptr || !selection->in_flight) return {};
  selection->in_flight = false;
  return ArmAgain(fd);
}

std::vector<int> CheckIo::ReleaseAll(PortId port) {
  // What the port itself selected is counted; most ports never do.
  if (ports_with_fds_.load(std::memory_order_acquire) == 0) return {};
  const MutexLock lock(mutex_);
  std::vector<int> touched;
  std::vector<int> last_used = table_.ReleaseAll(port, touched);
  for (const int fd : touched) ArmAgain(fd);
  ports_with_fds_.store(table_.ports(), std::memory_order_release);
  return last_used;
}

bool CheckIo::HasFds() const {
  const MutexLock lock(mutex_);
  return table_.selected_fds() > 0;
}

}  // namespace portlab
