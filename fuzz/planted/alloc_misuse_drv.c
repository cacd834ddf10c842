/* Every wrong use of driver_alloc's memory that a fuzz host must stop, by the operation of control,
 * and of the command that start is lent. check_alloc_misuse.py says what the report of each must
 * be; operation 0 and 10 are right uses.
 */
#include <erl_driver.h>
#include <stdlib.h>
#include <string.h>

#define BYTES 24
#define MORE_BYTES 40
#define MANY_BYTES 4000

/* Volatile, so that no compiler sees where it points. */
static char* volatile block;
static volatile int at;

static void write_at(int offset) {
  at = offset;
  block[at] = 'x';
}

static ErlDrvData start(ErlDrvPort port, char* command) {
  block = command;
  at = (int)strlen(command);
  if (strstr(command, " behind") != NULL) at++;
  if (block[at] != 0) abort();
  return (ErlDrvData)port;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  (void)data;
  (void)bytes;
  (void)size;
  (void)reply;
  (void)room;
  block = driver_alloc(BYTES);
  switch (operation) {
    case 1:
      free(block);
      return 0;
    case 2:
      driver_free(block);
      break;
    case 3:
      write_at(-1);
      break;
    case 4:
      block = driver_realloc(block, MORE_BYTES);
      write_at(MORE_BYTES);
      break;
    case 5:
      driver_free(block + 8);
      break;
    case 6:
      driver_free(block);
      write_at(3);
      break;
    case 7:
      block = driver_realloc(block, MANY_BYTES);
      write_at(MANY_BYTES);
      break;
    case 8:
      driver_free(block);
      block = driver_realloc(block, MORE_BYTES);
      break;
    case 9:
      write_at(BYTES);
      break;
    case 10:
      block = driver_realloc(block, MANY_BYTES);
      write_at(MANY_BYTES - 1);
      block = driver_realloc(block, BYTES);
      write_at(BYTES - 1);
      break;
    default:
      break;
  }
  driver_free(block);
  return 0;
}

static ErlDrvEntry entry = {
    .start = start,
    .driver_name = "alloc_misuse_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(alloc_misuse_drv) { return &entry; }
