/* Fault: loses 1 MiB of memory with every packet "fire" (CWE-401). As a port program: the memory is
 * the program's and goes with it.
 */
#include "packet_loop.h"

#define LEAK_SIZE (1024 * 1024)
#define PAGE_SIZE 4096

/* Touched on every page, so that the memory is really used up and not only reserved; through a
 * volatile pointer, because an optimiser leaves out a memset that nobody reads back. */
static void leak(void) {
  volatile char* lost = malloc(LEAK_SIZE);
  if (lost == NULL) return;
  for (size_t at = 0; at < LEAK_SIZE; at += PAGE_SIZE) lost[at] = 0x5a;
}

int main(int argc, char** argv) { return packet_loop(argc, argv, leak); }
