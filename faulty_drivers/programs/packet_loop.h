/* What the programs of the zoo share: packets as a port with {packet, 4} sends and expects them on
 * stdin and stdout (a 32-bit big-endian length, then that many bytes), and the loop that echoes
 * them. The fault is fired by a packet "fire", and only when the program was started with the
 * argument "armed". Where the fault lets the program go on, the answer to that packet is "fired".
 */
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SMALL_PACKET 64

struct packet {
  uint32_t size;
  char* bytes;
};

/* Result: 1, or 0 at the end of the input. An interrupted or partial read goes on; the ports' pipes
 * are blocking. */
static inline int read_all(void* place, size_t size) {
  size_t done = 0;
  while (done < size) {
    ssize_t count = read(STDIN_FILENO, (char*)place + done, size - done);
    if (count <= 0) return 0;
    done += (size_t)count;
  }
  return 1;
}

static inline int write_all(const void* bytes, size_t size) {
  size_t done = 0;
  while (done < size) {
    ssize_t count = write(STDOUT_FILENO, (const char*)bytes + done, size - done);
    if (count <= 0) return 0;
    done += (size_t)count;
  }
  return 1;
}

/* The bytes are the caller's to free. Result: 1, or 0 at the end of the input. */
static inline int read_packet(struct packet* packet) {
  unsigned char header[4];
  if (!read_all(header, sizeof(header))) return 0;
  packet->size =
      (uint32_t)header[0] << 24 | (uint32_t)header[1] << 16 | (uint32_t)header[2] << 8 | header[3];
  packet->bytes = (char*)malloc(packet->size > 0 ? packet->size : 1);
  if (packet->bytes == NULL) exit(1);
  return read_all(packet->bytes, packet->size);
}

static inline int write_packet(const char* bytes, uint32_t size) {
  unsigned char header[4] = {(unsigned char)(size >> 24), (unsigned char)(size >> 16),
                             (unsigned char)(size >> 8), (unsigned char)size};
  char small[SMALL_PACKET];
  if (sizeof(header) + size > sizeof(small)) {
    return write_all(header, sizeof(header)) && write_all(bytes, size);
  }
  /* In one piece, so that two processes that write to the same pipe do not mix theirs. */
  memcpy(small, header, sizeof(header));
  if (size > 0) memcpy(small + sizeof(header), bytes, size);
  return write_all(small, sizeof(header) + size);
}

/* Echoes packets until the input ends. `fault` may be NULL: there is none. Result: the program's
 * exit status. */
static inline int packet_loop(int argc, char** argv, void (*fault)(void)) {
  int is_armed = fault != NULL && argc > 1 && strcmp(argv[1], "armed") == 0;
  struct packet packet;
  while (read_packet(&packet)) {
    int written;
    if (is_armed && packet.size == 4 && memcmp(packet.bytes, "fire", 4) == 0) {
      fault();
      written = write_packet("fired", 5);
    } else {
      written = write_packet(packet.bytes, packet.size);
    }
    free(packet.bytes);
    if (!written) return 1;
  }
  return 0;
}
