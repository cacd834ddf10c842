// The order of map keys: Erlang's term order, but at every depth any integer comes before any
// float.
//
// Threads: pure.
// Source: erlang manual, "Term Comparisons".
#pragma once

#include "portlab/term.h"

namespace portlab {

int CompareKeys(const Term& a, const Term& b);

}  // namespace portlab
