#include "faulty_drivers/trial/operations_victim.h"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "bif/port_send.h"
#include "driver/driver_memory.h"
#include "faulty_drivers/trial/measure.h"

namespace portlab {
namespace {

// What the parts of a trial may take beyond the patience, so that all together stay below
// kTimeOfSlow: who needs longer is slow, and is closed.
constexpr Nanos kTimeToPlay = 4'000 * kMillisecond;
constexpr Nanos kTimeToSettle = 7'000 * kMillisecond;
constexpr Nanos kTimeToClose = kTimeOfSlow;
// A program that was stopped may have answered just before.
constexpr Nanos kStopTakesEffect = 20 * kMillisecond;
constexpr Nanos kLookEvery = 5 * kMillisecond;
constexpr Nanos kSettle = 10 * kMillisecond;

void Signal(const std::string& os_pid, int signo) {
  if (!os_pid.empty()) ::kill(static_cast<pid_t>(std::atol(os_pid.c_str())), signo);
}

// Whether the program waits for something, or is stopped or gone: it has nothing more to do with
// what it was sent. One that did not get the processor yet does not count.
bool IsIdle(const std::string& os_pid) {
  if (os_pid.empty()) return true;
  std::ifstream file("/proc/" + os_pid + "/stat");
  const std::string stat((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= stat.size()) return true;
  return std::string_view("STtZXx").find(stat[name_end + 2]) != std::string_view::npos;
}

bool AllIdle(const std::vector<PlayedPort>& ports) {
  return std::ranges::all_of(ports, [](const PlayedPort& played) { return IsIdle(played.os_pid); });
}

std::int64_t ProgramBytes(const std::vector<PlayedPort>& ports) {
  std::int64_t bytes = 0;
  for (const PlayedPort& played : ports) bytes += ResidentBytes(played.os_pid);
  return bytes;
}

PlayStep Never() {
  return [] { return std::optional<bool>(); };
}

// What the owner waits for next.
struct Wait {
  PlayStep step;
  Nanos deadline = 0;
  bool is_asked = false;  // who does not come back from it does not answer
};

Wait For(Nanos time) { return {Never(), MonotonicNow() + time}; }

}  // namespace

// One run of a script, a wait at a time.
class OperationsVictim::Session {
 public:
  Session(Process& self, OperationsVictim& victim)
      : self_(self),
        victim_(victim),
        script_(victim.script_),
        patience_(victim.plan_.patience),
        begin_(MonotonicNow()),
        player_(self, victim.plan_.mode, victim.plan_.target, script_) {}

  // Nullopt: all is done.
  std::optional<Wait> Next();
  void CameBack(bool in_time) {
    if (!in_time && is_asked_) answered_ = false;
  }

 private:
  enum class Phase { kPlay, kAct, kSend, kHear, kQuiet, kClose, kRemains, kDone };

  // Each gives what to wait for, or nullopt when it has gone on to another phase.
  std::optional<Wait> InPhase();
  std::optional<Wait> Play();
  std::optional<Wait> Act();
  std::optional<Wait> Send();
  std::optional<Wait> Hear();
  std::optional<Wait> Quiet();
  std::optional<Wait> Close();
  std::optional<Wait> Remains();

  // All operations in their order; null: there is none left.
  const Operation* OperationAt(std::size_t index) const;
  bool IsRepeated(std::size_t index) const { return index >= script_.operations.size(); }
  bool NoteEnds();
  void ReadMail();

