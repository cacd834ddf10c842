#include "bif/port_command.h"

#include "term/iodata.h"

namespace portlab {

namespace {

class Counter final : public IodataVisitor {
 public:
  void OnBytes(Bytes list_bytes) override { bytes_ += list_bytes.size(); }
  void OnBinary(const Term& binary) override { bytes_ += binary.binary().size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_ = 0;
};

}  // namespace

std::optional<std::size_t> IodataBytes(const Term& iodata) {
  if (iodata.is(TermKind::kBinary)) return iodata.binary().size();
  Counter counter;
  if (!VisitIodata(iodata, counter)) return std::nullopt;
  return counter.bytes();
}

PortCommand::PortCommand(Process& self, PortId port, Term iodata, CommandOptions options)
    : self_(self), port_(port), options_(options), request_(self, port, SignalKind::kCommand) {
  request_.signal().data = std::move(iodata);
  request_.signal().caller = self.pid();
}

std::optional<Result<Term>> PortCommand::operator()() {
  if (sent_) return request_();
  Ports& ports = Ports::Get();
  const auto readiness =
      ports.ReadyForCommand(port_, options_.nosuspend || options_.force ? nullptr : &self_);
  if (readiness == Ports::Readiness::kGone) return Fail(Error::BadArg("the port is closed"));
  // Also when the port is not busy.
  if (options_.force && !ports.SoftBusy(port_)) {
    return Fail(Error::NotSup("the driver does not take forced commands"));
  }
  if (readiness == Ports::Readiness::kBusy && !options_.force) {
    if (options_.nosuspend) return Term::Bool(false);
    return std::nullopt;  // suspended; woken when the port is no longer busy, or gone
  }
  // Only now, as in OTP: who is refused is not told of wrong data.
  const auto bytes = IodataBytes(request_.signal().data);
  if (!bytes) return Fail(Error::BadArg("the data is not iodata"));
  request_.signal().data_bytes = *bytes;
  sent_ = true;
  return request_();
}

}  // namespace portlab
