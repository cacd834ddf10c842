/* Fault: no longer reads its input, and keeps it open (CWE-400). As a port program: whoever sends
 * to the port is suspended when the pipe and the port's queue are full, until the port is closed.
 */
#include "packet_loop.h"

static void look_the_other_way(void) {
  for (;;) pause();
}

int main(int argc, char** argv) { return packet_loop(argc, argv, look_the_other_way); }
