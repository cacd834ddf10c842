#include "port/port.h"

#include "base/check.h"
#include "port/port_executor.h"
#include "port/ports.h"

namespace portlab {
namespace {

// Signals one Run serves before the scheduler thread looks at other work.
constexpr int kSignalsPerRun = 64;

}  // namespace

void Port::Move(PortState to) {
  PORTLAB_CHECK(LegalMove(state_.load(std::memory_order_relaxed), to),
                "illegal move of a port's state");
  state_.store(to, std::memory_order_release);
}

bool Port::Run(int /*reductions*/) {
  const PortId here = id();
  OrderedMutex* held = nullptr;
  if (!here || !ports_->TryEnter(*this, here, &held))
    return queued_.load(std::memory_order_acquire) != 0;
  std::shared_ptr<SignalReply> last_reply;  // of the signal that ended the port
  Result<Term> last_result = Term{};
  for (int i = 0; i < kSignalsPerRun && Lives(); ++i) {
    PortSignal signal{};
    {
      MutexLock lock(queue_mutex_);
      if (queue_.empty()) break;
      signal = std::move(queue_.front());
      queue_.pop_front();
      queued_bytes_ -= signal.data_bytes;
    }
    Result<Term> result = PortExecutor(*ports_, *this).Execute(signal);
    // Only now may a sender find the port idle and go first: its earlier signals are done.
    queued_.fetch_sub(1, std::memory_order_release);
    if (signal.data_bytes != 0) ports_->MessageQueueShrank(*this);
    if (signal.reply == nullptr) continue;
    if (Lives()) {
      signal.reply->Finish(std::move(result));
    } else {
      last_reply = std::move(signal.reply);
      last_result = std::move(result);
    }
  }
  const bool more = Lives() && queued_.load(std::memory_order_acquire) != 0;
  ports_->Leave(*this, *held, here);
  // Who closed the port finds its slot free and the count lower.
  if (last_reply != nullptr) last_reply->Finish(std::move(last_result));
  return more;
}

}  // namespace portlab