  Process& self_;
  OperationsVictim& victim_;
  const TrialScript& script_;
  const Nanos patience_;
  const Nanos begin_;
  OperationPlayer player_;
  Phase phase_ = Phase::kPlay;
  bool is_asked_ = false;
  bool answered_ = true;
  std::size_t next_ = 0;  // operation
  std::size_t mail_ = 0;
  Nanos quiet_since_ = 0;
  Nanos deadline_ = 0;
  std::optional<std::int64_t> program_before_;
};

std::optional<Wait> OperationsVictim::Session::Next() {
  victim_.NoteMailbox(self_);
  std::optional<Wait> wait;
  while (!wait && phase_ != Phase::kDone) wait = InPhase();
  is_asked_ = wait && wait->is_asked;
  return wait;
}

std::optional<Wait> OperationsVictim::Session::InPhase() {
  switch (phase_) {
    case Phase::kPlay:
      return Play();
    case Phase::kAct:
      return Act();
    case Phase::kSend:
      return Send();
    case Phase::kHear:
      return Hear();
    case Phase::kQuiet:
      return Quiet();
    case Phase::kClose:
      return Close();
    case Phase::kRemains:
      return Remains();
    case Phase::kDone:
      break;
  }
  return std::nullopt;
}

const Operation* OperationsVictim::Session::OperationAt(std::size_t index) const {
  if (!IsRepeated(index)) return &script_.operations[index];
  const std::size_t beyond = index - script_.operations.size();
  if (beyond >= script_.repeated.size() * static_cast<std::size_t>(script_.times)) return nullptr;
  return &script_.repeated[beyond % script_.repeated.size()];
}

std::optional<Wait> OperationsVictim::Session::Play() {
  const Nanos now = MonotonicNow();
  const Nanos end_of_play = begin_ + patience_ + kTimeToPlay;
  if (!program_before_ && player_.opened_any()) program_before_ = ProgramBytes(player_.ports());
  const Operation* operation = OperationAt(next_);
  if (operation == nullptr || !answered_ || now >= end_of_play) {
    const bool failed = script_.must_open && !player_.opened_any();
    if (failed) {
      victim_.Update([&](VictimReport& report) { report.failure = player_.first_failure(); });
    }
    phase_ = failed ? Phase::kDone : Phase::kAct;
    return std::nullopt;
  }
  const bool waits = IsRepeated(next_++);
  if (operation->kind == OperationKind::kSettle) return For(kSettle);
  if (operation->kind == OperationKind::kFailAlloc) {
    FailDriverAllocation(operation->number + 1);
    return std::nullopt;
  }
  if (operation->kind == OperationKind::kAdvance) {
    return For(std::min<Nanos>({operation->number * kMillisecond, patience_, end_of_play - now}));
  }
  return Wait{player_.StepFor(*operation, waits), now + patience_, true};
}

std::optional<Wait> OperationsVictim::Session::Act() {
  phase_ = Phase::kQuiet;
  const std::string program =
      player_.ports().empty() ? std::string() : player_.ports().front().os_pid;
  switch (script_.action) {
    case OutsideAction::kNone:
      break;
    case OutsideAction::kKillOwner:
      return Wait{player_.KillOwner(), MonotonicNow() + patience_, true};
    case OutsideAction::kKillProgram:
      Signal(program, SIGKILL);
      break;
    case OutsideAction::kStopProgram:
      Signal(program, SIGSTOP);
      phase_ = Phase::kSend;
      return For(kStopTakesEffect);
  }
  return std::nullopt;
}

// To a program that was stopped.
std::optional<Wait> OperationsVictim::Session::Send() {
  phase_ = Phase::kHear;
  mail_ = self_.mailbox_bytes();
  if (script_.operations.empty()) return std::nullopt;
  return Wait{player_.StepFor(script_.operations.back(), false), MonotonicNow() + patience_};
}

std::optional<Wait> OperationsVictim::Session::Hear() {
  phase_ = Phase::kQuiet;
  const auto answer = [this]() -> std::optional<bool> {
    if (self_.mailbox_bytes() <= mail_) return std::nullopt;
    return true;
  };
  return Wait{answer, MonotonicNow() + patience_, true};
}

// From here on the owner reads nothing, as an owner that is busy, until nothing more comes.
std::optional<Wait> OperationsVictim::Session::Quiet() {
  const Nanos now = MonotonicNow();
  const std::size_t mail = self_.mailbox_bytes();
  const bool calm = quiet_since_ != 0 && mail == mail_ && AllIdle(player_.ports());
  if (!calm) quiet_since_ = now;
  mail_ = mail;
  const bool in_time = now < begin_ + patience_ + kTimeToSettle;
  if (in_time && now - quiet_since_ < victim_.plan_.quiet_time && !NoteEnds()) {
    return For(kLookEvery);
  }
  const bool ended = NoteEnds();
  const std::int64_t growth = ProgramBytes(player_.ports()) - program_before_.value_or(0);
  victim_.Update([&](VictimReport& report) {
    report.answered = answered_;
    report.program_growth_bytes = growth;
  });
  phase_ = Phase::kClose;
  if (ended) return For(kSettle);  // for its last mail
  return std::nullopt;
}

bool OperationsVictim::Session::NoteEnds() {
  const bool ended = std::ranges::any_of(player_.ports(), [](const PlayedPort& played) {
    return !played.end_was_ordered && !IsThere(played.port);
  });
  if (ended) victim_.NoteEnd();
  return ended;
}

void OperationsVictim::Session::ReadMail() {
  const auto ended_by_itself = [this](const Term& port) {
    return std::ranges::any_of(player_.ports(), [&port](const PlayedPort& played) {
      return !played.end_was_ordered && Term::Of(played.port) == port;
    });
  };
  while (const std::optional<Term> message = self_.TryReceive()) {
    if (!message->is(TermKind::kTuple)) continue;
    const auto parts = message->tuple();
    if (message->is_tagged("EXIT", 3) && ended_by_itself(parts[1])) {
      victim_.Update([&](VictimReport& report) { report.exit_reason = parts[2].ToString(); });
    } else if (parts.size() == 2 && parts[1].is_tagged("exit_status", 2)) {
      const auto status = parts[1].tuple()[1].as_int().value_or(-1);
      victim_.Update([&](VictimReport& report) { report.exit_status = static_cast<int>(status); });
    }
  }
}

std::optional<Wait> OperationsVictim::Session::Close() {
  ReadMail();
  for (PlayedPort& played : player_.ports()) {
    if (played.end_was_ordered || !IsThere(played.port)) continue;
    return Wait{player_.Close(played), MonotonicNow() + patience_};
  }
  deadline_ = std::min(MonotonicNow() + patience_, begin_ + patience_ + kTimeToClose);
  phase_ = Phase::kRemains;
  return std::nullopt;
}

std::optional<Wait> OperationsVictim::Session::Remains() {
  // One that was stopped cannot notice that its port is closed.
  const bool stopped = script_.action == OutsideAction::kStopProgram;
  for (const PlayedPort& played : player_.ports()) {
    const std::string program = stopped ? std::string() : played.os_pid;
    if (victim_.Victim::Remains(played.port, program, deadline_)) return For(kLookEvery);
  }
  phase_ = Phase::kDone;
  return std::nullopt;
}

Body OperationsVictim::Play(Process& self, std::shared_ptr<OperationsVictim> victim) {
  self.set_trap_exit(true);
  Session session(self, *victim);
  victim->Begin();
  while (std::optional<Wait> wait = session.Next()) {
    const std::optional<bool> value = co_await self.Until(wait->step, wait->deadline);
    session.CameBack(value.has_value());
  }
}

void OperationsVictim::Start(Runtime& runtime) {
  const auto self = std::static_pointer_cast<OperationsVictim>(shared_from_this());
  owner_ = runtime.processes().Spawn([self](Process& process) { return Play(process, self); });
}

}  // namespace portlab
