#include "portlab/process.h"

#include <gmock/gmock.h>

#include <deque>

#include "process/process_table.h"

namespace portlab {
namespace {

struct RecordingSink : ExitSink {
  void ExitSignal(PortId port, Pid, const Term& reason, bool from_link) override {
    log += "exit " + std::to_string(port.number) + " " + reason.ToString() +
           (from_link ? " link;" : ";");
  }
  void MonitoredProcessExited(PortId port, Pid, RefId) override {
    log += "down " + std::to_string(port.number) + ";";
  }
  void ProcessExited(Pid) override { log += "gone;"; }
  std::string log;
};

// Runs what is queued when the test says so.
class ManualRunQueue : public RunQueue {
 public:
  void Enqueue(Runnable& runnable) override {
    queue_.emplace_back(&runnable, runnable.KeepAlive());
  }
  void Drain() {
    while (!queue_.empty()) {
      const auto entry = queue_.front();
      queue_.pop_front();
      if (entry.first->Run(kContextReductions)) queue_.push_back(entry);
    }
  }

 private:
  std::deque<std::pair<Runnable*, std::shared_ptr<void>>> queue_;
};

class ProcessTest : public testing::Test {
 protected:
  ProcessTest() : table_({&run_queue_, &sink_, [](Nanos, std::weak_ptr<Process>) {}}) {}

