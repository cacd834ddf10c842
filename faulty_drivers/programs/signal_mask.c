/* Fault: blocks all signals and leaves them blocked (CWE-364). As a port program: its own, and
 * nobody notices. */
#define _GNU_SOURCE

#include <signal.h>

#include "packet_loop.h"

static void begin_critical_section(void) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
}

int main(int argc, char** argv) { return packet_loop(argc, argv, begin_critical_section); }
