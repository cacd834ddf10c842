/* The control operations of differ_drv that say something: bytes in each form, and terms. */
#include <string.h>

#include "differ_drv.h"

static void build_and_send(struct differ* self, int to_caller) {
  ErlDrvSInt64 number = -9;
  ErlDrvUInt64 large = 18446744073709551615ULL;
  double real = 0.5;
  ErlDrvTermData port = driver_mk_port(self->port);
  ErlDrvTermData term[] = {ERL_DRV_ATOM,
                           driver_mk_atom("t"),
                           ERL_DRV_INT64,
                           (ErlDrvTermData)&number,
                           ERL_DRV_UINT64,
                           (ErlDrvTermData)&large,
                           ERL_DRV_FLOAT,
                           (ErlDrvTermData)&real,
                           ERL_DRV_STRING,
                           (ErlDrvTermData) "str",
                           3,
                           ERL_DRV_BUF2BINARY,
                           (ErlDrvTermData) "bin",
                           3,
                           ERL_DRV_NIL,
                           ERL_DRV_STRING_CONS,
                           (ErlDrvTermData) "ab",
                           2,
                           ERL_DRV_INT,
                           (ErlDrvTermData)-1,
                           ERL_DRV_UINT,
                           7,
                           ERL_DRV_LIST,
                           2,
                           ERL_DRV_ATOM,
                           driver_mk_atom("k"),
                           ERL_DRV_NIL,
                           ERL_DRV_MAP,
                           1,
                           ERL_DRV_PORT,
                           port,
                           ERL_DRV_PID,
                           driver_connected(self->port),
                           ERL_DRV_TUPLE,
                           11};
  const int length = sizeof(term) / sizeof(term[0]);
  if (to_caller) {
    erl_drv_send_term(port, driver_caller(self->port), term, length);
  } else {
    erl_drv_output_term(port, term, length);
  }
}

DIFFER_OPERATION(differ_output_term) {
  UNUSED_BYTES, UNUSED_REPLY;
  build_and_send(self, 0);
  return 0;
}

DIFFER_OPERATION(differ_send_term) {
  UNUSED_BYTES, UNUSED_REPLY;
  build_and_send(self, 1);
  return 0;
}

DIFFER_OPERATION(differ_output) {
  return differ_reply_number(reply, driver_output(self->port, bytes, size));
}

/* The first byte of the next three: how long the header is that follows it. */
DIFFER_OPERATION(differ_output2) {
  const ErlDrvSizeT header = differ_first_byte(bytes, size);
  if (size < 1 + header) return -1;
  return differ_reply_number(
      reply, driver_output2(self->port, bytes + 1, header, bytes + 1 + header, size - 1 - header));
}

DIFFER_OPERATION(differ_output_binary) {
  const ErlDrvSizeT header = differ_first_byte(bytes, size);
  ErlDrvBinary* binary;
  int result;
  if (size < 1 + header) return -1;
  binary = driver_alloc_binary(size - 1 - header + 2);
  memcpy(binary->orig_bytes + 2, bytes + 1 + header, size - 1 - header);
  result = driver_output_binary(self->port, bytes + 1, header, binary, 2, size - 1 - header);
  driver_free_binary(binary);
  return differ_reply_number(reply, result);
}

/* The data in items of three bytes, the first of which is skipped. */
DIFFER_OPERATION(differ_outputv) {
  const ErlDrvSizeT header = differ_first_byte(bytes, size);
  SysIOVec items[8];
  ErlDrvBinary* binaries[8];
  ErlIOVec vector = {0, 0, items, binaries};
  const char* at = bytes + 1 + header;
  ErlDrvSizeT left;
  int result, i;
  if (size < 1 + header) return -1;
  for (left = size - 1 - header; left > 0 && vector.vsize < 8; ++vector.vsize) {
    const ErlDrvSizeT part = left < 3 ? left : 3;
    ErlDrvBinary* binary = driver_alloc_binary(part);
    memcpy(binary->orig_bytes, at, part);
    items[vector.vsize].iov_base = binary->orig_bytes;
    items[vector.vsize].iov_len = part;
    binaries[vector.vsize] = binary;
    vector.size += part;
    at += part;
    left -= part;
  }
  result = driver_outputv(self->port, bytes + 1, header, &vector, 1);
  for (i = 0; i < vector.vsize; ++i) driver_free_binary(binaries[i]);
  return differ_reply_number(reply, result);
}

DIFFER_OPERATION(differ_vec_to_buf) {
  SysIOVec items[2] = {{bytes, size / 2}, {bytes + size / 2, size - size / 2}};
  ErlDrvBinary* binaries[2] = {NULL, NULL};
  ErlIOVec vector = {2, size, items, binaries};
  char room[5];
  (void)self;
  return differ_reply_number(reply, (long)driver_vec_to_buf(&vector, room, sizeof(room)));
}
