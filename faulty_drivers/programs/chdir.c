/* Fault: changes its current directory (CWE-15). As a port program: its own, and nobody notices. */
#include "packet_loop.h"

static void go_to_data(void) { (void)!chdir("/usr"); }

int main(int argc, char** argv) { return packet_loop(argc, argv, go_to_data); }
