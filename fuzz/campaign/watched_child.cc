#include "fuzz/campaign/watched_child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "launch/descendants.h"
#include "launch/real_time.h"
#include "launch/start_program.h"

namespace portlab {
namespace {

constexpr int kAskEvery = 50;  // ms
constexpr Nanos kCleanupLimit = 2'000 * kMillisecond;

// Reads what is there, at most a few buffers of it; closes the pipe at its end.
void ReadSome(UniqueFd& pipe, const std::function<void(std::string_view)>& sink) {
  std::array<char, 16 * 1024> buffer;
  for (int reads = 0; reads < 8 && pipe; ++reads) {
    const ssize_t size = ::read(pipe.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) {
      pipe.Reset();
      return;
    }
    if (sink) sink({buffer.data(), static_cast<std::size_t>(size)});
  }
}

Result<StartedProgram> Start(const WatchedSpec& spec, UniqueFd& pipe) {
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return Fail(Error::Errno(errno, "/dev/null cannot be opened"));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Fail(Error::Errno(errno, "no pipe can be made"));
  pipe.Reset(ends[0]);
  const UniqueFd write_end(ends[1]);
  ::fcntl(pipe.get(), F_SETFL, O_NONBLOCK);
  StartSpec start;
  start.file = spec.file;
  start.args = spec.args;
  start.environment = EnvironmentWith(spec.environment);
  start.setup.parent_death_signal = SIGKILL;
  start.setup.fds = {{null.get(), 0}, {null.get(), 1}, {write_end.get(), 2}};
  start.setup.limits.resources = {{RLIMIT_CORE, 0}};
  Result<StartedProgram> started = StartProgram(start);
  if (!started) {
    return Fail(Error::Errno(started.error().error_number, spec.file + " cannot be started"));
  }
  return started;
}

}  // namespace

Result<WatchedEnd> RunWatched(const WatchedSpec& spec) {
  UniqueFd pipe;
  const Result<StartedProgram> child = Start(spec, pipe);
  if (!child) return Fail(child.error());
  const Nanos deadline = RealNow() + spec.time_limit;
  WatchedEnd end;
  while (true) {
    std::array<pollfd, 2> fds = {{{child->pidfd.get(), POLLIN, 0}, {pipe.get(), POLLIN, 0}}};
    ::poll(fds.data(), fds.size(), MillisecondsUntil(deadline, kAskEvery));
    if (fds[1].revents != 0) ReadSome(pipe, spec.on_stderr);
    if (fds[0].revents != 0) break;
    end.cancelled = spec.cancelled && spec.cancelled();
    end.time_limit = RealNow() >= deadline;
    if (end.cancelled || end.time_limit) break;
  }
  // Before the child is reaped: until then nobody else can have its number.
  ::kill(-child->pid, SIGKILL);
  end.status = ReapProgram(*child).status;
  KillAdopted(child->pid, spec.ends_strays, RealNow() + kCleanupLimit);
  while (pipe) {
    pollfd rest = {pipe.get(), POLLIN, 0};
    if (::poll(&rest, 1, 0) <= 0) break;
    ReadSome(pipe, spec.on_stderr);
  }
  return end;
}

}  // namespace portlab
