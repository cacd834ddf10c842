// Serves a real node: reads its frames, keeps a mirror of each of its processes that is a client,
// and writes what the mirrors are sent and answer. What one thread gives out first is written
// first, so a client sees a message that was sent before its answer before the answer.
//
// Threads: Serve on one thread; it never waits for a driver, nor for the node to read. Ownership:
// borrows the runtime's parts and both descriptors. Units: bytes. Errors: a frame that is none ends
// the session, with a detail that says which.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "base/ordered_thread.h"
#include "bridge/client_mirror.h"
#include "portlab/ddll.h"
#include "portlab/error.h"
#include "portlab/process.h"
#include "process/process_table.h"
#include "term/node_identity.h"

namespace portlab {

class BridgeServer : private ProcessOutlet, private ReplySink {
 public:
  struct Connection {
    int in_fd = 0;
    int out_fd = 1;
    NodeIdentity node;  // whose processes the clients are at first, and what node the ports are of
  };
  BridgeServer(ProcessTable& processes, Ddll& ddll, Connection connection);
  ~BridgeServer() override;
  BridgeServer(const BridgeServer&) = delete;
  BridgeServer& operator=(const BridgeServer&) = delete;

  // Says {ready, about}, then serves until the node closes its end. Every mirror has been told to
  // end when it returns.
  Result<void> Serve(const Term& about);

 private:
  void OnMessage(Pid to, const Term& message) override;
  void OnExitSignal(Pid to, const Term& from, const Term& reason, bool from_link) override;
  void OnReply(Pid client, std::int64_t id, const Result<Term>& answer) override;

  Result<void> ReadFrames();
  // False: it was the last one.
  Result<bool> Handle(const std::string& bytes);
  void SetIdentity(const BridgeFrame& frame);
  std::shared_ptr<const NodeIdentity> node();
  ClientMirror& MirrorOf(Pid client);
  void Write(std::string frame);
  void WriteLoop();

  ProcessTable& processes_;
  Ddll& ddll_;
  const Connection connection_;
  std::unordered_map<Pid, std::shared_ptr<ClientMirror>> mirrors_;  // of the reading thread

  Mutex mutex_;
  Condition more_;
  std::shared_ptr<const NodeIdentity> node_ GUARDED_BY(mutex_);
  std::string outgoing_ GUARDED_BY(mutex_);
  bool closing_ GUARDED_BY(mutex_) = false;
  OrderedThread writer_;
};

}  // namespace portlab
