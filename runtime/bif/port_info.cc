#include "bif/port_info.h"

namespace portlab {

PortInfo::PortInfo(Process& self, PortId port) : request_(self, port, SignalKind::kInfo) {}

std::optional<Result<Term>> PortInfo::operator()() {
  auto answer = request_();
  if (answer && !*answer) return Term::Atom("undefined");
  return answer;
}

std::optional<Term> PortInfoItem(const Term& info, std::string_view item) {
  for (Term rest = info; rest.is(TermKind::kCons); rest = rest.tail()) {
    if (rest.head().is_tagged(item, 2)) return rest.head();
  }
  return std::nullopt;
}

}  // namespace portlab
