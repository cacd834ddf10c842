#include "launch/received_program.h"

#include <signal.h>
#include <unistd.h>

#include "launch/child_setup.h"
#include "launch/start_program.h"

namespace portlab {
namespace {

// Where they are among the descriptors; the last is that of the errors, if any.
constexpr std::size_t kInput = 1;
constexpr std::size_t kOutput = 2;

std::size_t ErrorsIndex(const ProgramSpec& spec) { return spec.read ? 3 : 2; }

std::vector<FdBinding> BindingsOf(const ReceivedProgram& program) {
  const ProgramSpec& spec = program.spec;
  std::vector<FdBinding> fds;
  fds.push_back({program.descriptors[kInput].get(), spec.use_stdio ? STDIN_FILENO : 3});
  if (!spec.use_stdio) fds.push_back({STDIN_FILENO, STDIN_FILENO});
  const int output = spec.read ? program.descriptors[kOutput].get() : STDOUT_FILENO;
  if (spec.read) fds.push_back({output, spec.use_stdio ? STDOUT_FILENO : 4});
  if (!spec.read || !spec.use_stdio) fds.push_back({STDOUT_FILENO, STDOUT_FILENO});
  int errors = STDERR_FILENO;
  if (spec.stderr_to_stdout || spec.terminal) errors = output;
  if (spec.separate_errors) errors = program.descriptors[ErrorsIndex(spec)].get();
  fds.push_back({errors, STDERR_FILENO});
  return fds;
}

}  // namespace

bool ReceivedProgram::Complete() const {
  return descriptors.size() == ErrorsIndex(spec) + (spec.separate_errors ? 1 : 0);
}

ServerProcess StartReceived(boost::asio::io_context& io, ReceivedProgram& program,
                            const Cgroup* cgroup, StatusRecord* failure) {
  const ProgramSpec& spec = program.spec;
  ChildSetup setup;
  setup.fds = BindingsOf(program);
  setup.directory = spec.directory;
  setup.limits = spec.limits;
  if (cgroup != nullptr) setup.cgroup_procs = cgroup->procs();
  setup.controlling_terminal = spec.terminal.has_value();
  setup.parent_death_signal = SIGKILL;
  std::vector<const char*> argv = PointersTo(spec.args);
  argv.insert(argv.begin(), spec.arg0.empty() ? spec.file.c_str() : spec.arg0.c_str());
  const std::vector<const char*> environment = PointersTo(spec.environment);

  Clone3Launcher launcher;
  launcher.env = environment.data();
  // The server sets its dispositions before it serves, and never again.
  static const std::uint64_t ignored_here = IgnoredSignals();
  launcher.ignored_by_caller = &ignored_here;
  if (!spec.limits.default_signals) {
    launcher.ignored_signals = SignalBit(SIGPIPE) | SignalBit(SIGFPE);
  }
  boost::process::v2::error_code error;
  ServerProcess started =
      launcher(io.get_executor(), error, spec.file, argv.data(), ChildSetupInitializer(setup));
  if (!error) {
    program.descriptors.resize(1);
  } else {
    *failure = {StatusRecord::kStartFailed, error.value()};
    const ChildSetup::Step step = setup.failed_step();
    if (step == ChildSetup::Step::kDirectory) failure->kind = StatusRecord::kDirectoryFailed;
    if (step == ChildSetup::Step::kCgroup) failure->kind = StatusRecord::kCgroupFailed;
  }
  return started;
}

}  // namespace portlab
