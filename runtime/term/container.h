// Tuples, lists and maps from the terms they are made of, in the order they are written: what a
// decoder, a parser and the interpreter of driver terms all end with.
//
// Threads: pure.
// Ownership: the result shares the parts.
// Errors: nullopt: a key twice, or a key without a value.
#pragma once

#include <optional>
#include <span>

#include "portlab/term.h"

namespace portlab {

enum class Container {
  kTuple,
  kList,  // the last part is the tail; REQUIRES one part at least
  kMap,   // key, value, key, value …
};

std::optional<Term> BuildContainer(Container kind, std::span<const Term> parts);

}  // namespace portlab
