#include "port/port.h"

#include <cstdlib>

#include "base/check.h"
#include "port/port_executor.h"
#include "port/ports.h"

namespace portlab {

std::array<Port::QueueMutex, Port::kQueueMutexes> Port::queue_mutexes_;

void Port::IllegalMove() {
  PORTLAB_CHECK(false, "illegal move of a port's state");
  std::abort();
}

bool Port::Run(int reductions) {
  Ports& ports = Ports::Get();
  const PortId here = id();
  OrderedMutex* held = nullptr;
  if (!here || !ports.TryEnter(*this, here, &held))
    return queued_.load(std::memory_order_acquire) != 0;
  std::shared_ptr<SignalReply> last_reply;  // of the signal that ended the port
  Result<Term> last_result = Term{};
  // What the driver says that it used up (erl_drv_consume_timeslice) counts as well.
  body_.reductions = kTurnReductions;
  while (Lives() && body_.reductions < reductions) {
    PortSignal signal{};
    {
      MutexLock lock(queue_mutex());
      if (waiting_ == nullptr || waiting_->signals.empty()) break;
      signal = std::move(waiting_->signals.front());
      waiting_->signals.pop_front();
      waiting_->bytes -= signal.data_bytes;
    }
    Result<Term> result = PortExecutor(ports, *this).Execute(signal);
    body_.reductions += kTurnReductionsPerSignal + ReductionsOf(signal.kind);
    // Only now may a sender find the port idle and go first: its earlier signals are done.
    queued_.fetch_sub(1, std::memory_order_release);
    if (signal.data_bytes != 0) ports.MessageQueueShrank(*this);
    if (signal.reply == nullptr) continue;
    if (Lives()) {
      signal.reply->Finish(std::move(result));
    } else {
      last_reply = std::move(signal.reply);
      last_result = std::move(result);
    }
  }
  const bool more = Lives() && queued_.load(std::memory_order_acquire) != 0;
  ports.Leave(*this, *held, here);
  // Who closed the port finds its slot free and the count lower.
  if (last_reply != nullptr) last_reply->Finish(std::move(last_result));
  return more;
}

}  // namespace portlab
