#include "launch/supervised_child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <utility>

#include "launch/real_time.h"
#include "launch/start_program.h"

namespace portlab {
namespace {

constexpr int kAskEvery = 50;                          // ms
constexpr Nanos kCleanupLimit = 2'000 * kMillisecond;  // against descendants that cannot die

std::atomic<int> g_runs{0};

class CountedRun {
 public:
  CountedRun() { g_runs.fetch_add(1); }
  ~CountedRun() { g_runs.fetch_sub(1); }
  CountedRun(const CountedRun&) = delete;
  CountedRun& operator=(const CountedRun&) = delete;
  bool alone() const { return g_runs.load() == 1; }
};

// One output of the child: the read end of its pipe and as much of the text as is wanted.
class Capture {
 public:
  enum class Keep { kFirst, kLast };

  Capture(Keep keep, std::size_t limit, const std::function<void(std::string_view)>& on_output)
      : keep_(keep), limit_(limit), on_output_(on_output) {}

  // Returns the write end for the child.
  Result<UniqueFd> Open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return Fail(Error::Errno(errno, "pipe"));
    pipe_.Reset(ends[0]);
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return UniqueFd(ends[1]);
  }

  int fd() const { return pipe_.get(); }

  // Reads what is there, a bounded amount; closes the pipe at its end.
  void Read() {
    std::array<char, 16 * 1024> buffer;
    for (int reads = 0; reads < 16 && pipe_; ++reads) {
      const ssize_t size = ::read(pipe_.get(), buffer.data(), buffer.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && errno == EAGAIN) return;
      if (size <= 0) {
        pipe_.Reset();
      } else {
        Add({buffer.data(), static_cast<std::size_t>(size)});
      }
    }
  }

  std::string TakeText() {
    if (text_.size() > limit_) text_.erase(0, text_.size() - limit_);
    return std::move(text_);
  }

 private:
  void Add(std::string_view bytes) {
    if (on_output_) on_output_(bytes);
    if (keep_ == Keep::kFirst) {
      text_.append(bytes.substr(0, limit_ - std::min(limit_, text_.size())));
      return;
    }
    text_.append(bytes);
    if (text_.size() > 2 * limit_) text_.erase(0, text_.size() - limit_);
  }

  const Keep keep_;
  const std::size_t limit_;
  const std::function<void(std::string_view)>& on_output_;
  UniqueFd pipe_;
  std::string text_;
};

enum class Stopped { kEnded, kTimeLimit, kCancelled };

// Until the child ends by itself or should be ended. Reads its outputs meanwhile, so that it never
// waits for us.
Stopped Watch(const StartedProgram& child, Nanos deadline, const std::function<bool()>& cancelled,
              Capture* out, Capture* err) {
  while (true) {
    std::array<pollfd, 3> fds = {
        {{child.pidfd.get(), POLLIN, 0}, {out->fd(), POLLIN, 0}, {err->fd(), POLLIN, 0}}};
    ::poll(fds.data(), fds.size(), MillisecondsUntil(deadline, kAskEvery));
    if (fds[1].revents != 0) out->Read();
    if (fds[2].revents != 0) err->Read();
    if (fds[0].revents != 0) return Stopped::kEnded;
    if (cancelled && cancelled()) return Stopped::kCancelled;
    if (RealNow() >= deadline) return Stopped::kTimeLimit;
  }
}

struct ChildEnds {
  UniqueFd input;
  UniqueFd output;
  UniqueFd errors;
};

Result<ChildEnds> OpenEnds(Capture* out, Capture* err) {
  ChildEnds ends;
  ends.input.Reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!ends.input) return Fail(Error::Errno(errno, "/dev/null"));
  Result<UniqueFd> output = out->Open();
  if (!output) return Fail(output.error());
  Result<UniqueFd> errors = err->Open();
  if (!errors) return Fail(errors.error());
  ends.output = std::move(*output);
  ends.errors = std::move(*errors);
  return ends;
}

StartSpec MakeStart(const SupervisedSpec& spec, const ChildEnds& ends) {
  StartSpec start;
  start.file = spec.file;
  start.args = spec.args;
  start.environment = EnvironmentWith(spec.environment);
  start.setup.directory = spec.directory;
  start.setup.parent_death_signal = SIGKILL;
  start.setup.fds = {{ends.input.get(), 0}, {ends.output.get(), 1}, {ends.errors.get(), 2}};
  start.setup.fds.insert(start.setup.fds.end(), spec.inherit_fds.begin(), spec.inherit_fds.end());
  start.setup.limits.resources = {{RLIMIT_CORE, 0}};
  if (spec.max_address_space != 0)
    start.setup.limits.resources.push_back({RLIMIT_AS, spec.max_address_space});
  if (spec.max_data != 0) start.setup.limits.resources.push_back({RLIMIT_DATA, spec.max_data});
  return start;
}

SupervisedEnd::Cause CauseOf(Stopped stopped, WaitStatus status) {
  if (stopped == Stopped::kTimeLimit && status.signaled(SIGKILL)) return SupervisedEnd::kTimeLimit;
  return status.exited() ? SupervisedEnd::kExited : SupervisedEnd::kSignaled;
}

}  // namespace

Result<SupervisedEnd> RunSupervised(const SupervisedSpec& spec,
                                    const std::function<bool()>& cancelled) {
  const CountedRun run;
  const Nanos begin = RealNow();
  Capture out(Capture::Keep::kFirst, spec.stdout_limit, spec.on_output);
  Capture err(Capture::Keep::kLast, spec.stderr_limit, spec.on_output);
  Result<ChildEnds> ends = OpenEnds(&out, &err);
  if (!ends) return Fail(ends.error());
  StartSpec start = MakeStart(spec, *ends);
  const Result<StartedProgram> child = StartProgram(start);
  SupervisedEnd end;
  if (!child) {
    end.error_number = child.error().error_number;
    return end;
  }
  *ends = {};  // from here on the child and what it starts hold the only write ends

  const Stopped stopped = Watch(*child, begin + spec.time_limit, cancelled, &out, &err);
  // Before the child is reaped: until then nobody else can have its number, so the group is its
  // own.
  ::kill(-child->pid, SIGKILL);
  const ReapedProgram reaped = ReapProgram(*child);
  end.wall = RealNow() - begin;
  end.status = reaped.status;
  end.cause = CauseOf(stopped, reaped.status);
  end.cancelled = stopped == Stopped::kCancelled && reaped.status.signaled(SIGKILL);
  end.max_rss_kib = reaped.usage.ru_maxrss;
  end.descendants_killed = KillAdopted(child->pid, run.alone(), RealNow() + kCleanupLimit);
  out.Read();
  err.Read();
  end.stdout_text = out.TakeText();
  end.stderr_tail = err.TakeText();
  return end;
}

}  // namespace portlab
