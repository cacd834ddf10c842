// Erlang text to terms: the inverse of Term::ToString, and what a console or a catalogue writes by
// hand.
//
// Atoms, quoted ones too; integers, also 16#ff and $a; floats; strings; <<"text">>, <<1,2>>; lists
// with |; tuples; maps; <0.5.0>, #Port<0.5>, #Ref<0.0.0.5>. A full stop may end the term. Text is
// UTF-8.
// Threads: pure.
// Ownership: the result copies.
// Errors: badarg with the position and what was expected; nesting costs heap, not stack.
// Source: Erlang reference manual, "Data Types".
#pragma once

#include <string_view>

#include "portlab/error.h"
#include "portlab/term.h"

namespace portlab {

Result<Term> ParseTerm(std::string_view text);

}  // namespace portlab
