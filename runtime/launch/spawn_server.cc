#include "launch/spawn_server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <exception>
#include <unordered_map>
#include <utility>
#include <vector>

#include "launch/clone3_launcher.h"
#include "launch/descendants.h"
#include "launch/frame_channel.h"
#include "launch/real_time.h"
#include "launch/spawn_protocol.h"
#include "launch/start_program.h"

namespace portlab {
namespace {

namespace asio = boost::asio;
namespace process = boost::process::v2;

constexpr Nanos kGrace = 200 * kMillisecond;  // between SIGTERM and SIGKILL
constexpr Nanos kGiveUp =
    5'000 * kMillisecond;  // a process in an uninterruptible wait cannot be waited for forever

// At most two records ever go into a status pipe, so this does not wait. Nobody may be reading any
// more: no error.
void Report(const UniqueFd& status, StatusRecord::Kind kind, int value) {
  const StatusRecord record = {kind, value};
  [[maybe_unused]] const ssize_t written = ::write(status.get(), &record, sizeof record);
}

sigset_t ServedSignals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGCHLD);
  ::sigaddset(&signals, SIGTERM);
  return signals;
}

class SpawnServer {
 public:
  SpawnServer(UniqueFd socket, pid_t host);
  int Run();

 private:
  using Process = process::basic_process<asio::io_context::executor_type>;
  struct Program {
    Process process;
    UniqueFd status;
  };

  void WatchSocket();
  void WatchSignals();
  void WatchHost(pid_t host);
  void Serve(Frame frame);
  void Start(const ProgramSpec& program, std::vector<UniqueFd> descriptors);
  void Signal(const SignalRequest& request, const UniqueFd& reply);
  void TakeSignals();
  void Reap();
  void EndEverything();
  bool ReapUntil(Nanos deadline);

  asio::io_context io_{1};
  asio::posix::stream_descriptor socket_;
  asio::posix::stream_descriptor signals_;
  asio::posix::stream_descriptor host_;
  FrameReceiver receiver_{kMaxSpawnFrame};
  std::unordered_map<pid_t, Program> programs_;
};

SpawnServer::SpawnServer(UniqueFd socket, pid_t host)
    : socket_(io_, socket.Release()), signals_(io_), host_(io_) {
  const sigset_t signals = ServedSignals();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  signals_.assign(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
  WatchHost(host);
}

int SpawnServer::Run() {
  WatchSocket();
  WatchSignals();
  io_.run();
  EndEverything();
  return 0;
}

// The socket's end of file is not enough: a process the host forked may hold a copy of the host's
// end.
void SpawnServer::WatchHost(pid_t host) {
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, host, 0));
  if (pidfd < 0) {
    if (errno == ESRCH) asio::post(io_, [this] { io_.stop(); });
    return;
  }
  host_.assign(pidfd);
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
  while (::read(signals_.native_handle(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGTERM) io_.stop();
  }
  Reap();
}

void SpawnServer::Serve(Frame frame) {
  // Without the status pipe there is nobody to tell; the host sees its end of file.
  if (frame.descriptors.empty()) return;
  if (const auto program = DecodeStart(frame.payload)) {
    Start(*program, std::move(frame.descriptors));
  } else if (const auto request = DecodeSignal(frame.payload)) {
    Signal(*request, frame.descriptors.front());
  } else {
    Report(frame.descriptors.front(), StatusRecord::kStartFailed, EPROTO);
  }
}

// `received` is what spawn_protocol.h says of a start request: status, input, output.
std::vector<FdBinding> ProgramDescriptors(const ProgramSpec& program,
                                          const std::vector<UniqueFd>& received) {
  std::vector<FdBinding> fds;
  fds.push_back({received[1].get(), program.use_stdio ? STDIN_FILENO : 3});
  if (!program.use_stdio) fds.push_back({STDIN_FILENO, STDIN_FILENO});
  const int output = program.read ? received[2].get() : STDOUT_FILENO;
  if (program.read) fds.push_back({output, program.use_stdio ? STDOUT_FILENO : 4});
  if (!program.read || !program.use_stdio) fds.push_back({STDOUT_FILENO, STDOUT_FILENO});
  fds.push_back({program.stderr_to_stdout ? output : STDERR_FILENO, STDERR_FILENO});
  return fds;
}

