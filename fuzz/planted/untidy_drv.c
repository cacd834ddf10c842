/* The practice target of the oracles that look at what a driver leaves behind, and at what it does
 * when there is no memory: planted faults, each in a function of its own. UNTIDY_FIXED builds the
 * same driver without any of them.
 *
 *   function         fault                                              reached by
 *   keep_descriptor  opens a file and never closes it (CWE-775)         control 1
 *   start_helper     starts a thread that never ends (CWE-772)          control 2
 *   forget_block     never frees a block of driver_alloc (CWE-401)      control 3
 *   forget_binary    never gives a binary back (CWE-911)                control 4
 *   queue_for_ever   has a queue, and nothing that empties it           control 5, with a payload
 *   open_note        writes to memory that it did not get (CWE-476)     control 6 after fail_alloc
 *   reuse_port       calls the API for a port that is gone (CWE-672)    control 7 in two ports
 */
#define _GNU_SOURCE

#include <erl_driver.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#ifdef UNTIDY_FIXED
#define UNTIDY_NAME "untidy_fixed_drv"
#define UNTIDY 0
#else
#define UNTIDY_NAME "untidy_drv"
#define UNTIDY 1
#endif

#define NOINLINE __attribute__((noinline))
#define NOTE_BYTES 32

static ErlDrvPort last_port;
static int has_last_port;

static ErlDrvData start(ErlDrvPort port, char* command) {
  (void)command;
  return (ErlDrvData)port;
}

static NOINLINE void keep_descriptor(void) {
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (!UNTIDY && file >= 0) close(file);
}

static void* help(void* nothing) {
  if (UNTIDY) pause();
  return nothing;
}

static NOINLINE void start_helper(void) {
  pthread_t helper;
  if (pthread_create(&helper, NULL, help, NULL) != 0) return;
  if (!UNTIDY) pthread_join(helper, NULL);
}

static NOINLINE void forget_block(void) {
  void* block = driver_alloc(NOTE_BYTES);
  if (!UNTIDY) driver_free(block);
}

static NOINLINE void forget_binary(void) {
  ErlDrvBinary* binary = driver_alloc_binary(NOTE_BYTES);
  if (!UNTIDY && binary != NULL) driver_free_binary(binary);
}

static NOINLINE void queue_for_ever(ErlDrvPort port, char* bytes, ErlDrvSizeT size) {
  driver_enq(port, bytes, size);
  if (!UNTIDY) driver_deq(port, driver_sizeq(port));
}

static NOINLINE void open_note(void) {
  char* note = driver_alloc(NOTE_BYTES);
  if (!UNTIDY && note == NULL) return;
  *note = 'n';
  driver_free(note);
}

static NOINLINE void reuse_port(ErlDrvPort port) {
  if (UNTIDY && has_last_port && last_port != port) driver_set_timer(last_port, 1);
  last_port = port;
  has_last_port = 1;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  const ErlDrvPort port = (ErlDrvPort)data;
  (void)reply;
  (void)room;
  switch (operation) {
    case 1:
      keep_descriptor();
      break;
    case 2:
      start_helper();
      break;
    case 3:
      forget_block();
      break;
    case 4:
      forget_binary();
      break;
    case 5:
      queue_for_ever(port, bytes, size);
      break;
    case 6:
      open_note();
      break;
    case 7:
      reuse_port(port);
      break;
    default:
      break;
  }
  return 0;
}

static ErlDrvEntry entry = {
    .start = start,
    .driver_name = UNTIDY_NAME,
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(untidy_drv) { return &entry; }
