#include "fuzz/driver_under_test.h"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/atomic.h"
#include "base/stop_hook.h"
#include "bif/open_port.h"
#include "driver/checked_memory.h"
#include "driver/driver_memory.h"
#include "fuzz/mapped_library.h"
#include "port/ports.h"

namespace portlab {
namespace {

// Any number will do, as long as it stays the same.
constexpr std::uint64_t kSeed = 1;
// Virtual time. A driver may need some of it to flush its queue.
constexpr Nanos kFlushPatience = 1000 * kMillisecond;
constexpr Nanos kKillPatience = 10'000 * kMillisecond;
constexpr int kLineLength = 8;
constexpr int kCannotStart = 2;

DriverUnderTest* the_driver = nullptr;
const char* the_target = "fuzz target";

[[noreturn]] void Refuse(const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", the_target, why.c_str());
  std::exit(kCannotStart);
}

std::string DefaultDriver() {
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  std::filesystem::path file = here / "echo_drv.so";
  if (!std::filesystem::exists(file)) {
    file = (here / ".." / "drivers" / PORTLAB_FUZZ_FLAVOUR / "echo_drv.so").lexically_normal();
  }
  return file.string();
}

std::optional<std::string> FlagValue(int argc, char** argv, std::string_view flag) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument(argv[i]);
    if (argument.starts_with(flag)) return std::string(argument.substr(flag.size()));
  }
  return std::nullopt;
}

bool FlagGiven(int argc, char** argv, std::string_view flag) {
  return std::any_of(argv + 1, argv + argc, [flag](const char* word) { return word == flag; });
}

RuntimeOptions Options(bool guard) {
  RuntimeOptions options;
  options.baton_seed = kSeed;
  options.limits.scheduler_threads = 1;
  // An input has a few ports; of a small table every slot is in the cache when it is taken again.
  options.limits.port_limit = 64;
  options.work_in_caller = true;
  options.guarded_memory = guard;
  return options;
}

// Payloads most often; what the driver has no callback for, never.
std::vector<OperationKind> KindsFor(const DriverEntry& entry) {
  using enum OperationKind;
  std::vector<OperationKind> kinds = {kOpen,      kOpen, kClose,   kSendClose, kConnect,  kExit,
                                      kOwnerExit, kInfo, kAdvance, kSettle,    kFailAlloc};
  if (entry.output != nullptr || entry.outputv != nullptr) {
    for (int i = 0; i < 3; ++i) kinds.insert(kinds.end(), {kCommand, kCommandList, kPieces, kSend});
  }
  if (entry.control != nullptr) kinds.insert(kinds.end(), 6, kControl);
  if (entry.call != nullptr) kinds.insert(kinds.end(), 6, kCall);
  if (entry.timeout != nullptr) kinds.insert(kinds.end(), 2, kAdvance);
  return kinds;
}

}  // namespace

DriverUnderTest::Flags DriverUnderTest::ReadFlags(int argc, char** argv) {
  const char* from_environment = std::getenv("PORTLAB_FUZZ_DRIVER");
  Flags flags;
  flags.driver = FlagValue(argc, argv, "--driver=")
                     .value_or(from_environment != nullptr ? from_environment : DefaultDriver());
  flags.calls = FlagValue(argc, argv, "--calls=").value_or("");
  flags.start_args = FlagValue(argc, argv, "--start-args=").value_or("");
  flags.guard = FlagGiven(argc, argv, "--guard");
  flags.trace = FlagGiven(argc, argv, "--trace");
  flags.from_malloc = FlagGiven(argc, argv, "--malloc");
  flags.survey = FlagGiven(argc, argv, "--survey");
  flags.ring = FlagValue(argc, argv, "--ring=").value_or("");
  flags.edges = FlagValue(argc, argv, "--twice=").value_or("");
  flags.twice = FlagGiven(argc, argv, "--twice") || !flags.edges.empty();
  flags.state_counters = !FlagGiven(argc, argv, "--no-state-counters");
  return flags;
}

void DriverUnderTest::Load(const char* target, int argc, char** argv) {
  the_target = target;
  Flags flags = ReadFlags(argc, argv);
  if (!std::filesystem::is_regular_file(flags.driver)) {
    Refuse("no driver at '" + flags.driver +
           "'; name one: PORTLAB_FUZZ_DRIVER=FILE, or -ignore_remaining_args=1 --driver=FILE");
  }
  the_driver = new DriverUnderTest(std::move(flags));
}

DriverUnderTest& DriverUnderTest::Get() {
  if (the_driver == nullptr) Refuse("LLVMFuzzerInitialize was not called");
  return *the_driver;
}

DriverUnderTest::DriverUnderTest(Flags flags)
    : flags_(std::move(flags)),
      runtime_(Options(flags_.guard)),
      self_(runtime_.processes()),
      start_options_(kOpenBitsAll + 1) {
  SetStopHook([] { std::abort(); });
  if (flags_.from_malloc) CheckedMemory::UseMalloc();
  // A driver that ends its port with an error must not end this process.
  self_->set_trap_exit(true);
  const std::uint32_t threads_before = OneAtATime::threads_made();
  auto name = runtime_.ddll().LoadDriverFile(flags_.driver);
  made_threads_ = OneAtATime::threads_made() != threads_before;
  if (!name) Refuse("the driver does not load: " + name.error().ToString());
  name_ = *name;
  is_echo_ = name_ == "echo_drv";
  echoes_ = is_echo_ || name_ == "payload_drv";
  port_name_ = Term::Tuple({Term::Atom("spawn_driver"), Term::String(name_)});
  for (std::uint32_t bits = 0; bits <= kOpenBitsAll; ++bits) {
    StartOptions& options = start_options_[bits];
    options.name_kind = PortNameKind::kSpawnDriver;
    options.command = name_;
    options.binary = (bits & kOpenBinary) != 0;
    options.line_length = (bits & kOpenLine) != 0 ? kLineLength : 0;
    options.eof = (bits & kOpenEof) != 0;
  }
  ChooseKinds();
  PrintMapping(the_target, "/" + name_ + ".so");
}

