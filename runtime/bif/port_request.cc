#include "bif/port_request.h"

namespace portlab {
namespace {

Error Closed() { return Error::BadArg("the port is closed"); }

}  // namespace

std::optional<Result<Term>> PortRequest::operator()() {
  if (sent_) {
    if (!reply_->done.load(std::memory_order_acquire)) return std::nullopt;
    return std::move(reply_->result);
  }
  sent_ = true;
  Ports::Submission submission =
      Ports::Get().Submit(port_, signal_, &self_, Ports::Answer::kAwaited);
  switch (submission.how) {
    case Ports::Submitted::kDone:
      return std::move(submission.result);
    case Ports::Submitted::kNoPort:
      return Fail(Closed());
    case Ports::Submitted::kQueued:
      break;
  }
  reply_ = std::move(submission.reply);
  return std::nullopt;
}

}  // namespace portlab
