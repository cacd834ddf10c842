/* Fault: none. The program the faulty ones are compared with. */
#include "packet_loop.h"

int main(int argc, char** argv) { return packet_loop(argc, argv, NULL); }
