/* Fault: changes its environment (CWE-15). As a port program: its own, and nobody notices. */
#define _GNU_SOURCE

#include "packet_loop.h"

static void use_own_time_zone(void) { setenv("TZ", "Antarctica/Troll", 1); }

int main(int argc, char** argv) { return packet_loop(argc, argv, use_own_time_zone); }