  RecordingSink sink_;
  ManualRunQueue run_queue_;
  ProcessTable table_;
};

std::string NextText(Process& process) {
  auto message = process.ReceiveUntil(MonotonicNow() + 5000 * kMillisecond);
  return message ? message->ToString() : "nothing";
}

TEST_F(ProcessTest, ReceiveTakesTheFirstThatMatchesAndKeepsTheRest) {
  ThreadProcess self(table_);
  for (int i = 1; i <= 3; ++i) self->Deliver(Term::Int(i));
  auto second = self->TryReceive([](const Term& m) { return m.as_int() == 2; });
  EXPECT_EQ(second->ToString(), "2");
  EXPECT_EQ(self->TryReceive()->ToString(), "1");
  EXPECT_EQ(self->mailbox_length(), 1u);
  EXPECT_FALSE(self->TryReceive([](const Term&) { return false; }).has_value());
}

TEST_F(ProcessTest, MailboxBytesGoDownWithReceiving) {
  ThreadProcess self(table_);
  self->Deliver(Term::Binary(std::string(1000, 'x')));
  EXPECT_GE(self->mailbox_bytes(), 1000u);
  self->TryReceive();
  EXPECT_EQ(self->mailbox_bytes(), 0u);
}

TEST_F(ProcessTest, DroppedMessagesAreGoneAndLaterOnesCome) {
  ThreadProcess self(table_);
  self->Deliver(Term::Binary("one"));
  self->Deliver(Term::Binary("two"));
  self->DropMessages();
  EXPECT_EQ(self->mailbox_length(), 0U);
  EXPECT_EQ(self->mailbox_bytes(), 0U);
  self->Deliver(Term::Atom("three"));
  EXPECT_EQ(self->TryReceive(), Term::Atom("three"));
}

TEST_F(ProcessTest, TrappedExitIsAMessageUntrappedEndsTheProcess) {
  ThreadProcess self(table_);
  self->set_trap_exit(true);
  self->ExitSignal(Term::Atom("x"), Term::Atom("boom"), true);
  EXPECT_EQ(NextText(*self), "{'EXIT',x,boom}");
  ThreadProcess other(table_);
  other->ExitSignal(Term::Atom("x"), Term::Atom("normal"), true);
  EXPECT_TRUE(other->alive());
  other->ExitSignal(Term::Atom("x"), Term::Atom("boom"), true);
  EXPECT_FALSE(other->alive());
  EXPECT_THROW(other->ReceiveUntil(kForever), ProcessExited);
  EXPECT_EQ(other->exit_reason().ToString(), "boom");
}

TEST_F(ProcessTest, KillCannotBeTrapped) {
  ThreadProcess self(table_);
  self->set_trap_exit(true);
  self->ExitSignal(Term::Atom("x"), Term::Atom("kill"), false);
  EXPECT_EQ(self->exit_reason().ToString(), "killed");
}

TEST_F(ProcessTest, ExitTellsLinksMonitorsAndPorts) {
  ThreadProcess watcher(table_);
  watcher->set_trap_exit(true);
  {
    ThreadProcess child(table_);
    table_.Link(*watcher, child->pid());
    table_.Monitor(*watcher, child->pid());
    child->AddLink(PortId{5}.word());
    child->AddWatcher(ProcessTable::NewReference(), PortId{6}.word());
    child->Exit(Term::Atom("done"));
  }
  EXPECT_NE(NextText(*watcher).find("done}"), std::string::npos);
  EXPECT_NE(NextText(*watcher).find("done}"), std::string::npos);
  EXPECT_EQ(sink_.log, "gone;down 6;exit 5 done link;");
  EXPECT_EQ(table_.count(), 1u);
}

TEST_F(ProcessTest, MonitorOfADeadProcessIsNoproc) {
  ThreadProcess self(table_);
  table_.Monitor(*self, Pid{999});
  EXPECT_NE(NextText(*self).find("noproc}"), std::string::npos);
}

TEST_F(ProcessTest, KilledCoroutineUnwindsItsFrame) {
  ThreadProcess self(table_);
  const Pid parent = self->pid();
  struct Witness {
    ProcessTable& table;
    Pid parent;
    ~Witness() { table.Find(parent)->Deliver(Term::Atom("unwound")); }
  };
  auto child = table_.Spawn([&](Process& me) -> Body {
    const Witness witness{table_, parent};
    for (;;) co_await me.Receive();
  });
  run_queue_.Drain();
  child->Deliver(Term::Atom("x"));
  run_queue_.Drain();
  child->ExitSignal(Term::Atom("x"), Term::Atom("kill"), false);
  run_queue_.Drain();
  EXPECT_EQ(NextText(*self), "unwound");
  EXPECT_FALSE(child->Deliver(Term::Atom("y")));
}

struct RecordingOutlet : ProcessOutlet {
  void OnMessage(Pid to, const Term& message) override {
    log += std::to_string(to.number) + " " + message.ToString() + ";";
  }
  void OnExitSignal(Pid to, const Term& from, const Term& reason, bool from_link) override {
    log += std::to_string(to.number) + " exit " + from.ToString() + " " + reason.ToString() +
           (from_link ? " link;" : ";");
  }
  std::string log;
};

// Its original's mailbox and trap_exit flag are elsewhere: a kill is told too, and ends nothing.
TEST_F(ProcessTest, AMirrorHandsOnWhatArrivesAndItsBodyEndsIt) {
  RecordingOutlet outlet;
  bool over = false;
  const auto mirror = table_.SpawnMirror(Pid{77}, outlet, [&](Process& me) -> Body {
    const auto ended = [&over] { return over ? std::optional<bool>(true) : std::nullopt; };
    co_await me.Until(ended);
    me.Exit(Term::Atom("finished"));
  });
  run_queue_.Drain();
  EXPECT_EQ(table_.Find(Pid{77}), mirror);
  EXPECT_TRUE(mirror->Deliver(Term::Atom("hello")));
  mirror->ExitSignal(Term::Of(PortId{3}), Term::Atom("broken"), true);
  mirror->ExitSignal(Term::Of(Pid{5}), Term::Atom("kill"), false);
  EXPECT_EQ(outlet.log, "77 hello;77 exit #Port<0.3> broken link;77 exit <0.5.0> kill;");
  EXPECT_EQ(mirror->mailbox_length(), 0u);
  EXPECT_TRUE(mirror->alive());

  mirror->AddLink(PortId{3}.word());
  over = true;
  mirror->Wake();
  run_queue_.Drain();
  EXPECT_FALSE(mirror->alive());
  EXPECT_THAT(sink_.log, testing::HasSubstr("exit 3 finished link;"));
  outlet.log.clear();
  EXPECT_FALSE(mirror->Deliver(Term::Atom("late")));
  EXPECT_EQ(outlet.log, "");
  EXPECT_EQ(table_.Find(Pid{77}), nullptr);
}

// A pid that a mirror has is not given out.
TEST_F(ProcessTest, OwnPidsKeepClearOfMirrors) {
  RecordingOutlet outlet;
  const Pid next{table_.Attach()->pid().number + 1};
  table_.SpawnMirror(next, outlet, [](Process& me) -> Body { co_await me.Receive(); });
  EXPECT_NE(table_.Attach()->pid(), next);
}

}  // namespace
}  // namespace portlab
