#include "port/io_queue.h"

#include <algorithm>
#include <cstring>

namespace portlab {
namespace {

ErlDrvBinary* Visible(BinaryBlock& block) { return static_cast<ErlDrvBinary*>(block.visible()); }

}  // namespace

void IoQueue::Insert(BinaryBlock& block, char* at, std::size_t length, std::size_t index) {
  block.AddRef();
  const auto offset = static_cast<std::ptrdiff_t>(index);
  iov_.insert(iov_.begin() + offset, SysIOVec{at, length});
  binv_.insert(binv_.begin() + offset, Visible(block));
  size_ += length;
}

void IoQueue::PushBack(BinaryBlock& block, char* at, std::size_t length) {
  if (length != 0) Insert(block, at, length, iov_.size());
}

void IoQueue::PushFront(BinaryBlock& block, char* at, std::size_t length) {
  if (length != 0) Insert(block, at, length, head_);
}

bool IoQueue::PushBack(const char* bytes, std::size_t length) {
  if (length == 0) return true;
  BinaryBlock* copy = BinaryBlock::Allocate(length);
  if (copy == nullptr) return false;
  std::memcpy(copy->bytes(), bytes, length);
  PushBack(*copy, copy->bytes(), length);
  copy->Release();
  return true;
}

bool IoQueue::PushFront(const char* bytes, std::size_t length) {
  if (length == 0) return true;
  BinaryBlock* copy = BinaryBlock::Allocate(length);
  if (copy == nullptr) return false;
  std::memcpy(copy->bytes(), bytes, length);
  PushFront(*copy, copy->bytes(), length);
  copy->Release();
  return true;
}

bool IoQueue::PushVector(const ErlIOVec& vector, std::size_t skip, bool front) {
  std::size_t index = front ? head_ : iov_.size();
  for (int i = 0; i < vector.vsize; ++i) {
    char* at = vector.iov[i].iov_base;
    std::size_t length = vector.iov[i].iov_len;
    const std::size_t dropped = std::min(skip, length);
    skip -= dropped;
    if (dropped == length) continue;
    at += dropped;
    length -= dropped;
    if (vector.binv != nullptr && vector.binv[i] != nullptr) {
      Insert(*BinaryBlock::FromVisible(vector.binv[i]), at, length, index++);
      continue;
    }
    BinaryBlock* copy = BinaryBlock::Allocate(length);
    if (copy == nullptr) return false;
    std::memcpy(copy->bytes(), at, length);
    Insert(*copy, copy->bytes(), length, index++);
    copy->Release();
  }
  return true;
}

bool IoQueue::Drop(std::size_t length) {
  if (length > size_) return false;
  size_ -= length;
  while (length > 0) {
    SysIOVec& piece = iov_[head_];
    if (length < piece.iov_len) {
      piece.iov_base += length;
      piece.iov_len -= length;
      break;
    }
    length -= piece.iov_len;
    BinaryBlock::FromVisible(binv_[head_])->Release();
    ++head_;
  }
  Compact();
  return true;
}

void IoQueue::Compact() {
  if (head_ != iov_.size() && head_ < 64) return;
  const auto dropped = static_cast<std::ptrdiff_t>(head_);
  iov_.erase(iov_.begin(), iov_.begin() + dropped);
  binv_.erase(binv_.begin(), binv_.begin() + dropped);
  head_ = 0;
}

void IoQueue::Clear() { Drop(size_); }

}  // namespace portlab
