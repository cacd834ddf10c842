/* Fault: ends in the middle of its work with status 0 (CWE-705). As a port program: a normal
 * exit_status 0. */
#include "packet_loop.h"

static void finish_program(void) { exit(0); }

int main(int argc, char** argv) { return packet_loop(argc, argv, finish_program); }
