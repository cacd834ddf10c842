/* A program of a port with {packet, 4} whose loop can be called: what fuzzing a program inside the
 * fuzzer's process looks like. It answers each packet with the packet. Compiled with
 * -DPACKET_ECHO_BROKEN it trusts a length that the packet "len" brings along.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_PACKET (1u << 20)

/* 1: all of it; 0: the end came first. */
static int read_all(int file, unsigned char* to, size_t size) {
  while (size > 0) {
    ssize_t got = read(file, to, size);
    if (got <= 0) return 0;
    to += got;
    size -= (size_t)got;
  }
  return 1;
}

static int write_all(int file, const unsigned char* from, size_t size) {
  while (size > 0) {
    ssize_t put = write(file, from, size);
    if (put <= 0) return 0;
    from += put;
    size -= (size_t)put;
  }
  return 1;
}

#ifdef PACKET_ECHO_BROKEN
static unsigned char handle_len(const unsigned char* packet, size_t size) {
  return size > 3 && memcmp(packet, "len", 3) == 0 ? packet[3 + packet[3]] : 0;
}
#else
static unsigned char handle_len(const unsigned char* packet, size_t size) {
  (void)packet;
  (void)size;
  return 0;
}
#endif

int port_main(int in, int out);
int port_main(int in, int out) {
  unsigned char header[4];
  while (read_all(in, header, sizeof(header))) {
    const size_t size = ((size_t)header[0] << 24) | ((size_t)header[1] << 16) |
                        ((size_t)header[2] << 8) | header[3];
    if (size > MAX_PACKET) return 1;
    unsigned char* packet = malloc(size > 0 ? size : 1);
    if (packet == NULL) return 1;
    const int whole = read_all(in, packet, size);
    if (whole && handle_len(packet, size) != 0) header[0] = 0;
    const int sent =
        whole && write_all(out, header, sizeof(header)) && write_all(out, packet, size);
    free(packet);
    if (!sent) return 1;
  }
  return 0;
}

#ifndef PORT_MAIN_ONLY
int main(void) { return port_main(0, 1); }
#endif
