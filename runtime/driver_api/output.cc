// Bytes to the connected process: driver_output, driver_output2, driver_output_binary,
// driver_outputv.
#include "driver_api/port_access.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::BinaryBlock;
using portlab::BytesOf;
using portlab::ExecutorOf;
using portlab::HeldPort;
using portlab::Port;
using portlab::PortState;
using portlab::Term;

namespace {

constexpr int kPortIsDead = -1;

// OTP drops the output of a closing port and says nothing.
bool Drops(const Port& port) { return port.state() == PortState::kClosing; }

}  // namespace

int driver_output(ErlDrvPort port, char* buf, ErlDrvSizeT len) {
  ApiCall call(ApiFunction::k_driver_output);
  Port* held = HeldPort(port);
  if (held == nullptr) return kPortIsDead;
  ExecutorOf(*held).DeliverBytes({}, BytesOf(buf, len));
  return 0;
}

int driver_output2(ErlDrvPort port, char* hbuf, ErlDrvSizeT hlen, char* buf, ErlDrvSizeT len) {
  ApiCall call(ApiFunction::k_driver_output2);
  Port* held = HeldPort(port);
  if (held == nullptr) return kPortIsDead;
  ExecutorOf(*held).DeliverBytes(BytesOf(hbuf, hlen), BytesOf(buf, len));
  return 0;
}

int driver_output_binary(ErlDrvPort port, char* hbuf, ErlDrvSizeT hlen, ErlDrvBinary* bin,
                         ErlDrvSizeT offset, ErlDrvSizeT len) {
  ApiCall call(ApiFunction::k_driver_output_binary);
  Port* held = HeldPort(port);
  if (held == nullptr) return kPortIsDead;
  if (Drops(*held)) return 0;
  Term tail = ExecutorOf(*held).SendsBinaries()
                  ? Term::SharedBinary(*BinaryBlock::FromVisible(bin), offset, len)
                  : Term::String(BytesOf(bin->orig_bytes + offset, len));
  if (hlen != 0) tail = Term::String(BytesOf(hbuf, hlen), std::move(tail));
  ExecutorOf(*held).DeliverData(std::move(tail), hlen + len);
  return 0;
}

int driver_outputv(ErlDrvPort port, char* hbuf, ErlDrvSizeT hlen, ErlIOVec* ev, ErlDrvSizeT skip) {
  ApiCall call(ApiFunction::k_driver_outputv);
  Port* held = HeldPort(port);
  if (held == nullptr) return kPortIsDead;
  if (Drops(*held)) return 0;
  if (ev->size <= skip) {
    ExecutorOf(*held).DeliverBytes(BytesOf(hbuf, hlen), {});
    return 0;
  }
  const bool binary = ExecutorOf(*held).SendsBinaries();
  Term tail;
  std::size_t bytes = hlen;
  bool last = true;
  // From the back: binary mode makes the improper list H1,…,<<b1>>,…|<<bn>>.
  std::size_t skipped = skip;
  int first = 0;
  while (first < ev->vsize && skipped >= ev->iov[first].iov_len)
    skipped -= ev->iov[first++].iov_len;
  for (int i = ev->vsize - 1; i >= first; --i) {
    char* at = ev->iov[i].iov_base + (i == first ? skipped : 0);
    const std::size_t length = ev->iov[i].iov_len - (i == first ? skipped : 0);
    if (length == 0) continue;
    bytes += length;
    if (!binary) {
      tail = Term::String(BytesOf(at, length), std::move(tail));
      continue;
    }
    ErlDrvBinary* shared = ev->binv[i];
    Term piece = shared != nullptr
                     ? Term::SharedBinary(*BinaryBlock::FromVisible(shared),
                                          static_cast<std::size_t>(at - shared->orig_bytes), length)
                     : Term::Binary(BytesOf(at, length));
    tail = last ? std::move(piece) : Term::Cons(std::move(piece), std::move(tail));
    last = false;
  }
  if (hlen != 0) tail = Term::String(BytesOf(hbuf, hlen), std::move(tail));
  ExecutorOf(*held).DeliverData(std::move(tail), bytes);
  return 0;
}
