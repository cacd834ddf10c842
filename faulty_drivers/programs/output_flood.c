/* Fault: writes packets of 1 KiB without end (CWE-770), until it is killed or nobody reads. As a
 * port program: the VM reads as fast as it can, and the mailbox of the port's owner grows.
 */
#include "packet_loop.h"

#define PACKET_SIZE 1024

static void flood(void) {
  char bytes[PACKET_SIZE];
  memset(bytes, 0x5a, sizeof(bytes));
  while (write_packet(bytes, sizeof(bytes))) {
  }
  exit(1);
}

int main(int argc, char** argv) { return packet_loop(argc, argv, flood); }
