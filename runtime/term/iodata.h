// Walks iodata in order: a binary, or a possibly improper list of bytes, binaries and iodata.
// Nesting costs heap, not stack.
//
// Threads: pure.
// Ownership: what the visitor is shown lives as long as the term.
// Source: erlang(3erl) iodata(); otp_ports.md 2.4.
#pragma once

#include "portlab/term.h"

namespace portlab {

class IodataVisitor {
 public:
  virtual void OnBytes(Bytes list_bytes) = 0;  // from list cells; never empty
  virtual void OnBinary(const Term& binary) = 0;

 protected:
  ~IodataVisitor() = default;
};

// False: not iodata; the visitor has then seen some of it.
bool VisitIodata(const Term& term, IodataVisitor& visitor);

}  // namespace portlab