void SpawnServer::Start(const ProgramSpec& program, std::vector<UniqueFd> descriptors) {
  UniqueFd& status = descriptors[0];
  if (descriptors.size() != (program.read ? 3u : 2u)) {
    Report(status, StatusRecord::kStartFailed, EMFILE);
    return;
  }
  ChildSetup setup;
  setup.fds = ProgramDescriptors(program, descriptors);
  setup.directory = program.directory;
  setup.parent_death_signal = SIGKILL;
  std::vector<const char*> argv = PointersTo(program.args);
  argv.insert(argv.begin(), program.arg0.empty() ? program.file.c_str() : program.arg0.c_str());
  const std::vector<const char*> environment = PointersTo(program.environment);

  Clone3Launcher launcher;
  launcher.env = environment.data();
  launcher.ignored_signals = SignalBit(SIGPIPE) | SignalBit(SIGFPE);
  process::error_code error;
  Process started =
      launcher(io_.get_executor(), error, program.file, argv.data(), ChildSetupInitializer(setup));
  if (error) {
    const bool in_directory = setup.failed_step() == ChildSetup::Step::kDirectory;
    Report(status, in_directory ? StatusRecord::kDirectoryFailed : StatusRecord::kStartFailed,
           error.value());
    return;
  }
  const pid_t pid = started.id();
  Report(status, StatusRecord::kStarted, pid);
  programs_.emplace(pid, Program{std::move(started), std::move(status)});
}

void SpawnServer::Signal(const SignalRequest& request, const UniqueFd& reply) {
  int error = ESRCH;
  const auto found = programs_.find(request.pid);
  if (found != programs_.end()) {
    // Not reaped yet, so the number is still the program's. (1.81's basic_process does not give out
    // its pidfd.)
    error = ::kill(request.pid, request.signo) == 0 ? 0 : errno;
  }
  Report(reply, StatusRecord::kSignalSent, error);
}

// Everything that died: programs, and the orphans they left to us.
void SpawnServer::Reap() {
  int raw = 0;
  pid_t pid;
  while ((pid = ::waitpid(-1, &raw, WNOHANG)) > 0) {
    const auto found = programs_.find(pid);
    if (found == programs_.end()) continue;
    found->second.process.detach();
    Report(found->second.status, StatusRecord::kExited, raw);
    programs_.erase(found);
  }
}

// True when no child is left.
bool SpawnServer::ReapUntil(Nanos deadline) {
  pollfd signals = {signals_.native_handle(), POLLIN, 0};
  while (true) {
    TakeSignals();
    siginfo_t unused;
    if (::waitid(P_ALL, 0, &unused, WEXITED | WNOHANG | WNOWAIT) < 0) return true;
    const int left = MillisecondsUntil(deadline, 1'000);
    if (left == 0) return false;
    ::poll(&signals, 1, left);
  }
}

void SpawnServer::EndEverything() {
  for (const pid_t child : DirectChildren()) {
    SignalGroupOf(child, SIGTERM);
    SignalGroupOf(child, SIGCONT);  // a stopped process acts on SIGTERM only when it goes on
  }
  const Nanos give_up = RealNow() + kGiveUp;
  bool none_left = ReapUntil(RealNow() + kGrace);
  // The dead hand their children to us: each round may bring new ones.
  while (!none_left && RealNow() < give_up) {
    for (const pid_t child : DirectChildren()) SignalGroupOf(child, SIGKILL);
    none_left = ReapUntil(RealNow() + 5 * kMillisecond);
  }
  for (auto& [pid, program] : programs_) program.process.detach();
}

}  // namespace

int RunSpawnServer(UniqueFd socket, pid_t host) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  try {
    return SpawnServer(std::move(socket), host).Run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "portlab-spawn-server: %s\n", error.what());
    return 1;
  }
}

}  // namespace portlab
