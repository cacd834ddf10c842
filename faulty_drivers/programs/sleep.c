/* Fault: sleeps for an hour (CWE-1322). As a port program: only this port waits, and closing it
 * does not end the program, which does not notice that its input is closed. */
#include "packet_loop.h"

#define AN_HOUR 3600

static void wait_for_device(void) { sleep(AN_HOUR); }

int main(int argc, char** argv) { return packet_loop(argc, argv, wait_for_device); }
