// The process that stands here for a process of the node. It does what its original asks, one
// request after the other, and ends when that one has exited; what is sent to it goes on to the
// original.
//
// Threads: Ask and End from any; the rest is the mirror's own body. Ownership: shared by the server
// and the body. Errors: a request is answered, whatever it is.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "base/mutex.h"
#include "bridge/bridge_frame.h"
#include "portlab/ddll.h"
#include "portlab/process.h"
#include "process/process_table.h"

namespace portlab {

// Where answers go.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual void OnReply(Pid client, std::int64_t id, const Result<Term>& answer) = 0;
};

class ClientMirror : public std::enable_shared_from_this<ClientMirror> {
 public:
  ClientMirror(Ddll& ddll, ReplySink& replies) : ddll_(ddll), replies_(replies) {}
  void Start(ProcessTable& processes, Pid pid, ProcessOutlet& outlet);

  void Ask(std::int64_t id, Result<Term> request);
  // After the requests that are there, of which none waits any more.
  void End(Term reason);

 private:
  struct Request {
    std::int64_t id;
    Result<Term> term;
  };
  struct Work {
    std::optional<Request> request;  // none: it is over
    Term reason;
  };
  static Body Live(Process& self, std::shared_ptr<ClientMirror> mirror);
  std::optional<Work> Take();
  bool ended() const;
  void Wake();

  Ddll& ddll_;
  ReplySink& replies_;
  std::weak_ptr<Process> process_;
  mutable Mutex mutex_;
  std::deque<Request> requests_ GUARDED_BY(mutex_);
  std::optional<Term> end_ GUARDED_BY(mutex_);
};

}  // namespace portlab
