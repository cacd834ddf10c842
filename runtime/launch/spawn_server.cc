#include "launch/spawn_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "launch/cgroup.h"
#include "launch/clone3_launcher.h"
#include "launch/descendants.h"
#include "launch/frame_channel.h"
#include "launch/real_time.h"
#include "launch/received_program.h"
#include "launch/spawn_protocol.h"
#include "launch/status_report.h"
#include "launch/wait_status.h"

namespace portlab {
namespace {

namespace asio = boost::asio;
namespace process = boost::process::v2;

constexpr Nanos kGrace = 200 * kMillisecond;     // between SIGTERM and SIGKILL
constexpr Nanos kGiveUp = 5'000 * kMillisecond;  // of who waits uninterruptibly, perhaps for ever

constexpr int kSomeLeft = 3;
constexpr int kCannotServe = 1;

sigset_t ServedSignals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGCHLD);
  ::sigaddset(&signals, SIGTERM);
  return signals;
}

// The descriptor; what the server cannot work without is an exception.
int Checked(int fd, const char* what) {
  if (fd < 0) throw process::system_error(errno, process::system_category(), what);
  return fd;
}

class SpawnServer {
 public:
  SpawnServer(UniqueFd socket, pid_t host, ServerRole role);
  int Run();

 private:
  struct Program {
    ServerProcess process;
    UniqueFd status;
  };
  struct Keeper {
    ServerProcess process;
    UniqueFd socket;  // its end of file ends the keeper and all it keeps
  };

  bool IsKeeper() const { return role_ == ServerRole::kKeeper; }
  void WatchSocket();
  void WatchSignals();
  void WatchHost(pid_t host);
  void Serve(Frame frame);
  void Start(ReceivedProgram program);
  void HandOn(std::string_view payload, ReceivedProgram program);
  void Signal(const SignalRequest& request, const UniqueFd& reply);
  void TakeSignals();
  void Reap();
  void KeeperEnded(pid_t pid, WaitStatus status);
  int EndEverything();  // how many are left
  bool ReapUntil(Nanos deadline);
  // Of a keeper.
  int PrepareRequests(const ReceivedProgram& program);  // these two: an errno
  int MakeCgroup(const ProgramLimits& limits);
  void WatchRequests();
  void TakeRequest();

  const ServerRole role_;
  asio::io_context io_{1};
  asio::posix::stream_descriptor socket_;
  asio::posix::stream_descriptor signals_;
  asio::posix::stream_descriptor host_;
  asio::posix::stream_descriptor requests_;  // of a keeper: its program's status channel
  FrameReceiver receiver_{kMaxSpawnFrame};
  std::unordered_map<pid_t, Program> programs_;
  std::unordered_map<pid_t, Keeper> keepers_;
  pid_t kept_ = 0;
  std::optional<Cgroup> cgroup_;
  Nanos grace_ = kGrace;
  bool ending_ = false;
};

SpawnServer::SpawnServer(UniqueFd socket, pid_t host, ServerRole role)
    : role_(role), socket_(io_, socket.Release()), signals_(io_), host_(io_), requests_(io_) {
  const sigset_t signals = ServedSignals();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  signals_.assign(Checked(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC), "signalfd"));
  WatchHost(host);
}

int SpawnServer::Run() {
  WatchSocket();
  WatchSignals();
  io_.run();
  const int left = EndEverything();
  if (requests_.is_open()) {
    Report(requests_.native_handle(), {StatusRecord::kEnded, left});
  }
  if (left == 0) return 0;
  std::fprintf(stderr, "portlab-spawn-server: %d processes could not be ended\n", left);
  return kSomeLeft;
}

// The socket's end of file is not enough: a process the host forked may hold a copy of the host's
// end.
void SpawnServer::WatchHost(pid_t host) {
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, host, 0));
  if (pidfd < 0 && errno == ESRCH) {
    asio::post(io_, [this] { io_.stop(); });
    return;
  }
  host_.assign(Checked(pidfd, "pidfd_open"));
  if (::getppid() != host) asio::post(io_, [this] { io_.stop(); });
  host_.async_wait(asio::posix::stream_descriptor::wait_read,
                   [this](const process::error_code&) { io_.stop(); });
}

void SpawnServer::WatchSocket() {
  socket_.async_wait(
      asio::posix::stream_descriptor::wait_read, [this](const process::error_code& error) {
        const bool closed =
            error || receiver_.Receive(socket_.native_handle()) == FrameReceiver::State::kClosed;
        Frame frame;
        while (receiver_.Next(&frame)) Serve(std::move(frame));
        if (closed) {
          io_.stop();
        } else {
          WatchSocket();
        }
      });
}

void SpawnServer::WatchSignals() {
  signals_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [this](const process::error_code&) {
                        TakeSignals();
                        WatchSignals();
                      });
}

