#include "launch/spawn_client.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>
#include <vector>

#include "launch/frame_channel.h"
#include "launch/real_time.h"
#include "launch/spawn_protocol.h"

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

}  // namespace

SpawnClient::SpawnClient(std::string server_path, Nanos send_limit, UniqueFd errors)
    : server_path_(std::move(server_path)), send_limit_(send_limit), errors_(std::move(errors)) {}

SpawnClient::~SpawnClient() {
  const Lock lock(mutex_);
  EndServer(/*kill=*/false);
}

Result<void> SpawnClient::Start(const ProgramSpec& program, std::span<const UniqueFd> theirs) {
  ProgramSpec sent = program;
  sent.directory = AbsoluteDirectory(program.directory);
  const Result<std::string> payload = EncodeStart(sent);
  if (!payload) return Fail(payload.error());
  std::vector<int> descriptors;
  for (const UniqueFd& fd : theirs) descriptors.push_back(fd.get());
  return Send(*payload, descriptors, /*may_start=*/true);
}

Result<ProgramPipes> SpawnClient::Start(const ProgramSpec& program) {
  Result<ProgramEnds> ends = MakeProgramEnds(program);
  if (!ends) return Fail(ends.error());
  const Result<void> started = Start(program, ends->theirs);
  if (!started) return Fail(started.error());
  return std::move(ends->ours);
}

Result<void> SpawnClient::Signal(pid_t pid, int signo) {
  Result<Pipe> reply = MakePipe();
  if (!reply) return Fail(reply.error());
  const std::array<int, 1> descriptors = {reply->write_end.get()};
  const Result<void> sent = Send(EncodeSignal({pid, signo}), descriptors, /*may_start=*/false);
  if (!sent) return sent;
  reply->write_end.Reset();
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
  const std::array<int, 1> descriptors = {any_fd};
  [[maybe_unused]] const Result<void> sent =
      Send(EncodeSignal({pid, signo}), descriptors, /*may_start=*/false);
}

pid_t SpawnClient::server_pid() {
  const Lock lock(mutex_);
  return ServerRuns() ? server_.pid : 0;
}

Result<void> SpawnClient::Send(std::string_view payload, std::span<const int> descriptors,
                               bool may_start) {
  const Lock lock(mutex_);
  int error = EPIPE;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!ServerRuns()) {
      if (!may_start) break;
      const Result<void> started = StartServer();
      if (!started) return started;
    }
    error = SendFrame(socket_.get(), payload, descriptors);
    if (error == 0) return {};
    if (error != EPIPE && error != ECONNRESET && error != EAGAIN) break;
    // Dead, or so stuck that it took only a part: either way this server is of no more use.
    EndServer(/*kill=*/true);
  }
  return Fail(Error::Errno(error, "spawn server " + server_path_));
}

Result<void> SpawnClient::StartServer() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return Fail(Error::Errno(errno, "socketpair"));
  }
  UniqueFd ours(ends[0]);
  const UniqueFd servers(ends[1]);
  const timeval limit = {send_limit_ / 1'000'000'000, send_limit_ % 1'000'000'000 / 1'000};
  ::setsockopt(ours.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
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
  socket_ = std::move(ours);
  return {};
}

void SpawnClient::EndServer(bool kill) {
  if (!server_.pidfd) return;
  // shutdown, not only close: something the host forked may hold a copy.
  ::shutdown(socket_.get(), SHUT_RDWR);
  socket_.Reset();
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
