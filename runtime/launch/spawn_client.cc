#include "launch/spawn_client.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <system_error>
#include <utility>
#include <vector>

#include "launch/real_time.h"
#include "launch/spawn_protocol.h"
#include "launch/status_report.h"

namespace portlab {
namespace {

constexpr int kAnswerTimeout = 5'000;     // ms
constexpr int kServerEndTimeout = 8'000;  // ms; the server gives up after about 5 s

class SCOPED_CAPABILITY Lock {
 public:
  explicit Lock(OrderedMutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.Lock(); }
  ~Lock() RELEASE() { mutex_.Unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  OrderedMutex& mutex_;
};

// The server's current directory is that of the host when it started the server; a driver may have
// changed the host's.
std::string AbsoluteDirectory(const std::string& directory) {
  if (!directory.empty() && directory.front() == '/') return directory;
  char current[PATH_MAX];
  if (::getcwd(current, sizeof current) == nullptr) return directory;
  return directory.empty() ? std::string(current) : std::string(current) + "/" + directory;
}

bool ReadableWithin(const UniqueFd& fd, int milliseconds) {
  const Nanos deadline = RealNow() + milliseconds * kMillisecond;
  pollfd poll_fd = {fd.get(), POLLIN, 0};
  int ready;
  while ((ready = ::poll(&poll_fd, 1, MillisecondsUntil(deadline, milliseconds))) < 0 &&
         errno == EINTR) {
  }
  return ready > 0;
}

void Wake(const UniqueFd& eventfd) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = eventfd ? ::write(eventfd.get(), &one, sizeof one) : 0;
}

}  // namespace

SpawnClient::SpawnClient(std::string server_path, Nanos send_limit, UniqueFd errors)
    : server_path_(std::move(server_path)), send_limit_(send_limit), errors_(std::move(errors)) {}

SpawnClient::~SpawnClient() {
  std::thread sender;
  {
    const Lock lock(mutex_);
    stopping_ = true;
    Wake(wake_);
    sender.swap(sender_);
  }
  if (sender.joinable()) {
    const OutsideOrder outside;  // it waits for the lock, perhaps
    sender.join();
  }
  const Lock lock(mutex_);
  waiting_.clear();
  EndServer(/*kill=*/false);
}

Result<void> SpawnClient::Start(const ProgramSpec& program, std::vector<UniqueFd> theirs) {
  ProgramSpec sent = program;
  sent.directory = AbsoluteDirectory(program.directory);
  const Result<std::string> payload = EncodeStart(sent);
  if (!payload) return Fail(payload.error());
  return Send(OutgoingFrame(*payload, std::move(theirs)), /*may_start=*/true);
}

Result<ProgramPipes> SpawnClient::Start(const ProgramSpec& program) {
  Result<ProgramEnds> ends = MakeProgramEnds(program);
  if (!ends) return Fail(ends.error());
  const Result<void> started = Start(program, std::move(ends->theirs));
  if (!started) return Fail(started.error());
  return std::move(ends->ours);
}

Result<void> SpawnClient::Signal(pid_t pid, int signo) {
  Result<Pipe> reply = MakePipe();
  if (!reply) return Fail(reply.error());
  std::vector<UniqueFd> descriptors;
  descriptors.push_back(std::move(reply->write_end));
  const Result<void> sent =
      Send(OutgoingFrame(EncodeSignal({pid, signo}), std::move(descriptors)), /*may_start=*/false);
  if (!sent) return sent;
  if (!ReadableWithin(reply->read_end, kAnswerTimeout)) {
    return Fail(Error::Errno(ETIMEDOUT, "the spawn server does not answer"));
  }
  StatusRecord record;
  if (::read(reply->read_end.get(), &record, sizeof record) != sizeof record) {
    return Fail(Error::Errno(EPIPE, "the spawn server is gone"));
  }
  if (record.value != 0) return Fail(Error::Errno(record.value, "signal"));
  return {};
}

void SpawnClient::SignalUnconfirmed(pid_t pid, int signo, int any_fd) {
  std::vector<UniqueFd> descriptors;
  descriptors.emplace_back(::fcntl(any_fd, F_DUPFD_CLOEXEC, 0));
  if (!descriptors.front()) return;
  [[maybe_unused]] const Result<void> sent =
      Send(OutgoingFrame(EncodeSignal({pid, signo}), std::move(descriptors)), /*may_start=*/false);
}

pid_t SpawnClient::server_pid() {
  const Lock lock(mutex_);
  return ServerRuns() ? server_.pid : 0;
}

Result<void> SpawnClient::Send(OutgoingFrame frame, bool may_start) {
  const Lock lock(mutex_);
  if (waiting_.empty()) {
    const Result<bool> sent = SendNow(frame, may_start);
    if (!sent) return Fail(sent.error());
    if (*sent) return {};
    progress_ = RealNow();
  }
  if (const int error = EnsureSender(); error != 0) {
    // A server with a part of a request can do nothing with what comes after it.
    if (frame.sent() != 0) EndServer(/*kill=*/true);
    return Fail(Error::Errno(error, "the thread that sends to a spawn server"));
  }
  waiting_.push_back(std::move(frame));
  Wake(wake_);
  return {};
}

int SpawnClient::EnsureSender() {
  if (sender_.joinable()) return 0;
  if (!wake_) wake_.Reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_) return errno;
  try {
    sender_ = std::thread([this] { SendWaiting(); });
  } catch (const std::system_error& error) {
    return error.code().value();
  }
  return 0;
}

