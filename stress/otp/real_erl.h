// Real OTP as the oracle: one `erl` evaluates Erlang expressions and says what they said
// (otp_answers.erl lists the words they may use).
//
// Threads: one at a time. Ownership: the child is gone when Ask returns; its files are removed.
// Errors: one line that says what is missing and which Debian package brings it, or what `erl`
// printed. Source: design decision 2. No distribution: epmd is not started.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "portlab/error.h"

namespace portlab {

struct Question {
  std::string name;
  std::string expression;
};

// Name and value, a string in Erlang.
using ErlangVariables = std::vector<std::pair<std::string, std::string>>;

// For each question the lines that were said.
Result<std::map<std::string, std::string>> AskErl(const std::vector<Question>& questions,
                                                  const ErlangVariables& variables);

// `text` with every port, pid and reference replaced by a name of its own, in the order of their
// first appearance: P1, P2, Pid1, Ref1 …
std::string WithPlainIdentities(const std::string& text);

// A directory of this process, removed with everything in it.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace portlab
