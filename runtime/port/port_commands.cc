// The three signals that carry a payload into a driver: command (output, outputv), control and
// call.
#include <boost/container/small_vector.hpp>
#include <cstring>

#include "base/copy_bytes.h"
#include "driver/callback_scope.h"
#include "driver/driver_memory.h"
#include "framing/io_vector.h"
#include "port/lent_buffer.h"
#include "port/port_executor.h"
#include "port/reply_buffer.h"
#include "term/external_decoder.h"
#include "term/external_encoder.h"
#include "term/iodata.h"
#include "term/known_atoms.h"

namespace portlab {
namespace {

// The reply buffers OTP lends to control and call: measured sizes.
constexpr std::size_t kControlReplyBytes = 64;
constexpr std::size_t kCallReplyBytes = 255;
// OTP gives `output` one byte more than the data, and drivers put their NUL there.
constexpr std::size_t kOutputSpareBytes = 1;
// Of an ErlIOVec that needs no memory of its own.
constexpr std::size_t kFewPieces = 8;

// Iodata into memory that has room for it.
class Flatten final : public IodataVisitor {
 public:
  explicit Flatten(char* to) : to_(to) {}
  void OnBytes(Bytes list_bytes) override { Append(list_bytes); }
  void OnBinary(const Term& binary) override { Append(binary.binary()); }

 private:
  void Append(Bytes bytes) {
    CopyBytes(to_, bytes.data(), bytes.size());
    to_ += bytes.size();
  }
  char* to_;
};

}  // namespace

Result<Term> PortExecutor::Command(PortSignal& signal) {
  if (signal.as_owner && signal.from != port_.connected()) {
    BadSignal();
    return Known().true_;
  }
  if (port_.state() != PortState::kOpen) return Fail(Error::BadArg("the port is closing"));
  body_.output_bytes += signal.data_bytes;
  if (entry().outputv != nullptr) {
    OutputVector(signal);
  } else if (entry().output != nullptr) {
    OutputFlat(signal);
  }
  if (!Dead()) AfterCallback();
  return Known().true_;
}

void PortExecutor::OutputFlat(const PortSignal& signal) {
  CallbackScope scope(CallbackKind::kOutput, port_.id(), port_.driver(), signal.caller);
  // The driver may write into its buffer; a binary is shared and must not change, so that it, too,
  // is copied.
  const LentBuffer copy(signal.data_bytes + kOutputSpareBytes);
  if (signal.data.is(TermKind::kBinary)) {
    const Bytes bytes = signal.data.binary();
    CopyBytes(copy.data(), bytes.data(), bytes.size());
  } else {
    Flatten to(copy.data());
    VisitIodata(signal.data, to);
  }
  entry().output(body_.data, copy.data(), signal.data_bytes);
}

void PortExecutor::OutputVector(const PortSignal& signal) {
  const std::optional<IoVector> pieces = PackIodata(signal.data);
  if (!pieces) return;
  // Slot 0 is the driver's to put a header in.
  boost::container::small_vector<SysIOVec, kFewPieces> iov(1, SysIOVec{nullptr, 0});
  boost::container::small_vector<ErlDrvBinary*, kFewPieces> binv(1, nullptr);
  std::size_t size = 0;
  for (const IoPiece& piece : pieces->pieces()) {
    const bool empty = piece.block == nullptr;
    iov.push_back(SysIOVec{empty ? nullptr : piece.block->bytes() + piece.offset, piece.size});
    binv.push_back(empty ? nullptr : static_cast<ErlDrvBinary*>(piece.block->visible()));
    size += piece.size;
  }
  ErlIOVec vector{};
  vector.vsize = static_cast<int>(iov.size());
  vector.size = size;
  vector.iov = iov.data();
  vector.binv = binv.data();
  CallbackScope scope(CallbackKind::kOutputv, port_.id(), port_.driver(), signal.caller);
  entry().outputv(body_.data, &vector);
}

Result<Term> PortExecutor::Control(PortSignal& signal) {
  if (entry().control == nullptr) return Fail(Error::BadArg("the driver has no control callback"));
  ReplyBuffer<kControlReplyBytes> lent;
  char* reply = lent.data();
  const LentBuffer payload(signal.bytes);
  ErlDrvSSizeT length;
  {
    CallbackScope scope(CallbackKind::kControl, port_.id(), port_.driver(), signal.from);
    length = entry().control(body_.data, signal.operation, payload.data(), signal.bytes.size(),
                             &reply, kControlReplyBytes);
    lent.Check("control", length, reply);
  }
  // Also of a port that the callback has ended.
  Result<Term> result = ControlReply(length, reply, lent.data(), body_.control_flags);
  if (!Dead()) AfterCallback();
  return result;
}

Result<Term> PortExecutor::ControlReply(ErlDrvSSizeT length, char* reply, char* own_buffer,
                                        int flags) {
  if (length < 0) return Fail(Error::BadArg("the driver's control callback refused the request"));
  if (reply == nullptr) return Term::Nil();
  const bool as_binary = (flags & PORT_CONTROL_FLAG_BINARY) != 0;
  if (reply == own_buffer) {
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(reply),
                      static_cast<std::size_t>(length));
    return as_binary ? Term::Binary(bytes) : Term::String(bytes);
  }
  if (as_binary) {
    // An ErlDrvBinary, and its own size counts, not the returned length. Ours from here on.
    BinaryBlock& block = *BinaryBlock::FromVisible(reply);
    Term term = Term::SharedBinary(block, 0, static_cast<std::size_t>(block.size));
    block.Release();
    return term;
  }
  Term term = Term::String(
      Bytes(reinterpret_cast<const std::uint8_t*>(reply), static_cast<std::size_t>(length)));
  FreeForDriver(reply);
  return term;
}

Result<Term> PortExecutor::Call(PortSignal& signal) {
  if (entry().call == nullptr) return Fail(Error::BadArg("the driver has no call callback"));
  const std::string encoded = EncodeExternal(signal.data);
  const LentBuffer payload(AsBytes(encoded));
  ReplyBuffer<kCallReplyBytes> lent;
  char* reply = lent.data();
  unsigned int flags = 0;
  ErlDrvSSizeT length;
  {
    CallbackScope scope(CallbackKind::kCall, port_.id(), port_.driver(), signal.from);
    length = entry().call(body_.data, signal.operation, payload.data(), encoded.size(), &reply,
                          kCallReplyBytes, &flags);
    lent.Check("call", length, reply);
  }
  Result<Term> result = Fail(Error::BadArg("the driver's call callback refused the request"));
  if (length > 0 && reply != nullptr) {
    result = DecodeExternal(
        Bytes(reinterpret_cast<const std::uint8_t*>(reply), static_cast<std::size_t>(length)));
    if (!result)
      result = Fail(
          Error::BadArg("the driver's call reply is no external term: " + result.error().detail));
  }
  if (reply != lent.data() && reply != nullptr && (flags & DRIVER_CALL_KEEP_BUFFER) == 0)
    FreeForDriver(reply);
  if (!Dead()) AfterCallback();
  return result;
}

}  // namespace portlab