void SpawnServer::TakeSignals() {
  signalfd_siginfo info;
  ssize_t got = 0;
  while ((got = ::read(signals_.native_handle(), &info, sizeof info)) == sizeof info ||
         (got < 0 && errno == EINTR)) {
    if (got > 0 && info.ssi_signo == SIGTERM) io_.stop();
  }
  Reap();
}

void SpawnServer::Serve(Frame frame) {
  // Without the status channel there is nobody to tell; the host sees its end of file.
  if (frame.descriptors.empty()) return;
  if (auto spec = DecodeStart(frame.payload)) {
    ReceivedProgram program{*std::move(spec), std::move(frame.descriptors)};
    if (!program.Complete()) {
      Report(program.status().get(), {StatusRecord::kStartFailed, EMFILE});
    } else if (program.spec.contained && !IsKeeper()) {
      HandOn(frame.payload, std::move(program));
    } else {
      Start(std::move(program));
    }
  } else if (const auto request = DecodeSignal(frame.payload)) {
    Signal(*request, frame.descriptors.front());
  } else {
    Report(frame.descriptors.front().get(), {StatusRecord::kStartFailed, EPROTO});
  }
}

void SpawnServer::Start(ReceivedProgram program) {
  StatusRecord failure = {};
  // Before the program exists: what cannot be asked for any more must not be started.
  if (IsKeeper()) failure = {StatusRecord::kStartFailed, PrepareRequests(program)};
  if (failure.value == 0) failure = {StatusRecord::kCgroupFailed, MakeCgroup(program.spec.limits)};
  ServerProcess started(io_);
  if (failure.value == 0) {
    started = StartReceived(io_, program, cgroup_ ? &*cgroup_ : nullptr, &failure);
  }
  if (failure.value != 0) {
    Report(program.status().get(), failure);
    if (IsKeeper()) io_.stop();
    return;
  }
  const pid_t pid = started.id();
  Report(program.status().get(), {StatusRecord::kStarted, pid});
  if (IsKeeper()) {
    kept_ = pid;
    WatchRequests();
  }
  programs_.emplace(pid, Program{std::move(started), std::move(program.status())});
}

void SpawnServer::HandOn(std::string_view payload, ReceivedProgram program) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    Report(program.status().get(), {StatusRecord::kStartFailed, errno});
    return;
  }
  UniqueFd ours(ends[0]);
  const UniqueFd keepers(ends[1]);
  ChildSetup setup;
  setup.fds.push_back({keepers.get(), kSpawnSocketFd});
  const std::string version = std::to_string(kSpawnProtocolVersion);
  const std::string self = std::to_string(::getpid());
  std::array<const char*, 5> argv = {"portlab-spawn-server", version.c_str(), self.c_str(),
                                     kKeeperWord, nullptr};
  Clone3Launcher launcher;
  launcher.env = environ;
  process::error_code error;
  ServerProcess keeper = launcher(io_.get_executor(), error, "/proc/self/exe", argv.data(),
                                  ChildSetupInitializer(setup));
  std::vector<int> descriptors;
  for (const UniqueFd& fd : program.descriptors) descriptors.push_back(fd.get());
  const int failed = error ? error.value() : SendFrame(ours.get(), payload, descriptors);
  if (failed != 0) Report(program.status().get(), {StatusRecord::kStartFailed, failed});
  if (error) return;
  const pid_t pid = keeper.id();
  // Without its program it ends, as nobody has its socket.
  keepers_.emplace(pid, Keeper{std::move(keeper), failed == 0 ? std::move(ours) : UniqueFd()});
}

// The watched copy has an end of its own: when the host's goes, or it is asked to stop.
int SpawnServer::PrepareRequests(const ReceivedProgram& program) {
  grace_ = Nanos{program.spec.grace_ms} * kMillisecond;
  UniqueFd requests(::fcntl(program.descriptors.front().get(), F_DUPFD_CLOEXEC, 0));
  if (!requests) return errno;
  process::error_code error;
  requests_.assign(requests.get(), error);
  if (!error) [[maybe_unused]]
    const int owned_by_requests = requests.Release();
  return error.value();
}

int SpawnServer::MakeCgroup(const ProgramLimits& limits) {
  if (!IsKeeper() || !limits.cgroup) return 0;
  const auto folder = Cgroup::OwnFolder();
  Result<Cgroup> made = folder ? Cgroup::Make(*folder, *limits.cgroup) : Fail(folder.error());
  if (made) {
    cgroup_.emplace(*std::move(made));
    return 0;
  }
  std::fprintf(stderr, "portlab-spawn-server: no cgroup for a program: %s\n",
               made.error().ToString().c_str());
  return made.error().error_number;
}

