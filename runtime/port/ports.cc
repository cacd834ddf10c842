#include "port/ports.h"

#include <cstdlib>
#include <utility>

#include "base/check.h"
#include "base/same_text.h"
#include "driver/callback_scope.h"
#include "port/port_executor.h"
#include "term/known_atoms.h"

namespace portlab {
namespace {

Error Gone() { return Error::BadArg("the port is closed"); }

}  // namespace

std::atomic<Ports*> Ports::the_ports_{nullptr};

void SignalReply::Finish(Result<Term> value) {
  result = std::move(value);
  done.store(true, std::memory_order_release);
  if (auto process = waiter.lock()) process->Wake();
}

Ports::Ports(const Limits& limits) : table_(limits.port_limit, limits.limit_counter) {
  services_.limits = limits;
  Ports* expected = nullptr;
  PORTLAB_CHECK(the_ports_.compare_exchange_strong(expected, this),
                "one runtime per OS process: the C driver API has calls without a handle");
}

Ports::~Ports() { the_ports_.store(nullptr); }

void Ports::Connect(Services services) {
  services.limits = services_.limits;
  services_ = std::move(services);
}

void Ports::NoRuntime() {
  PORTLAB_CHECK(false, "a driver API call without a runtime");
  std::abort();
}

bool Ports::TryEnter(Port& port, PortId id, OrderedMutex** held) NO_THREAD_SAFETY_ANALYSIS {
  OrderedMutex& lock = port.lock();
  lock.Lock();
  if (port.id() != id || !port.Lives()) {
    lock.Unlock();
    return false;
  }
  *held = &lock;
  return true;
}

void Ports::Bury(Port& port, OrderedMutex& lock, PortId id) {
  std::unique_ptr<SignalQueue> waiting;
  {
    MutexLock queue_lock(port.queue_mutex());
    waiting = std::move(port.waiting_);
    port.queued_.store(0, std::memory_order_release);
    // From here on nothing can be queued for this id: Queue looks at the state under this lock.
    port.message_queue_busy_.store(false, std::memory_order_relaxed);
    port.busy_.store(false, std::memory_order_relaxed);
  }
  if (waiting != nullptr) FailQueued(id, std::move(waiting->signals));
  Driver& driver = *port.driver();
  const PortBody body = port.body_.TakeAndReset();  // freed after the lock
  port.Move(PortState::kFree);
  port.id_.store(PortId::kNone, std::memory_order_release);
  table_.Release(id);
  lock.Unlock();
  if (body.extras_made != nullptr && body.extras_made->answer_closed_to) {
    if (auto process = services_.processes->Find(body.extras_made->answer_closed_to)) {
      process->Deliver(Term::Pair(Term::Of(id), Known().closed));
    }
  }
  // Without the lock: the last port of a driver that waits to be unloaded takes it out here. Who
  // waits for both hears of the port first.
  services_.drivers->ReleaseFromPort(driver);
  if (waiting != nullptr) Wake(waiting->suspended);
}

void Ports::FailQueued(PortId port, std::deque<PortSignal> signals) {
  for (PortSignal& signal : signals) {
    if (signal.kind == SignalKind::kEvent && signal.event.kind == PortEventKind::kAsyncDone) {
      DropAsyncJob(signal.event.payload);
    }
    if (signal.kind == SignalKind::kLink) RefuseLink(signal.from, port);
    if (signal.kind == SignalKind::kMonitor)
      SendDown(signal.from, signal.reference, port, Term::Atom("noproc"));
    if (signal.reply != nullptr) signal.reply->Finish(Fail(Gone()));
  }
}

void Ports::DropAsyncJob(void* payload) {
  std::unique_ptr<AsyncJob> job(static_cast<AsyncJob*>(payload));
  if (job->free != nullptr) job->free(job->data);
}

void Ports::RefuseLink(Pid who, PortId port) {
  auto process = services_.processes->Find(who);
  if (process == nullptr) return;
  process->LinkEnded(Term::Of(port), Term::Atom("noproc"));
}

void Ports::SendDown(Pid to, RefId reference, PortId port, const Term& reason) {
  if (auto process = services_.processes->Find(to)) {
    process->Deliver(Term::Tuple(
        {Term::Atom("DOWN"), Term::Of(reference), Term::Atom("port"), Term::Of(port), reason}));
  }
}

void Ports::WakeSuspended(Port& port) {
  std::vector<std::weak_ptr<Process>> suspended;
  {
    MutexLock lock(port.queue_mutex());
    if (port.waiting_ != nullptr) suspended.swap(port.waiting_->suspended);
  }
  Wake(suspended);
}

void Ports::Wake(const std::vector<std::weak_ptr<Process>>& suspended) {
  for (const auto& weak : suspended) {
    if (auto process = weak.lock()) process->Wake();
  }
}

bool Ports::Queue(PortId id, PortSignal signal) {
  Port* port = table_.Find(id);
  if (port == nullptr) return false;
  {
    MutexLock lock(port->queue_mutex());
    if (port->id() != id || !port->Lives()) return false;
    SignalQueue& waiting = port->waiting();
    waiting.bytes += signal.data_bytes;
    if (signal.data_bytes != 0 &&
        waiting.bytes > port->message_queue_high_.load(std::memory_order_relaxed)) {
      port->message_queue_busy_.store(true, std::memory_order_release);
    }
    waiting.signals.push_back(std::move(signal));
    port->queued_.fetch_add(1, std::memory_order_release);
  }
  services_.run_queue->Enqueue(*port);
  return true;
}

void Ports::MessageQueueShrank(Port& port) {
  if (!port.message_queue_busy()) return;
  {
    MutexLock lock(port.queue_mutex());
    if (port.waiting().bytes >= port.message_queue_low_.load(std::memory_order_relaxed)) return;
    port.message_queue_busy_.store(false, std::memory_order_release);
  }
  if (!port.busy()) WakeSuspended(port);
}

void Ports::SetBusy(Port& port, bool on) {
  port.busy_.store(on, std::memory_order_release);
  if (!on && !port.message_queue_busy()) WakeSuspended(port);
}

void Ports::SetMessageQueueLimits(Port& port, std::size_t low, std::size_t high) {
  port.message_queue_low_.store(low, std::memory_order_relaxed);
  port.message_queue_high_.store(high, std::memory_order_relaxed);
}

Result<Term> Ports::ServeInCaller(Port& port, PortSignal& signal, Process* caller) {
  const int before = caller == nullptr ? 0 : caller->reductions_of_turn();
  port.body_.reductions = before;
  Result<Term> result = PortExecutor(*this, port).Execute(signal);
  if (caller != nullptr)
    caller->Charge(port.body_.reductions - before + ReductionsOfSender(signal.kind));
  return result;
}

Ports::Submission Ports::Submit(PortId id, PortSignal& signal, Process* caller,
                                Answer answer) NO_THREAD_SAFETY_ANALYSIS {
  Submission submission;
  Port* port = table_.Find(id);
  if (port == nullptr) return submission;
  OrderedMutex& lock = port->lock();
  const bool in_caller = answer == Answer::kAwaited || !port->parallelism();
  if (in_caller && port->queued_.load(std::memory_order_acquire) == 0 && lock.TryLock()) {
    const bool here = port->id() == id && port->Lives();
    if (here && port->queued_.load(std::memory_order_acquire) == 0) {
      submission.how = Submitted::kDone;
      submission.result = ServeInCaller(*port, signal, caller);
      Leave(*port, lock, id);
      return submission;
    }
    lock.Unlock();
    if (!here) return submission;
  }
  signal.OwnBytes();
  if (answer == Answer::kAwaited) {
    signal.reply = std::make_shared<SignalReply>();
    signal.reply->waiter = caller->weak_from_this();
    submission.reply = signal.reply;
  }
  if (Queue(id, std::move(signal))) submission.how = Submitted::kQueued;
  return submission;
}

Ports::Readiness Ports::ReadyForCommand(PortId id, Process* process) {
  Port* port = table_.Find(id);
  if (port == nullptr) return Readiness::kGone;
  if (!port->busy() && !port->message_queue_busy()) return Readiness::kReady;
  MutexLock lock(port->queue_mutex());
  if (port->id() != id || !port->Lives()) return Readiness::kGone;
  if (!port->busy() && !port->message_queue_busy()) return Readiness::kReady;
  if (process != nullptr) port->waiting().suspended.push_back(process->weak_from_this());
  return Readiness::kBusy;
}

bool Ports::SoftBusy(PortId id) {
  Port* port = table_.Find(id);
  return port != nullptr && port->soft_busy_.load(std::memory_order_relaxed);
}

std::vector<PortId> Ports::List() const { return table_.List(); }

bool Ports::Post(PortId port, const PortEvent& event) {
  PortSignal signal{};
  signal.kind = SignalKind::kEvent;
  signal.event = event;
  return Queue(port, std::move(signal));
}

void Ports::ExitSignal(PortId port, Pid who, const Term& reason, bool from_link) {
  PortSignal signal{};
  signal.kind = SignalKind::kExit;
  signal.from = who;
  signal.data = reason;
  signal.from_link = from_link;
  Queue(port, std::move(signal));
}

void Ports::ProcessExited(Pid who) { services_.drivers->ForgetProcess(who); }

void Ports::EndPortsOf(const Driver& driver) {
  std::vector<PortId> of_driver;
  table_.ForEach([&](const Port& port, PortId id) {
    if (port.driver() == &driver) of_driver.push_back(id);
  });
  for (const PortId id : of_driver) {
    PortSignal signal{};
    signal.kind = SignalKind::kDriverUnloaded;
    signal.driver = &driver;
    if (CallbackScope::Current() != nullptr) {
      Queue(id, std::move(signal));
    } else {
      Submit(id, signal, nullptr, Answer::kNone);
    }
  }
}

void Ports::MonitoredProcessExited(PortId port, Pid who, RefId monitor) {
  PortSignal signal{};
  signal.kind = SignalKind::kProcessExit;
  signal.target = who;
  signal.reference = monitor;
  Queue(port, std::move(signal));
}

std::optional<Pid> Ports::ConnectedOf(PortId id) const {
  const Port* port = table_.Find(id);
  if (port == nullptr) return std::nullopt;
  const PortState state = port->state();
  const Pid connected = port->connected();
  // Last: both are written after the slot's id has changed, and before it becomes another port's.
  if (port->id() != id || state == PortState::kDead || state == PortState::kFree)
    return std::nullopt;
  return state == PortState::kClosing ? Pid{} : connected;
}

void Ports::Fill(Port& port, PortId id, Process& owner, Driver& driver,
                 const StartOptions& options) {
  port.soft_busy_.store(driver.entry.has_flag(ERL_DRV_FLAG_SOFT_BUSY), std::memory_order_relaxed);
  port.parallelism_.store(options.parallelism, std::memory_order_relaxed);
  const BusyLimits message_queue = MessageQueueLimits(driver, options);
  SetMessageQueueLimits(port, message_queue.low, message_queue.high);
  PortBody& body = port.body_;
  body.message_queue_disabled = message_queue == BusyLimits::Disabled();
  port.driver_.store(&driver, std::memory_order_release);
  port.set_connected(owner.pid());
  body.owner = owner.shared_from_this();
  body.options = {options.binary, options.eof, options.line_length > 0};
  if (!SameText(options.command, driver.entry.name)) body.extras().name = options.command;
  if (options.line_length > 0) {
    body.extras().line =
        std::make_unique<LineDecoder>(static_cast<std::size_t>(options.line_length));
  }
  if (driver.entry.has_flag(ERL_DRV_FLAG_USE_INIT_ACK)) {
    // Made before start, so that an acknowledgement inside start is not lost (on OTP it is, and
    // open_port hangs).
    body.extras().init_ack = std::make_shared<SignalReply>();
    body.extras().init_ack->waiter = owner.weak_from_this();
  }
  port.Move(PortState::kStarting);
  port.id_.store(id.number, std::memory_order_release);
}

BusyLimits Ports::MessageQueueLimits(const Driver& driver, const StartOptions& options) const {
  if (driver.entry.has_flag(ERL_DRV_FLAG_NO_BUSY_MSGQ)) return BusyLimits::Disabled();
  return options.busy_limits_msgq.value_or(
      BusyLimits{services_.limits.message_queue_busy_low_bytes,
                 services_.limits.message_queue_busy_high_bytes});
}

Result<PortId> Ports::Open(Process& owner, Driver& driver, const StartOptions& options,
                           std::shared_ptr<SignalReply>* pending) NO_THREAD_SAFETY_ANALYSIS {
  Port* opened = nullptr;
  OrderedMutex* held = nullptr;
  auto acquired = table_.Acquire([&](Port& port, PortId id) NO_THREAD_SAFETY_ANALYSIS {
    OrderedMutex& lock = driver.port_locking() ? port.own_lock_ : driver.lock;
    lock.Lock();
    port.lock_.store(&lock, std::memory_order_release);
    try {
      Fill(port, id, owner, driver, options);
    } catch (...) {
      port.body_ = PortBody{};
      lock.Unlock();
      throw;
    }
    opened = &port;
    held = &lock;
  });
  if (!acquired) {
    services_.drivers->ReleaseFromPort(driver);
    return Fail(acquired.error());
  }
  if (opened->body_.awaits_init_ack()) *pending = opened->body_.extras().init_ack;
  Result<void> started = PortExecutor(*this, *opened).Start(options);
  Leave(*opened, *held, *acquired);
  // Who ends the driver's ports may have looked before this one was there.
  if (driver.ports_killed.load()) [[unlikely]]
    EndPortsOf(driver);
  if (!started) return Fail(started.error());
  return *acquired;
}

}  // namespace portlab
