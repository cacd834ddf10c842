// portlab's half of the comparison: a process of ours with the words of otp_answers.erl, so that a
// behaviour reads the same on both sides. What is said goes to a transcript.
//
// Threads: the one that made it, which is the process. Several actors may share a thread and a
// transcript. Ownership: the process, which exits with reason normal in the destructor. Errors:
// said, as {error,Reason}.
#pragma once

#include <string>
#include <string_view>

#include "portlab/runtime.h"

namespace portlab {

class Actor {
 public:
  Actor(Runtime& runtime, std::string& transcript);
  // Another process, with the same transcript.
  Actor Another() { return Actor(runtime_, transcript_); }

  Process& self() const { return *process_; }
  Pid pid() const { return process_->pid(); }
  Runtime& runtime() const { return runtime_; }

  // Terms as Erlang text. No port: the error was said.
  PortId Open(std::string_view name, std::string_view options);
  // `script` is shell text, options an Erlang list.
  PortId Sh(std::string_view script, std::string_view options);
  void Load(const std::string& directory, const std::string& driver);

  void Say(const Term& term);
  void Say(bool value) { Say(Term::Bool(value)); }
  template <class T>
  void Answer(const Result<T>& result);
  // Says the next `count` messages.
  void Take(int count);
  // Says what comes within `milliseconds`.
  void Quiet(int milliseconds);
  // Says name and bytes of each file.
  void Files(const std::string& directory);
  // Says length and check sum.
  void Adler(std::string_view bytes);

  // Port ! {Owner,What}, Owner being this process.
  void Bang(PortId port, const Term& what);
  Result<bool> Command(PortId port, const Term& iodata) {
    return runtime_.PortCommand(self(), port, iodata);
  }
  Result<Term> Control(PortId port, unsigned operation, std::string_view bytes) {
    return runtime_.PortControl(self(), port, operation, AsBytes(bytes));
  }
  Result<void> Close(PortId port) { return runtime_.PortClose(self(), port); }
  // Ends the process with this reason, as exit/1 does.
  void Exit(const Term& reason) { process_->Exit(reason); }

  // Erlang text that is known to be right.
  static Term Read(std::string_view text);

 private:
  Runtime& runtime_;
  std::string& transcript_;
  ThreadProcess process_;
};

template <class T>
void Actor::Answer(const Result<T>& result) {
  if (!result) {
    Say(Term::Tuple({Term::Atom("error"), Term::Atom(result.error().Reason())}));
  } else if constexpr (std::is_same_v<T, Term>) {
    Say(*result);
  } else if constexpr (std::is_same_v<T, bool>) {
    Say(Term::Bool(*result));
  } else {
    Say(Term::Bool(true));
  }
}

}  // namespace portlab
