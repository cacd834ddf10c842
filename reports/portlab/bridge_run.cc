#include "reports/portlab/bridge_run.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <thread>

#include "base/check.h"
#include "base/unique_fd.h"
#include "faulty_drivers/trial/shared_black_box.h"
#include "faulty_drivers/trial/trial_runner.h"
#include "framing/packet.h"
#include "fuzz/crash/crash_report.h"
#include "launch/real_time.h"
#include "launch/supervised_child.h"
#include "reports/portlab/exit_status.h"
#include "reports/portlab/stop_signals.h"
#include "term/external_encoder.h"

namespace portlab {
namespace {

constexpr int kInFd = 3;
constexpr int kOutFd = 4;
constexpr int kBlackBoxFd = 5;
// How long a host may take to end once the node is gone.
constexpr Nanos kFarewell = 3'000 * kMillisecond;
// As long as the node wants.
constexpr Nanos kNoLimit = Nanos{10} * 365 * 24 * 3600 * 1000 * kMillisecond;
constexpr std::size_t kReportBytes = 256 * 1024;
constexpr std::size_t kFramesTold = 4;

Term Word(const std::string& text) { return text.empty() ? Term::Atom("none") : Term::Atom(text); }

Term FindingOf(const std::string& log) {
  const std::optional<CrashReport> crash = ParseCrashReport(log);
  if (!crash) return Term::Atom("undefined");
  std::vector<Term> frames;
  for (const StackFrame& frame : crash->stack.frames) {
    if (frames.size() == kFramesTold) break;
    frames.push_back(Term::Binary(FrameInWords(frame)));
  }
  return *Term::Map({{Term::Atom("tool"), Word(crash->tool)},
                     {Term::Atom("kind"), Term::Binary(crash->kind)},
                     {Term::Atom("sentence"), Term::Binary(crash->sentence)},
                     {Term::Atom("frames"), Term::List(frames)}});
}

Term DownFrame(const SupervisedEnd& end, const LastWords& words, const Outcome& outcome) {
  const auto number = [](bool known, int value) {
    return known ? Term::Int(value) : Term::Atom("undefined");
  };
  const std::string key = outcome.key.substr(outcome.key.find(':') + 1);
  std::string how = outcome.how_host_ended;
  if (words.in_callback) how += ", inside " + outcome.last_callback;
  return Term::Tuple(
      {Term::Atom("host_down"),
       *Term::Map({{Term::Atom("how"), Term::Binary(how)},
                   {Term::Atom("class"), Term::Binary(key)},
                   {Term::Atom("signal"), number(end.status.signaled(), end.status.signal())},
                   {Term::Atom("exit_status"), number(end.status.exited(), end.status.exit_code())},
                   {Term::Atom("sanitizer"), FindingOf(end.stderr_tail)},
                   {Term::Atom("callback"), Word(outcome.last_callback)},
                   {Term::Atom("in_callback"), Term::Bool(words.in_callback)},
                   {Term::Atom("api_call"), Word(outcome.last_api_call)},
                   {Term::Atom("port"), Term::Uint(words.port)},
                   {Term::Atom("message"), Term::Binary(words.message)},
                   {Term::Atom("report"), Term::Binary(end.stderr_tail)}})});
}

bool WriteAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool WriteFrame(std::string_view payload) {
  const auto header = EncodePacketHeader(PacketHeaderSize::k4, payload.size());
  return header && WriteAll(std::string(AsText(header->bytes())) + std::string(payload));
}

int Trouble(const std::string& what) {
  std::fprintf(stderr, "portlab: bridge: %s\n", what.c_str());
  return kExitTrouble;
}

class Relay {
 public:
  explicit Relay(BridgeRun run) : run_(std::move(run)) {}

  int Run() {
    Result<SharedBlackBox> box = SharedBlackBox::Make();
    if (!box) return Trouble(box.error().ToString());
    if (const int failed = OpenPipes(); failed != 0) return Trouble(ErrnoName(failed));
    BecomeSubreaper();
    std::thread supervisor([this, &box] { Supervise(*box); });
    HandOn();
    supervisor.join();
    return Finish(*box);
  }

 private:
  int OpenPipes() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return errno;
    from_host_.Reset(ends[0]);
    to_us_.Reset(ends[1]);
    ended_.Reset(::eventfd(0, EFD_CLOEXEC));
    if (!ended_ || ::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) return errno;
    return 0;
  }

