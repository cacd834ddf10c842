#include "launch/start_program.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "launch/child_registry.h"

namespace portlab {

std::vector<const char*> PointersTo(const std::vector<std::string>& strings) {
  std::vector<const char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& string : strings) pointers.push_back(string.c_str());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> EnvironmentWith(const std::vector<std::string>& additions) {
  const auto name_of = [](std::string_view entry) { return entry.substr(0, entry.find('=')); };
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    bool replaced = false;
    for (const std::string& addition : additions) replaced |= name_of(addition) == name_of(*entry);
    if (!replaced) result.emplace_back(*entry);
  }
  result.insert(result.end(), additions.begin(), additions.end());
  return result;
}

Result<StartedProgram> StartProgram(StartSpec& spec) {
  std::vector<const char*> argv = PointersTo(spec.args);
  argv.insert(argv.begin(), spec.arg0.empty() ? spec.file.c_str() : spec.arg0.c_str());
  const std::vector<const char*> environment = PointersTo(spec.environment);
  spec.setup.Prepare();

  Clone3Request request;
  request.file = spec.file.c_str();
  request.argv = argv.data();
  request.environment = environment.data();
  request.keep = spec.setup.keep().data();
  request.keep_count = spec.setup.keep().size();
  request.ignored_signals = spec.ignored_signals;
  request.ignored_by_caller = spec.ignored_by_caller;
  request.setup = [](void* data) { return static_cast<ChildSetup*>(data)->RunInChild(); };
  request.setup_data = &spec.setup;

  ChildRegistry& registry = ChildRegistry::Get();
  const MutexLock lock(registry.mutex);
  const Clone3Result result = Clone3Exec(request);
  if (result.error != 0) return Fail(Error::Errno(result.error, spec.file));
  registry.own.insert(result.pid);
  return StartedProgram{result.pid, UniqueFd(result.pidfd)};
}

ReapedProgram ReapProgram(const StartedProgram& program) {
  pollfd ended = {program.pidfd.get(), POLLIN, 0};
  while (::poll(&ended, 1, -1) < 0 && errno == EINTR) {
  }
  ChildRegistry& registry = ChildRegistry::Get();
  const MutexLock lock(registry.mutex);
  ReapedProgram reaped;
  int raw = 0;
  pid_t pid;
  while ((pid = ::wait4(program.pid, &raw, 0, &reaped.usage)) < 0 && errno == EINTR) {
  }
  registry.own.erase(program.pid);
  PORTLAB_CHECK(pid == program.pid, "a program was reaped behind launch's back");
  reaped.status = WaitStatus(raw);
  return reaped;
}

}  // namespace portlab
