/* Fault: none. The program the faulty ones are compared with. */
#include "packet_loop.h"

static void do_nothing(void) {}

int main(int argc, char** argv) { return packet_loop(argc, argv, do_nothing); }