  void Supervise(const SharedBlackBox& box) {
    run_.host.in_fd = kInFd;
    run_.host.out_fd = kOutFd;
    run_.host.black_box_fd = kBlackBoxFd;
    SupervisedSpec spec;
    spec.file = Installation::BesideThisExecutable().bin + "/portlab-host-" + run_.flavour;
    spec.args = ToArguments(run_.host);
    spec.environment = SanitizerEnvironment();
    spec.inherit_fds = {{STDIN_FILENO, kInFd}, {to_us_.get(), kOutFd}, {box.fd(), kBlackBoxFd}};
    spec.time_limit = kNoLimit;
    spec.stderr_limit = kReportBytes;
    // To the node's terminal; the node's own end of our stdout speaks in frames.
    spec.on_output = [](std::string_view text) {
      std::fwrite(text.data(), 1, text.size(), stderr);
    };
    end_ = RunSupervised(spec, [this] { return kill_.load(); });
    const std::uint64_t one = 1;
    if (::write(ended_.get(), &one, sizeof one) < 0) PORTLAB_CHECK(false, "an eventfd takes a one");
  }

  // Whole frames, until the host has ended and nothing is left of what it wrote.
  void HandOn() {
    Nanos deadline = kForever;  // once the node is gone
    for (;;) {
      std::array<pollfd, 3> fds = {{{from_host_.get(), POLLIN, 0},
                                    {ended_.get(), POLLIN, 0},
                                    {deadline == kForever ? STDIN_FILENO : -1, 0, 0}}};
      ::poll(fds.data(), fds.size(), 100);
      const bool ended = fds[1].revents != 0;
      ReadFrames();
      if (ended) return;
      const bool node_gone = fds[2].revents != 0 || StopSignal() != 0;
      if (node_gone && deadline == kForever) deadline = RealNow() + kFarewell;
      if (RealNow() >= deadline) kill_.store(true);
    }
  }

  void ReadFrames() {
    std::array<std::uint8_t, 64 * 1024> buffer;
    for (;;) {
      const ssize_t count = ::read(from_host_.get(), buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return;
      packets_.Feed({buffer.data(), static_cast<std::size_t>(count)});
      for (;;) {
        const auto packet = packets_.Next();
        // A host that writes nonsense there is one whose descriptors a driver has got hold of.
        if (!packet) kill_.store(true);
        if (!packet || !*packet) break;
        WriteFrame(**packet);
      }
    }
  }

  int Finish(const SharedBlackBox& box) {
    if (!end_) return Trouble(end_.error().ToString());
    if (end_->cause == SupervisedEnd::kStartFailed) return NoHost(end_->error_number);
    const LastWords words = box.Read();
    if (words.goodbye || end_->cancelled) return kExitOk;
    const Result<Outcome> outcome = JudgeHostEnd(*end_, words, std::nullopt, -1);
    if (!outcome) return Trouble(outcome.error().detail);
    WriteFrame(EncodeExternal(DownFrame(*end_, words, *outcome)));
    return kExitUnmet;
  }

  int NoHost(int error_number) const {
    const std::string host = "portlab-host-" + run_.flavour;
    const std::string build = run_.flavour == "plain"
                                  ? "the target portlab-host"
                                  : "with -DPORTLAB_HOST_FLAVOURS=" + run_.flavour;
    WriteFrame(EncodeExternal(
        Term::Tuple({Term::Atom("no_host"), Term::Binary(host + ": " + ErrnoName(error_number))})));
    std::fprintf(stderr, "portlab: bridge: %s cannot be started: %s; build %s\n", host.c_str(),
                 ErrnoName(error_number), build.c_str());
    return kExitMissing;
  }

  BridgeRun run_;
  UniqueFd from_host_;
  UniqueFd to_us_;
  UniqueFd ended_;
  PacketDecoder packets_{PacketHeaderSize::k4};
  std::atomic<bool> kill_{false};
  Result<SupervisedEnd> end_;
};

}  // namespace

int RunBridge(BridgeRun run) {
  std::signal(SIGPIPE, SIG_IGN);
  CatchStopSignals();
  return Relay(std::move(run)).Run();
}

}  // namespace portlab
