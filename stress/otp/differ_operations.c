/* The control operations of differ_drv: one of the driver API each. Numbers: differ_drv.hrl. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "differ_drv.h"

#define OPERATION(name) static DIFFER_OPERATION(name)

enum { LENT = 64 };

ErlDrvSSizeT differ_reply(char** reply, const char* bytes, size_t size) {
  if (size > LENT) *reply = driver_alloc(size);
  memcpy(*reply, bytes, size);
  return (ErlDrvSSizeT)size;
}

ErlDrvSSizeT differ_reply_number(char** reply, long number) {
  char text[24];
  return differ_reply(reply, text, (size_t)snprintf(text, sizeof(text), "%ld", number));
}

unsigned differ_first_byte(const char* bytes, ErlDrvSizeT size) {
  return size == 0 ? 0 : (unsigned char)bytes[0];
}

OPERATION(fail_atom) {
  char atom[32] = "";
  UNUSED_REPLY;
  memcpy(atom, bytes, size < sizeof(atom) ? size : sizeof(atom) - 1);
  return driver_failure_atom(self->port, atom);
}

OPERATION(fail_posix) {
  UNUSED_REPLY;
  return driver_failure_posix(self->port, (int)differ_first_byte(bytes, size));
}

OPERATION(fail_code) {
  UNUSED_REPLY;
  return driver_failure(self->port, (int)differ_first_byte(bytes, size));
}

OPERATION(exit_port) {
  UNUSED_REPLY;
  return driver_exit(self->port, (int)differ_first_byte(bytes, size));
}

OPERATION(fail_eof) {
  UNUSED_BYTES, UNUSED_REPLY;
  return driver_failure_eof(self->port);
}

/* Tenths of a second from 200 on: timers that do not fire while a test looks. */
OPERATION(set_timer) {
  const unsigned byte = differ_first_byte(bytes, size);
  UNUSED_REPLY;
  if (byte < 200) differ_note(self, "timer %u", byte);
  return driver_set_timer(self->port, byte < 200 ? byte : byte * 100UL);
}

OPERATION(cancel_timer) {
  UNUSED_BYTES, UNUSED_REPLY;
  return driver_cancel_timer(self->port);
}

OPERATION(read_timer) {
  unsigned long left = 77;
  UNUSED_BYTES;
  driver_read_timer(self->port, &left);
  return differ_reply_number(reply, left != 0);
}

OPERATION(busy) {
  UNUSED_BYTES, UNUSED_REPLY;
  set_busy_port(self->port, 1);
  return 0;
}

OPERATION(idle) {
  UNUSED_BYTES, UNUSED_REPLY;
  set_busy_port(self->port, 0);
  return 0;
}

OPERATION(busy_twice) {
  UNUSED_BYTES, UNUSED_REPLY;
  set_busy_port(self->port, 1);
  set_busy_port(self->port, 1);
  set_busy_port(self->port, 0);
  return 0;
}

static void work(void* job) { *(int*)job += 1; }

OPERATION(async) {
  int* job = malloc(sizeof(int));
  unsigned key = differ_first_byte(bytes, size);
  *job = 41;
  differ_note(self, "async");
  return differ_reply_number(reply, driver_async(self->port, &key, work, job, free) >= 0);
}

OPERATION(monitor_caller) {
  UNUSED_BYTES;
  return differ_reply_number(
      reply, driver_monitor_process(self->port, driver_caller(self->port), &self->monitor));
}

OPERATION(demonitor) {
  UNUSED_BYTES;
  return differ_reply_number(reply, driver_demonitor_process(self->port, &self->monitor));
}

OPERATION(enqueue) {
  UNUSED_REPLY;
  return driver_enq(self->port, bytes, size);
}

OPERATION(push) {
  UNUSED_REPLY;
  return driver_pushq(self->port, bytes, size);
}

OPERATION(dequeue) {
  return differ_reply_number(reply, (long)driver_deq(self->port, differ_first_byte(bytes, size)));
}

OPERATION(peek) {
  char text[LENT];
  size_t used = 0;
  int length = 0, i;
  SysIOVec* vector = driver_peekq(self->port, &length);
  UNUSED_BYTES;
  for (i = 0; i < length; ++i) {
    const size_t room = sizeof(text) - used;
    const size_t part = vector[i].iov_len < room ? vector[i].iov_len : room;
    memcpy(text + used, vector[i].iov_base, part);
    used += part;
  }
  return differ_reply(reply, text, used);
}

OPERATION(caller) {
  UNUSED_BYTES;
  return differ_reply(
      reply, driver_caller(self->port) == driver_connected(self->port) ? "owner" : "other", 5);
}

OPERATION(reply_null) {
  UNUSED_BYTES, (void)self;
  *reply = NULL;
  return 3;
}

OPERATION(reply_long) {
  char text[255];
  (void)self;
  memset(text, 'r', sizeof(text));
  return differ_reply(reply, text, differ_first_byte(bytes, size));
}

