/* Fault: never answers again and uses a whole core (CWE-835). As a port program: only this port
 * waits, and closing it does not end the program, which does not notice that its input is closed.
 */
#include "packet_loop.h"

/* Volatile, so that the loop may not be taken for finite. */
static volatile unsigned long turns;
static volatile int is_done;

static void wait_busily(void) {
  while (!is_done) ++turns;
}

int main(int argc, char** argv) { return packet_loop(argc, argv, wait_busily); }
