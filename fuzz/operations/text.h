// Operations as text, for people, reports and seeds; lossless: Parse(Print(x)) is x.
//
//   open p0 binary "arguments"
//   control p0 0xfa1 "bytes \x00\xff \"quoted\""
//   pieces p1 16 "cut into pieces of sixteen"
//   advance 250
//
// One operation a line. Empty lines and what follows a # outside quotes are left out.
// Threads: pure. Errors: badarg that names the line and what it should be. Source: fuzzing.md 5.3.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/operations/operation.h"
#include "portlab/error.h"

namespace portlab {

std::string PrintOperation(const Operation& operation);  // without a newline
std::string PrintOperations(std::span<const Operation> operations);
Result<std::vector<Operation>> ParseOperations(std::string_view text,
                                               std::size_t operations_max = kOperationsMax);
// The input that the text stands for.
Result<std::string> EncodeText(std::string_view text, std::size_t operations_max = kOperationsMax);

}  // namespace portlab
