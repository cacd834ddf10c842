/* Fault: ends with status 5 while a child of its own keeps its output open (CWE-404). As a port
 * program: the exit_status comes when the grandchild ends as well. */
#include "packet_loop.h"

#define AN_HOUR 3600

static void leave_helper_behind(void) {
  if (fork() == 0) {
    sleep(AN_HOUR);
    _exit(0);
  }
  exit(5);
}

int main(int argc, char** argv) { return packet_loop(argc, argv, leave_helper_behind); }
