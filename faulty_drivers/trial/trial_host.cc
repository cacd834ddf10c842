#include "faulty_drivers/trial/trial_host.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/black_box.h"
#include "driver/callback_scope.h"
#include "driver/guarded_memory.h"
#include "faulty_drivers/trial/bystanders.h"
#include "faulty_drivers/trial/drift.h"
#include "faulty_drivers/trial/judge.h"
#include "faulty_drivers/trial/measure.h"
#include "faulty_drivers/trial/operations_victim.h"
#include "faulty_drivers/trial/signs_of_life.h"
#include "faulty_drivers/trial/trial_phase.h"
#include "faulty_drivers/trial/victim.h"

namespace portlab {
namespace {

constexpr Nanos kSetUp = 10'000 * kMillisecond;
constexpr Nanos kQuietTime = 50 * kMillisecond;
// For the owner to close its port and to read its last mail, when all patience is used up.
constexpr Nanos kWindUp = 3'000 * kMillisecond;
// For what a closed port gives back in its own time, as the program's pipes.
constexpr Nanos kReturnTime = 500 * kMillisecond;
constexpr Nanos kLongestReturnTime = 5'000 * kMillisecond;
constexpr std::int64_t kProgressOfMemory = 1 << 20;
// Of threads that are being made. (ThreadSanitizer has one that always looks as if it were.)
constexpr Nanos kSettling = 1'000 * kMillisecond;
// What is so for a moment only is no drift.
constexpr Nanos kLongestMoment = 100 * kMillisecond;
// How long the bystanders are watched before there is a fault, for comparison.
constexpr Nanos kCalmTime = 100 * kMillisecond;

void EnterPhase(TrialPhase phase) {
  BlackBox::Get().phase.store(static_cast<std::uint32_t>(phase));
}

void Pause() { std::this_thread::sleep_for(std::chrono::milliseconds(2)); }

double MillisecondsBetween(Nanos from, Nanos to) {
  return static_cast<double>(to - from) / kMillisecond;
}

RuntimeOptions TrialOptions(const HostCommand& command) {
  RuntimeOptions options;
  options.guarded_memory = command.guard;
  options.limits.port_limit = 1024;
  options.limits.scheduler_threads = 2;
  options.limits.unread_output_bytes_max = 16 << 20;
  return options;
}

class TrialHost {
 public:
  explicit TrialHost(const HostCommand& command)
      : command_(command),
        patience_(command.patience_ms * kMillisecond),
        runtime_(TrialOptions(command)) {}

  // Nothing, or why there can be no trial.
  Result<void> Run();
  // Ends the process when a thread is stuck.
  void Report();

 private:
  VictimPlan Plan(std::string target, bool trigger) const;
  Result<void> LoadDrivers();
  Result<void> BoardBystanders();
  Result<void> WarmUp();
  Result<void> WatchVictim();
  void AfterVictim();
  void MeasureBefore();
  Retained MeasureRetained();
  void WriteResult();
  void WriteLine(const nlohmann::json& json);

