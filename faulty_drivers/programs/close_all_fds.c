/* Fault: closes all its file descriptors (CWE-910), its input and output among them. As a port
 * program: cannot answer any more and ends with an exit_status 1 of its own. */
#include "packet_loop.h"

#define HIGHEST 1023

/* What one does before an exec, in a process that goes on instead. */
static void close_all(void) {
  int fd;
  for (fd = 0; fd <= HIGHEST; ++fd) close(fd);
}

int main(int argc, char** argv) { return packet_loop(argc, argv, close_all); }
