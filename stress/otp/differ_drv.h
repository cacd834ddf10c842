/* What the files of the differential tests' driver share: a port of it, what it remembers, and the
 * table of its control operations (differ_drv.hrl has their numbers for Erlang).
 */
#ifndef PORTLAB_STRESS_OTP_DIFFER_DRV_H_
#define PORTLAB_STRESS_OTP_DIFFER_DRV_H_

#include <erl_driver.h>
#include <stddef.h>

/* What `output` and `outputv` do with the bytes. */
enum { ECHO, IGNORE, QUEUE, BUSY_AFTERWARDS, FAIL, SLEEP };
/* What `flush` does with the queue. */
enum { DRAIN_LATER, DRAIN_NOW, DRAIN_NEVER };
/* The one operation that leaves no trace in the log. */
enum { TAKE_LOG = 34 };

struct differ {
  ErlDrvPort port;
  ErlDrvMonitor monitor;
  int number; /* of the ports of this library, from 1; 0 does not appear in the log */
  int output_mode;
  int flush_mode;
  int draining;
  int pipe_in;
  int acknowledge; /* -1: nothing to acknowledge, else how (differ_drv.c) */
};

/* One control operation. Returns what the callback returns. */
typedef ErlDrvSSizeT (*differ_operation)(struct differ* self, char* bytes, ErlDrvSizeT size,
                                         char** reply);

#define DIFFER_OPERATION(name) \
  ErlDrvSSizeT name(struct differ* self, char* bytes, ErlDrvSizeT size, char** reply)
#define UNUSED_BYTES (void)bytes, (void)size
#define UNUSED_REPLY (void)reply

/* Those of differ_output.c. */
DIFFER_OPERATION(differ_output_term);
DIFFER_OPERATION(differ_send_term);
DIFFER_OPERATION(differ_output);
DIFFER_OPERATION(differ_output2);
DIFFER_OPERATION(differ_output_binary);
DIFFER_OPERATION(differ_outputv);
DIFFER_OPERATION(differ_vec_to_buf);

/* The operations, by number; NULL where there is none. */
differ_operation differ_operation_of(unsigned number);

/* The first byte that came with an operation; 0 when none did. */
unsigned differ_first_byte(const char* bytes, ErlDrvSizeT size);

/* Answers a control operation, in list mode when more than fits. */
ErlDrvSSizeT differ_reply(char** reply, const char* bytes, size_t size);
ErlDrvSSizeT differ_reply_number(char** reply, long number);

/* Notes that a callback ran: "<number> <text>", to be fetched with the operation LOG. */
void differ_note(const struct differ* self, const char* format, ...)
    __attribute__((format(printf, 2, 3)));
/* Takes the log: size and bytes, which stay valid until the next note. */
size_t differ_take_log(const char** bytes);

/* {probe,Word} to the connected process, from any callback. */
void differ_tell(const struct differ* self, const char* word);

#endif /* PORTLAB_STRESS_OTP_DIFFER_DRV_H_ */
