// The host's side of the spawn server: starts programs without ever forking the host.
//
// The server is started by exec with the first request, again with the first request after it died,
// and ended (with all it started) by the destructor, which waits for it. Start does not wait for
// the program's exec: how that went is the first record on `status`, see spawn_protocol.h.
//
// Threads: any. Ownership: the pipes are the caller's; closing them does not end the program,
// exactly as OTP does it. Errors: errno: of the pipes (emfile), of the server's start (enoent …),
// einval for a NUL in a string, e2big. Source: otp_ports.md 6.1-6.4.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>

#include "base/order.h"
#include "base/unique_fd.h"
#include "launch/program_pipes.h"
#include "launch/program_spec.h"
#include "launch/start_program.h"
#include "portlab/error.h"

namespace portlab {

class SpawnClient {
 public:
  static constexpr Nanos kSendLimit = 5'000 * kMillisecond;

  // A server that takes nothing for `send_limit` (real time) is killed and replaced. `errors`: what
  // the server and its programs have as stderr; empty: the host's.
  explicit SpawnClient(std::string server_path, Nanos send_limit = kSendLimit,
                       UniqueFd errors = UniqueFd());
  ~SpawnClient();
  SpawnClient(const SpawnClient&) = delete;
  SpawnClient& operator=(const SpawnClient&) = delete;

  // `theirs`: of MakeProgramEnds(program).
  Result<void> Start(const ProgramSpec& program, std::span<const UniqueFd> theirs);
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
  // Restarts the server and tries again when it turns out to be dead; with `may_start` false: EPIPE
  // then.
  Result<void> Send(std::string_view payload, std::span<const int> descriptors, bool may_start);
  Result<void> StartServer() REQUIRES(mutex_);
  // With `kill` at once, else as spawn_protocol.h says. Nothing if there is none.
  void EndServer(bool kill) REQUIRES(mutex_);
  bool ServerRuns() REQUIRES(mutex_);

  const std::string server_path_;
  const Nanos send_limit_;
  const UniqueFd errors_;
  // Held while a frame is sent, which waits only for the server: no hand-over of the baton can be
  // needed to end that.
  OrderedMutex mutex_;
  UniqueFd socket_ GUARDED_BY(mutex_);
  StartedProgram server_ GUARDED_BY(mutex_);
};

}  // namespace portlab
