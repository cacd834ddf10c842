// Makes system calls of the runtime fail, one at a time: in the host, in the spawn server, in
// keepers, and in their children before exec.
//
// The linker puts wrappers in the place of libc's functions (ld's --wrap) in what is linked with
// portlab_fault_calls: tests, and a spawn server for tests. No other build has any of it. What is
// to fail stands in a file that all these processes have mapped, and each counts there what it
// called.
//
// Use: one FaultTable in the test, before the spawn server is started; Arm or Record; look at the
// outcome; Stop. Threads: any number may call what is wrapped; the table is one thread's.
// Ownership: the table's destructor removes the file. Source: ld(1) --wrap.
#pragma once

#include <array>
#include <string>

namespace portlab {

enum class FaultProcess { kHost, kHostChild, kServer, kServerChild, kKeeper, kKeeperChild };
inline constexpr std::array kFaultProcessNames = {
    "host", "host's child", "spawn server", "spawn server's child", "keeper", "keeper's child"};

enum class FaultCall {
  kAccess,
  kChdir,
  kClone3,
  kCloseRange,
  kDup,
  kDup3,
  kEpollCreate,
  kEpollCtl,
  kEpollWait,
  kEventfd,
  kExecve,
  kFcntl,
  kKill,
  kMmap,
  kMprotect,
  kOpen,
  kPidfdOpen,
  kPidfdSendSignal,
  kPipe2,
  kPoll,
  kPosixOpenpt,
  kPrlimit,
  kRead,
  kRecv,
  kRecvmsg,
  kSend,
  kSendmsg,
  kSetsid,
  kSignalfd,
  kSocketpair,
  kTimerfd,
  kWait4,
  kWaitid,
  kWaitpid,
  kWrite,
  kWritev
};
inline constexpr std::array kFaultCallNames = {
    "access",         "chdir",          "clone3",
    "close_range",    "fcntl(F_DUPFD)", "dup3",
    "epoll_create1",  "epoll_ctl(ADD)", "epoll_wait",
    "eventfd",        "execve",         "fcntl",
    "kill",           "mmap",           "mprotect",
    "open",           "pidfd_open",     "pidfd_send_signal",
    "pipe2",          "poll",           "posix_openpt",
    "prlimit",        "read",           "recv",
    "recvmsg",        "send",           "sendmsg",
    "setsid",         "signalfd",       "socketpair",
    "timerfd_create", "wait4",          "waitid",
    "waitpid",        "write",          "writev"};
static_assert(kFaultCallNames.size() == static_cast<std::size_t>(FaultCall::kWritev) + 1);

// In the place of an errno.
inline constexpr int kFaultShort = -1;      // one byte is read or written of more than a record's
inline constexpr int kFaultSwallowed = -2;  // says success and does nothing: a fault nobody handles

struct Fault {
  FaultProcess process = FaultProcess::kHost;
  FaultCall call = FaultCall::kAccess;
  int error = 0;
  int nth = 1;  // of this process's calls since Arm; 0: each
};

class FaultTable {
 public:
  FaultTable();
  ~FaultTable();
  FaultTable(const FaultTable&) = delete;
  FaultTable& operator=(const FaultTable&) = delete;

  void Record();  // counts from 0; nothing fails
  void Arm(const Fault& fault);
  void Stop();
  // Since Record or Arm.
  int Calls(FaultProcess process, FaultCall call) const;
  int Failed() const;  // how many did

 private:
  const std::string path_;
};

}  // namespace portlab
