#include "base/black_box.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "base/stop_hook.h"

namespace portlab {
namespace {

std::atomic<void (*)()> stop_hook{nullptr};

BlackBox own_page;
std::atomic<BlackBox*> current{&own_page};

}  // namespace

void BlackBox::set_message(const char* text) { std::strncpy(message, text, sizeof(message) - 1); }

BlackBox& BlackBox::Get() { return *current.load(std::memory_order_acquire); }

bool BlackBox::MapFrom(int fd) {
  void* page = ::mmap(nullptr, sizeof(BlackBox), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) return false;
  current.store(static_cast<BlackBox*>(page), std::memory_order_release);
  return true;
}

void SetStopHook(void (*hook)()) { stop_hook.store(hook); }

void RunStopHook() {
  if (auto* hook = stop_hook.load()) hook();
}

void StopHost(const char* text) {
  BlackBox::Get().set_message(text);
  std::fprintf(stderr, "portlab: host stopped: %s\n", text);
  std::fflush(nullptr);
  RunStopHook();
  ::_exit(kExitContract);
}

}  // namespace portlab
