// erl_ddll: loading, unloading and reloading of linked-in drivers. A driver stays in memory while a
// process has it loaded or a port needs it; a process that exits takes its loads back.
//
// The first part is erl_ddll's functions under their names, with Erlang's arguments and answers;
// the second part is for C++ programs that just want a driver.
//
// Threads: all functions from any thread; those with `self` from the body of that process.
// Ownership: borrows the registry. Errors: a Result's error is the exception (badarg); what
// erl_ddll answers as {error,Reason} is a value. The conveniences have erl_ddll's reasons as
// errors, and `detail` says what was wrong and what to do. Source: erl_ddll(3erl); otp_ports.md 7.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "portlab/error.h"
#include "portlab/term.h"

namespace portlab {

class DriverRegistry;
class Process;

struct DriverInfo {
  int users = 0;
  int port_count = 0;
  bool linked_in = false;
};

class Ddll {
 public:
  explicit Ddll(DriverRegistry& registry) : registry_(registry) {}

  // ---- erl_ddll ----
  // try_load/3: {ok,Status} | {ok,PendingStatus,Ref} | {error,Reason}. Messages
  // {'UP'|'DOWN',Ref,driver,Name,What} follow for a Ref.
  Result<Term> TryLoad(Process& self, const Term& path, const Term& name, const Term& options);
  // try_unload/2, likewise.
  Result<Term> TryUnload(Process& self, const Term& name, const Term& options);
  // monitor(Tag, Item): a reference.
  Result<Term> MonitorDriver(Process& self, const Term& tag, const Term& item);
  // demonitor(Ref): true.
  Result<Term> DemonitorDriver(Process& self, const Term& reference);
  // info(Name, Tag), info(Name) and info().
  Result<Term> Info(const Term& name, const Term& tag) const;
  Result<Term> Info(const Term& name) const;
  Term Info() const;
  // {ok,[Name]}.
  Term LoadedDrivers() const;
  // A string, of what stands in {error,What} or {load_failure,What}.
  static Result<Term> FormatError(const Term& what);

  // ---- For C++ programs ----
  // Loads <directory>/<name>.so for the whole program, or counts one more load of it.
  Result<void> LoadDriver(std::string_view directory, std::string_view name);
  // The same, given the path of the .so: the driver's name is the file's.
  Result<std::string> LoadDriverFile(const std::string& file);
  Result<void> UnloadDriver(std::string_view name);
  std::vector<std::string> LoadedNames() const;
  Result<DriverInfo> Info(std::string_view name) const;

 private:
  DriverRegistry& registry_;
};

}  // namespace portlab
