// What lives in the host beside the faulty port and ought not to notice: an echo port of a
// linked-in driver, a process that only wakes up again and again, and a port of an external
// program.
//
// Threads: all functions from any thread; the bystanders themselves are scheduled processes.
// Ownership: the processes share the records, so a record outlives the set.
// Errors: a bystander that cannot come aboard says why; that is the trial's error, not an outcome.
// Units: nanoseconds, but milliseconds where a name ends in Ms. Source: design, decision 12.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/order.h"
#include "faulty_drivers/trial/latency_track.h"
#include "faulty_drivers/trial/outcome.h"
#include "portlab/runtime.h"

namespace portlab {

// The diary of one bystander.
class BystanderRecord {
 public:
  explicit BystanderRecord(std::string name) : name_(std::move(name)) {}

  // The bystander asks, and expects the answer to come at `due_at`.
  void Ask(Nanos asked_at, Nanos due_at);
  // The answer came to what was asked last.
  void Answer();
  void Fail(std::string why);

  // For the bystander, between two questions: true while it is to ask nothing.
  bool Rests();
  void SetPaused(bool paused);
  // True when the bystander is known to rest.
  bool resting() const { return resting_.load(); }

  // Forgets the gaps so far, and from now on latencies count.
  void BeginWatch();
  // From now on only answers to later questions count.
  void ExpectAnswer();
  bool answered() const;
  std::string failure() const;
  Bystander Summary() const;

 private:
  const std::string name_;
  std::atomic<bool> paused_{false};
  std::atomic<bool> resting_{false};
  mutable Mutex mutex_;
  LatencyTrack latencies_ GUARDED_BY(mutex_);
  Nanos asked_at_ GUARDED_BY(mutex_) = 0;
  Nanos last_ GUARDED_BY(mutex_) = 0;  // the last answer, or the begin of the watch
  Nanos worst_gap_ GUARDED_BY(mutex_) = 0;
  Nanos expected_since_ GUARDED_BY(mutex_) = 0;
  bool answered_ GUARDED_BY(mutex_) = false;
  std::string failure_ GUARDED_BY(mutex_);
};

class BystanderSet {
 public:
  static constexpr int kPorts = 2;  // that they hold

  // Brings all aboard. REQUIRES: the driver called `echo_driver` is loaded.
  BystanderSet(Runtime& runtime, const std::string& echo_driver);

  // While paused, nothing of theirs is under way, so that the host can be measured. Waits for it,
  // but not for one that does not answer any more.
  void Pause();
  void Resume();
  // Ends their processes and waits until they are gone.
  void End();

  void BeginWatch();
  void ExpectAnswers();
  // True when all have answered since ExpectAnswers; false at `deadline`.
  bool AwaitAnswers(Nanos deadline) const;
  // "echo port: enoent …" of the first that failed; empty: none did.
  std::string failure() const;
  std::vector<Bystander> Summaries() const;

 private:
  std::vector<std::shared_ptr<BystanderRecord>> records_;
  std::vector<std::weak_ptr<Process>> processes_;
};

}  // namespace portlab
