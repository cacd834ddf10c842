#include "stress/otp/mutation.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/binary_block.h"
#include "driver/driver_memory.h"

namespace {

std::atomic<std::int64_t> live_objects{0};

}  // namespace

// What is made with new and not deleted, in the whole program.
void* operator new(std::size_t size) {
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  live_objects.fetch_add(1, std::memory_order_relaxed);
  return block;
}
void operator delete(void* block) noexcept {
  if (block != nullptr) live_objects.fetch_sub(1, std::memory_order_relaxed);
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept { operator delete(block); }

namespace portlab {
namespace {

// A run takes milliseconds. Only a mutant that never ends is ended here: one that waits, by the
// clock; one that works, by its processor time, which does not depend on what else the machine
// does.
constexpr int kPatienceMs = 20'000;
constexpr rlim_t kSecondsOfWork = 2;
constexpr int kExitNothingToChange = 77;

#if defined(__x86_64__)
constexpr unsigned kReferences[] = {R_X86_64_JUMP_SLOT, R_X86_64_GLOB_DAT, R_X86_64_64};
#else
constexpr unsigned kReferences[] = {R_AARCH64_JUMP_SLOT, R_AARCH64_GLOB_DAT, R_AARCH64_ABS64};
#endif

bool IsReference(unsigned type) {
  return std::find(std::begin(kReferences), std::end(kReferences), type) != std::end(kReferences);
}

void Write(ElfW(Addr) place, const void* value) {
  const auto page = static_cast<ElfW(Addr)>(::sysconf(_SC_PAGESIZE));
  // Read-only since it was relocated.
  ::mprotect(reinterpret_cast<void*>(place & ~(page - 1)), page, PROT_READ | PROT_WRITE);
  std::memcpy(reinterpret_cast<void*>(place), &value, sizeof(value));
}

// The dynamic section of a loaded library.
struct Dynamic {
  explicit Dynamic(const link_map& map) {
    for (const ElfW(Dyn)* at = map.l_ld; at->d_tag != DT_NULL; ++at) {
      switch (at->d_tag) {
        case DT_SYMTAB:
          symbols = reinterpret_cast<const ElfW(Sym)*>(at->d_un.d_ptr);
          break;
        case DT_STRTAB:
          names = reinterpret_cast<const char*>(at->d_un.d_ptr);
          break;
        case DT_RELA:
          tables[0] = reinterpret_cast<const ElfW(Rela)*>(at->d_un.d_ptr);
          break;
        case DT_RELASZ:
          sizes[0] = at->d_un.d_val / sizeof(ElfW(Rela));
          break;
        case DT_JMPREL:
          tables[1] = reinterpret_cast<const ElfW(Rela)*>(at->d_un.d_ptr);
          break;
        case DT_PLTRELSZ:
          sizes[1] = at->d_un.d_val / sizeof(ElfW(Rela));
          break;
        default:
          break;
      }
    }
  }
  const ElfW(Sym) * symbols = nullptr;
  const char* names = nullptr;
  const ElfW(Rela) * tables[2] = {};
  std::size_t sizes[2] = {};
};

std::string Left(const char* what, std::int64_t before, std::int64_t after) {
  return std::string(what) + " " + std::to_string(after - before) + "\n";
}

// In the forked process: all of the run.
std::string Play(const Behaviour& behaviour) {
  RuntimeOptions options;
  options.limits.scheduler_threads = 1;
  options.strict = false;
  options.baton_seed = 1;
  options.spawn_server = PORTLAB_SPAWN_SERVER_PATH;
  // Never destroyed: with a mutant it may not be able to end.
  auto* runtime = new Runtime(options);
  std::string said;
  said.reserve(1 << 16);
  const std::int64_t blocks = LiveDriverBlocks();
  const std::int64_t binaries = BinaryBlock::live();
  const std::int64_t objects = live_objects.load();
  {
    Actor actor(*runtime, said);
    try {
      behaviour.ours(actor);
    } catch (const ProcessExited&) {
      said += "ended\n";
    }
  }
  said += Left("blocks", blocks, LiveDriverBlocks());
  said += Left("binaries", binaries, BinaryBlock::live());
  return said + Left("objects", objects, live_objects.load());
}

[[noreturn]] void PlayChild(const Behaviour& behaviour, const Mutate& mutate, int to) {
  const rlimit no_core = {0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  const rlimit processor_time = {kSecondsOfWork, kSecondsOfWork + 1};
  ::setrlimit(RLIMIT_CPU, &processor_time);
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {0, 1, 2}) ::dup2(nowhere, fd);
  if (!mutate()) ::_exit(kExitNothingToChange);
  const std::string said = Play(behaviour);
  for (std::size_t at = 0; at < said.size();) {
    const ssize_t written = ::write(to, said.data() + at, said.size() - at);
    if (written <= 0) ::_exit(1);
    at += static_cast<std::size_t>(written);
  }
  ::_exit(0);
}

// False: it did not come to its end in time.
bool ReadAll(int from, std::string& said) {
  char part[4096];
  for (;;) {
    pollfd ready = {from, POLLIN, 0};
    if (::poll(&ready, 1, kPatienceMs) <= 0) return false;
    const ssize_t got = ::read(from, part, sizeof(part));
    if (got <= 0) return true;
    said.append(part, static_cast<std::size_t>(got));
  }
}

std::string EndOf(pid_t child, bool in_time) {
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!in_time || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)) return "never ended";
  if (WIFSIGNALED(status)) return "SIG" + std::string(::sigabbrev_np(WTERMSIG(status)));
  if (WEXITSTATUS(status) == kExitNothingToChange) return kNothingToChange;
  return WEXITSTATUS(status) == 0 ? "" : "exit " + std::to_string(WEXITSTATUS(status));
}

std::string Line(const std::string& text, std::size_t at) {
  return at >= text.size() ? "nothing" : text.substr(at, text.find('\n', at) - at);
}

}  // namespace

