#include "reports/portlab/stop_signals.h"

#include <signal.h>

#include <atomic>

namespace portlab {
namespace {

std::atomic<int> stop_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler writes it");

void Remember(int signo) { stop_signal.store(signo); }

}  // namespace

void CatchStopSignals() {
  struct sigaction action = {};
  action.sa_handler = Remember;
  action.sa_flags = SA_RESTART;
  for (const int signo : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signo, &action, nullptr);
  ::signal(SIGXFSZ, SIG_IGN);
}

int StopSignal() { return stop_signal.load(); }

}  // namespace portlab
