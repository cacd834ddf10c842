// The term that the bytes of an input stand for where a driver is to get a term. Threads: pure.
#pragma once

#include <utility>

#include "portlab/term.h"
#include "term/external_decoder.h"
#include "term/external_tags.h"

namespace portlab {

// What it is in external format; bytes that are none, as a binary.
inline Term TermFromPayload(Bytes payload) {
  // Most are none, and what is wrong with them nobody reads.
  if (payload.empty() || payload.front() != external::kVersion) return Term::Binary(payload);
  Result<DecodedTerm> decoded = DecodeExternalPrefix(payload);
  return decoded ? std::move(decoded->term) : Term::Binary(payload);
}

}  // namespace portlab
