/* The driver of the example suite (wordcount_tests.erl): counts words, and sends them back in
 * capitals.
 *
 * control 1: the number of words in the bytes, as four bytes; control 2 fails. A command: the same
 * bytes in capitals, to the owner; an empty one ends the port with the reason `nothing`. With
 * WORDCOUNT_OVERFLOW the copy of a command is one byte short, as where the end of a string was not
 * counted.
 */
#include <ctype.h>
#include <string.h>

#include "erl_driver.h"

#ifdef WORDCOUNT_OVERFLOW
#define NAME "wordcount_overflow_drv"
#define SPARE 0
#else
#define NAME "wordcount_drv"
#define SPARE 1
#endif

static ErlDrvData start(ErlDrvPort port, char* command) {
  (void)command;
  return (ErlDrvData)port;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* buffer, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT reply_size) {
  unsigned int words = 0;
  int inside = 0;
  (void)data;
  if (operation != 1 || reply_size < 4) return -1;
  for (ErlDrvSizeT i = 0; i < size; ++i) {
    const int letter = !isspace((unsigned char)buffer[i]);
    if (letter && !inside) ++words;
    inside = letter;
  }
  for (int i = 0; i < 4; ++i) (*reply)[i] = (char)(words >> (8 * (3 - i)));
  return 4;
}

static void output(ErlDrvData data, char* buffer, ErlDrvSizeT size) {
  ErlDrvPort port = (ErlDrvPort)data;
  if (size == 0) {
    driver_failure_atom(port, "nothing");
    return;
  }
  char* copy = driver_alloc(size + SPARE);
  for (ErlDrvSizeT i = 0; i < size; ++i) copy[i] = (char)toupper((unsigned char)buffer[i]);
  copy[size] = '\0';
  driver_output(port, copy, strlen(copy));
  driver_free(copy);
}

static ErlDrvEntry entry = {
    .start = start,
    .output = output,
    .control = control,
    .driver_name = NAME,
    .extended_marker = (int)ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(wordcount_drv) { return &entry; }
