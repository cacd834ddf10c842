// Ports a driver makes itself, and what a callback of one port does to another: with one lock for
// all ports of a driver, or for a port it has just made, a callback may end a port that is not its
// own.
#include "driver/callback_scope.h"
#include "port/port_executor.h"

namespace portlab {
namespace {

struct Other {
  Port* port;
  PortId id;
  OrderedMutex* held;  // its own lock, held since it was made; null: the lock it shares
};

// Of the callback that runs on this thread.
thread_local std::vector<Other> others;

}  // namespace

void Ports::NoteOther(Port& port, OrderedMutex* held) {
  for (const Other& other : others) {
    if (other.id == port.id()) return;
  }
  others.push_back({&port, port.id(), held});
  others_noted_ = true;
}

void Ports::LeaveOthers() {
  others_noted_ = false;
  while (!others.empty()) {
    const Other other = others.back();
    others.pop_back();
    OrderedMutex& lock = other.held != nullptr ? *other.held : other.port->lock();
    if (other.held == nullptr) lock.Lock();
    if (other.port->id() == other.id && other.port->state() == PortState::kDead) {
      Leave(*other.port, lock, other.id);
    } else {
      lock.Unlock();
    }
  }
}

Result<PortId> Ports::Create(Port& creator, Pid connected, std::string name, ErlDrvData data) {
  Driver& driver = *creator.driver();
  auto owner = services_.processes->Find(connected);
  if (owner == nullptr) return Fail(Error::BadArg("no such process"));
  if (!services_.drivers->TryAcquireAgain(driver))
    return Fail(Error::BadArg("the driver is being unloaded"));
  StartOptions options;
  options.command = std::move(name);
  options.parallelism = creator.parallelism();
  Port* made = nullptr;
  auto acquired = table_.Acquire([&](Port& port, PortId id) NO_THREAD_SAFETY_ANALYSIS {
    // The driver's lock is the creator's, and held.
    OrderedMutex& lock = driver.port_locking() ? port.own_lock_ : driver.lock;
    if (driver.port_locking()) lock.Lock();
    port.lock_.store(&lock, std::memory_order_release);
    Fill(port, id, *owner, driver, options);
    made = &port;
  });
  if (!acquired) {
    services_.drivers->ReleaseFromPort(driver);
    return Fail(acquired.error());
  }
  NoteOther(*made, driver.port_locking() ? &made->own_lock_ : nullptr);
  made->body().data = data;
  if (made->body().awaits_init_ack())
    made->body().extras().init_ack = nullptr;  // start is not called
  PortExecutor(*this, *made).Opened();
  if (made->state() == PortState::kStarting) made->Move(PortState::kOpen);
  if (driver.ports_killed.load()) [[unlikely]]
    EndPortsOf(driver);
  return *acquired;
}

}  // namespace portlab
