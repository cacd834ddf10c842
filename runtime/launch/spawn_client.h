// The host's side of the spawn server: starts programs without ever forking the host.
//
// The server is started by exec with the first request, again with the first request after it died,
// and ended (with all it started) by the destructor, which waits for it. Start does not wait for
// the program's exec: how that went is the first record on `status`, see spawn_protocol.h. Nor does
// it wait for a server that falls behind: what the socket does not take now is sent by a thread of
// the client's, which exists from the first such request on. A request that cannot be sent in the
// end is answered as the server would: kStartFailed, with why.
//
// Threads: any. Ownership: the pipes are the caller's; closing them does not end the program,
// exactly as OTP does it. Errors: errno: of the pipes (emfile), of the server's start (enoent …),
// einval for a NUL in a string, e2big. Source: otp_ports.md 6.1-6.4.
#pragma once

#include <sys/types.h>

#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/order.h"
#include "base/unique_fd.h"
#include "launch/frame_channel.h"
#include "launch/program_pipes.h"
#include "launch/program_spec.h"
#include "launch/start_program.h"
#include "portlab/error.h"

namespace portlab {

class SpawnClient {
 public:
  static constexpr Nanos kSendLimit = 5'000 * kMillisecond;

  // A server that takes nothing for `send_limit` (real time) is killed and replaced; what it had
  // not taken goes to the new one. `errors`: what the server and its programs have as stderr;
  // empty: the host's.
  explicit SpawnClient(std::string server_path, Nanos send_limit = kSendLimit,
                       UniqueFd errors = UniqueFd());
  ~SpawnClient();
  SpawnClient(const SpawnClient&) = delete;
  SpawnClient& operator=(const SpawnClient&) = delete;

  // `theirs`: of MakeProgramEnds(program).
  Result<void> Start(const ProgramSpec& program, std::vector<UniqueFd> theirs);
  // The two steps in one.
  Result<ProgramPipes> Start(const ProgramSpec& program);

  // Waits for the server's answer. ESRCH: no program of this client, or it has been reaped; EPIPE:
  // no server.
  Result<void> Signal(pid_t pid, int signo);
  // Does not wait: whatever became of it, nobody is told. `any_fd`: one that is open.
  void SignalUnconfirmed(pid_t pid, int signo, int any_fd);

  // 0: none runs (as far as is known). For reports and tests.
  pid_t server_pid();

  // Beside the running executable, unless the environment variable PORTLAB_SPAWN_SERVER says where.
  static std::string DefaultServerPath();

 private:
  // Sends it or has it sent. With `may_start` false and no server: EPIPE.
  Result<void> Send(OutgoingFrame frame, bool may_start);
  // As much of `frame` as the socket takes, to a new server if this one is dead. False: there is
  // more.
  Result<bool> SendNow(OutgoingFrame& frame, bool may_start) REQUIRES(mutex_);
  Result<void> StartServer() REQUIRES(mutex_);
  // With `kill` at once, else as spawn_protocol.h says. Nothing if there is none.
  void EndServer(bool kill) REQUIRES(mutex_);
  bool ServerRuns() REQUIRES(mutex_);

  // The thread that sends what waits; an errno if there can be none.
  int EnsureSender() REQUIRES(mutex_);
  void SendWaiting();
  void SendWhatIsTaken() REQUIRES(mutex_);

  const std::string server_path_;
  const Nanos send_limit_;
  const UniqueFd errors_;
  // Held while a frame is sent, which waits for nothing, and while a server is started or killed,
  // which waits only for the kernel: no hand-over of the baton can be needed to end that.
  OrderedMutex mutex_;
  // Shared with the thread, which waits for it without the lock.
  std::shared_ptr<UniqueFd> socket_ GUARDED_BY(mutex_);
  StartedProgram server_ GUARDED_BY(mutex_);
  std::deque<OutgoingFrame> waiting_ GUARDED_BY(mutex_);  // the first may be sent in part
  Nanos progress_ GUARDED_BY(mutex_) = 0;                 // RealNow of the last byte taken
  bool stopping_ GUARDED_BY(mutex_) = false;
  UniqueFd wake_ GUARDED_BY(mutex_);  // an eventfd, for the thread
  std::thread sender_ GUARDED_BY(mutex_);
};

}  // namespace portlab
