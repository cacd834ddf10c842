/* A driver that does nothing, built in several ways for the doctor to look at. */
#include <erl_driver.h>

static ErlDrvData start(ErlDrvPort port, char* command) {
  (void)command;
  return (ErlDrvData)port;
}

static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  /* Something that every sanitizer has a word on. */
  if (size > 1 && bytes[0] + bytes[1] > 100) driver_output((ErlDrvPort)data, bytes, size);
}

static ErlDrvEntry entry = {
    .start = start,
    .output = output,
    .driver_name = "doctor_test_drv",
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
};

#if defined(DOCTOR_NO_INIT)
__attribute__((visibility("default"))) ErlDrvEntry* no_driver_init(void) { return &entry; }
#else
DRIVER_INIT(doctor_test_drv) { return &entry; }
#endif
