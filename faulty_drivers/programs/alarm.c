/* Fault: starts a timer for whose signal nobody waits (CWE-364). As a port program: answers, and
 * then dies of SIGALRM, seen as exit_status 142. */
#include <sys/time.h>

#include "packet_loop.h"

#define MICROSECONDS 5000

/* The default action of SIGALRM ends the process. */
static void limit_time(void) {
  struct itimerval soon = {{0, 0}, {0, MICROSECONDS}};
  setitimer(ITIMER_REAL, &soon, NULL);
}

int main(int argc, char** argv) { return packet_loop(argc, argv, limit_time); }
