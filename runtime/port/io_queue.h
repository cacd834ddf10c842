// A port's driver queue: bytes as a vector of pieces of counted binaries, in the two parallel
// arrays that driver_peekq and driver_peekqv hand out.
//
// Invariants: 1. iov_[i] points into binv_[i]'s bytes, and the queue holds one reference to it. 2.
// no piece is empty.
// 3. size() is the sum of the lengths.
// Threads: the port's lock, or the port data lock when the driver made one. Errors: false when
// there is no memory. Source: erl_driver(3erl) driver_enq and its family; otp_ports.md 1.4.
#pragma once

#include <cstddef>
#include <vector>

#include "base/binary_block.h"
#include "erl_driver.h"

namespace portlab {

class IoQueue {
 public:
  IoQueue() = default;
  ~IoQueue() { Clear(); }
  IoQueue(const IoQueue&) = delete;
  IoQueue& operator=(const IoQueue&) = delete;

  std::size_t size() const { return size_; }
  bool PushBack(const char* bytes, std::size_t length);              // copies
  bool PushFront(const char* bytes, std::size_t length);             // copies
  void PushBack(BinaryBlock& block, char* at, std::size_t length);   // takes a reference of its own
  void PushFront(BinaryBlock& block, char* at, std::size_t length);  // takes a reference of its own
  // The pieces of `vector` after its first `skip` bytes, at the tail or the head; pieces without a
  // binary are copied.
  bool PushVector(const ErlIOVec& vector, std::size_t skip, bool front);
  // Drops `length` bytes from the head. False: there are not so many; nothing is dropped.
  bool Drop(std::size_t length);
  void Clear();

  SysIOVec* pieces() { return iov_.data() + head_; }
  ErlDrvBinary** binaries() { return binv_.data() + head_; }
  std::size_t piece_count() const { return iov_.size() - head_; }

 private:
  void Insert(BinaryBlock& block, char* at, std::size_t length, std::size_t index);
  void Compact();

  std::vector<SysIOVec> iov_;
  std::vector<ErlDrvBinary*> binv_;
  std::size_t head_ = 0;  // pieces before it have been dropped
  std::size_t size_ = 0;
};

}  // namespace portlab
