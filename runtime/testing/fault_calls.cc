#include "testing/fault_calls.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "launch/clone3_exec.h"  // PORTLAB_UNINSTRUMENTED

// Everything here that a child before its exec comes through is not instrumented, and uses no
// library function that may be: it runs in its parent's memory.

namespace portlab {
namespace {

constexpr char kVariable[] = "PORTLAB_FAULT_TABLE";
constexpr std::size_t kRecordBytes = 8;  // what is always written and read in one piece

struct Shared {
  int armed;
  int process;
  int call;
  int error;
  int nth;
  int failed;
  int counts[kFaultProcessNames.size()][kFaultCallNames.size()];
};

Shared* g_shared = nullptr;
int g_process = 0;
pid_t g_pid = 0;

Shared* Map(const char* path) {
  const int fd = ::open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return nullptr;
  void* mapped = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  return mapped == MAP_FAILED ? nullptr : static_cast<Shared*>(mapped);
}

// A server started by a host that has a table.
__attribute__((constructor)) void Attach(int argc, char** argv, char** /*environment*/) {
  const char* path = std::getenv(kVariable);
  if (path == nullptr || argc < 3) return;
  const bool keeper = argc > 3 && std::strcmp(argv[3], "keeper") == 0;
  g_process = static_cast<int>(keeper ? FaultProcess::kKeeper : FaultProcess::kServer);
  g_pid = ::getpid();
  g_shared = Map(path);
}

bool IsHost() { return g_process == static_cast<int>(FaultProcess::kHost); }

// Counts the call; what is to become of it: 0: nothing in particular.
PORTLAB_UNINSTRUMENTED int FaultOf(FaultCall call) {
  Shared* shared = g_shared;
  if (shared == nullptr || __atomic_load_n(&shared->armed, __ATOMIC_ACQUIRE) == 0) return 0;
  const int process = g_process + (::getpid() != g_pid ? 1 : 0);
  const int number = static_cast<int>(call);
  const int nth = __atomic_add_fetch(&shared->counts[process][number], 1, __ATOMIC_RELAXED);
  if (process != shared->process || number != shared->call) return 0;
  if (shared->nth != 0 && shared->nth != nth) return 0;
  __atomic_add_fetch(&shared->failed, 1, __ATOMIC_RELAXED);
  return shared->error;
}

// True: it fails, with errno.
PORTLAB_UNINSTRUMENTED bool FaultFails(FaultCall call) {
  const int error = FaultOf(call);
  if (error <= 0) return false;
  errno = error;
  return true;
}

// What the wrapper of a call that moves bytes does: fails, says success, or moves fewer.
enum class Transfer { kAll, kOne, kFails, kSwallowed };

PORTLAB_UNINSTRUMENTED Transfer FaultOfTransfer(FaultCall call, std::size_t size) {
  const int error = FaultOf(call);
  if (error == kFaultSwallowed) return Transfer::kSwallowed;
  if (error == kFaultShort) return size > kRecordBytes ? Transfer::kOne : Transfer::kAll;
  if (error == 0) return Transfer::kAll;
  errno = error;
  return Transfer::kFails;
}

}  // namespace

FaultTable::FaultTable() : path_("/tmp/portlab-faults-" + std::to_string(::getpid())) {
  const int fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0 || ::ftruncate(fd, sizeof(Shared)) != 0) std::perror(path_.c_str());
  ::close(fd);
  ::setenv(kVariable, path_.c_str(), 1);
  g_process = static_cast<int>(FaultProcess::kHost);
  g_pid = ::getpid();
  g_shared = Map(path_.c_str());
}

FaultTable::~FaultTable() {
  Stop();
  ::munmap(std::exchange(g_shared, nullptr), sizeof(Shared));
  ::unsetenv(kVariable);
  ::unlink(path_.c_str());
}

void FaultTable::Record() { Arm({.nth = -1}); }

void FaultTable::Arm(const Fault& fault) {
  Stop();
  std::memset(g_shared->counts, 0, sizeof g_shared->counts);
  g_shared->failed = 0;
  g_shared->process = static_cast<int>(fault.process);
  g_shared->call = static_cast<int>(fault.call);
  g_shared->error = fault.error;
  g_shared->nth = fault.nth;
  __atomic_store_n(&g_shared->armed, 1, __ATOMIC_RELEASE);
}

void FaultTable::Stop() { __atomic_store_n(&g_shared->armed, 0, __ATOMIC_RELEASE); }

int FaultTable::Calls(FaultProcess process, FaultCall call) const {
  return __atomic_load_n(
      &g_shared->counts[static_cast<std::size_t>(process)][static_cast<std::size_t>(call)],
      __ATOMIC_RELAXED);
}

int FaultTable::Failed() const { return __atomic_load_n(&g_shared->failed, __ATOMIC_RELAXED); }

}  // namespace portlab

