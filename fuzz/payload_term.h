// The term that the bytes of an input stand for where a driver is to get a term. Threads: pure.
#pragma once

#include <utility>

#include "portlab/term.h"
#include "term/external_decoder.h"

namespace portlab {

// What it is in external format; bytes that are none, as a binary.
inline Term TermFromPayload(Bytes payload) {
  Result<DecodedTerm> decoded = DecodeExternalPrefix(payload);
  return decoded ? std::move(decoded->term) : Term::Binary(payload);
}

}  // namespace portlab
