// How a process ended: the status word of wait(2), typed. A port's exit_status is made from it by
// the spawn driver.
//
// Threads: a value. Errors: a status that is neither (stopped, continued) never leaves wait without
// WUNTRACED. Source: wait(2); otp_ports.md 6.3 (the raw status travels, the receiver decodes it).
#pragma once

#include <string.h>
#include <sys/wait.h>

#include <string>

namespace portlab {

class WaitStatus {
 public:
  constexpr WaitStatus() = default;
  explicit constexpr WaitStatus(int raw) : raw_(raw) {}

  static constexpr WaitStatus OfExit(int code) { return WaitStatus((code & 0xff) << 8); }

  constexpr int raw() const { return raw_; }
  constexpr bool exited() const { return WIFEXITED(raw_); }
  constexpr bool signaled() const { return WIFSIGNALED(raw_); }
  constexpr bool exited(int code) const { return exited() && exit_code() == code; }
  constexpr bool signaled(int signo) const { return signaled() && signal() == signo; }
  // Only if exited().
  constexpr int exit_code() const { return WEXITSTATUS(raw_); }
  // Only if signaled().
  constexpr int signal() const { return WTERMSIG(raw_); }
  constexpr bool core_dumped() const { return signaled() && WCOREDUMP(raw_); }

  bool operator==(const WaitStatus&) const = default;

  // "exited 3", "killed by SIGSEGV", "killed by SIGSEGV (core dumped)".
  std::string ToString() const {
    if (exited()) return "exited " + std::to_string(exit_code());
    if (!signaled()) return "wait status " + std::to_string(raw_);
    const char* name = ::sigabbrev_np(signal());
    std::string text = "killed by ";
    text += name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(signal());
    if (core_dumped()) text += " (core dumped)";
    return text;
  }

 private:
  int raw_ = 0;
};

}  // namespace portlab
