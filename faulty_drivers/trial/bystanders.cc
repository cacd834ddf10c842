#include "faulty_drivers/trial/bystanders.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "bif/open_port.h"
#include "bif/port_command.h"
#include "term/parse.h"

namespace portlab {
namespace {

constexpr Nanos kHeartbeatEvery = 10 * kMillisecond;
constexpr Nanos kAskEvery = 20 * kMillisecond;
constexpr Nanos kLookEvery = 2 * kMillisecond;
// For a bystander to come to rest, or to go.
constexpr Nanos kRestTime = 1'000 * kMillisecond;
constexpr std::string_view kQuestion = "are you there?";
// Echoes any packet, as it echoes anything.
constexpr std::string_view kPipeProgram = "{spawn_executable,\"/bin/cat\"}";

using Record = std::shared_ptr<BystanderRecord>;

bool Nothing(const Term&) { return false; }

bool IsEcho(const Term& message, PortId port) {
  if (!message.is(TermKind::kTuple) || message.tuple().size() != 2) return false;
  const std::span<const Term> parts = message.tuple();
  if (!(parts[0] == Term::Of(port)) || !parts[1].is_tagged("data", 2)) return false;
  return parts[1].tuple()[1] == Term::Binary(kQuestion);
}

Body Heartbeat(Process& self, Record record) {
  for (;;) {
    const Nanos asked_at = MonotonicNow();
    record->Rests();  // says so only: a heartbeat holds nothing anyway
    record->Ask(asked_at, asked_at + kHeartbeatEvery);
    co_await self.Receive(Nothing, asked_at + kHeartbeatEvery);
    record->Answer();
  }
}

Body EchoBystander(Process& self, Record record, std::string name, std::string options) {
  // An end of the port is a finding; the bystander then simply never answers again.
  self.set_trap_exit(true);
  OpenPort open(self, *ParseTerm(name), *ParseTerm(options));
  const Result<PortId> port = *co_await self.Until(std::move(open));
  if (!port) {
    record->Fail(port.error().ToString());
    co_return;
  }
  const PortId id = *port;
  for (;;) {
    while (record->Rests()) co_await self.Receive(Nothing, MonotonicNow() + kLookEvery);
    const Nanos asked_at = MonotonicNow();
    record->Ask(asked_at, asked_at);
    PortCommand command(self, id, Term::Binary(kQuestion));
    const Result<Term> sent = *co_await self.Until(std::move(command));
    if (!sent) co_return;
    MessageFilter is_echo = [id](const Term& message) { return IsEcho(message, id); };
    co_await self.Receive(std::move(is_echo), kForever);
    record->Answer();
    co_await self.Receive(Nothing, asked_at + kAskEvery);
  }
}

// The trial's own thread looks again instead of waiting for a message: it must not depend on a
// process that may be stuck.
template <class Condition>
bool LookUntil(Nanos deadline, Condition condition) {
  while (!condition()) {
    if (MonotonicNow() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::nanoseconds(kLookEvery));
  }
  return true;
}

}  // namespace

void BystanderRecord::Ask(Nanos asked_at, Nanos due_at) {
  MutexLock lock(mutex_);
  asked_at_ = asked_at;
  latencies_.Ask(asked_at, due_at);
}

void BystanderRecord::Answer() {
  MutexLock lock(mutex_);
  const Nanos now = MonotonicNow();
  latencies_.Answer(now);
  worst_gap_ = std::max(worst_gap_, now - last_);
  last_ = now;
  if (asked_at_ >= expected_since_) answered_ = true;
}

void BystanderRecord::Fail(std::string why) {
  MutexLock lock(mutex_);
  failure_ = name_ + ": " + std::move(why);
}

bool BystanderRecord::Rests() {
  const bool paused = paused_.load();
  resting_.store(paused);
  return paused;
}

void BystanderRecord::SetPaused(bool paused) {
  if (!paused) resting_.store(false);
  paused_.store(paused);
}

void BystanderRecord::BeginWatch() {
  MutexLock lock(mutex_);
  last_ = MonotonicNow();
  worst_gap_ = 0;
  latencies_.BeginWatch(last_);
}

void BystanderRecord::ExpectAnswer() {
  MutexLock lock(mutex_);
  answered_ = false;
  expected_since_ = MonotonicNow();
}

bool BystanderRecord::answered() const {
  MutexLock lock(mutex_);
  return answered_;
}

std::string BystanderRecord::failure() const {
  MutexLock lock(mutex_);
  return failure_;
}

Bystander BystanderRecord::Summary() const {
  MutexLock lock(mutex_);
  const Nanos now = MonotonicNow();
  Bystander summary;
  summary.name = name_;
  summary.answered = answered_;
  summary.worst_gap_ms = static_cast<double>(std::max(worst_gap_, now - last_)) / kMillisecond;
  latencies_.Summarise(now, summary);
  return summary;
}

BystanderSet::BystanderSet(Runtime& runtime, const std::string& echo_driver) {
  const auto add = [this](std::string name) {
    return records_.emplace_back(std::make_shared<BystanderRecord>(std::move(name)));
  };
  const Record echo = add("echo port");
  const Record heart = add("heartbeat");
  const Record pipe = add("pipe port");
  for (const Record& record : records_) record->BeginWatch();
  ProcessTable& processes = runtime.processes();
  const std::string driver_name = "{spawn_driver,\"" + echo_driver + "\"}";
  processes_.emplace_back(processes.Spawn(
      [=](Process& self) { return EchoBystander(self, echo, driver_name, "[binary]"); }));
  processes_.emplace_back(processes.Spawn([=](Process& self) { return Heartbeat(self, heart); }));
  processes_.emplace_back(processes.Spawn([=](Process& self) {
    return EchoBystander(self, pipe, std::string(kPipeProgram), "[{packet,4},binary]");
  }));
}

void BystanderSet::Pause() {
  for (const Record& record : records_) record->SetPaused(true);
  LookUntil(MonotonicNow() + kRestTime, [this] {
    return std::ranges::all_of(records_, [](const Record& record) { return record->resting(); });
  });
}

void BystanderSet::Resume() {
  for (const Record& record : records_) record->SetPaused(false);
}

void BystanderSet::End() {
  for (const std::weak_ptr<Process>& weak : processes_) {
    const std::shared_ptr<Process> process = weak.lock();
    if (process != nullptr)
      process->ExitSignal(Term::Of(process->pid()), Term::Atom("kill"), false);
  }
  LookUntil(MonotonicNow() + kRestTime, [this] {
    return std::ranges::all_of(processes_, [](const auto& process) { return process.expired(); });
  });
}

void BystanderSet::BeginWatch() {
  for (const Record& record : records_) record->BeginWatch();
}

void BystanderSet::ExpectAnswers() {
  for (const Record& record : records_) record->ExpectAnswer();
}

bool BystanderSet::AwaitAnswers(Nanos deadline) const {
  const auto answered = [this] {
    return std::ranges::all_of(records_, [](const Record& record) { return record->answered(); });
  };
  LookUntil(deadline, [&] { return answered() || !failure().empty(); });
  return answered();
}

std::string BystanderSet::failure() const {
  for (const Record& record : records_) {
    if (std::string why = record->failure(); !why.empty()) return why;
  }
  return {};
}

std::vector<Bystander> BystanderSet::Summaries() const {
  std::vector<Bystander> summaries;
  for (const Record& record : records_) summaries.push_back(record->Summary());
  return summaries;
}

}  // namespace portlab
