// The external term format to terms. The bytes may be hostile: no length they announce is believed
// before as many bytes are there, nesting costs heap and not stack, and every refusal says at which
// byte and why.
//
// Not decoded: funs, exports, bit strings, compressed terms, atom cache references, and pids, ports
// and references of other nodes than `node` — this runtime has no such terms.
// Threads: pure.
// Ownership: the result copies.
// Errors: badarg with a detail.
// Source: erl_ext_dist of the erts manual.
#pragma once

#include <cstddef>

#include "portlab/error.h"
#include "portlab/term.h"
#include "term/node_identity.h"

namespace portlab {

struct DecodeLimits {
  std::size_t max_depth = 100'000;                        // of terms inside terms
  std::size_t max_integer_bytes = std::size_t{64} << 10;  // magnitude of one integer
  NodeIdentity node = {};
};

struct DecodedTerm {
  Term term;
  std::size_t consumed = 0;  // bytes, the version byte among them
};

// As binary_to_term/1: bytes after the term are ignored. Callers that may have none check
// `consumed`.
Result<Term> DecodeExternal(Bytes bytes, const DecodeLimits& limits = {});
Result<DecodedTerm> DecodeExternalPrefix(Bytes bytes, const DecodeLimits& limits = {});

}  // namespace portlab
