/* Fault: frees a block of malloc twice (CWE-415). As a port program: the C library finds out and
 * aborts: exit_status 134. */
#include "packet_loop.h"

#define BLOCK_SIZE 64

/* Volatile, so that no compiler sees that it is the same block. */
static void* volatile block;

static void clean_up(void) { free(block); }

/* As an error path that cleans up, and a caller that does so again. */
static void fail(void) {
  block = malloc(BLOCK_SIZE);
  clean_up();
  clean_up();
}

int main(int argc, char** argv) { return packet_loop(argc, argv, fail); }
