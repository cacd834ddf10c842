/* Fault: announces a packet of 4 GiB (CWE-130), and goes on as if it had not. As a port program:
 * OTP reserves 4 GiB and the port says nothing more; it must not be believed. */
#include "packet_loop.h"

static void announce(void) {
  const unsigned char header[4] = {0xff, 0xff, 0xff, 0xff};
  write_all(header, sizeof(header));
}

int main(int argc, char** argv) { return packet_loop(argc, argv, announce); }
