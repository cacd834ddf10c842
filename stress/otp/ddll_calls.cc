#include "stress/otp/ddll_calls.h"

#include <optional>

#include "portlab/ddll.h"

namespace portlab {
namespace {

DdllMutant mutant_in_force;

std::string Replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

// As the mutant sees it; nullopt: not at all.
std::optional<Term> Seen(const Term& term) {
  if (mutant_in_force.taken.empty()) return term;
  if (term == Actor::Read(mutant_in_force.taken)) {
    if (mutant_in_force.for_what.empty()) return std::nullopt;
    return Actor::Read(mutant_in_force.for_what);
  }
  std::vector<Term> elements;
  const auto see = [&elements](const Term& element) {
    if (const auto seen = Seen(element)) elements.push_back(*seen);
  };
  if (term.is(TermKind::kTuple)) {
    for (const Term& element : term.tuple()) see(element);
    return Term::Tuple(elements);
  }
  if (!term.is(TermKind::kCons)) return term;
  Term rest = term;
  for (; rest.is(TermKind::kCons); rest = rest.tail()) see(rest.head());
  return Term::List(elements, rest);
}

Result<Term> Convenience(const Result<void>& done) {
  if (done) return Term::Atom("ok");
  return Term::Tuple({Term::Atom("error"), Term::Atom(done.error().Reason())});
}

std::string Text(const Term& term) { return FlattenIodata(term).value_or(""); }

Result<Term> Call(Actor& actor, const std::string& function, const std::vector<Term>& given) {
  Ddll& ddll = actor.runtime().ddll();
  Process& self = actor.self();
  if (function == "try_load") return ddll.TryLoad(self, given[0], given[1], given[2]);
  if (function == "try_unload") return ddll.TryUnload(self, given[0], given[1]);
  if (function == "monitor") return ddll.MonitorDriver(self, given[0], given[1]);
  if (function == "demonitor") return ddll.DemonitorDriver(self, given[0]);
  if (function == "loaded_drivers") return ddll.LoadedDrivers();
  if (function == "format_error") return Ddll::FormatError(given[0]);
  if (function == "info" && given.empty()) return ddll.Info();
  if (function == "info" && given.size() == 1) return ddll.Info(given[0]);
  if (function == "info") return ddll.Info(given[0], given[1]);
  if (function == "load_driver" || function == "load")
    return Convenience(ddll.LoadDriver(Text(given[0]), Text(given[1])));
  return Convenience(ddll.UnloadDriver(Text(given[0])));
}

}  // namespace

void SetDdllMutant(DdllMutant mutant) { mutant_in_force = std::move(mutant); }

Result<Term> CallDdll(Actor& actor, const std::string& function, const std::string& arguments) {
  const Term list = Actor::Read(
      "[" + Replaced(arguments, "Drivers", Term::String(PORTLAB_DRIVERS).ToString()) + "]");
  std::vector<Term> given;
  for (Term rest = list; rest.is(TermKind::kCons); rest = rest.tail())
    given.push_back(Seen(rest.head()).value_or(Term::Nil()));
  const std::string name = function + "/" + std::to_string(given.size());
  if (name == mutant_in_force.function) return Term::Atom("ok");
  return Call(actor, function, given);
}

}  // namespace portlab
