// Runs a few threads through the port table in a chosen interleaving (tests only).
//
// `InterleavedAtomics` is an atomics policy that stops before each access until the Interleaver
// lets its thread go on, so exactly one thread runs at a time and whoever decides which one decides
// the interleaving. Two deciders: a Script (run this thread for n steps, or to the end of its call)
// and Explore (all interleavings with at most n preemptions).
//
// Threads: Interleaver::Run starts and joins its own. Accesses of other threads go through at once.
// Ownership: none beyond the run. Source: concurrency.md 3.8.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace portlab {

class Interleaver {
 public:
  using Calls = std::vector<std::function<void()>>;
  struct View {
    int current;                             // the thread at a step; -1: none
    const std::vector<bool>& running;        // false: its calls are done
    const std::vector<int>& calls_finished;  // per thread
  };
  // Names the thread to go on: a running one.
  using Decide = std::function<int(const View&)>;

  // A run of more steps than this counts as one that does not end: everything then runs freely to
  // its end.
  static constexpr int kStepsMax = 2000;

  // Runs each thread's calls. A step is: the begin of a call, or one access. True: it ended within
  // kStepsMax.
  static bool Run(std::vector<Calls> threads, Decide decide) {
    Interleaver run(threads.size(), std::move(decide));
    std::vector<std::thread> started;
    for (std::size_t i = 0; i < threads.size(); ++i) {
      started.emplace_back(
          [&run, i, &calls = threads[i]] { run.Thread(static_cast<int>(i), calls); });
    }
    for (std::thread& thread : started) thread.join();
    return !run.endless_;
  }

  // What InterleavedAtomics calls before each access.
  static void Point() {
    ++accesses_;
    if (current_run_ != nullptr) current_run_->Step(self_);
  }

  // How many accesses this thread made so far.
  static int accesses() { return accesses_; }

 private:
  struct Endless {};

  Interleaver(std::size_t threads, Decide decide)
      : decide_(std::move(decide)), running_(threads, true), calls_finished_(threads, 0) {}

  void Thread(int self, const Calls& calls) {
    current_run_ = this;
    self_ = self;
    try {
      for (const std::function<void()>& call : calls) {
        Step(self);
        call();
        const std::lock_guard lock(mutex_);
        ++calls_finished_[static_cast<std::size_t>(self)];
      }
    } catch (const Endless&) {
    }
    current_run_ = nullptr;
    const std::lock_guard lock(mutex_);
    running_[static_cast<std::size_t>(self)] = false;
    Next(-1);
  }

  void Step(int self) {
    std::unique_lock lock(mutex_);
    if (arrived_ < running_.size()) {
      if (++arrived_ == running_.size()) Next(-1);
    } else {
      Next(self);
    }
    turn_changed_.wait(lock, [&] { return endless_ || turn_ == self; });
    if (endless_) throw Endless();
  }

  void Next(int current) {
    bool any = false;
    for (const bool running : running_) any = any || running;
    if (!any) return;
    if (++steps_ > kStepsMax) endless_ = true;
    if (!endless_) turn_ = decide_({current, running_, calls_finished_});
    if (turn_ != current || endless_) turn_changed_.notify_all();
  }

  static inline thread_local Interleaver* current_run_ = nullptr;
  static inline thread_local int self_ = -1;
  static inline thread_local int accesses_ = 0;

  std::mutex mutex_;
  std::condition_variable turn_changed_;
  const Decide decide_;
  std::vector<bool> running_;
  std::vector<int> calls_finished_;
  std::size_t arrived_ = 0;
  int turn_ = -1;
  int steps_ = 0;
  bool endless_ = false;
};

struct InterleavedAtomics {
  template <class T>
  class atomic {
   public:
    atomic() = default;
    atomic(T value) : value_(value) {}  // implicit, as std::atomic's

