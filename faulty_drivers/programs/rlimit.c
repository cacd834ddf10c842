/* Fault: lowers one of its limits and leaves it so (CWE-15). As a port program: its own, and nobody
 * notices. */
#include <sys/resource.h>

#include "packet_loop.h"

#define FEW 64

static void save_descriptors(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = FEW;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char** argv) { return packet_loop(argc, argv, save_descriptors); }
