#include "bridge/client_mirror.h"

#include <utility>

#include "bridge/bridge_request.h"

namespace portlab {

void ClientMirror::Start(ProcessTable& processes, Pid pid, ProcessOutlet& outlet) {
  process_ = processes.SpawnMirror(
      pid, outlet, [mirror = shared_from_this()](Process& self) { return Live(self, mirror); });
}

void ClientMirror::Ask(std::int64_t id, Result<Term> request) {
  {
    MutexLock lock(mutex_);
    requests_.push_back({id, std::move(request)});
  }
  Wake();
}

void ClientMirror::End(Term reason) {
  {
    MutexLock lock(mutex_);
    if (!end_) end_ = std::move(reason);
  }
  Wake();
}

void ClientMirror::Wake() {
  if (auto process = process_.lock()) process->Wake();
}

bool ClientMirror::ended() const {
  MutexLock lock(mutex_);
  return end_.has_value();
}

std::optional<ClientMirror::Work> ClientMirror::Take() {
  MutexLock lock(mutex_);
  Work work;
  if (!requests_.empty()) {
    work.request = std::move(requests_.front());
    requests_.pop_front();
    return work;
  }
  if (!end_) return std::nullopt;
  work.reason = *end_;
  return work;
}

Body ClientMirror::Live(Process& self, std::shared_ptr<ClientMirror> mirror) {
  const auto take = [&mirror] { return mirror->Take(); };
  for (;;) {
    std::optional<Work> work = co_await self.Until(take);
    if (!work->request) {
      self.Exit(work->reason);
      co_return;
    }
    BridgeStep step = work->request->term ? StepOf(self, mirror->ddll_, *work->request->term)
                                          : [error = work->request->term.error()] {
                                              return std::optional<Result<Term>>(Fail(error));
                                            };
    // Who has exited is not there to be suspended: what it wanted to send is dropped.
    const auto until_answered = [&step, &mirror]() -> std::optional<Result<Term>> {
      if (auto answer = step()) return answer;
      if (mirror->ended()) return Fail(Error::BadArg("the client has exited"));
      return std::nullopt;
    };
    std::optional<Result<Term>> answer = co_await self.Until(until_answered);
    mirror->replies_.OnReply(self.pid(), work->request->id, *answer);
  }
}

}  // namespace portlab