/* The binary's own size counts, not the number returned. */
OPERATION(reply_binary) {
  const ErlDrvSizeT length = differ_first_byte(bytes, size);
  ErlDrvBinary* binary = driver_alloc_binary(length);
  memset(binary->orig_bytes, 'b', length);
  set_port_control_flags(self->port, PORT_CONTROL_FLAG_BINARY);
  *reply = (char*)binary;
  return 1;
}

OPERATION(control_flags) {
  UNUSED_REPLY;
  set_port_control_flags(self->port, (int)differ_first_byte(bytes, size));
  return 0;
}

OPERATION(refuse) {
  UNUSED_BYTES, UNUSED_REPLY, (void)self;
  return -1;
}

/* Low and high, in hundreds; 0 reads. */
OPERATION(msgq_limits) {
  char text[64];
  ErlDrvSizeT low = differ_first_byte(bytes, size) * 100UL;
  ErlDrvSizeT high = size < 2 ? 0 : (unsigned char)bytes[1] * 100UL;
  erl_drv_busy_msgq_limits(self->port, &low, &high);
  return differ_reply(
      reply, text,
      (size_t)snprintf(text, sizeof(text), "%lu %lu", (unsigned long)low, (unsigned long)high));
}

OPERATION(port_flags) {
  UNUSED_BYTES;
  return differ_reply_number(reply, get_port_flags(self->port));
}

OPERATION(open_pipe) {
  int ends[2];
  UNUSED_BYTES, UNUSED_REPLY;
  if (self->pipe_in >= 0 || pipe(ends) != 0) return -1;
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  if (write(ends[1], "piped", 5) != 5) abort();
  close(ends[1]);
  self->pipe_in = ends[0];
  differ_note(self, "pipe");
  return driver_select(self->port, (ErlDrvEvent)(size_t)ends[0], ERL_DRV_READ | ERL_DRV_USE, 1);
}

OPERATION(sleep_in_control) {
  UNUSED_REPLY, (void)self;
  usleep(differ_first_byte(bytes, size) * 1000);
  return 0;
}

OPERATION(take_log) {
  const char* log;
  const size_t length = differ_take_log(&log);
  UNUSED_BYTES, (void)self;
  return differ_reply(reply, log, length);
}

OPERATION(os_pid) {
  UNUSED_REPLY;
  erl_drv_set_os_pid(self->port, (ErlDrvSInt)differ_first_byte(bytes, size));
  return 0;
}

OPERATION(set_output_mode) {
  UNUSED_REPLY;
  self->output_mode = (int)differ_first_byte(bytes, size);
  return 0;
}

OPERATION(set_flush_mode) {
  UNUSED_REPLY;
  self->flush_mode = (int)differ_first_byte(bytes, size);
  return 0;
}

/* What is left of a port once driver_failure_atom has returned; `stop` has freed self by then. */
OPERATION(after_failure) {
  const struct differ before = *self;
  UNUSED_BYTES;
  driver_failure_atom(before.port, "foo");
  differ_note(&before, "after failure: port %d caller %d queue %ld",
              driver_mk_port(before.port) != driver_term_nil,
              driver_caller(before.port) != driver_term_nil, (long)driver_sizeq(before.port));
  return differ_reply(reply, "late", 4);
}

/* On OTP this ends the VM. */
OPERATION(peekqv_null) {
  UNUSED_BYTES;
  return differ_reply_number(reply, (long)driver_peekqv(self->port, NULL));
}

OPERATION(dl_error) {
  const char* why;
  UNUSED_BYTES, (void)self;
  if (driver_dl_open((char*)"/nonexist") != NULL) return -1;
  why = driver_dl_error();
  return differ_reply(reply, why, strlen(why));
}

static const differ_operation operations[] = {NULL,
                                              fail_atom,
                                              fail_posix,
                                              fail_code,
                                              exit_port,
                                              fail_eof,
                                              set_timer,
                                              cancel_timer,
                                              read_timer,
                                              busy,
                                              idle,
                                              async,
                                              monitor_caller,
                                              demonitor,
                                              enqueue,
                                              push,
                                              dequeue,
                                              peek,
                                              differ_output_term,
                                              differ_send_term,
                                              differ_output,
                                              differ_output2,
                                              differ_output_binary,
                                              differ_outputv,
                                              caller,
                                              reply_null,
                                              reply_long,
                                              reply_binary,
                                              control_flags,
                                              refuse,
                                              msgq_limits,
                                              port_flags,
                                              open_pipe,
                                              sleep_in_control,
                                              take_log,
                                              os_pid,
                                              set_output_mode,
                                              set_flush_mode,
                                              after_failure,
                                              differ_vec_to_buf,
                                              busy_twice,
                                              peekqv_null,
                                              dl_error};

differ_operation differ_operation_of(unsigned number) {
  return number < sizeof(operations) / sizeof(operations[0]) ? operations[number] : NULL;
}