  const HostCommand& command_;
  const Nanos patience_;
  Runtime runtime_;
  std::string echo_name_;
  std::string driver_name_;
  std::unique_ptr<BystanderSet> bystanders_;
  std::unique_ptr<ResourceWatcher> watcher_;
  Measure before_;
  DriftSnapshot state_before_;
  Nanos stuck_since_ = 0;  // 0: no thread is known to be stuck
  std::shared_ptr<Victim> victim_;
  Observations seen_;
  Outcome outcome_;
};

VictimPlan TrialHost::Plan(std::string target, bool trigger) const {
  VictimPlan plan;
  plan.mode = command_.mode;
  plan.target = std::move(target);
  plan.trigger = trigger;
  plan.trigger_kind = command_.trigger_kind;
  plan.patience = patience_;
  return plan;
}

Result<void> TrialHost::LoadDrivers() {
  CallbackScope::WatchFloatControl(true);
  Result<std::string> echo = runtime_.ddll().LoadDriverFile(command_.echo_driver);
  if (!echo) return Fail(echo.error());
  echo_name_ = *std::move(echo);
  if (command_.mode == IsolationMode::kProgram) {
    if (::access(command_.program.c_str(), X_OK) == 0) return {};
    return Fail(Error::Errno(errno, command_.program + " is no program that may be run"));
  }
  Result<std::string> driver = runtime_.ddll().LoadDriverFile(command_.driver);
  if (!driver) return Fail(driver.error());
  driver_name_ = *std::move(driver);
  return {};
}

Result<void> TrialHost::BoardBystanders() {
  bystanders_ = std::make_unique<BystanderSet>(runtime_, echo_name_);
  bystanders_->ExpectAnswers();
  if (bystanders_->AwaitAnswers(MonotonicNow() + kSetUp)) return {};
  const std::string why = bystanders_->failure();
  return Fail(Error::General(why.empty() ? "a bystander did not come aboard in time" : why));
}

// The same requests to a port that has no fault: whatever the host allocates once is there before
// it is measured.
Result<void> TrialHost::WarmUp() {
  const bool program = command_.mode == IsolationMode::kProgram;
  VictimPlan plan = Plan(program ? "/bin/cat" : echo_name_, false);
  plan.patience = kSetUp;
  const auto healthy = std::make_shared<Victim>(std::move(plan));
  healthy->Start(runtime_);
  if (!healthy->AwaitEnd(MonotonicNow() + kSetUp)) {
    return Fail(Error::General("the warm-up did not come to an end"));
  }
  const VictimReport report = healthy->report();
  if (!report.failure.empty()) return Fail(Error::General("warm-up: " + report.failure));
  if (!report.answered) return Fail(Error::General("the warm-up got no answer"));
  return {};
}

Result<void> TrialHost::Run() {
  EnterPhase(TrialPhase::kRuntimeUp);
  if (auto loaded = LoadDrivers(); !loaded) return loaded;
  EnterPhase(TrialPhase::kLoaded);
  if (auto boarded = BoardBystanders(); !boarded) return boarded;
  if (auto warm = WarmUp(); !warm) return warm;
  watcher_ = std::make_unique<ResourceWatcher>();
  MeasureBefore();
  outcome_.port_count_before = before_.port_count;
  WriteLine({{"port_count_before", before_.port_count}});  // known even if the host never says more
  EnterPhase(TrialPhase::kMeasured);

  VictimPlan plan = Plan(command_.mode == IsolationMode::kProgram ? command_.program : driver_name_,
                         command_.trigger);
  plan.commands = command_.commands;
  plan.quiet_time = kQuietTime;
  plan.before_trigger = [this] {
    bystanders_->BeginWatch();
    BlackBox::Get().triggered_at.store(MonotonicNow());
    EnterPhase(TrialPhase::kTriggered);
  };
  if (command_.script_fd >= 0) {
    auto script = ReadScript(command_.script_fd);
    if (!script) return Fail(script.error());
    victim_ = std::make_shared<OperationsVictim>(std::move(plan), *std::move(script));
  } else {
    victim_ = std::make_shared<Victim>(std::move(plan));
  }
  victim_->Start(runtime_);
  if (auto watched = WatchVictim(); !watched) return watched;
  EnterPhase(TrialPhase::kClosed);
  AfterVictim();
  return {};
}

// Until the owner has closed its port, or nothing more is to be expected of it.
Result<void> TrialHost::WatchVictim() {
  const Nanos begin = MonotonicNow();
  const BlackBox& box = BlackBox::Get();
  const auto look = [&] {
    return SignsOfLife::Look{MonotonicNow(), victim_->SampleMailbox(), watcher_->peak_bytes(),
                             box.InsideCallback()};
  };
  SignsOfLife signs(look(), patience_);
  while (!victim_->AwaitEnd(0)) {
    const Nanos now = MonotonicNow();
    const Nanos triggered_at = victim_->report().triggered_at;
    if (triggered_at == 0 && now - begin > kSetUp) {
      return Fail(Error::General("the port did not open in time"));
    }
    signs.Note(look());
    const Nanos waited = triggered_at == 0 ? 0 : now - triggered_at;
    const int stuck = signs.Paused() ? runtime_.StuckSchedulers(kStuckAfterMs * kMillisecond) : 0;
    if (stuck == 0) stuck_since_ = 0;
    if (stuck != 0 && stuck_since_ == 0) stuck_since_ = now;
    const bool gave_up = stuck != 0 && signs.Ended() && waited > patience_;
    if (gave_up || waited > patience_ + kTimeOfSlow + kWindUp) {
      seen_.stuck_schedulers = stuck;
      seen_.owner_stuck = true;
      outcome_.detection_ms = MillisecondsBetween(triggered_at, stuck != 0 ? stuck_since_ : now);
      return {};
    }
    Pause();
  }
  const VictimReport report = victim_->report();
  if (!report.failure.empty())
    return Fail(Error::General("the port could not be opened: " + report.failure));
  if (report.first_sign_at != 0) {
    outcome_.detection_ms = MillisecondsBetween(report.triggered_at, report.first_sign_at);
  }
  return {};
}

void TrialHost::AfterVictim() {
  bystanders_->ExpectAnswers();
  bystanders_->AwaitAnswers(MonotonicNow() + patience_);
  seen_.bystanders = bystanders_->Summaries();
  const VictimReport report = victim_->report();
  seen_.answered = report.answered;
  seen_.port_ended = report.port_ended;
  seen_.exit_status = report.exit_status;
  seen_.exit_reason = report.exit_reason;
  seen_.mailbox_peak_bytes = report.mailbox_peak_bytes;
  seen_.program_growth_bytes = report.program_growth_bytes;
  seen_.fired_inside = report.fired_inside;
  seen_.outlives_port = report.outlives_port;
  seen_.port_lingers = report.port_lingers;
  seen_.retained = MeasureRetained();
}

// With the bystanders at rest, and the port of the warm-up gone: two equal measures are two of a
// quiet host.
void TrialHost::MeasureBefore() {
  bystanders_->Pause();
  Measure last;
  before_ = Measure::TakeWhen(runtime_, MonotonicNow() + kReturnTime, [&](const Measure& now) {
    const Measure previous = std::exchange(last, now);
    return now.port_count == BystanderSet::kPorts && now.SameCounts(previous);
  });
  state_before_ = DriftSnapshot::TakeSettled(MonotonicNow() + kSettling);
  bystanders_->Resume();
  std::this_thread::sleep_for(std::chrono::nanoseconds(kCalmTime));
}

// A mailbox is freed by its process, which may be at it when the port is long gone, and slow on a
// busy machine: as long as memory still comes back, the time to wait begins anew.
Retained TrialHost::MeasureRetained() {
  bystanders_->Pause();
  const Nanos begin = MonotonicNow();
  Nanos last_progress = begin;
  std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
  const auto settled = [&](const Measure& now) {
    const std::int64_t kept = now.Since(before_).memory_bytes;
    if (seen_.owner_stuck || (now.SameCounts(before_) && kept <= kRetainedMax)) return true;
    const Nanos at = MonotonicNow();
    if (kept + kProgressOfMemory <= lowest) {
      lowest = kept;
      last_progress = at;
    }
    return at - last_progress >= kReturnTime;
  };
  const Measure after = Measure::TakeWhen(runtime_, begin + kLongestReturnTime, settled);
  outcome_.port_count_after = after.port_count;
  const Nanos end_of_moment = MonotonicNow() + kLongestMoment;
  const auto drifted = [this] {
    seen_.drift = DriftBetween(state_before_, DriftSnapshot::Take());
    return !seen_.drift.empty();
  };
  while (drifted() && MonotonicNow() < end_of_moment) Pause();
  Retained kept = after.Since(before_);
  kept.peak_memory_bytes =
      std::max<std::int64_t>(0, watcher_->peak_bytes() - before_.resident_bytes);
  return kept;
}

void TrialHost::WriteResult() {
  Judge(seen_, outcome_);
  outcome_.bystanders = seen_.bystanders;
  outcome_.retained = seen_.retained;
  outcome_.drift = seen_.drift;
  if (GuardedMemory::on()) outcome_.unguarded_blocks = GuardedMemory::Counts().unguarded;
  WriteLine(outcome_);
  EnterPhase(TrialPhase::kReported);
}

void TrialHost::WriteLine(const nlohmann::json& json) {
  const std::string text =
      json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::write(command_.result_fd, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;  // the parent finds no result and says so
    done += static_cast<std::size_t>(count);
  }
}

void TrialHost::Report() {
  if (!seen_.owner_stuck) bystanders_->End();
  // A port that cannot be closed keeps the runtime from stopping.
  const bool quiet = !seen_.owner_stuck && !seen_.port_lingers && runtime_.Stop(kWindUp);
  if (!quiet) seen_.owner_stuck = true;
  WriteResult();
  if (quiet) return;
  BlackBox::Get().goodbye.store(BlackBox::kGoodbye);
  ::_exit(EXIT_SUCCESS);
}

}  // namespace

int RunTrialHost(const HostCommand& command) {
  if (command.black_box_fd >= 0 && !BlackBox::MapFrom(command.black_box_fd)) {
    std::fprintf(stderr, "portlab-host: --black-box-fd %d is no black box\n", command.black_box_fd);
    return kExitBadInput;
  }
  FreedBlocksAreJoinedAtOnce();
  {
    TrialHost host(command);
    if (const Result<void> ran = host.Run(); !ran) {
      std::fprintf(stderr, "portlab-host: %s\n", ran.error().ToString().c_str());
      EnterPhase(TrialPhase::kRefused);
      ::_exit(kExitBadInput);
    }
    host.Report();
  }
  BlackBox::Get().goodbye.store(BlackBox::kGoodbye);
  return EXIT_SUCCESS;
}

}  // namespace portlab