MutableDriver::MutableDriver(const std::string& name)
    : library_(::dlopen((std::string(PORTLAB_DRIVERS "/") + name + ".so").c_str(),
                        RTLD_NOW | RTLD_LOCAL)) {}

bool MutableDriver::Redirect(const std::string& symbol, const void* to) {
  link_map* map = nullptr;
  if (library_ == nullptr || ::dlinfo(library_, RTLD_DI_LINKMAP, &map) != 0) return false;
  const Dynamic dynamic(*map);
  bool any = false;
  for (const int table : {0, 1}) {
    for (std::size_t i = 0; i < dynamic.sizes[table]; ++i) {
      const ElfW(Rela)& relocation = dynamic.tables[table][i];
      const ElfW(Sym)& of = dynamic.symbols[ELF64_R_SYM(relocation.r_info)];
      if (!IsReference(static_cast<unsigned>(ELF64_R_TYPE(relocation.r_info)))) continue;
      if (symbol != dynamic.names + of.st_name) continue;
      Write(map->l_addr + relocation.r_offset, to);
      any = true;
    }
  }
  return any;
}

ErlDrvEntry* MutableDriver::entry() {
  using DriverInit = ErlDrvEntry* (*)();
  void* init = library_ == nullptr ? nullptr : ::dlsym(library_, "driver_init");
  return init == nullptr ? nullptr : reinterpret_cast<DriverInit>(init)();
}

MutantRun RunMutant(const Behaviour& behaviour, const Mutate& mutate) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {"", "no pipe"};
  const pid_t child = ::fork();
  if (child == 0) PlayChild(behaviour, mutate, ends[1]);
  ::close(ends[1]);
  MutantRun run;
  const bool in_time = ReadAll(ends[0], run.said);
  ::close(ends[0]);
  run.end = EndOf(child, in_time);
  return run;
}

std::string Difference(const MutantRun& healthy, const MutantRun& mutant) {
  if (healthy == mutant) return {};
  if (!mutant.end.empty() && mutant.end != healthy.end) return mutant.end;
  const auto differ = std::mismatch(healthy.said.begin(), healthy.said.end(), mutant.said.begin(),
                                    mutant.said.end());
  const auto at = static_cast<std::size_t>(differ.first - healthy.said.begin());
  const std::size_t line = at == 0 ? 0 : healthy.said.rfind('\n', at - 1) + 1;
  return Line(healthy.said, line) + " -> " + Line(mutant.said, line);
}

}  // namespace portlab
