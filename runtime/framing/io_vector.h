// Iodata as the pieces of an ErlIOVec.
//
// List bytes and binaries of at most 64 bytes are copied into one common block, of which every run
// of them is a piece; larger binaries are pieces that share. If that makes 16 pieces or more,
// binaries of less than 256 bytes are copied as well. Slot 0, which OTP leaves free for a header,
// is the caller's: pieces() starts behind it.
// Threads: one; the blocks' counts are atomic.
// Ownership: an IoVector holds one reference per piece; whoever keeps a piece longer takes another.
// Errors: nullopt: not iodata; std::bad_alloc.
// Source: driver_entry(3erl) outputv; otp_ports.md 2.4; edge cases measured on OTP 25.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "base/binary_block.h"
#include "portlab/term.h"

namespace portlab {

struct IoPiece {
  BinaryBlock* block;  // null only for the one empty piece that the term <<>> is
  std::size_t offset;
  std::size_t size;
  const char* bytes() const { return block == nullptr ? nullptr : block->bytes() + offset; }
};

// Most have few pieces: no memory is asked for.
using IoPieces = boost::container::small_vector<IoPiece, 4>;

class IoVector {
 public:
  IoVector() = default;
  IoVector(IoVector&& other) noexcept { *this = std::move(other); }
  IoVector& operator=(IoVector&& other) noexcept;
  IoVector(const IoVector&) = delete;
  IoVector& operator=(const IoVector&) = delete;
  ~IoVector();

  std::span<const IoPiece> pieces() const { return {pieces_.data(), pieces_.size()}; }
  std::size_t total_bytes() const;

 private:
  friend std::optional<IoVector> PackIodata(const Term& iodata);
  IoPieces pieces_;
};

std::optional<IoVector> PackIodata(const Term& iodata);

}  // namespace portlab
