#include "driver/guard_report.h"

#include <signal.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "base/black_box.h"
#include "base/stop_hook.h"
#include "driver/guarded_memory.h"

namespace portlab {
namespace {

// What SIGSEGV meant before it was ours.
struct sigaction as_before = {};

const GuardedRegion* watched_region = nullptr;
std::atomic<bool> claimed{false};
std::atomic<bool> written{false};

std::string_view AccessName(const void* context) {
#if defined(__x86_64__)
  constexpr long long kWrite = 2;  // of the page fault's error code
  const auto* machine = static_cast<const ucontext_t*>(context);
  return (machine->uc_mcontext.gregs[REG_ERR] & kWrite) != 0 ? "write" : "read";
#else
  (void)context;
  return "access";
#endif
}

// Several threads may run into the same fault: the later ones must not end the process before the
// first has told.
void WaitForTheFirst() {
  const timespec millisecond = {0, 1'000'000};
  for (int i = 0; i < 100 && !written.load(); ++i) ::nanosleep(&millisecond, nullptr);
}

void DescribeFault(const char* at, const void* context) {
  const GuardedSlot* slot = watched_region->Find(at);
  if (slot == nullptr) return;
  const char* block = watched_region->BlockOf(*slot);
  const char* behind = block + slot->size.load(std::memory_order_relaxed);
  const std::string_view access = AccessName(context);
  GuardLine line;
  line << kGuardMark;
  if (slot->state.load(std::memory_order_acquire) == GuardedSlot::kFreed) {
    line << "use-after-free: " << access;
    if (at >= block && at < behind) {
      line << " at offset " << static_cast<std::uint64_t>(at - block) << " of ";
    } else {
      line << " near ";
    }
  } else if (at >= block && at < behind) {
    return;  // freed and given out anew meanwhile, or made inaccessible by the driver itself
  } else if (at >= behind) {
    line << "heap-overflow: " << access << " " << static_cast<std::uint64_t>(at - behind) + 1
         << " bytes past the end of ";
  } else {
    line << "heap-underflow: " << access << " " << static_cast<std::uint64_t>(block - at)
         << " bytes before the begin of ";
  }
  ReportGuard(line.Block(*slot));
}

void OnFault(int signal, siginfo_t* info, void* context) {
  ::sigaction(signal, &as_before, nullptr);
  if (info->si_code > 0) DescribeFault(static_cast<const char*>(info->si_addr), context);
  // Somebody else looks at faults, too (a sanitizer): the instruction faults again, and is theirs.
  if ((as_before.sa_flags & SA_SIGINFO) != 0 && info->si_code > 0) return;
  // Pending until the handler returns: what happens to the faulting instruction then, does not
  // matter any more.
  ::raise(signal);
}

}  // namespace

GuardLine& GuardLine::operator<<(std::string_view text) {
  const std::size_t count = std::min(text.size(), sizeof(text_) - 1 - length_);
  std::memcpy(text_ + length_, text.data(), count);
  length_ += count;
  return *this;
}

GuardLine& GuardLine::operator<<(std::uint64_t number) {
  char digits[20];
  std::size_t first = sizeof digits;
  do {
    digits[--first] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  return *this << std::string_view(digits + first, sizeof digits - first);
}

GuardLine& GuardLine::Block(const GuardedSlot& slot) {
  const auto callback = [this](CallbackKind kind) {
    kind == CallbackKind::kNone ? *this << " outside callbacks"
                                : *this << " in " << CallbackName(kind);
  };
  *this << "the " << slot.size.load(std::memory_order_relaxed) << "-byte block allocated";
  callback(slot.allocated_in.load(std::memory_order_relaxed));
  if (slot.state.load(std::memory_order_acquire) != GuardedSlot::kFreed) return *this;
  *this << ", freed";
  callback(slot.freed_in.load(std::memory_order_relaxed));
  return *this;
}

void ReportGuard(const GuardLine& line) {
  if (claimed.exchange(true)) {
    WaitForTheFirst();
    return;
  }
  BlackBox::Get().set_message(line.c_str());
  for (const char* text : {"portlab: host stopped: ", line.c_str(), "\n"}) {
    if (::write(STDERR_FILENO, text, std::strlen(text)) < 0) break;  // the black box has it
  }
  written.store(true);
}

void StopForGuard(const GuardLine& line) {
  ReportGuard(line);
  RunStopHook();
  // A driver may have a handler of its own, which could jump out of here.
  ::signal(SIGABRT, SIG_DFL);
  std::abort();
}

void ReportFaultsIn(const GuardedRegion& region) {
  watched_region = &region;
  struct sigaction action = {};
  action.sa_sigaction = OnFault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGSEGV, &action, &as_before);
}

}  // namespace portlab
