// erl_ddll:monitor/2 and demonitor/1.
#include "ddll/ddll_arguments.h"
#include "ddll/linked_in.h"
#include "driver/load_error.h"
#include "portlab/ddll.h"
#include "process/process_table.h"

namespace portlab {
namespace {

std::optional<Waiting> WaitingFor(const Term& when) {
  if (when.is_atom("loaded")) return kAwaitsLoad;
  if (when.is_atom("unloaded")) return kAwaitsUnload;
  if (when.is_atom("unloaded_only")) return kAwaitsUnloadOnly;
  return std::nullopt;
}

}  // namespace

Result<Term> Ddll::MonitorDriver(Process& self, const Term& tag, const Term& item) {
  if (!tag.is_atom("driver")) return Fail(Error::BadArg("the tag of a driver's monitor is driver"));
  if (!item.is(TermKind::kTuple) || item.tuple().size() != 2)
    return Fail(Error::BadArg(item.ToString() + ": the item is {Name,When}"));
  const std::optional<Waiting> when = WaitingFor(item.tuple()[1]);
  if (!when)
    return Fail(Error::BadArg(item.ToString() + ": one waits for loaded, unloaded, unloaded_only"));
  const Term& given = item.tuple()[0];
  auto name = DriverName(given);
  if (!name) return Fail(name.error());
  const RefId reference = ProcessTable::NewReference();
  if (IsLinkedInName(*name)) {
    const Notice& notice = load_notices::kPermanent;
    self.Deliver(NoticeTerm(notice.tag, reference, given, Term::Atom(notice.what)));
  } else {
    registry_.Monitor(self.pid(), *name, *when, reference, given);
  }
  return Term::Of(reference);
}

Result<Term> Ddll::DemonitorDriver(Process& self, const Term& reference) {
  if (!reference.is(TermKind::kRef))
    return Fail(Error::BadArg(reference.ToString() + ": not a reference"));
  registry_.Demonitor(self.pid(), reference.as_ref());
  return Term::Bool(true);
}

}  // namespace portlab
