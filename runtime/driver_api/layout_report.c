/* Prints what a driver's binary depends on in erl_driver.h: sizes, offsets, field types, numbers
 * and prototypes. Compiled twice, with portlab's header and with OTP's; layout_test.cc compares the
 * two outputs.
 */
#include <erl_driver.h>
#include <stddef.h>
#include <stdio.h>

#define SAME_TYPE(a, b) __builtin_types_compatible_p(a, b)
#define TYPE(type) \
  printf("type " #type " %zu/%zu signed %d\n", sizeof(type), _Alignof(type), (type)-1 < (type)0)
#define HANDLE(type) printf("handle " #type " %zu/%zu\n", sizeof(type), _Alignof(type))
#define STRUCT(type) printf("struct " #type " %zu/%zu\n", sizeof(type), _Alignof(type))
#define FIELD(type, field, ...)                                              \
  printf("  " #type "." #field " at %zu size %zu is " #__VA_ARGS__ ": %d\n", \
         offsetof(type, field), sizeof(((type*)0)->field),                   \
         SAME_TYPE(__typeof__(((type*)0)->field), __VA_ARGS__))
#define NUMBER(name) printf("number " #name " 0x%llx\n", (unsigned long long)(name))
#define FUNCTION(name, result, ...)                                  \
  printf("function " #name ": " #result " (" #__VA_ARGS__ "): %d\n", \
         SAME_TYPE(__typeof__(&name), result (*)(__VA_ARGS__)))

DRIVER_INIT(any_drv);

static void print_scalars(void) {
  TYPE(ErlDrvUInt64);
  TYPE(ErlDrvSInt64);
  TYPE(ErlDrvUInt);
  TYPE(ErlDrvSInt);
  TYPE(ErlDrvSizeT);
  TYPE(ErlDrvSSizeT);
  TYPE(ErlDrvTermData);
  TYPE(ErlDrvTime);
  TYPE(ErlDrvTSDKey);
  TYPE(ErlDrvTimeUnit);
  TYPE(ErlDirtyJobFlags);
  TYPE(enum ErlNifSelectFlags);
  HANDLE(ErlDrvData);
  HANDLE(ErlDrvEvent);
  HANDLE(ErlDrvPort);
  HANDLE(ErlDrvThreadData);
  HANDLE(ErlDrvPDL);
  HANDLE(ErlDrvTid);
  HANDLE(ErlDrvMutex*);
  HANDLE(ErlDrvCond*);
  HANDLE(ErlDrvRWLock*);
}

static void print_structs(void) {
  STRUCT(ErlDrvSysInfo);
  FIELD(ErlDrvSysInfo, driver_major_version, int);
  FIELD(ErlDrvSysInfo, driver_minor_version, int);
  FIELD(ErlDrvSysInfo, erts_version, char*);
  FIELD(ErlDrvSysInfo, otp_release, char*);
  FIELD(ErlDrvSysInfo, thread_support, int);
  FIELD(ErlDrvSysInfo, smp_support, int);
  FIELD(ErlDrvSysInfo, async_threads, int);
  FIELD(ErlDrvSysInfo, scheduler_threads, int);
  FIELD(ErlDrvSysInfo, nif_major_version, int);
  FIELD(ErlDrvSysInfo, nif_minor_version, int);
  FIELD(ErlDrvSysInfo, dirty_scheduler_support, int);
  STRUCT(ErlDrvThreadOpts);
  FIELD(ErlDrvThreadOpts, suggested_stack_size, int);
  STRUCT(ErlDrvMonitor);
  FIELD(ErlDrvMonitor, data, unsigned char[32]);
  STRUCT(SysIOVec);
  FIELD(SysIOVec, iov_base, char*);
  FIELD(SysIOVec, iov_len, size_t);
  STRUCT(ErlDrvBinary);
  FIELD(ErlDrvBinary, orig_size, ErlDrvSInt);
  FIELD(ErlDrvBinary, orig_bytes, char[1]);
  STRUCT(ErlDrvNowData);
  FIELD(ErlDrvNowData, megasecs, unsigned long);
  FIELD(ErlDrvNowData, secs, unsigned long);
  FIELD(ErlDrvNowData, microsecs, unsigned long);
  STRUCT(ErlIOVec);
  FIELD(ErlIOVec, vsize, int);
  FIELD(ErlIOVec, size, ErlDrvSizeT);
  FIELD(ErlIOVec, iov, SysIOVec*);
  FIELD(ErlIOVec, binv, ErlDrvBinary**);
}

static void print_entry(void) {
  STRUCT(ErlDrvEntry);
  FIELD(ErlDrvEntry, init, int (*)(void));
  FIELD(ErlDrvEntry, start, ErlDrvData(*)(ErlDrvPort, char*));
  FIELD(ErlDrvEntry, stop, void (*)(ErlDrvData));
  FIELD(ErlDrvEntry, output, void (*)(ErlDrvData, char*, ErlDrvSizeT));
  FIELD(ErlDrvEntry, ready_input, void (*)(ErlDrvData, ErlDrvEvent));
  FIELD(ErlDrvEntry, ready_output, void (*)(ErlDrvData, ErlDrvEvent));
  FIELD(ErlDrvEntry, driver_name, char*);
  FIELD(ErlDrvEntry, finish, void (*)(void));
  FIELD(ErlDrvEntry, handle, void*);
  FIELD(ErlDrvEntry, control,
        ErlDrvSSizeT(*)(ErlDrvData, unsigned int, char*, ErlDrvSizeT, char**, ErlDrvSizeT));
  FIELD(ErlDrvEntry, timeout, void (*)(ErlDrvData));
  FIELD(ErlDrvEntry, outputv, void (*)(ErlDrvData, ErlIOVec*));
  FIELD(ErlDrvEntry, ready_async, void (*)(ErlDrvData, ErlDrvThreadData));
  FIELD(ErlDrvEntry, flush, void (*)(ErlDrvData));
  FIELD(ErlDrvEntry, call,
        ErlDrvSSizeT(*)(ErlDrvData, unsigned int, char*, ErlDrvSizeT, char**, ErlDrvSizeT,
                        unsigned int*));
  FIELD(ErlDrvEntry, unused_event_callback, void (*)(void));
  FIELD(ErlDrvEntry, extended_marker, int);
  FIELD(ErlDrvEntry, major_version, int);
  FIELD(ErlDrvEntry, minor_version, int);
  FIELD(ErlDrvEntry, driver_flags, int);
  FIELD(ErlDrvEntry, handle2, void*);
  FIELD(ErlDrvEntry, process_exit, void (*)(ErlDrvData, ErlDrvMonitor*));
  FIELD(ErlDrvEntry, stop_select, void (*)(ErlDrvEvent, void*));
  FIELD(ErlDrvEntry, emergency_close, void (*)(ErlDrvData));
}

static void print_flags(void) {
  NUMBER(ERL_DRV_READ);
  NUMBER(ERL_DRV_WRITE);
  NUMBER(ERL_DRV_USE);
  NUMBER(ERL_DRV_USE_NO_CALLBACK);
  NUMBER(DO_READ);
  NUMBER(DO_WRITE);
  NUMBER(ERL_DRV_EXTENDED_MARKER);
  NUMBER(ERL_DRV_EXTENDED_MAJOR_VERSION);
  NUMBER(ERL_DRV_EXTENDED_MINOR_VERSION);
  NUMBER(ERL_DRV_MIN_REQUIRED_MAJOR_VERSION_ON_LOAD);
  NUMBER(PORT_CONTROL_FLAG_BINARY);
  NUMBER(PORT_CONTROL_FLAG_HEAVY);
  NUMBER(PORT_FLAG_BINARY);
  NUMBER(PORT_FLAG_LINE);
  NUMBER(ERL_DRV_FLAG_USE_PORT_LOCKING);
  NUMBER(ERL_DRV_FLAG_SOFT_BUSY);
  NUMBER(ERL_DRV_FLAG_NO_BUSY_MSGQ);
  NUMBER(ERL_DRV_FLAG_USE_INIT_ACK);
  NUMBER(ERL_DRV_ERROR_GENERAL);
  NUMBER(ERL_DRV_ERROR_ERRNO);
  NUMBER(ERL_DRV_ERROR_BADARG);
  NUMBER(ERL_DRV_SEC);
  NUMBER(ERL_DRV_MSEC);
  NUMBER(ERL_DRV_USEC);
  NUMBER(ERL_DRV_NSEC);
  NUMBER(ERL_DRV_TIME_ERROR);
  NUMBER(ERL_DRV_BUSY_MSGQ_DISABLED);
  NUMBER(ERL_DRV_BUSY_MSGQ_READ_ONLY);
  NUMBER(ERL_DRV_BUSY_MSGQ_LIM_MAX);
  NUMBER(ERL_DRV_BUSY_MSGQ_LIM_MIN);
  NUMBER(DRIVER_CALL_KEEP_BUFFER);
  NUMBER(ERL_NIF_SELECT_READ);
  NUMBER(ERL_NIF_SELECT_WRITE);
  NUMBER(ERL_NIF_SELECT_STOP);
  NUMBER(ERL_NIF_SELECT_CANCEL);
  NUMBER(ERL_NIF_SELECT_CUSTOM_MSG);
  NUMBER(ERL_NIF_SELECT_ERROR);
  NUMBER(ERL_DIRTY_JOB_CPU_BOUND);
  NUMBER(ERL_DIRTY_JOB_IO_BOUND);
}

static void print_term_tags(void) {
  NUMBER(ERL_DRV_NIL);
  NUMBER(ERL_DRV_ATOM);
  NUMBER(ERL_DRV_INT);
  NUMBER(ERL_DRV_PORT);
  NUMBER(ERL_DRV_BINARY);
  NUMBER(ERL_DRV_STRING);
  NUMBER(ERL_DRV_TUPLE);
  NUMBER(ERL_DRV_LIST);
  NUMBER(ERL_DRV_STRING_CONS);
  NUMBER(ERL_DRV_PID);
  NUMBER(ERL_DRV_FLOAT);
  NUMBER(ERL_DRV_EXT2TERM);
  NUMBER(ERL_DRV_UINT);
  NUMBER(ERL_DRV_BUF2BINARY);
  NUMBER(ERL_DRV_INT64);
  NUMBER(ERL_DRV_UINT64);
  NUMBER(ERL_DRV_MAP);
  NUMBER(sizeof(ERL_DRV_NIL));
  NUMBER(sizeof(TERM_DATA(0)));
}

static void print_functions(void) {
  printf("data driver_term_nil: %d\n",
         SAME_TYPE(__typeof__(&driver_term_nil), const ErlDrvTermData*));
  FUNCTION(driver_init, ErlDrvEntry*, void);
#include "layout_functions.inc"
}

int main(void) {
  print_scalars();
  print_structs();
  print_entry();
  print_flags();
  print_term_tags();
  print_functions();
  return 0;
}
