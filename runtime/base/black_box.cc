#include "base/black_box.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "base/stop_hook.h"

namespace portlab {
namespace {

std::atomic<void (*)()> last_words{nullptr};
std::atomic<void (*)()> stop_hook{nullptr};
// Of the thread that ends the host; 0: none does.
std::atomic<pid_t> ending{0};

BlackBox own_page;

}  // namespace

constinit std::atomic<BlackBox*> BlackBox::current_{&own_page};

std::uint64_t BlackBox::Sum(Counter counter) const {
  std::uint64_t sum = 0;
  for (const Lane& lane : lanes) sum += (lane.*counter).load(std::memory_order_relaxed);
  return sum;
}

bool BlackBox::InsideCallback() const {
  std::uint64_t inside = 0;
  for (const Lane& lane : lanes) {
    inside += lane.callbacks_entered.load(std::memory_order_relaxed) -
              lane.callbacks_left.load(std::memory_order_relaxed);
  }
  return inside != 0;
}

void BlackBox::set_message(const char* text) { std::strncpy(message, text, sizeof(message) - 1); }

bool BlackBox::MapFrom(int fd) {
  void* page = ::mmap(nullptr, sizeof(BlackBox), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) return false;
  current_.store(static_cast<BlackBox*>(page), std::memory_order_release);
  return true;
}

void SetLastWords(void (*words)()) { last_words.store(words); }

void RunLastWords() {
  if (auto* words = last_words.load()) words();
}

void SetStopHook(void (*hook)()) { stop_hook.store(hook); }

void RunStopHook() {
  if (auto* hook = stop_hook.load()) hook();
}

void StopHost(const char* text) {
  const pid_t self = ::gettid();
  pid_t first = 0;
  if (ending.compare_exchange_strong(first, self)) {
    BlackBox::Get().set_message(text);
    std::fprintf(stderr, "portlab: host stopped: %s\n", text);
    std::fflush(nullptr);
    RunLastWords();
  } else if (first != self) {
    // The first cause counts, and its thread ends the process.
    for (;;) ::pause();
  }
  RunStopHook();
  ::_exit(kExitContract);
}

}  // namespace portlab
