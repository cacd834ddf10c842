/* Fault: leaves its floating point unit rounding upward (CWE-682). As a port program: only its own
 * results are other ones. */
#include <fenv.h>

#include "packet_loop.h"

static void compute_upper_bound(void) { fesetround(FE_UPWARD); }

int main(int argc, char** argv) { return packet_loop(argc, argv, compute_upper_bound); }