using portlab::FaultCall;
using portlab::FaultFails;
using portlab::FaultOfTransfer;
using portlab::Transfer;

#define PORTLAB_WRAP(Call, Result, name, parameters, arguments)                \
  extern "C" Result __real_##name parameters;                                  \
  extern "C" PORTLAB_UNINSTRUMENTED Result __wrap_##name parameters;           \
  extern "C" PORTLAB_UNINSTRUMENTED Result __wrap_##name parameters {          \
    return FaultFails(FaultCall::Call) ? Result(-1) : __real_##name arguments; \
  }                                                                            \
  static_assert(true, "takes the semicolon behind a use")

PORTLAB_WRAP(kAccess, int, access, (const char* path, int mode), (path, mode));
PORTLAB_WRAP(kEpollCreate, int, epoll_create1, (int flags), (flags));
PORTLAB_WRAP(kEpollWait, int, epoll_wait, (int fd, epoll_event* events, int count, int timeout),
             (fd, events, count, timeout));
PORTLAB_WRAP(kEventfd, int, eventfd, (unsigned value, int flags), (value, flags));
PORTLAB_WRAP(kKill, int, kill, (pid_t pid, int signo), (pid, signo));
PORTLAB_WRAP(kMprotect, int, mprotect, (void* at, size_t size, int protection),
             (at, size, protection));
PORTLAB_WRAP(kPipe2, int, pipe2, (int* ends, int flags), (ends, flags));
PORTLAB_WRAP(kPoll, int, poll, (pollfd * fds, nfds_t count, int timeout), (fds, count, timeout));
PORTLAB_WRAP(kPosixOpenpt, int, posix_openpt, (int flags), (flags));
PORTLAB_WRAP(kSignalfd, int, signalfd, (int fd, const sigset_t* signals, int flags),
             (fd, signals, flags));
PORTLAB_WRAP(kSocketpair, int, socketpair, (int domain, int type, int protocol, int* ends),
             (domain, type, protocol, ends));
PORTLAB_WRAP(kTimerfd, int, timerfd_create, (int clock, int flags), (clock, flags));
PORTLAB_WRAP(kWait4, pid_t, wait4, (pid_t pid, int* status, int options, struct rusage* usage),
             (pid, status, options, usage));
PORTLAB_WRAP(kWaitid, int, waitid, (idtype_t type, id_t id, siginfo_t* info, int options),
             (type, id, info, options));
PORTLAB_WRAP(kWaitpid, pid_t, waitpid, (pid_t pid, int* status, int options),
             (pid, status, options));

