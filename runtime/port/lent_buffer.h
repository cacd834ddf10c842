// Memory that a driver's callback is lent for as long as it runs: the payload it is called with, or
// room for its reply. Of exactly the size that was asked for: it is the driver's to scribble on,
// and a sanitizer sees one byte more.
//
// Built with a sanitizer, each is a block of malloc's. In other builds they are cut from a ring of
// memory of each thread, for a fraction of what malloc and free take. A fuzz build is one of those,
// and there AddressSanitizer is told what of the ring is lent just now: a driver that goes beyond
// its buffer (heap-buffer-overflow), or uses it after its callback (heap-use-after-free), is
// stopped as it would be with a block of malloc's. As it is a ring, a place is not lent again soon.
// Large buffers are malloc's always.
//
// Threads: each its own. Nests, as callbacks do: the last one lent is the first one given back.
// Units: bytes. Errors: std::bad_alloc.
#pragma once

#include <cstddef>
#include <string>

#include "portlab/term.h"

namespace portlab {

class LentBuffer {
 public:
  explicit LentBuffer(std::size_t size);
  explicit LentBuffer(Bytes copied);
  ~LentBuffer();
  LentBuffer(const LentBuffer&) = delete;
  LentBuffer& operator=(const LentBuffer&) = delete;

  char* data() const { return data_; }

  // For who looks at a crash on this thread: where an address of its ring lies; empty: it lies
  // elsewhere.
  static std::string Describe(const void* address);

 private:
  char* data_ = nullptr;
  const std::size_t size_;
  bool from_malloc_ = false;
};

}  // namespace portlab
