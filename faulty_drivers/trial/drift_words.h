// How the parts of a process's state are called in a report: signals, limits, floating point
// control, and lists of changes.
//
// Threads: any. Errors: none: what has no name is shown as a number. Source: signal(7),
// getrlimit(2), float_control.h.
#pragma once

#include <signal.h>

#include <cstdint>
#include <string>

namespace portlab {

std::string SignalInWords(int number);                           // "SIGCHLD", "signal 35"
std::string DispositionInWords(const struct sigaction& action);  // "default", "ignored", "handled"
std::string SignalSetInWords(const std::string& hex);    // of /proc/…/status: "SIGINT SIGTERM"
std::string LimitInWords(int which);                     // RLIMIT_NOFILE: "open files"
std::string FloatControlInWords(std::uint64_t control);  // "rounding up (0x5f80, 0xb7f)"

// "umask from 0022 to 0777"; of many, the first few and how many more.
class ChangeList {
 public:
  // Nothing when `from` is `to`.
  void Add(const std::string& item, const std::string& from, const std::string& to);
  bool empty() const { return count_ == 0; }
  std::string ToString() const;

 private:
  std::string text_;
  int count_ = 0;
};

}  // namespace portlab
