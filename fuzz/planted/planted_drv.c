/* The practice target of `portlab fuzz`: a driver with planted faults, each in a function of its
 * own, so that each makes a finding of its own. PLANTED_FIXED builds the same driver without any of
 * them: what is found in the one must not be found in the other.
 *
 *   function            fault                                         reached by
 *   store_record        write past a heap block (CWE-787)             control 1, payload "PUT!" and
 * a length checksum_pieces     read one past the last piece (CWE-125)        outputv, a vector of
 * two pieces and more use_session         use after free (CWE-416)                      control 2
 * closes, control 3 uses drop_twice          double free (CWE-415)                         control
 * 4 twice scale_shift         shift by too much (UB)                        control 5, payload: the
 * shift scale_sum           signed overflow (UB)                          control 6, payload: two
 * ints answer_too_long     reply longer than its buffer (CWE-787)        control 7, payload above
 * 64 bytes first_option        null dereference (CWE-476)                    control 8 before
 * control 9
 */
#include <erl_driver.h>
#include <string.h>

#ifdef PLANTED_FIXED
#define PLANTED_NAME "planted_fixed_drv"
#define PLANTED 0
#else
#define PLANTED_NAME "planted_drv"
#define PLANTED 1
#endif

#define RECORD_BYTES 16
#define NOINLINE __attribute__((noinline))

struct planted_port {
  ErlDrvPort port;
  char* record;
  int* session;
  int session_open;
  char* cache;
  int cache_dropped;
  const char* options;
};

static unsigned volatile sink;

static ErlDrvData start(ErlDrvPort port, char* command) {
  struct planted_port* self = driver_alloc(sizeof(*self));
  (void)command;
  if (self == NULL) return ERL_DRV_ERROR_GENERAL;
  self->port = port;
  self->record = driver_alloc(RECORD_BYTES);
  self->session = driver_alloc(sizeof(int));
  self->cache = driver_alloc(8);
  if (self->record == NULL || self->session == NULL || self->cache == NULL) {
    driver_free(self->record);
    driver_free(self->session);
    driver_free(self->cache);
    driver_free(self);
    return ERL_DRV_ERROR_GENERAL;
  }
  *self->session = 7;
  self->session_open = 1;
  self->cache_dropped = 0;
  self->options = NULL;
  return (ErlDrvData)self;
}

static void stop(ErlDrvData data) {
  struct planted_port* self = (struct planted_port*)data;
  driver_free(self->record);
  if (self->session_open) driver_free(self->session);
  if (!self->cache_dropped) driver_free(self->cache);
  driver_free(self);
}

/* "PUT!", a length, and as many bytes as the length says are kept. */
static NOINLINE void store_record(struct planted_port* self, const char* bytes, ErlDrvSizeT size) {
  ErlDrvSizeT length;
  if (size < 5 || memcmp(bytes, "PUT!", 4) != 0) return;
  length = (unsigned char)bytes[4];
  if (!PLANTED && length > RECORD_BYTES) return;
  if (length > size - 5) length = size - 5;
  memcpy(self->record, bytes + 5, length);
}

static NOINLINE unsigned checksum_pieces(const ErlIOVec* ev) {
  unsigned sum = 0;
  int piece;
  for (piece = 0; piece < ev->vsize; ++piece) {
    const SysIOVec* part = &ev->iov[piece];
    ErlDrvSizeT end = part->iov_len;
    ErlDrvSizeT at;
    if (PLANTED && ev->vsize > 2 && end > 0) ++end;
    for (at = 0; at < end; ++at) sum = sum * 31u + (unsigned char)part->iov_base[at];
  }
  return sum;
}

static NOINLINE void close_session(struct planted_port* self) {
  if (!self->session_open) return;
  driver_free(self->session);
  self->session_open = 0;
}

static NOINLINE void use_session(struct planted_port* self) {
  if (!PLANTED && !self->session_open) return;
  *self->session += 1;
}

static NOINLINE void drop_twice(struct planted_port* self) {
  if (!PLANTED && self->cache_dropped) return;
  driver_free(self->cache);
  self->cache_dropped = 1;
}

static NOINLINE void scale_shift(const char* bytes, ErlDrvSizeT size) {
  int by;
  if (size < 1) return;
  by = (unsigned char)bytes[0];
  if (!PLANTED && by > 30) return;
  sink = (unsigned)(1 << by) & 0xff00u;
}

static NOINLINE void scale_sum(const char* bytes, ErlDrvSizeT size) {
  int first;
  int second;
  if (size < 2 * sizeof(int)) return;
  memcpy(&first, bytes, sizeof(first));
  memcpy(&second, bytes + sizeof(first), sizeof(second));
  if (!PLANTED) {
    first /= 4;
    second /= 4;
  }
  sink = (unsigned)(first + second) & 0xff00u;
}

static NOINLINE ErlDrvSSizeT answer_too_long(const char* bytes, ErlDrvSizeT size, char** reply,
                                             ErlDrvSizeT room) {
  if (size == 0) return 0;
  if (size > room) {
    *reply = driver_alloc(PLANTED ? room : size);
    if (*reply == NULL) return -1;
  }
  memcpy(*reply, bytes, size);
  return (ErlDrvSSizeT)size;
}

static NOINLINE void first_option(struct planted_port* self) {
  if (!PLANTED && self->options == NULL) return;
  sink = (unsigned char)*self->options & 0xf0u;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct planted_port* self = (struct planted_port*)data;
  switch (operation) {
    case 1:
      store_record(self, bytes, size);
      break;
    case 2:
      close_session(self);
      break;
    case 3:
      use_session(self);
      break;
    case 4:
      drop_twice(self);
      break;
    case 5:
      scale_shift(bytes, size);
      break;
    case 6:
      scale_sum(bytes, size);
      break;
    case 7:
      return answer_too_long(bytes, size, reply, room);
    case 8:
      first_option(self);
      break;
    case 9:
      self->options = "none";
      break;
    default:
      break;
  }
  return 0;
}

static void outputv(ErlDrvData data, ErlIOVec* ev) {
  (void)data;
  sink = checksum_pieces(ev) & 0xff00u;
}

static ErlDrvEntry entry = {
    .start = start,
    .stop = stop,
    .driver_name = PLANTED_NAME,
    .control = control,
    .outputv = outputv,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(planted_drv) { return &entry; }
