/* Fault: writes through a null pointer (CWE-476). As a port program: dies of SIGSEGV, seen as
 * exit_status 139. */
#include "packet_loop.h"

/* Volatile, so that no compiler sees what it points to. */
static int* volatile nowhere = NULL;

static void write_to_null(void) { *nowhere = 42; }

int main(int argc, char** argv) { return packet_loop(argc, argv, write_to_null); }
