/* Fault: goes on when its input has ended, and ignores SIGTERM (CWE-404). As a port program: OTP
 * leaves it behind, when the port is closed and when the VM has ended. */
#include <signal.h>

#include "packet_loop.h"

static int stays;

static void stay(void) {
  signal(SIGTERM, SIG_IGN);
  stays = 1;
}

int main(int argc, char** argv) {
  int status = packet_loop(argc, argv, stay);
  while (stays) pause();
  return status;
}
