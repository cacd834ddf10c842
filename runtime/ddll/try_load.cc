// erl_ddll:try_load/3 and try_unload/2.
#include "ddll/ddll_arguments.h"
#include "ddll/linked_in.h"
#include "driver/load_error.h"
#include "portlab/ddll.h"
#include "process/process_table.h"

namespace portlab {
namespace {

Term Refused(const Error& error) {
  return Term::Tuple({Term::Atom("error"), LoadErrorTerm(error)});
}

Term Answer(const Result<LoadAnswer>& answer, RefId reference) {
  if (!answer) return Refused(answer.error());
  Term ok = Term::Atom("ok");
  Term word = Term::Atom(answer->word);
  if (!answer->monitored) return Term::Tuple({std::move(ok), std::move(word)});
  return Term::Tuple({std::move(ok), std::move(word), Term::Of(reference)});
}

}  // namespace

Result<Term> Ddll::TryLoad(Process& self, const Term& path, const Term& name, const Term& options) {
  LoadRequest request;
  request.by = self.pid();
  request.reference = ProcessTable::NewReference();
  if (auto parsed = ParseLoadOptions(options, request); !parsed) return Fail(parsed.error());
  auto driver_name = DriverName(name);
  if (!driver_name) return Fail(driver_name.error());
  auto directory = DriverPath(path);
  if (!directory) return Fail(directory.error());
  request.name = *std::move(driver_name);
  request.directory = *std::move(directory);
  if (IsLinkedInName(request.name)) return Refused(LoadError("linked_in_driver", {}));
  return Answer(registry_.Load(request), request.reference);
}

Result<Term> Ddll::TryUnload(Process& self, const Term& name, const Term& options) {
  UnloadRequest request;
  request.by = self.pid();
  request.reference = ProcessTable::NewReference();
  if (auto parsed = ParseUnloadOptions(options, request); !parsed) return Fail(parsed.error());
  auto driver_name = DriverName(name);
  if (!driver_name) return Fail(driver_name.error());
  request.name = *std::move(driver_name);
  if (IsLinkedInName(request.name)) return Refused(LoadError("linked_in_driver", {}));
  return Answer(registry_.Unload(request), request.reference);
}

}  // namespace portlab
