/* The practice target of `portlab fuzz --program`: a program of a port with {packet, 4} and planted
 * faults, each in a function of its own. PLANTED_FIXED builds the same program without any of them;
 * PORT_MAIN_ONLY as a library, whose packet loop runs inside the fuzzer. PLANTED_PLAIN leaves out
 * what only a sanitizer sees for sure, and has what takes a life longer than an input.
 *
 *   function       fault                                       reached by
 *   keep_record    write past a heap block (CWE-787)           "p", a length, bytes
 *   use_session    use after free (CWE-416)                    "d" drops it, "u" uses it
 *   divide         division by zero (CWE-369)                  "q", two bytes
 *   leave          exit(3)                                     "x" and more than 12 bytes
 *   first_option   null dereference (CWE-476)                  "n" before "o"
 *   half_answer    the same, in the middle of an answer        "s" and an odd first byte
 *   long_answer    a header that no port takes                 "h" and a first byte above 0x0f
 *   count_visits   abort() at the 16th "k" of a life (PLANTED_PLAIN)
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef PLANTED_FIXED
#define PLANTED 0
#else
#define PLANTED 1
#endif
#if defined(PLANTED_PLAIN)
#define PLANTED_HEAP 0
#else
#define PLANTED_HEAP PLANTED
#endif

#define NOINLINE __attribute__((noinline))
#define MAX_PACKET (1u << 16)
#define RECORD_BYTES 4
#define VISITS 16

struct program {
  int out;
  char* record;
  int* session;
  int session_open;
  const char* options;
  int visits;
};

static unsigned volatile sink;

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

static int write_all(int file, const void* from, size_t size) {
  const unsigned char* at = from;
  while (size > 0) {
    ssize_t put = write(file, at, size);
    if (put <= 0) return 0;
    at += put;
    size -= (size_t)put;
  }
  return 1;
}

static int answer(const struct program* self, const char* text) {
  const unsigned char header[4] = {0, 0, 0, (unsigned char)strlen(text)};
  return write_all(self->out, header, sizeof(header)) && write_all(self->out, text, strlen(text));
}

/* A length, and as many bytes as it says are kept. */
static NOINLINE void keep_record(struct program* self, const unsigned char* bytes, size_t size) {
  size_t length;
  if (size < 1) return;
  length = bytes[0];
  if (!PLANTED_HEAP && length > RECORD_BYTES) return;
  if (length > size - 1) length = size - 1;
  memcpy(self->record, bytes + 1, length);
}

static NOINLINE void drop_session(struct program* self) {
  if (!self->session_open) return;
  free(self->session);
  self->session_open = 0;
}

static NOINLINE void use_session(struct program* self) {
  if (!PLANTED_HEAP && !self->session_open) return;
  *self->session += 1;
}

static NOINLINE void divide(const unsigned char* bytes, size_t size) {
  if (size < 2 || (!PLANTED && bytes[1] == 0)) return;
  sink = (unsigned)(bytes[0] / bytes[1]);
}

static NOINLINE void leave(size_t size) {
  if (PLANTED && size > 12) exit(3);
}

static NOINLINE void first_option(const struct program* self) {
  if (!PLANTED && self->options == NULL) return;
  sink = (unsigned char)*self->options;
}

static NOINLINE void half_answer(const struct program* self, const unsigned char* bytes,
                                 size_t size) {
  const unsigned char half[2] = {0, 0};
  const char* volatile nowhere = NULL;
  if (!PLANTED || size < 1 || bytes[0] % 2 == 0) return;
  if (write_all(self->out, half, sizeof(half))) sink = (unsigned char)*nowhere;
}

static NOINLINE int long_answer(const struct program* self, const unsigned char* bytes,
                                size_t size) {
  const unsigned char header[4] = {0xff, 0xff, 0xff, 0xff};
  if (!PLANTED || size < 1 || bytes[0] <= 0x0f) return 1;
  return write_all(self->out, header, sizeof(header));
}

static NOINLINE void count_visits(struct program* self) {
#ifdef PLANTED_PLAIN
  if (PLANTED && ++self->visits >= VISITS) abort();
#else
  (void)self;
#endif
}

/* 1: it is answered. */
static int handle(struct program* self, const unsigned char* packet, size_t size) {
  const unsigned char* bytes = packet + 1;
  if (size == 0) return answer(self, "empty");
  --size;
  switch (packet[0]) {
    case 'p':
      keep_record(self, bytes, size);
      return answer(self, "kept");
    case 'd':
      drop_session(self);
      return answer(self, "dropped");
    case 'u':
      use_session(self);
      return answer(self, "used");
    case 'q':
      divide(bytes, size);
      return answer(self, "quotient");
    case 'x':
      leave(size);
      return answer(self, "stays");
    case 'o':
      self->options = "none";
      return answer(self, "ok");
    case 'n':
      first_option(self);
      return answer(self, "next");
    case 's':
      half_answer(self, bytes, size);
      return answer(self, "sound");
    case 'h':
      return long_answer(self, bytes, size) && answer(self, "header");
    case 'k':
      count_visits(self);
      return answer(self, "known");
    default:
      return answer(self, "what?");
  }
}

static int serve(struct program* self, int in) {
  unsigned char header[4];
  while (read_all(in, header, sizeof(header))) {
    const size_t size = ((size_t)header[0] << 24) | ((size_t)header[1] << 16) |
                        ((size_t)header[2] << 8) | header[3];
    unsigned char* packet;
    int served;
    if (size > MAX_PACKET) return 0;
    packet = malloc(size > 0 ? size : 1);
    if (packet == NULL) return 0;
    served = read_all(in, packet, size) && handle(self, packet, size);
    free(packet);
    if (!served) return 0;
  }
  return 1;
}

int port_main(int in, int out);
int port_main(int in, int out) {
  struct program self = {out, malloc(RECORD_BYTES), malloc(sizeof(int)), 1, NULL, 0};
  int served = 0;
  if (self.record != NULL && self.session != NULL) {
    *self.session = 7;
    served = serve(&self, in);
  }
  if (self.session_open) free(self.session);
  free(self.record);
  return served ? 0 : 1;
}

#ifndef PORT_MAIN_ONLY
int main(void) { return port_main(0, 1); }
#endif
