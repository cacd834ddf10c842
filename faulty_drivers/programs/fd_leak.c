/* Fault: opens a file with every packet "fire" and never closes it (CWE-775). As a port program:
 * the descriptors are the program's and go with it. */
#include <fcntl.h>

#include "packet_loop.h"

static void look_up(void) { (void)!open("/dev/null", O_RDONLY | O_CLOEXEC); }

int main(int argc, char** argv) { return packet_loop(argc, argv, look_up); }