Result<bool> SpawnClient::SendNow(OutgoingFrame& frame, bool may_start) {
  int error = EPIPE;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!ServerRuns()) {
      if (!may_start) break;
      const Result<void> started = StartServer();
      if (!started) return Fail(started.error());
      frame.Restart();
    }
    error = frame.Send(socket_->get());
    if (error == 0) return true;
    if (error == EAGAIN) return false;
    // A server with a part of a request can do nothing with what comes after it.
    const bool dead = error == EPIPE || error == ECONNRESET;
    if (dead || frame.sent() != 0) EndServer(/*kill=*/true);
    if (!dead) break;
  }
  return Fail(Error::Errno(error, "spawn server " + server_path_));
}

void SpawnClient::SendWaiting() {
  // Whoever waited for a status may be gone: no SIGPIPE for that, and no signal is for this thread.
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  while (true) {
    std::shared_ptr<UniqueFd> socket;
    int wake = -1;
    int limit = -1;
    {
      const Lock lock(mutex_);
      if (stopping_) return;
      SendWhatIsTaken();
      wake = wake_.get();
      if (!waiting_.empty()) {
        socket = socket_;
        limit = MillisecondsUntil(progress_ + send_limit_, INT_MAX);
      }
    }
    pollfd ready[2] = {{wake, POLLIN, 0}, {socket ? socket->get() : -1, POLLOUT, 0}};
    ::poll(ready, 2, limit);
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(wake, &count, sizeof count);
  }
}

void SpawnClient::SendWhatIsTaken() {
  while (!waiting_.empty()) {
    OutgoingFrame& frame = waiting_.front();
    const std::size_t before = frame.sent();
    const Result<bool> sent = SendNow(frame, /*may_start=*/true);
    if (frame.sent() != before) progress_ = RealNow();
    if (sent && !*sent) {
      if (RealNow() < progress_ + send_limit_) return;
      // So stuck that it is of no more use.
      EndServer(/*kill=*/true);
      frame.Restart();
      progress_ = RealNow();
      continue;
    }
    if (!sent) {
      Report(frame.descriptors().front().get(),
             {StatusRecord::kStartFailed, sent.error().error_number});
    }
    waiting_.pop_front();
  }
}

Result<void> SpawnClient::StartServer() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return Fail(Error::Errno(errno, "socketpair"));
  }
  UniqueFd ours(ends[0]);
  const UniqueFd servers(ends[1]);
  StartSpec spec;
  spec.file = server_path_;
  spec.args = {std::to_string(kSpawnProtocolVersion), std::to_string(::getpid())};
  spec.environment = EnvironmentWith({});
  if (errors_) spec.setup.fds = {{0, 0}, {1, 1}, {errors_.get(), 2}};
  spec.setup.fds.push_back({servers.get(), kSpawnSocketFd});
  Result<StartedProgram> started = StartProgram(spec);
  if (!started) {
    return Fail(Error::Errno(started.error().error_number, "spawn server " + server_path_));
  }
  server_ = std::move(*started);
  socket_ = std::make_shared<UniqueFd>(std::move(ours));
  return {};
}

void SpawnClient::EndServer(bool kill) {
  if (!server_.pidfd) return;
  // shutdown, not only close: something the host forked may hold a copy.
  ::shutdown(socket_->get(), SHUT_RDWR);
  socket_.reset();
  if (kill || !ReadableWithin(server_.pidfd, kServerEndTimeout)) {
    ::syscall(SYS_pidfd_send_signal, server_.pidfd.get(), SIGKILL, nullptr, 0);
  }
  ReapProgram(server_);
  server_ = {};
}

bool SpawnClient::ServerRuns() {
  if (server_.pidfd && ReadableWithin(server_.pidfd, 0)) EndServer(/*kill=*/true);
  return static_cast<bool>(server_.pidfd);
}

std::string SpawnClient::DefaultServerPath() {
  if (const char* path = std::getenv("PORTLAB_SPAWN_SERVER"); path != nullptr && *path != '\0') {
    return path;
  }
  char self[PATH_MAX];
  const ssize_t length = ::readlink("/proc/self/exe", self, sizeof self);
  const std::string executable(self, length > 0 ? static_cast<std::size_t>(length) : 0);
  return executable.substr(0, executable.rfind('/') + 1) + "portlab-spawn-server";
}

}  // namespace portlab
