/* Fault: writes 32 bytes beyond a block of malloc (CWE-787). As a port program: the C library finds
 * out when the block is freed, and aborts: exit_status 134. */
#include "packet_loop.h"

#define ROOM 4096
#define HEADER 32

/* Volatile, so that no compiler knows that it is too much. */
static volatile size_t used = HEADER + ROOM;
static char* volatile packet;

/* Makes room for the body, and forgets that it has a header. The block is larger than those for
 * which the C library skips its checks. */
static void build_packet(void) {
  packet = malloc(ROOM);
  if (packet == NULL) return;
  memset(packet, 0x5a, used);
  free(packet);
}

int main(int argc, char** argv) { return packet_loop(argc, argv, build_packet); }
