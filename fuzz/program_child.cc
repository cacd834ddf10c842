#include "fuzz/program_child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "launch/real_time.h"
#include "launch/spawn_protocol.h"

namespace portlab {
namespace {

constexpr Nanos kStartLimit = 10'000 * kMillisecond;
constexpr Nanos kReportLimit = 60'000 * kMillisecond;  // a sanitizer looks up names
constexpr Nanos kLastWords = 200 * kMillisecond;       // between its pipes' ends and its own
// It is looked at often at first, as it is seldom busy for long.
constexpr Nanos kLookFirst = kMillisecond / 20;
constexpr Nanos kLookLast = 4 * kMillisecond;
constexpr Nanos kBusyLimit = 50 * kMillisecond;   // after an answer, if it never sleeps
constexpr std::size_t kErrorsShown = 256 * 1024;  // of one program
constexpr std::size_t kReportBytes = 256 * 1024;
constexpr std::size_t kMarkBytes = 32;

// The write end of a pipe for stderr; the read end goes to `reader`.
UniqueFd ErrorPipe(UniqueFd& reader, const std::function<void(const std::string&)>& refuse) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) refuse("no pipe can be made");
  reader.Reset(ends[0]);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return UniqueFd(ends[1]);
}

bool HasSanitizerMark(std::string_view text) {
  // Those that end the program: others only warn, of memory that there was not, for one.
  for (const std::string_view mark :
       {"==ERROR: ", "WARNING: MemorySanitizer: ", ": runtime error: "}) {
    if (text.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

struct ProcStat {
  char state = '?';
  std::size_t resident_pages = 0;
};

ProcStat ReadProcStat(const UniqueFd& file) {
  std::array<char, 1024> buffer;
  const ssize_t size = ::pread(file.get(), buffer.data(), buffer.size(), 0);
  if (size <= 0) return {};
  const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
  // The name in parentheses may hold anything, so what follows is found from its end.
  std::size_t at = text.rfind(") ");
  if (at == std::string_view::npos || at + 2 >= text.size()) return {};
  at += 2;
  ProcStat stat;
  stat.state = text[at];
  constexpr int kFromStateToRss = 21;  // proc(5): fields 3 and 24
  for (int field = 0; field < kFromStateToRss && at != std::string_view::npos; ++field) {
    at = text.find(' ', at + 1);
  }
  if (at != std::string_view::npos) {
    stat.resident_pages = std::strtoul(text.data() + at + 1, nullptr, 10);
  }
  return stat;
}

}  // namespace

ProgramChild::ProgramChild(Options options)
    : options_(std::move(options)),
      client_(options_.spawn_server, SpawnClient::kSendLimit, ErrorPipe(errors_, options_.refuse)),
      answers_(options_.framing) {}

ProgramChild::~ProgramChild() {
  if (runs()) Kill();
}

void ProgramChild::Start() {
  Forget();
  const std::string untold = TakeReport();
  std::fwrite(untold.data(), 1, untold.size(), stderr);
  auto pipes = client_.Start(options_.program);
  if (!pipes) options_.refuse("the program cannot be started: " + pipes.error().ToString());
  pipes_ = std::move(*pipes);
  pollfd ready = {pipes_.status.get(), POLLIN, 0};
  const Nanos deadline = RealNow() + kStartLimit;
  while (::poll(&ready, 1, MillisecondsUntil(deadline, 1'000)) <= 0 && RealNow() < deadline) {
  }
  StatusRecord record = {StatusRecord::kStartFailed, ETIMEDOUT};
  if (::read(pipes_.status.get(), &record, sizeof record) != sizeof record ||
      record.kind != StatusRecord::kStarted) {
    const auto error = Error::Errno(record.value, options_.program.file);
    options_.refuse("the program cannot be started: " + error.ToString());
  }
  pid_ = record.value;
  proc_stat_.Reset(
      ::open(("/proc/" + std::to_string(pid_) + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
}

void ProgramChild::Forget() {
  pipes_ = {};
  proc_stat_.Reset();
  pid_ = 0;
  answers_ = Answers(options_.framing);
  status_ = WaitStatus();
  ended_ = dying_ = bad_frame_ = too_large_ = false;
  errors_shown_ = 0;
  errors_tail_.clear();
}

// False: nobody reads it any more.
bool ProgramChild::Write(std::string_view& bytes) {
  const ssize_t size = ::write(pipes_.to_program.get(), bytes.data(), bytes.size());
  if (size > 0) bytes.remove_prefix(static_cast<std::size_t>(size));
  return size >= 0 || errno == EAGAIN || errno == EINTR;
}

void ProgramChild::Listen(Nanos wait, bool until_writable) {
  if (ended_) return;
  std::array<pollfd, 4> fds = {{{pipes_.status.get(), POLLIN, 0},
                                {pipes_.from_program.get(), POLLIN, 0},
                                {errors_.get(), POLLIN, 0},
                                {until_writable ? pipes_.to_program.get() : -1, POLLOUT, 0}}};
  const timespec limit = {wait / 1'000'000'000, wait % 1'000'000'000};
  if (::ppoll(fds.data(), fds.size(), &limit, nullptr) <= 0) return;
  if (fds[1].revents != 0) ReadOutput();
  if (fds[2].revents != 0) ReadErrors();
  if (fds[0].revents != 0) ReadStatus();
}

void ProgramChild::ReadOutput() {
  std::array<std::uint8_t, 64 * 1024> buffer;
  while (pipes_.from_program) {
    const ssize_t size = ::read(pipes_.from_program.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) return pipes_.from_program.Reset();
    if (!answers_.Feed(Bytes(buffer.data(), static_cast<std::size_t>(size)))) {
      bad_frame_ = true;
      return;
    }
    if (static_cast<std::size_t>(size) < buffer.size()) return;
  }
}

void ProgramChild::ReadErrors() {
  std::array<char, 16 * 1024> buffer;
  ssize_t size;
  while ((size = ::read(errors_.get(), buffer.data(), buffer.size())) > 0) {
    const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
    if (dying_) {
      KeepReport(text);
      continue;
    }
    errors_tail_.append(text);
    dying_ = HasSanitizerMark(errors_tail_);
    if (dying_) KeepReport(errors_tail_);
    if (errors_tail_.size() > kMarkBytes) errors_tail_.erase(0, errors_tail_.size() - kMarkBytes);
    if (errors_shown_ < kErrorsShown && !dying_) std::fwrite(text.data(), 1, text.size(), stderr);
    errors_shown_ += text.size();
  }
}

void ProgramChild::KeepReport(std::string_view text) {
  report_.append(text.substr(0, kReportBytes - std::min(kReportBytes, report_.size())));
}

void ProgramChild::ReadStatus() {
  StatusRecord record;
  const ssize_t size = ::read(pipes_.status.get(), &record, sizeof record);
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (size != sizeof record) return options_.refuse("the spawn server is gone");
  if (record.kind != StatusRecord::kExited) return;
  status_ = WaitStatus(record.value);
  ended_ = true;
  // What it said last.
  ReadOutput();
  ReadErrors();
}

// It has read all there was, and waits for something.
bool ProgramChild::Rests() {
  int unread = 0;
  if (::ioctl(pipes_.to_program.get(), FIONREAD, &unread) != 0 || unread > 0) return false;
  const ProcStat stat = ReadProcStat(proc_stat_);
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  too_large_ = options_.memory_bytes > 0 && stat.resident_pages * page > options_.memory_bytes;
  return stat.state == 'S';
}

std::optional<ProgramChild::Event> ProgramChild::EventSoFar(Nanos begin) {
  if (ended_) return Event::kEnded;
  if (bad_frame_) return Event::kBadFrame;
  if (too_large_) return Event::kMemory;
  if (RealNow() - begin >= (dying_ ? kReportLimit : options_.patience)) return Event::kTimeout;
  return std::nullopt;
}

ProgramChild::Event ProgramChild::Exchange(std::string_view bytes) {
  answers_.Expect();
  const Nanos begin = RealNow();
  bool hears = true;
  for (Nanos look = kLookFirst;; look = std::min(2 * look, kLookLast)) {
    if (!bytes.empty() && hears) hears = Write(bytes);
    const bool writing = !bytes.empty() && hears;
    Listen(look, writing);
    if (const auto event = EventSoFar(begin)) return *event;
    if (!hears || !pipes_.from_program) {
      AwaitEnd(RealNow() + (dying_ ? kReportLimit : kLastWords));
      return ended_ ? Event::kEnded : Event::kClosedOutput;
    }
    if (writing || dying_) continue;
    const bool rests = Rests();
    // Between the last look at its output and its sleep it may have answered.
    const std::size_t before = answers_.count();
    Listen(0, false);
    if (ended_ || dying_ || answers_.count() != before) continue;
    if (rests) return Event::kResting;
    if (before > 0 && RealNow() - begin >= kBusyLimit) return Event::kResting;
  }
}

void ProgramChild::AwaitEnd(Nanos deadline) {
  while (!ended_ && RealNow() < deadline) Listen(kMillisecond, false);
}

std::optional<WaitStatus> ProgramChild::Close(Nanos patience) {
  answers_.Expect();
  pipes_.to_program.Reset();
  const Nanos deadline = RealNow() + patience;
  while (!ended_ && RealNow() < (dying_ ? deadline + kReportLimit : deadline)) {
    Listen(kMillisecond, false);
  }
  if (!ended_) {
    Kill();
    return std::nullopt;
  }
  const WaitStatus status = status_;
  Kill();
  return status;
}

void ProgramChild::Kill() {
  if (!ended_) (void)client_.Signal(pid_, SIGKILL);
  // Its session's group: what it started has no more business here either. While that has members,
  // nothing else can have its number.
  ::kill(-pid_, SIGKILL);
  AwaitEnd(RealNow() + kStartLimit);
  const WaitStatus status = status_;
  Forget();
  status_ = status;
}

}  // namespace portlab
