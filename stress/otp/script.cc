#include "stress/otp/script.h"

#include <regex>

#include "driver_api/environment.h"
#include "stress/otp/ddll_calls.h"
#include "stress/otp/golden_steps.h"

namespace portlab {
namespace {

std::string Quoted(const std::string& text) { return Term::String(text).ToString(); }

// {spawn_driver,Command}, as Erlang text.
std::string NameOf(const std::string& command) { return "{spawn_driver,\"" + command + "\"}"; }

// erl's evaluator makes even a short binary part of a larger one, so that it can grow; such a part
// is shared, and outputv gets it as a piece of its own. A compiled module's is not, nor is ours.
std::string WithBinariesOfTheirOwn(const std::string& erlang) {
  static const std::regex binary(R"re(<<("[^"]*")>>)re");
  return std::regex_replace(erlang, binary, "list_to_binary($1)");
}

CommandFlags FlagsOf(const std::string& options) {
  return {.force = options.find("force") != std::string::npos,
          .nosuspend = options.find("nosuspend") != std::string::npos};
}

}  // namespace

Script& Script::Add(const std::string& erlang, Step step) {
  erlang_ += (erlang_.empty() ? "" : ",\n  ") + erlang;
  steps_.push_back(std::move(step));
  return *this;
}

Behaviour Script::Named(const std::string& name) const {
  return {name, erlang_, [steps = steps_](Actor& actor) {
            State state;
            for (const Step& step : steps) step(actor, state);
          }};
}

Script& Script::Load(const std::string& driver) {
  return Add("load(Drivers," + Quoted(driver) + ")",
             [driver](Actor& actor, State&) { actor.Load(PORTLAB_DRIVERS, driver); });
}

Script& Script::Open(const std::string& command, const std::string& options) {
  ++ports_;
  return Add(port() + "=open(" + NameOf(command) + "," + options + ")",
             [command, options](Actor& actor, State& state) {
               state.port = actor.Open(NameOf(command), options);
             });
}

Script& Script::Control(unsigned operation, const std::string& bytes) {
  return Add("answer(fun()->port_control(" + port() + "," + std::to_string(operation) + "," +
                 Quoted(bytes) + ") end)",
             [operation, bytes](Actor& actor, State& state) {
               actor.Answer(actor.Control(state.port, operation, bytes));
             });
}

Script& Script::Do(unsigned operation, const std::string& bytes) {
  return Add("port_control(" + port() + "," + std::to_string(operation) + "," + Quoted(bytes) + ")",
             [operation, bytes](Actor& actor, State& state) {
               const auto answer = actor.Control(state.port, operation, bytes);
               if (!answer) actor.Answer(answer);
             });
}

Script& Script::DoByAnother(unsigned operation) {
  return Add(
      "spawn(fun()->port_control(" + port() + "," + std::to_string(operation) + ",\"\") end)",
      [operation](Actor& actor, State& state) {
        InAnother(actor, [&](Actor& other) { (void)other.Control(state.port, operation, ""); });
      });
}

Script& Script::Command(const std::string& iodata, const std::string& options) {
  return Add("answer(fun()->port_command(" + port() + "," + WithBinariesOfTheirOwn(iodata) + "," +
                 options + ") end)",
             [iodata, options](Actor& actor, State& state) {
               actor.Answer(actor.runtime().PortCommand(actor.self(), state.port,
                                                        Actor::Read(iodata), FlagsOf(options)));
             });
}

Script& Script::Call(unsigned operation, const std::string& term) {
  return Add("answer(fun()->erlang:port_call(" + port() + "," + std::to_string(operation) + "," +
                 term + ") end)",
             [operation, term](Actor& actor, State& state) {
               actor.Answer(actor.runtime().PortCall(actor.self(), state.port, operation,
                                                     Actor::Read(term)));
             });
}

Script& Script::BangClose() {
  return Add(port() + "!{self(),close}",
             [](Actor& actor, State& state) { actor.Bang(state.port, Term::Atom("close")); });
}

Script& Script::Take(int count) {
  return Add("take(" + std::to_string(count) + ")",
             [count](Actor& actor, State&) { actor.Take(count); });
}

Script& Script::Quiet(int milliseconds) {
  return Add("quiet(" + std::to_string(milliseconds) + ")",
             [milliseconds](Actor& actor, State&) { actor.Quiet(milliseconds); });
}

Script& Script::SayInfo(const std::string& item) {
  return Add(
      "say(erlang:port_info(" + port() + "," + item + "))",
      [item](Actor& actor, State& state) { actor.Say(InfoItem(actor, state.port, item.c_str())); });
}

Script& Script::Ddll(const std::string& function, const std::string& arguments) {
  return Add("answer(fun()->erl_ddll:" + function + "(" + arguments + ") end)",
             [function, arguments](Actor& actor, State&) {
               actor.Answer(CallDdll(actor, function, arguments));
             });
}

Script& Script::Unloaded(const std::string& driver) {
  return Add("erl_ddll:monitor(driver,{" + driver +
                 ",unloaded}),receive {'DOWN',_,driver,_,_}->ok after 10000->say(loaded) end",
             [driver](Actor& actor, State&) {
               (void)actor.runtime().ddll().MonitorDriver(
                   actor.self(), Term::Atom("driver"),
                   Term::Tuple({Term::Atom(driver), Term::Atom("unloaded")}));
               const auto down = actor.self().ReceiveUntil(
                   MonotonicNow() + 10'000 * kMillisecond,
                   [](const Term& message) { return message.is_tagged("DOWN", 5); });
               if (!down) actor.Say(Term::Atom("loaded"));
             });
}

Script& Script::TryLoad(const std::string& driver) {
  return Add("say(erl_ddll:try_load(Drivers," + driver + ",[]))", [driver](Actor& actor, State&) {
    actor.Answer(actor.runtime().ddll().TryLoad(actor.self(), Term::String(PORTLAB_DRIVERS),
                                                Term::Atom(driver), Term::Nil()));
  });
}

Script& Script::Unload(const std::string& driver) {
  return Add(
      "case erl_ddll:try_unload(" + driver +
          ",[{monitor,pending_driver}]) of {ok,pending_driver,R}->say({ok,pending_driver,R}),"
          "take(1);Other->say(Other) end",
      [driver](Actor& actor, State&) {
        actor.Answer(actor.runtime().ddll().TryUnload(actor.self(), Term::Atom(driver),
                                                      Actor::Read("[{monitor,pending_driver}]")));
        actor.Take(1);
      });
}

Script& Script::UnsetEnvironment(const std::string& name) {
  return Add("os:unsetenv(" + Quoted(name) + ")",
             [name](Actor&, State&) { Environment::Get().Unset(name); });
}

Script& Script::SayEnvironment(const std::string& name) {
  return Add("say(os:getenv(" + Quoted(name) + "))", [name](Actor& actor, State&) {
    const auto value = Environment::Get().Find(name);
    actor.Say(value ? Term::String(*value) : Term::Atom("false"));
  });
}

}  // namespace portlab