extern "C" {

void* __real_mmap(void* at, size_t size, int protection, int flags, int fd, off_t offset);
void* __wrap_mmap(void* at, size_t size, int protection, int flags, int fd, off_t offset);
void* __wrap_mmap(void* at, size_t size, int protection, int flags, int fd, off_t offset) {
  // Only stacks for children: the rest of what is mapped is nobody's system call.
  if ((flags & MAP_STACK) != 0 && FaultFails(FaultCall::kMmap)) return MAP_FAILED;
  return __real_mmap(at, size, protection, flags, fd, offset);
}

int __real_epoll_ctl(int fd, int operation, int other, epoll_event* event);
int __wrap_epoll_ctl(int fd, int operation, int other, epoll_event* event);
int __wrap_epoll_ctl(int fd, int operation, int other, epoll_event* event) {
  // MOD and DEL need nothing that could be short.
  if (operation == EPOLL_CTL_ADD && FaultFails(FaultCall::kEpollCtl)) return -1;
  return __real_epoll_ctl(fd, operation, other, event);
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, long argument);
int __wrap_fcntl(int fd, int command, long argument) {
  if (FaultFails(command == F_DUPFD_CLOEXEC ? FaultCall::kDup : FaultCall::kFcntl)) return -1;
  return __real_fcntl(fd, command, argument);
}

int __real_open(const char* path, int flags, ...);
int __wrap_open(const char* path, int flags, unsigned mode);
int __wrap_open(const char* path, int flags, unsigned mode) {
  return FaultFails(FaultCall::kOpen) ? -1 : __real_open(path, flags, mode);
}

long __real_portlab_clone_onto_stack(clone_args* args, int (*child)(void*), void* data);
long __wrap_portlab_clone_onto_stack(clone_args* args, int (*child)(void*), void* data);
long __wrap_portlab_clone_onto_stack(clone_args* args, int (*child)(void*), void* data) {
  if (FaultFails(FaultCall::kClone3)) return -errno;
  return __real_portlab_clone_onto_stack(args, child, data);
}

// ---- Calls that move bytes

ssize_t __real_read(int fd, void* bytes, size_t size);
ssize_t __wrap_read(int fd, void* bytes, size_t size);
ssize_t __wrap_read(int fd, void* bytes, size_t size) {
  const Transfer transfer = FaultOfTransfer(FaultCall::kRead, size);
  if (transfer == Transfer::kFails) return -1;
  return __real_read(fd, bytes, transfer == Transfer::kOne ? 1 : size);
}

ssize_t __real_write(int fd, const void* bytes, size_t size);
ssize_t __wrap_write(int fd, const void* bytes, size_t size);
ssize_t __wrap_write(int fd, const void* bytes, size_t size) {
  // What a host writes so is to its eventfd, which never waits and so is never interrupted.
  if (portlab::IsHost()) return __real_write(fd, bytes, size);
  const Transfer transfer = FaultOfTransfer(FaultCall::kWrite, size);
  if (transfer == Transfer::kFails) return -1;
  if (transfer == Transfer::kSwallowed) return static_cast<ssize_t>(size);
  return __real_write(fd, bytes, transfer == Transfer::kOne ? 1 : size);
}

ssize_t __real_recv(int fd, void* bytes, size_t size, int flags);
ssize_t __wrap_recv(int fd, void* bytes, size_t size, int flags);
ssize_t __wrap_recv(int fd, void* bytes, size_t size, int flags) {
  return FaultFails(FaultCall::kRecv) ? -1 : __real_recv(fd, bytes, size, flags);
}

ssize_t __real_send(int fd, const void* bytes, size_t size, int flags);
ssize_t __wrap_send(int fd, const void* bytes, size_t size, int flags);
ssize_t __wrap_send(int fd, const void* bytes, size_t size, int flags) {
  return FaultFails(FaultCall::kSend) ? -1 : __real_send(fd, bytes, size, flags);
}

ssize_t __real_writev(int fd, const iovec* parts, int count);
ssize_t __wrap_writev(int fd, const iovec* parts, int count);
ssize_t __wrap_writev(int fd, const iovec* parts, int count) {
  size_t size = 0;
  int first = -1;
  for (int i = 0; i < count; ++i) {
    if (first < 0 && parts[i].iov_len > 0) first = i;
    size += parts[i].iov_len;
  }
  // Any number of bytes may be taken of a command.
  const Transfer transfer = FaultOfTransfer(FaultCall::kWritev, size + portlab::kRecordBytes);
  if (transfer == Transfer::kFails) return -1;
  if (transfer == Transfer::kOne && first >= 0) return __real_write(fd, parts[first].iov_base, 1);
  return __real_writev(fd, parts, count);
}

ssize_t __real_sendmsg(int fd, const msghdr* message, int flags);
ssize_t __wrap_sendmsg(int fd, const msghdr* message, int flags);
ssize_t __wrap_sendmsg(int fd, const msghdr* message, int flags) {
  const Transfer transfer = FaultOfTransfer(FaultCall::kSendmsg, message->msg_iov[0].iov_len);
  if (transfer == Transfer::kFails) return -1;
  msghdr one = *message;
  iovec part = {message->msg_iov[0].iov_base, 1};
  if (transfer == Transfer::kOne) one.msg_iov = &part;
  return __real_sendmsg(fd, &one, flags);
}

ssize_t __real_recvmsg(int fd, msghdr* message, int flags);
ssize_t __wrap_recvmsg(int fd, msghdr* message, int flags);
ssize_t __wrap_recvmsg(int fd, msghdr* message, int flags) {
  const Transfer transfer = FaultOfTransfer(FaultCall::kRecvmsg, message->msg_iov[0].iov_len);
  if (transfer == Transfer::kFails) return -1;
  if (transfer == Transfer::kOne) message->msg_iov[0].iov_len = 1;
  return __real_recvmsg(fd, message, flags);
}

// ---- syscall(2): what a child does before its exec, and what has no function in libc

long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);
PORTLAB_UNINSTRUMENTED long __wrap_syscall(long number, long a, long b, long c, long d, long e,
                                           long f) {
  bool fails = false;
  if (number == SYS_fcntl) fails = FaultFails(FaultCall::kDup);
  if (number == SYS_dup3) fails = FaultFails(FaultCall::kDup3);
  if (number == SYS_setsid) fails = FaultFails(FaultCall::kSetsid);
  if (number == SYS_chdir) fails = FaultFails(FaultCall::kChdir);
  if (number == SYS_prlimit64) fails = FaultFails(FaultCall::kPrlimit);
  if (number == SYS_close_range) fails = FaultFails(FaultCall::kCloseRange);
  if (number == SYS_execve) fails = FaultFails(FaultCall::kExecve);
  if (number == SYS_pidfd_open) fails = FaultFails(FaultCall::kPidfdOpen);
  if (number == SYS_pidfd_send_signal) fails = FaultFails(FaultCall::kPidfdSendSignal);
  return fails ? -1 : __real_syscall(number, a, b, c, d, e, f);
}

}  // extern "C"