void DriverUnderTest::TellKinds() const {
  for (std::size_t i = 0; i < kOperationKinds; ++i) {
    const auto kind = static_cast<OperationKind>(i);
    if (std::ranges::find(kinds_, kind) == kinds_.end()) continue;
    std::fprintf(stderr, "portlab: HAS %s\n", ShapeOf(kind).name.data());
  }
}

void DriverUnderTest::ChooseKinds() {
  kinds_ = KindsFor(Ports::Get().services().drivers->Find(name_)->entry);
  if (flags_.survey) TellKinds();
  if (flags_.calls.empty()) return;
  std::vector<OperationKind> chosen = {OperationKind::kOpen, OperationKind::kClose};
  std::string_view rest = flags_.calls;
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    const auto named = [word](OperationKind kind) { return ShapeOf(kind).name == word; };
    if (std::ranges::none_of(kinds_, named)) {
      Refuse("--calls: '" + std::string(word) + "' is no operation that this driver has");
    }
    std::ranges::copy_if(kinds_, std::back_inserter(chosen), named);
  }
  kinds_ = std::move(chosen);
}

std::uintptr_t DriverUnderTest::load_address() const {
  const link_map* library = nullptr;
  void* handle = Ports::Get().services().drivers->Find(name_)->library;
  return ::dlinfo(handle, RTLD_DI_LINKMAP, &library) == 0 ? library->l_addr : 0;
}

std::optional<PortId> DriverUnderTest::Opened(const Result<PortId>& port) {
  if (port) return *port;
  // An input may have its memory fail.
  if (is_echo() && !AnyDriverAllocationFailed())
    Fail("echo_drv did not start: " + port.error().ToString());
  return std::nullopt;
}

std::optional<PortId> DriverUnderTest::Open(const Term& options) {
  return Opened(runtime_.OpenPort(*self_, port_name_, options));
}

std::optional<PortId> DriverUnderTest::Open(std::uint32_t bits, std::string_view arguments) {
  StartOptions& options = start_options_[bits];
  options.command.resize(name_.size());  // the name, without the last one's arguments
  if (arguments.empty()) arguments = flags_.start_args;
  if (!arguments.empty()) arguments = arguments.substr(0, arguments.find('\0'));  // a C string
  if (!arguments.empty()) options.command.append(" ").append(arguments);
  return Opened(*self_->BlockOn(OpenPort(*self_, options)));
}

bool DriverUnderTest::ClosedUntil(Nanos deadline) {
  const auto nothing = [](const Term&) { return false; };
  while (runtime_.port_count() != 0) {
    if (MonotonicNow() >= deadline) return false;
    self_->ReceiveUntil(std::min(deadline, MonotonicNow() + kMillisecond), nothing);
  }
  return true;
}

void DriverUnderTest::Close(PortId port) { (void)runtime_.PortClose(*self_, port); }

// A port that was closed while its queue held data stays until the queue is empty, and
// erlang:halt/0 waits for it. Without a timer, a descriptor or a job nobody will ever empty it.
void DriverUnderTest::CheckQueues() {
  const Ports::Services& services = Ports::Get().services();
  if (services.check_io->HasFds() || services.async->pending() != 0) return;
  for (const PortId id : runtime_.Ports()) {
    Port* port = Ports::Get().Find(id);
    if (port == nullptr || port->state() != PortState::kClosing) continue;
    const PortBody& body = port->body();
    if (body.timer_is_set() || body.queued_bytes() == 0) continue;
    Fail(
        "queue-never-drained: the port was closed, and nothing is left that could empty its queue");
  }
}

void DriverUnderTest::AwaitClosed() {
  if (!ClosedUntil(MonotonicNow() + kFlushPatience)) {
    CheckQueues();
    for (const PortId port : runtime_.Ports()) runtime_.EndPort(*self_, port);
    if (!ClosedUntil(MonotonicNow() + kKillPatience))
      Fail("port-never-closes: a port is still there long after it was closed and killed");
  }
  AwaitJobs();
  self_->DropMessages();
}

// A job may outlive its port, and would otherwise be done, and its memory freed, in another input.
void DriverUnderTest::AwaitJobs() {
  const AsyncPool& jobs = *Ports::Get().services().async;
  const Nanos deadline = MonotonicNow() + kKillPatience;
  while (jobs.pending() != 0 && MonotonicNow() < deadline) {
    self_->ReceiveUntil(MonotonicNow() + kMillisecond, [](const Term&) { return false; });
  }
}

std::optional<Term> DriverUnderTest::TakeMessage(PortId port) {
  const Term from = Term::Of(port);
  auto message = self_->TryReceive([&from](const Term& candidate) {
    return candidate.is(TermKind::kTuple) && candidate.tuple().size() == 2 &&
           candidate.tuple()[0] == from;
  });
  if (!message) return std::nullopt;
  return message->tuple()[1];
}

void DriverUnderTest::Fail(const std::string& text) {
  std::fprintf(stderr, "%s: FOUND: %s\n", the_target, text.c_str());
  std::abort();
}

}  // namespace portlab
