#include "fuzz/driver_under_test.h"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace portlab {
namespace {

// Any number will do, as long as it stays the same.
constexpr std::uint64_t kSeed = 1;
// Virtual time. A driver may need some of it to flush its queue.
constexpr Nanos kFlushPatience = 1000 * kMillisecond;
constexpr Nanos kKillPatience = 10'000 * kMillisecond;
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

std::string DriverFile(int argc, char** argv) {
  constexpr std::string_view kOption = "--driver=";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument(argv[i]);
    if (argument.starts_with(kOption)) return std::string(argument.substr(kOption.size()));
  }
  const char* from_environment = std::getenv("PORTLAB_FUZZ_DRIVER");
  return from_environment != nullptr ? from_environment : DefaultDriver();
}

// Where the driver is, for whoever checks that libFuzzer's counters lie in it: a driver built
// without coverage fuzzes just as happily.
int PrintMapping(dl_phdr_info* info, std::size_t /*size*/, void* name) {
  if (!std::string_view(info->dlpi_name).ends_with(*static_cast<std::string*>(name))) return 0;
  std::uintptr_t begin = UINTPTR_MAX;
  std::uintptr_t end = 0;
  for (const auto& segment : std::span(info->dlpi_phdr, info->dlpi_phnum)) {
    if (segment.p_type != PT_LOAD) continue;
    begin = std::min(begin, info->dlpi_addr + segment.p_vaddr);
    end = std::max(end, info->dlpi_addr + segment.p_vaddr + segment.p_memsz);
  }
  std::fprintf(stderr, "%s: driver %s at [0x%" PRIxPTR ", 0x%" PRIxPTR ")\n", the_target,
               info->dlpi_name, begin, end);
  return 1;
}

RuntimeOptions Options() {
  RuntimeOptions options;
  options.baton_seed = kSeed;
  options.limits.scheduler_threads = 1;
  return options;
}

}  // namespace

void DriverUnderTest::Load(const char* target, int argc, char** argv) {
  the_target = target;
  const std::string file = DriverFile(argc, argv);
  if (!std::filesystem::is_regular_file(file)) {
    Refuse("no driver at '" + file +
           "'; name one: PORTLAB_FUZZ_DRIVER=FILE, or -ignore_remaining_args=1 --driver=FILE");
  }
  the_driver = new DriverUnderTest(file);
}

DriverUnderTest& DriverUnderTest::Get() {
  if (the_driver == nullptr) Refuse("LLVMFuzzerInitialize was not called");
  return *the_driver;
}

DriverUnderTest::DriverUnderTest(const std::string& file)
    : runtime_(Options()), self_(runtime_.processes()) {
  // A driver that ends its port with an error must not end this process.
  self_->set_trap_exit(true);
  auto name = runtime_.ddll().LoadDriverFile(file);
  if (!name) Refuse("the driver does not load: " + name.error().ToString());
  name_ = *name;
  port_name_ = Term::Tuple({Term::Atom("spawn_driver"), Term::String(name_)});
  std::string library = "/" + name_ + ".so";
  ::dl_iterate_phdr(PrintMapping, &library);
}

std::optional<PortId> DriverUnderTest::Open(const Term& options) {
  auto port = runtime_.OpenPort(*self_, port_name_, options);
  if (port) return *port;
  if (is_echo()) Fail("echo_drv did not start: " + port.error().ToString());
  return std::nullopt;
}

bool DriverUnderTest::ClosedUntil(Nanos deadline) {
  const auto nothing = [](const Term&) { return false; };
  while (runtime_.port_count() != 0) {
    if (MonotonicNow() >= deadline) return false;
    self_->ReceiveUntil(std::min(deadline, MonotonicNow() + kMillisecond), nothing);
  }
  return true;
}

void DriverUnderTest::Close(PortId port) {
  (void)runtime_.PortClose(*self_, port);
  if (!ClosedUntil(MonotonicNow() + kFlushPatience)) {
    runtime_.Exit(*self_, port, Term::Atom("kill"));
    if (!ClosedUntil(MonotonicNow() + kKillPatience)) Fail("the port does not close");
  }
  while (self_->TryReceive()) continue;
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
