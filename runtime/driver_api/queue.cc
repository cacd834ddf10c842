// The driver queue of a port. Also from threads that hold the port data lock.
#include "driver_api/port_access.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::BinaryBlock;
using portlab::IoQueue;
using portlab::Port;
using portlab::QueuePort;

namespace {

constexpr int kFailed = -1;
constexpr ErlDrvSizeT kNoSize = static_cast<ErlDrvSizeT>(-1);

IoQueue* QueueOf(ErlDrvPort handle) {
  Port* port = QueuePort(handle);
  return port == nullptr ? nullptr : &port->body().shared().queue;
}

}  // namespace

int driver_enq(ErlDrvPort port, char* buf, ErlDrvSizeT len) {
  ApiCall call(ApiFunction::k_driver_enq);
  IoQueue* queue = QueueOf(port);
  return queue != nullptr && queue->PushBack(buf, len) ? 0 : kFailed;
}

int driver_pushq(ErlDrvPort port, char* buf, ErlDrvSizeT len) {
  ApiCall call(ApiFunction::k_driver_pushq);
  IoQueue* queue = QueueOf(port);
  return queue != nullptr && queue->PushFront(buf, len) ? 0 : kFailed;
}

int driver_enq_bin(ErlDrvPort port, ErlDrvBinary* bin, ErlDrvSizeT offset, ErlDrvSizeT len) {
  ApiCall call(ApiFunction::k_driver_enq_bin);
  IoQueue* queue = QueueOf(port);
  if (queue == nullptr) return kFailed;
  queue->PushBack(*BinaryBlock::FromVisible(bin), bin->orig_bytes + offset, len);
  return 0;
}

int driver_pushq_bin(ErlDrvPort port, ErlDrvBinary* bin, ErlDrvSizeT offset, ErlDrvSizeT len) {
  ApiCall call(ApiFunction::k_driver_pushq_bin);
  IoQueue* queue = QueueOf(port);
  if (queue == nullptr) return kFailed;
  queue->PushFront(*BinaryBlock::FromVisible(bin), bin->orig_bytes + offset, len);
  return 0;
}

int driver_enqv(ErlDrvPort port, ErlIOVec* ev, ErlDrvSizeT skip) {
  ApiCall call(ApiFunction::k_driver_enqv);
  IoQueue* queue = QueueOf(port);
  return queue != nullptr && queue->PushVector(*ev, skip, false) ? 0 : kFailed;
}

int driver_pushqv(ErlDrvPort port, ErlIOVec* ev, ErlDrvSizeT skip) {
  ApiCall call(ApiFunction::k_driver_pushqv);
  IoQueue* queue = QueueOf(port);
  return queue != nullptr && queue->PushVector(*ev, skip, true) ? 0 : kFailed;
}

ErlDrvSizeT driver_deq(ErlDrvPort port, ErlDrvSizeT size) {
  ApiCall call(ApiFunction::k_driver_deq);
  IoQueue* queue = QueueOf(port);
  if (queue == nullptr || !queue->Drop(size)) return kNoSize;
  return queue->size();
}

ErlDrvSizeT driver_sizeq(ErlDrvPort port) {
  ApiCall call(ApiFunction::k_driver_sizeq);
  IoQueue* queue = QueueOf(port);
  return queue == nullptr ? kNoSize : queue->size();
}

SysIOVec* driver_peekq(ErlDrvPort port, int* vlen) {
  ApiCall call(ApiFunction::k_driver_peekq);
  IoQueue* queue = QueueOf(port);
  if (queue == nullptr) {
    *vlen = -1;
    return nullptr;
  }
  *vlen = static_cast<int>(queue->piece_count());
  return queue->piece_count() == 0 ? nullptr : queue->pieces();
}

ErlDrvSizeT driver_peekqv(ErlDrvPort port, ErlIOVec* ev) {
  ApiCall call(ApiFunction::k_driver_peekqv);
  IoQueue* queue = QueueOf(port);
  // OTP 25 crashes for a null vector although its manual promises -1; -1 it is.
  if (queue == nullptr || ev == nullptr) return kNoSize;
  const bool empty = queue->piece_count() == 0;
  ev->vsize = static_cast<int>(queue->piece_count());
  ev->size = queue->size();
  ev->iov = empty ? nullptr : queue->pieces();
  ev->binv = empty ? nullptr : queue->binaries();
  return queue->size();
}
