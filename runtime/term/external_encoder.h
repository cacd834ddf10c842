// Terms to the external term format, byte for byte as term_to_binary/1 of OTP 25 writes them.
//
// Threads: pure.
// Ownership: values.
// Errors: none; std::bad_alloc. Nested terms cost heap, not stack.
// Source: erl_ext_dist of the erts manual; tag choices measured on OTP 25.
#pragma once

#include <string>

#include "portlab/term.h"
#include "term/node_identity.h"

namespace portlab {

// Pids, ports and references are written as `node`'s.
std::string EncodeExternal(const Term& term, const NodeIdentity& node = {});

}  // namespace portlab
