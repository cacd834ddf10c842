// A behaviour written once: each step adds its Erlang text and what portlab does in its place. For
// behaviours whose steps are all of these kinds; the others write both halves themselves.
//
// Threads: one. Ownership: values. Errors: as Actor.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "stress/otp/behaviour.h"

namespace portlab {

class Script {
 public:
  // The port that was opened last is meant by all steps after it.
  Script& Load(const std::string& driver);
  Script& Open(const std::string& command, const std::string& options = "[]");
  // Says what port_control answers, or the error. `Do`: nothing when all is well.
  Script& Control(unsigned operation, const std::string& bytes = "");
  Script& Do(unsigned operation, const std::string& bytes = "");
  // By a process of its own, which then exits.
  Script& DoByAnother(unsigned operation);
  // Iodata, and a term, as Erlang text.
  Script& Command(const std::string& iodata, const std::string& options = "[]");
  Script& Call(unsigned operation, const std::string& term);
  Script& BangClose();
  // Says the next messages.
  Script& Take(int count);
  Script& Quiet(int milliseconds);
  Script& SayInfo(const std::string& item);
  // Says what erl_ddll:<function>(<arguments>) answers.
  Script& Ddll(const std::string& function, const std::string& arguments);
  // Waits until no process has it any more.
  Script& Unloaded(const std::string& driver);
  // This process has it loaded; nobody but this process.
  Script& TryLoad(const std::string& driver);
  // Until it is out of memory.
  Script& Unload(const std::string& driver);
  Script& UnsetEnvironment(const std::string& name);
  Script& SayEnvironment(const std::string& name);

  Behaviour Named(const std::string& name) const;

 private:
  struct State {
    PortId port;
  };
  using Step = std::function<void(Actor&, State&)>;
  Script& Add(const std::string& erlang, Step step);
  std::string port() const { return "P" + std::to_string(ports_); }

  std::string erlang_;
  std::vector<Step> steps_;
  int ports_ = 0;
};

}  // namespace portlab
