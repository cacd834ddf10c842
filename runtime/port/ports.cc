#include "port/ports.h"

#include <utility>

#include "base/check.h"
#include "driver/callback_scope.h"
#include "port/port_executor.h"

namespace portlab {
namespace {

std::atomic<Ports*> the_ports{nullptr};

Error Gone() { return Error::BadArg("the port is closed"); }

}  // namespace

void SignalReply::Finish(Result<Term> value) {
  result = std::move(value);
  done.store(true, std::memory_order_release);
  if (auto process = waiter.lock()) process->Wake();
}

Ports::Ports(const Limits& limits) : table_(limits.port_limit, limits.limit_counter) {
  services_.limits = limits;
  Ports* expected = nullptr;
  PORTLAB_CHECK(the_ports.compare_exchange_strong(expected, this),
                "one runtime per OS process: the C driver API has calls without a handle");
}

Ports::~Ports() { the_ports.store(nullptr); }

void Ports::Connect(Services services) {
  services.limits = services_.limits;
  services_ = std::move(services);
}

Ports& Ports::Get() {
  Ports* ports = the_ports.load(std::memory_order_acquire);
  PORTLAB_CHECK(ports != nullptr, "a driver API call without a runtime");
  return *ports;
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

void Ports::Leave(Port& port, OrderedMutex& lock, PortId id) {
  if (port.state() != PortState::kDead) {
    lock.Unlock();
    // A sender that found the lock taken has queued meanwhile, and enqueued the port itself.
    return;
  }
  FailQueued(port);
  const Pid answer_to = port.body_->answer_closed_to;
  const std::unique_ptr<PortBody> body = std::move(port.body_);  // freed after the lock
  Driver& driver = *body->driver;
  port.Move(PortState::kFree);
  port.id_.store(PortId::kNone, std::memory_order_release);
  table_.Release(id);
  lock.Unlock();
  // Without the lock: the last port of a driver that waits to be unloaded takes it out here.
  services_.drivers->ReleaseFromPort(driver);
  WakeSuspended(port);
  if (!answer_to) return;
  if (auto process = services_.processes->Find(answer_to)) {
    process->Deliver(Term::Tuple({Term::Of(id), Term::Atom("closed")}));
  }
}

void Ports::FailQueued(Port& port) {
  std::vector<PortSignal> queue;
  {
    MutexLock lock(port.queue_mutex_);
    queue.assign(std::make_move_iterator(port.queue_.begin()),
                 std::make_move_iterator(port.queue_.end()));
    port.queue_.clear();
    port.queued_bytes_ = 0;
    port.queued_.store(0, std::memory_order_release);
    // From here on nothing can be queued for this id: Queue looks at the state under this lock.
    port.message_queue_busy_.store(false);
    port.busy_.store(false);
  }
  for (PortSignal& signal : queue) {
    if (signal.kind == SignalKind::kEvent && signal.event.kind == PortEventKind::kAsyncDone) {
      DropAsyncJob(signal.event.payload);
    }
    if (signal.kind == SignalKind::kLink) RefuseLink(signal.from, port.id());
    if (signal.kind == SignalKind::kMonitor)
      SendDown(signal.from, signal.reference, port.id(), Term::Atom("noproc"));
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
  process->RemoveLink(port.word());
  process->ExitSignal(Term::Of(port), Term::Atom("noproc"), true);
}

void Ports::SendDown(Pid to, RefId reference, PortId port, const Term& reason) {
  if (auto process = services_.processes->Find(to)) {
    process->Deliver(Term::Tuple(
        {Term::Atom("DOWN"), Term::Of(reference), Term::Atom("port"), Term::Of(port), reason}));
  }
}

void Ports::WakeSuspended(Port& port) {
  std::vector<std::weak_ptr<Process>> waiting;
  {
    MutexLock lock(port.queue_mutex_);
    waiting.swap(port.suspended_);
  }
  for (auto& weak : waiting) {
    if (auto process = weak.lock()) process->Wake();
  }
}

bool Ports::Queue(PortId id, PortSignal signal) {
  Port* port = table_.Find(id);
  if (port == nullptr) return false;
  {
    MutexLock lock(port->queue_mutex_);
    if (port->id() != id || !port->Lives()) return false;
    port->queued_bytes_ += signal.data_bytes;
    if (signal.data_bytes != 0 &&
        port->queued_bytes_ > port->message_queue_high_.load(std::memory_order_relaxed)) {
      port->message_queue_busy_.store(true, std::memory_order_release);
    }
    port->queue_.push_back(std::move(signal));
    port->queued_.fetch_add(1, std::memory_order_release);
  }
  services_.run_queue->Enqueue(*port);
  return true;
}

void Ports::MessageQueueShrank(Port& port) {
  if (!port.message_queue_busy()) return;
  {
    MutexLock lock(port.queue_mutex_);
    if (port.queued_bytes_ >= port.message_queue_low_.load(std::memory_order_relaxed)) return;
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

Ports::Submitted Ports::Submit(PortId id, PortSignal& signal, SignalReply& reply,
                               const std::shared_ptr<Process>& waiter,
                               bool want_reply) NO_THREAD_SAFETY_ANALYSIS {
  Port* port = table_.Find(id);
  if (port == nullptr) return Submitted::kNoPort;
  OrderedMutex& lock = port->lock();
  if (port->queued_.load(std::memory_order_acquire) == 0 && lock.TryLock()) {
    const bool here = port->id() == id && port->Lives();
    if (here && port->queued_.load(std::memory_order_acquire) == 0) {
      reply.result = PortExecutor(*this, *port).Execute(signal);
      Leave(*port, lock, id);
      return Submitted::kDone;
    }
    lock.Unlock();
    if (!here) return Submitted::kNoPort;
  }
  signal.OwnBytes();
  if (want_reply) {
    signal.reply = std::make_shared<SignalReply>();
    signal.reply->waiter = waiter;
  }
  PortSignal queued = signal;
  return Queue(id, std::move(queued)) ? Submitted::kQueued : Submitted::kNoPort;
}

Ports::Readiness Ports::ReadyForCommand(PortId id, const std::shared_ptr<Process>& process) {
  Port* port = table_.Find(id);
  if (port == nullptr) return Readiness::kGone;
  if (!port->busy() && !port->message_queue_busy()) return Readiness::kReady;
  MutexLock lock(port->queue_mutex_);
  if (port->id() != id || !port->Lives()) return Readiness::kGone;
  if (!port->busy() && !port->message_queue_busy()) return Readiness::kReady;
  if (process != nullptr) port->suspended_.push_back(process);
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
  for (const PortId id : table_.List()) {
    PortSignal signal{};
    signal.kind = SignalKind::kDriverUnloaded;
    signal.driver = &driver;
    SignalReply unused;
    if (CallbackScope::Current() != nullptr) {
      Queue(id, std::move(signal));
    } else {
      Submit(id, signal, unused, nullptr, false);
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

bool Ports::OwnerOf(PortId id, std::shared_ptr<Process>& owner) NO_THREAD_SAFETY_ANALYSIS {
  Port* port = table_.Find(id);
  OrderedMutex* held = nullptr;
  if (port == nullptr || !TryEnter(*port, id, &held)) return false;
  if (port->state() != PortState::kClosing) owner = port->body_->owner;
  Leave(*port, *held, id);
  return true;
}

// The handle is the number, moved so that no handle is null, -1 or a plausible address.
ErlDrvPort Ports::HandleOf(PortId port) {
  return reinterpret_cast<ErlDrvPort>((port.number + 1) << 4);
}

PortId Ports::IdOfHandle(ErlDrvPort handle) {
  const auto word = reinterpret_cast<std::uintptr_t>(handle);
  if (word == 0 || (word & 0xf) != 0) return PortId{};
  return PortId{(word >> 4) - 1};
}

Port* Ports::Held(ErlDrvPort handle) {
  const PortId id = IdOfHandle(handle);
  Port* port = id ? table_.Find(id) : nullptr;
  if (port == nullptr || !port->Lives()) return nullptr;
  if (port->lock().HeldByThisThread() && port->id() == id) return port;
  return nullptr;
}

BusyLimits Ports::MessageQueueLimits(const Driver& driver, const StartOptions& options) const {
  if (driver.entry.has_flag(ERL_DRV_FLAG_NO_BUSY_MSGQ)) return BusyLimits::Disabled();
  return options.busy_limits_msgq.value_or(
      BusyLimits{services_.limits.message_queue_busy_low_bytes,
                 services_.limits.message_queue_busy_high_bytes});
}

Result<PortId> Ports::Open(Process& owner, Driver& driver, StartOptions options,
                           std::shared_ptr<SignalReply>* pending) NO_THREAD_SAFETY_ANALYSIS {
  auto body = std::make_unique<PortBody>();
  body->driver = &driver;
  body->name = options.command;
  body->connected = owner.pid();
  body->owner = owner.shared_from_this();
  if (options.line_length > 0)
    body->line = std::make_unique<LineDecoder>(static_cast<std::size_t>(options.line_length));
  body->options = std::move(options);

  Port* opened = nullptr;
  OrderedMutex* held = nullptr;
  auto acquired = table_.Acquire([&](Port& port, PortId id) NO_THREAD_SAFETY_ANALYSIS {
    held = driver.port_locking() ? &port.own_lock_ : &driver.lock;
    held->Lock();
    port.ports_ = this;
    port.lock_.store(held, std::memory_order_release);
    port.soft_busy_.store(driver.entry.has_flag(ERL_DRV_FLAG_SOFT_BUSY), std::memory_order_relaxed);
    const BusyLimits message_queue = MessageQueueLimits(driver, body->options);
    SetMessageQueueLimits(port, message_queue.low, message_queue.high);
    port.body_ = std::move(body);
    port.Move(PortState::kStarting);
    port.id_.store(id.number, std::memory_order_release);
    opened = &port;
  });
  if (!acquired) {
    services_.drivers->ReleaseFromPort(driver);
    return Fail(acquired.error());
  }
  if (driver.entry.has_flag(ERL_DRV_FLAG_USE_INIT_ACK)) {
    // Made before start, so that an acknowledgement inside start is not lost (on OTP it is, and
    // open_port hangs).
    opened->body().init_ack = std::make_shared<SignalReply>();
    opened->body().init_ack->waiter = owner.weak_from_this();
    *pending = opened->body().init_ack;
  }
  Result<void> started = PortExecutor(*this, *opened).Start();
  Leave(*opened, *held, *acquired);
  if (!started) return Fail(started.error());
  return *acquired;
}

}  // namespace portlab
