#include "bif/port_request.h"

namespace portlab {
namespace {

Error Closed() { return Error::BadArg("the port is closed"); }

}  // namespace

std::optional<Result<Term>> PortRequest::operator()() {
  if (sent_) {
    if (!signal_.reply->done.load(std::memory_order_acquire)) return std::nullopt;
    return std::move(signal_.reply->result);
  }
  sent_ = true;
  SignalReply now;
  switch (Ports::Get().Submit(port_, signal_, now, self_, true)) {
    case Ports::Submitted::kDone:
      return std::move(now.result);
    case Ports::Submitted::kNoPort:
      return Fail(Closed());
    case Ports::Submitted::kQueued:
      break;
  }
  return std::nullopt;
}

}  // namespace portlab
