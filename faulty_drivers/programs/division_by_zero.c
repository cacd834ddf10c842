/* Fault: divides an integer by zero (CWE-369). x86 traps it; aarch64 gives 0. As a port program:
 * dies of SIGFPE, seen as exit_status 136. */
#include "packet_loop.h"

/* Volatile, so that no compiler sees it is zero. */
static volatile int commands;
static volatile int bytes_per_command;

static void average(void) { bytes_per_command = 1000 / commands; }

int main(int argc, char** argv) { return packet_loop(argc, argv, average); }