void SpawnServer::WatchRequests() {
  requests_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [this](const process::error_code& error) {
                         if (!error) TakeRequest();
                       });
}

void SpawnServer::TakeRequest() {
  KeeperRequest request = {};
  ssize_t got = 0;
  while ((got = ::recv(requests_.native_handle(), &request, sizeof request, MSG_DONTWAIT)) < 0 &&
         errno == EINTR) {
  }
  if (got == 0) {  // the port is gone, and did not ask for anything: the program lives on
    requests_.close();
    return;
  }
  if (got == sizeof request && request.kind == KeeperRequest::kEnd) {
    io_.stop();
    return;
  }
  if (got == sizeof request && request.kind == KeeperRequest::kSignal &&
      programs_.contains(kept_)) {
    SignalGroupOf(kept_, request.value);
  }
  WatchRequests();
}

void SpawnServer::Signal(const SignalRequest& request, const UniqueFd& reply) {
  int error = ESRCH;
  const auto found = programs_.find(request.pid);
  if (found != programs_.end()) {
    // Not reaped yet, so the number is still the program's. (1.81's basic_process does not give out
    // its pidfd.)
    error = ::kill(request.pid, request.signo) == 0 ? 0 : errno;
  }
  Report(reply.get(), {StatusRecord::kSignalSent, error});
}

// Everything that died: programs, keepers, and the orphans they left to us.
void SpawnServer::Reap() {
  int raw = 0;
  pid_t pid;
  while ((pid = ::waitpid(-1, &raw, WNOHANG)) > 0 || (pid < 0 && errno == EINTR)) {
    if (pid < 0) continue;
    KeeperEnded(pid, WaitStatus(raw));
    const auto found = programs_.find(pid);
    if (found == programs_.end()) continue;
    found->second.process.detach();
    const auto ooms = cgroup_ ? cgroup_->OomKills() : std::nullopt;
    if (ooms) Report(found->second.status.get(), {StatusRecord::kOutOfMemory, *ooms != 0});
    Report(found->second.status.get(), {StatusRecord::kExited, raw});
    programs_.erase(found);
  }
  // Nothing is left to keep.
  if (IsKeeper() && kept_ != 0 && pid < 0 && errno == ECHILD) io_.stop();
}

void SpawnServer::KeeperEnded(pid_t pid, WaitStatus status) {
  const auto found = keepers_.find(pid);
  if (found == keepers_.end()) return;
  if (!status.exited(0) && !ending_) {
    std::fprintf(stderr, "portlab-spawn-server: the keeper of a program %s\n",
                 status.ToString().c_str());
  }
  found->second.process.detach();
  keepers_.erase(found);
}

// True when no child is left.
bool SpawnServer::ReapUntil(Nanos deadline) {
  pollfd signals = {signals_.native_handle(), POLLIN, 0};
  while (true) {
    TakeSignals();
    siginfo_t unused;
    if (::waitid(P_ALL, 0, &unused, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD)
      return true;
    const int left = MillisecondsUntil(deadline, 1'000);
    if (left == 0) return false;
    ::poll(&signals, 1, left);
  }
}

int SpawnServer::EndEverything() {
  ending_ = true;
  for (const pid_t child : DirectChildren()) {
    SignalGroupOf(child, SIGTERM);
    SignalGroupOf(child, SIGCONT);  // a stopped process acts on SIGTERM only when it goes on
  }
  bool none_left = ReapUntil(RealNow() + grace_);
  const Nanos give_up = RealNow() + kGiveUp;
  // The dead hand their children to us: each round may bring new ones.
  while (!none_left && RealNow() < give_up) {
    if (cgroup_) cgroup_->Kill();
    for (const pid_t child : DirectChildren()) SignalGroupOf(child, SIGKILL);
    none_left = ReapUntil(RealNow() + 5 * kMillisecond);
  }
  for (auto& [pid, program] : programs_) program.process.detach();
  for (auto& [pid, keeper] : keepers_) keeper.process.detach();
  return none_left ? 0 : static_cast<int>(DirectChildren().size());
}

}  // namespace

int RunSpawnServer(UniqueFd socket, pid_t host, ServerRole role) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  // A copy, to answer on when the server itself cannot be made.
  UniqueFd refusals(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
  if (!refusals) {
    RefuseNext(socket.get(), errno);
    return kCannotServe;
  }
  try {
    SpawnServer server(std::move(socket), host, role);
    refusals.Reset();
    return server.Run();
  } catch (const process::system_error& error) {
    std::fprintf(stderr, "portlab-spawn-server: %s\n", error.what());
    if (refusals) RefuseNext(refusals.get(), error.code().value());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "portlab-spawn-server: %s\n", error.what());
  }
  return kCannotServe;
}

}  // namespace portlab