    T load(std::memory_order order) const { return At().load(order); }
    void store(T value, std::memory_order order) { At().store(value, order); }
    T exchange(T value, std::memory_order order) { return At().exchange(value, order); }
    T fetch_add(T value, std::memory_order order) { return At().fetch_add(value, order); }
    T fetch_sub(T value, std::memory_order order) { return At().fetch_sub(value, order); }
    T fetch_or(T value, std::memory_order order) { return At().fetch_or(value, order); }
    bool compare_exchange_strong(T& seen, T value, std::memory_order yes, std::memory_order no) {
      return At().compare_exchange_strong(seen, value, yes, no);
    }
    bool compare_exchange_weak(T& seen, T value, std::memory_order yes, std::memory_order no) {
      return compare_exchange_strong(seen, value, yes, no);
    }

   private:
    std::atomic<T>& At() const {
      Interleaver::Point();
      return value_;
    }
    mutable std::atomic<T> value_{};
  };
};

// "Thread 0 for 11 steps, then thread 1 to the end of its call." After its end the lowest running
// thread goes on.
class Script {
 public:
  static constexpr int kToEndOfCall = -1;
  struct Entry {
    int thread;
    int steps;
  };

  explicit Script(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  int operator()(const Interleaver::View& view) {
    for (; position_ < entries_.size(); ++position_, entered_ = false) {
      const Entry& entry = entries_[position_];
      const auto thread = static_cast<std::size_t>(entry.thread);
      if (!entered_) {
        entered_ = true;
        steps_left_ = entry.steps;
        calls_before_ = view.calls_finished[thread];
      }
      if (!view.running[thread]) continue;
      if (entry.steps == kToEndOfCall) {
        if (view.calls_finished[thread] == calls_before_) return entry.thread;
      } else if (steps_left_ > 0) {
        --steps_left_;
        return entry.thread;
      }
    }
    for (std::size_t i = 0; i < view.running.size(); ++i) {
      if (view.running[i]) return static_cast<int>(i);
    }
    return -1;
  }

 private:
  std::vector<Entry> entries_;
  std::size_t position_ = 0;
  bool entered_ = false;
  int steps_left_ = 0;
  int calls_before_ = 0;
};

struct Exploration {
  int executions = 0;
  bool violated = false;  // by the last execution
  bool complete = false;  // every interleaving within the bound was run
};

// A program: one fresh run's threads, and what must hold when all their calls are done.
struct Program {
  std::vector<Interleaver::Calls> threads;
  std::function<bool()> holds;
};

// Runs every interleaving with at most `preemptions` switches away from a thread that could go on;
// stops at the first one where `holds` is false or that does not end, and after `executions_max`.
inline Exploration Explore(const std::function<Program()>& make, int preemptions,
                           int executions_max) {
  struct Choice {
    int taken;
    int width;
  };
  std::vector<Choice> path;
  Exploration result;
  while (result.executions < executions_max) {
    std::size_t depth = 0;
    int preemptions_left = preemptions;
    Program program = make();
    const bool ended = Interleaver::Run(program.threads, [&](const Interleaver::View& view) {
      std::vector<int> options;
      const bool can_go_on =
          view.current >= 0 && view.running[static_cast<std::size_t>(view.current)];
      if (can_go_on) options.push_back(view.current);
      for (std::size_t i = 0; i < view.running.size(); ++i) {
        const bool allowed = !can_go_on || preemptions_left > 0;
        if (view.running[i] && static_cast<int>(i) != view.current && allowed) {
          options.push_back(static_cast<int>(i));
        }
      }
      if (depth == path.size()) path.push_back({0, static_cast<int>(options.size())});
      const int taken = path[depth++].taken;
      if (can_go_on && taken > 0) --preemptions_left;
      return options[static_cast<std::size_t>(taken)];
    });
    ++result.executions;
    bool holds = false;  // stays so if the check itself does not end
    if (ended)
      Interleaver::Run({{[&] { holds = program.holds(); }}}, [](const auto&) { return 0; });
    if (!holds) {
      result.violated = true;
      return result;
    }
    while (!path.empty() && path.back().taken + 1 == path.back().width) path.pop_back();
    if (path.empty()) {
      result.complete = true;
      return result;
    }
    ++path.back().taken;
  }
  return result;
}

}  // namespace portlab
