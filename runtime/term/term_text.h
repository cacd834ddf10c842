// Strings among the arguments of BIFs and erl_ddll: what they take for a command, a file, a name, a
// value.
//
// Threads: pure. Errors: nullopt: it is no such text. Source: erlang(3erl) open_port/2;
// otp_ports.md 3.1, 3.2 and golden 28, 31 (measured).
#pragma once

#include <optional>
#include <string>

#include "portlab/term.h"

namespace portlab {

// The UTF-8 text of a string: a proper list of characters, and of such lists, without NUL.
std::optional<std::string> StringText(const Term& string);

// A string, binary or atom as text. A binary is taken as it is, up to a NUL.
std::optional<std::string> TextOf(const Term& term);

// The bytes of a flat string, or the characters of an atom, each one byte: up to a NUL. nullopt
// also for the empty string.
std::optional<std::string> Latin1Text(const Term& term);

}  // namespace portlab
