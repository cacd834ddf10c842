/* Fault: loses 1 MiB of memory with every packet "fire" (CWE-401). As a port program: the memory is
 * the program's and goes with it.
 */
#include "packet_loop.h"

#define LEAK_SIZE (1024 * 1024)

/* Touched, so that the memory is really used up and not only reserved; volatile, so that it is not
 * left out. */
static void leak(void) {
  char* volatile lost = malloc(LEAK_SIZE);
  if (lost != NULL) memset(lost, 0x5a, LEAK_SIZE);
}

int main(int argc, char** argv) { return packet_loop(argc, argv, leak); }
