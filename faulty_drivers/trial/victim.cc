#include "faulty_drivers/trial/victim.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/black_box.h"
#include "bif/open_port.h"
#include "bif/port_close.h"
#include "bif/port_command.h"
#include "bif/port_control.h"
#include "bif/port_info.h"
#include "driver/callback_scope.h"
#include "faulty_drivers/trial/judge.h"
#include "faulty_drivers/trial/measure.h"
#include "faulty_drivers/trial/trial_phase.h"
#include "port/ports.h"

namespace portlab {
namespace {

// What a program of the zoo takes for the trigger, and what a driver is sent as a command.
constexpr std::string_view kFire = "fire";
// How a program of the zoo answers when it did its fault and can go on.
constexpr std::string_view kFired = "fired";
// For the last messages of a port that has ended.
constexpr Nanos kLastMail = 1'000 * kMillisecond;
constexpr Nanos kLookEvery = 2 * kMillisecond;

bool Nothing(const Term&) { return false; }

// The port tells its links before it tells their processes, so this is known without reading the
// mailbox.
bool Ended(const Process& owner, PortId port) {
  return std::ranges::count(owner.links(), Term::Of(port).word()) == 0;
}

}  // namespace

std::string OsPidOf(const Term& info) {
  const std::optional<Term> item = PortInfoItem(info, "os_pid");
  if (!item) return {};
  const auto pid = item->tuple()[1].as_int();
  return pid ? std::to_string(*pid) : std::string();
}

Term Victim::PortName() const {
  if (plan_.mode == IsolationMode::kInVm) {
    return Term::Tuple({Term::Atom("spawn_driver"), Term::String(plan_.target)});
  }
  return Term::Tuple({Term::Atom("spawn_executable"), Term::String(plan_.target)});
}

Term Victim::PortOptions() const {
  const Term binary = Term::Atom("binary");
  if (plan_.mode == IsolationMode::kInVm) return Term::List({binary});
  const Term packets = Term::Tuple({Term::Atom("packet"), Term::Int(4)});
  const Term status = Term::Atom("exit_status");
  if (!plan_.trigger) return Term::List({packets, status, binary});
  return Term::List({packets, status, binary,
                     Term::Tuple({Term::Atom("args"), Term::List({Term::String("armed")})})});
}

void Victim::Begin() {
  if (plan_.before_trigger) plan_.before_trigger();
  const Nanos now = MonotonicNow();
  Update([now](VictimReport& report) { report.triggered_at = now; });
}

void Victim::NoteMailbox(const Process& owner) {
  const auto bytes = static_cast<std::int64_t>(owner.mailbox_bytes());
  Update([bytes](VictimReport& report) {
    report.mailbox_peak_bytes = std::max(report.mailbox_peak_bytes, bytes);
    if (bytes > kMailboxMax && report.first_sign_at == 0) report.first_sign_at = MonotonicNow();
  });
}

void Victim::NoteEnd() {
  Update([](VictimReport& report) {
    report.port_ended = true;
    if (report.first_sign_at == 0) report.first_sign_at = MonotonicNow();
  });
}

std::optional<Victim::Seen> Victim::LookAtMail(Process& self, PortId port) {
  while (const std::optional<Term> message = self.TryReceive()) {
    if (message->is_tagged("EXIT", 3)) {
      Update([&](VictimReport& report) { report.exit_reason = message->tuple()[2].ToString(); });
      return Seen::kEnded;
    }
    if (!message->is(TermKind::kTuple) || message->tuple().size() != 2) return Seen::kOther;
    const Term& what = message->tuple()[1];
    if (what.is_tagged("exit_status", 2)) {
      const auto status = what.tuple()[1].as_int().value_or(-1);
      Update([&](VictimReport& report) { report.exit_status = static_cast<int>(status); });
      continue;  // the port's end follows
    }
    if (message->tuple()[0] != Term::Of(port) || !what.is_tagged("data", 2)) return Seen::kOther;
    const bool fired = what.tuple()[1] == Term::Binary(kFired);
    if (fired) Update([](VictimReport& report) { report.fired_inside = true; });
    return fired || what.tuple()[1] == Term::Binary(kFire) ? Seen::kAnswer : Seen::kOther;
  }
  return std::nullopt;
}

std::optional<bool> Victim::LookForLastMail(Process& self, PortId port) {
  while (const std::optional<Seen> mail = LookAtMail(self, port)) {
    if (*mail == Seen::kEnded) return true;
  }
  return std::nullopt;
}

std::optional<bool> Victim::LookForEnd(Process& self, PortId port) {
  NoteMailbox(self);
  if (Ended(self, port)) return true;
  return std::nullopt;
}

bool Victim::Remains(PortId port, const std::string& program, Nanos deadline) {
  const bool lingers = Ports::Get().Find(port) != nullptr;
  const bool outlives = ResidentBytes(program) != 0;
  if (!lingers && !outlives) return false;
  if (MonotonicNow() < deadline) return true;
  Update([=](VictimReport& report) {
    report.port_lingers = lingers;
    report.outlives_port = outlives;
  });
  return false;
}

std::function<std::optional<Victim::Seen>()> Victim::Request(Process& self, PortId port) {
  if (plan_.mode == IsolationMode::kInVm && plan_.trigger_kind == Trigger::kControl) {
    // A refusal is an answer as well: a driver need not know this operation.
    return [fire = PortControl(self, port, kFaultFire, Bytes{})]() mutable -> std::optional<Seen> {
      if (!fire()) return std::nullopt;
      return Seen::kAnswer;
    };
  }
  return [this, &self, port, sent = false,
          fire = PortCommand(self, port, Term::Binary(kFire))]() mutable -> std::optional<Seen> {
    sent = sent || fire().has_value();
    return sent ? LookAtMail(self, port) : std::nullopt;
  };
}

std::function<std::optional<Victim::Seen>()> Victim::Burst(Process& self, PortId port) {
  return [this, &self, port, sent = 0, answers = 0,
          command = std::optional<PortCommand>()]() mutable -> std::optional<Seen> {
    for (; sent < plan_.commands; ++sent) {
      if (!command) command.emplace(self, port, Term::Binary(kFire));
      if (!(*command)()) return std::nullopt;
      command.reset();
    }
    for (; answers < plan_.commands; ++answers) {
      const std::optional<Seen> mail = LookAtMail(self, port);
      if (!mail || *mail != Seen::kAnswer) return mail;
    }
    return Seen::kAnswer;
  };
}

Body Victim::Own(Process& self, std::shared_ptr<Victim> victim) {
  const VictimPlan& plan = victim->plan_;
  self.set_trap_exit(true);
  OpenPort open(self, victim->PortName(), victim->PortOptions());
  const Result<PortId> opened = *co_await self.Until(std::move(open));
  if (!opened) {
    victim->Update([&](VictimReport& report) { report.failure = opened.error().ToString(); });
    co_return;
  }
  const PortId port = *opened;
  PortInfo ask(self, port);
  const Result<Term> info = *co_await self.Until(std::move(ask));
  const std::string os_pid = OsPidOf(*info);
  const std::int64_t program_before = ResidentBytes(os_pid);
  if (plan.mode == IsolationMode::kInVm && plan.trigger) {
    PortRequest arm = PortControl(self, port, kFaultArm, Bytes{});
    co_await self.Until(std::move(arm));
  }
  if (plan.before_trigger) CallbackScope::Watch(port);  // the bystanders' callbacks are no evidence
  victim->Begin();

  std::optional<Seen> seen = Seen::kAnswer;
  const bool burst = plan.trigger_kind == Trigger::kBurst;
  const int requests = burst ? 1 : std::max(1, plan.commands);
  for (int i = 0; i < requests && seen == Seen::kAnswer; ++i) {
    auto request = burst ? victim->Burst(self, port) : victim->Request(self, port);
    seen = co_await self.Until(std::move(request), MonotonicNow() + plan.patience);
  }
  victim->NoteMailbox(self);
  victim->Update([seen](VictimReport& report) { report.answered = seen == Seen::kAnswer; });

  // From here on the owner reads nothing, as an owner that is busy. A port counts as done when its
  // owner's mailbox has been quiet for a while; one that has said what nobody asked for, only when
  // it has been so for all the patience.
  const Nanos quiet_time = seen == Seen::kOther ? plan.patience : plan.quiet_time;
  const Nanos end_of_slow = MonotonicNow() + plan.patience + kTimeOfSlow;
  auto ended = [&] { return victim->LookForEnd(self, port); };
  while (!Ended(self, port) && MonotonicNow() < end_of_slow) {
    const std::size_t mail_before = self.mailbox_bytes();
    co_await self.Until(ended, MonotonicNow() + quiet_time);
    if (self.mailbox_bytes() == mail_before) break;
  }
  const std::int64_t program_growth = ResidentBytes(os_pid) - program_before;
  victim->Update([=](VictimReport& report) { report.program_growth_bytes = program_growth; });
  if (!Ended(self, port)) {
    PortRequest close = PortClose(self, port);
    co_await self.Until(std::move(close));
    // A program that did not even answer is not expected to notice that its port is closed.
    const std::string program = seen == Seen::kAnswer ? os_pid : std::string();
    const Nanos deadline = MonotonicNow() + plan.patience;
    while (victim->Remains(port, program, deadline)) {
      co_await self.Receive(Nothing, MonotonicNow() + kLookEvery);
    }
    co_return;
  }
  victim->NoteEnd();
  auto last_mail = [&] { return victim->LookForLastMail(self, port); };
  if (seen != Seen::kEnded) co_await self.Until(last_mail, MonotonicNow() + kLastMail);
}

void Victim::Start(Runtime& runtime) {
  owner_ = runtime.processes().Spawn(
      [victim = shared_from_this()](Process& self) { return Own(self, victim); });
}

VictimReport Victim::report() const {
  MutexLock lock(mutex_);
  return report_;
}

std::int64_t Victim::SampleMailbox() {
  const std::shared_ptr<Process> owner = owner_.lock();
  if (owner == nullptr) return 0;
  NoteMailbox(*owner);
  return static_cast<std::int64_t>(owner->mailbox_bytes());
}

bool Victim::AwaitEnd(Nanos deadline) {
  // A process no longer counts as alive before its mailbox is freed; nobody refers to it only
  // after.
  while (!owner_.expired() && !report().port_lingers) {
    if (MonotonicNow() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace portlab
