#include "check_io/epoll_pollset.h"

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <array>
#include <atomic>
#include <cerrno>

#include "base/check.h"

namespace portlab {
namespace {

constexpr int kBatch = 64;
// No fd has this number, so no armed fd has this data.
constexpr std::uint64_t kWakeData = ~std::uint64_t{0};

// Grows in each child of a fork.
std::atomic<unsigned> generation{0};

unsigned Generation() {
  static const int counted = ::pthread_atfork(
      nullptr, nullptr, [] { generation.fetch_add(1, std::memory_order_relaxed); });
  PORTLAB_CHECK(counted == 0, "no memory for a fork handler");
  return generation.load(std::memory_order_relaxed);
}

std::uint64_t DataOf(int fd, std::uint32_t tag) {
  return (std::uint64_t{tag} << 32) | static_cast<std::uint32_t>(fd);
}

}  // namespace

EpollPollset::EpollPollset()
    : generation_(Generation()),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  PORTLAB_CHECK(epoll_ && wake_, "no file descriptors left for the pollset");
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;  // each write wakes one who waits, and is never read
  event.data.u64 = kWakeData;
  const int added = ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
  PORTLAB_CHECK(added == 0, "the kernel refused the wake-up fd of the pollset");
}

int EpollPollset::Arm(int fd, bool read, bool write, std::uint32_t tag) {
  epoll_event event{};
  event.events = EPOLLONESHOT | (read ? EPOLLIN : 0u) | (write ? EPOLLOUT : 0u);
  event.data.u64 = DataOf(fd, tag);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0) return 0;
  if (errno == ENOENT && ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return 0;
  if (errno != EPERM) return errno;
  {
    const MutexLock lock(mutex_);
    always_ready_[fd] = ReadyFd{fd, tag, read, write};
  }
  Wake();
  return 0;
}

void EpollPollset::Remove(int fd) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  const MutexLock lock(mutex_);
  always_ready_.erase(fd);
}

void EpollPollset::Wait(int timeout_ms, std::vector<ReadyFd>& ready) {
  if (generation_ != generation.load(std::memory_order_relaxed)) [[unlikely]] {
    ::poll(nullptr, 0, timeout_ms);
    return;
  }
  {
    const MutexLock lock(mutex_);
    for (const auto& [fd, state] : always_ready_) ready.push_back(state);
    always_ready_.clear();
  }
  std::array<epoll_event, kBatch> events;
  const int count =
      ::epoll_wait(epoll_.get(), events.data(), kBatch, ready.empty() ? timeout_ms : 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.u64 == kWakeData) continue;
    const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
    ready.push_back(ReadyFd{static_cast<int>(event.data.u64 & 0xffffffffu),
                            static_cast<std::uint32_t>(event.data.u64 >> 32),
                            broken || (event.events & EPOLLIN) != 0,
                            broken || (event.events & EPOLLOUT) != 0});
  }
}

void EpollPollset::Wake() {
  const std::uint64_t one = 1;
  // The counter is full after more writes than there will be.
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof(one));
}

}  // namespace portlab
