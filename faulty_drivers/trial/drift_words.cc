#include "faulty_drivers/trial/drift_words.h"

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

namespace portlab {
namespace {

constexpr int kChangesShown = 3;
constexpr int kSignalsShown = 6;

}  // namespace

std::string SignalInWords(int number) {
  const char* name = ::sigabbrev_np(number);
  return name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(number);
}

std::string DispositionInWords(const struct sigaction& action) {
  if ((action.sa_flags & SA_SIGINFO) == 0) {
    if (action.sa_handler == SIG_DFL) return "default";
    if (action.sa_handler == SIG_IGN) return "ignored";
  }
  // The address tells one handler from another.
  char shown[40];
  std::snprintf(shown, sizeof shown, "handled at %p", reinterpret_cast<void*>(action.sa_handler));
  return shown;
}

std::string SignalSetInWords(const std::string& hex) {
  const unsigned long long set = std::strtoull(hex.c_str(), nullptr, 16);
  std::string text;
  int count = 0;
  for (int number = 1; number <= 64; ++number) {
    if ((set >> (number - 1) & 1) == 0) continue;
    if (++count <= kSignalsShown) text += (text.empty() ? "" : " ") + SignalInWords(number);
  }
  if (count > kSignalsShown) text += " and " + std::to_string(count - kSignalsShown) + " more";
  return count == 0 ? "no signal" : text;
}

std::string LimitInWords(int which) {
  static const std::map<int, const char*> kNames = {{RLIMIT_CPU, "processor time"},
                                                    {RLIMIT_FSIZE, "file size"},
                                                    {RLIMIT_DATA, "data"},
                                                    {RLIMIT_STACK, "stack"},
                                                    {RLIMIT_CORE, "core files"},
                                                    {RLIMIT_RSS, "resident memory"},
                                                    {RLIMIT_NPROC, "processes"},
                                                    {RLIMIT_NOFILE, "open files"},
                                                    {RLIMIT_MEMLOCK, "locked memory"},
                                                    {RLIMIT_AS, "address space"},
                                                    {RLIMIT_LOCKS, "file locks"},
                                                    {RLIMIT_SIGPENDING, "pending signals"},
                                                    {RLIMIT_MSGQUEUE, "message queues"},
                                                    {RLIMIT_NICE, "niceness"},
                                                    {RLIMIT_RTPRIO, "real-time priority"},
                                                    {RLIMIT_RTTIME, "real-time"}};
  const auto found = kNames.find(which);
  return "limit of " + (found == kNames.end() ? std::to_string(which) : found->second);
}

std::string FloatControlInWords(std::uint64_t control) {
#if defined(__aarch64__)
  static constexpr const char* kRounding[] = {"to nearest", "up", "down", "to zero"};
  const bool flushes = (control >> 24 & 1) != 0;
  const bool traps = (control & 0x9f00) != 0;
  const char* rounding = kRounding[control >> 22 & 3];
#else
  static constexpr const char* kRounding[] = {"to nearest", "down", "up", "to zero"};
  constexpr std::uint64_t kMasks = 0x1f80;
  const bool flushes = (control & 0x8040) != 0;
  const bool traps = (control & kMasks) != kMasks;
  const char* rounding = kRounding[control >> 13 & 3];
#endif
  char number[32];
  std::snprintf(number, sizeof number, " (0x%llx)", static_cast<unsigned long long>(control));
  return std::string("rounding ") + rounding + (flushes ? ", flushing to zero" : "") +
         (traps ? ", trapping" : "") + number;
}

void ChangeList::Add(const std::string& item, const std::string& from, const std::string& to) {
  if (from == to || ++count_ > kChangesShown) return;
  text_ += (text_.empty() ? "" : "; ") + item + ": from " + from + " to " + to;
}

std::string ChangeList::ToString() const {
  const int more = count_ - kChangesShown;
  return more > 0 ? text_ + "; and " + std::to_string(more) + " more" : text_;
}

}  // namespace portlab
