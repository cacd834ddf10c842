/* Fault: forks, and lets both copies go on (CWE-403). As a port program: both answer, and from then
 * on each takes a part of the input. */
#include "packet_loop.h"

/* An exec in the child was meant to follow. */
static void start_helper(void) { (void)!fork(); }

int main(int argc, char** argv) { return packet_loop(argc, argv, start_helper); }
