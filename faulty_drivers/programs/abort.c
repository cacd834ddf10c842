/* Fault: calls abort, as a failed assert does (CWE-617). As a port program: exit_status 134. */
#include "packet_loop.h"

static void give_up(void) { abort(); }

int main(int argc, char** argv) { return packet_loop(argc, argv, give_up); }
