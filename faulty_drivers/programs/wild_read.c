/* Fault: reads through a pointer that never pointed anywhere (CWE-822). As a port program: dies of
 * SIGSEGV, seen as exit_status 139. */
#include "packet_loop.h"

/* Volatile, so that no compiler sees where it points: an address nothing is mapped at. */
static const int* volatile wild = (const int*)(uintptr_t)0xdead0000u;
static volatile int seen;

static void read_wildly(void) { seen = *wild; }

int main(int argc, char** argv) { return packet_loop(argc, argv, read_wildly); }
