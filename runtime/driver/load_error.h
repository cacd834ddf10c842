// How a load that failed is told: erl_ddll's reasons, the numbers of its open errors, their texts,
// and the terms they travel as.
// Threads: any. Source: erl_ddll(3erl) format_error/1; otp_ports.md 2.1, 7.4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "portlab/error.h"
#include "portlab/term.h"

namespace portlab {

// `reason` is a literal.
Error LoadError(std::string_view reason, std::string detail);

// dlopen failed and said `text`: reason open_error, with the number the text has in `error_number`.
// The first text of a process has -10, the next one -11 …; equal texts share a number.
Error OpenError(std::string_view text, const std::string& file, std::string_view remedy);
// Nullopt: no open error had this number.
std::optional<std::string> OpenErrorText(std::int64_t number);

// What format_error says of a reason; empty: it knows none such.
std::string_view LoadErrorText(std::string_view reason);

// The reason, or {open_error,Number}.
Term LoadErrorTerm(const Error& error);
// {Tag,Reference,driver,Name,What}.
Term NoticeTerm(std::string_view tag, RefId reference, Term name, Term what);

}  // namespace portlab
