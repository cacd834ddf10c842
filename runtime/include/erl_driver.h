/* The C interface between a linked-in driver and the VM that loads it: the names, numbers, struct
 * layouts and calling conventions of OTP's erl_driver.h, so that one driver binary runs in both.
 * The text is portlab's own.
 *
 * Where a function may be called from is told by a tag:
 *   [CB]    inside a callback that has a port, while the VM holds that port's lock
 *   [PDL]   as CB, or from any thread that holds the port data lock of the port
 *   [ANY]   any thread, at any time
 * A port handle is opaque: an invalid one is (ErlDrvPort)-1, not NULL, and calls on a dead port
 * fail as each section says. Memory handed to the VM is copied unless the text says otherwise.
 * Units: times are milliseconds unless a unit is passed; sizes are bytes.
 * Sources: manual pages erl_driver(3erl) and driver_entry(3erl). Only 64-bit targets.
 */
#pragma once

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>

#if !defined(__LP64__)
#error "erl_driver.h: only 64-bit targets (LP64) are supported"
#endif

#if defined(__cplusplus)
#define PORTLAB_DRIVER_C_LINKAGE extern "C"
/* C code may pass any number for an enumeration; for C++ that is defined only with a fixed type. */
#define PORTLAB_DRIVER_ENUM_BASE : unsigned int
#else
#define PORTLAB_DRIVER_C_LINKAGE
#define PORTLAB_DRIVER_ENUM_BASE
#endif

/* The VM exports what carries the first one; a driver exports its entry point with the second, even
 * when the rest of it is compiled with hidden visibility. */
#define PORTLAB_DRIVER_API extern __attribute__((visibility("default")))
#define PORTLAB_DRIVER_EXPORT __attribute__((visibility("default")))

#if defined(__cplusplus)
extern "C" {
#endif

/* ---- Versions ---------------------------------------------------------------------------------
 * The three version words of ErlDrvEntry. The VM refuses an entry without the marker, one with a
 * major version other than 2 or 3, and one of version 3 with a minor version above its own. */
#define ERL_DRV_EXTENDED_MARKER (0xfeeeeeed)
#define ERL_DRV_EXTENDED_MAJOR_VERSION 3
#define ERL_DRV_EXTENDED_MINOR_VERSION 3
#define ERL_DRV_MIN_REQUIRED_MAJOR_VERSION_ON_LOAD 2

/* ---- Scalars and handles ----------------------------------------------------------------------
 */
typedef unsigned long ErlDrvUInt64;
typedef long ErlDrvSInt64;
typedef unsigned long ErlDrvUInt;
typedef long ErlDrvSInt;
typedef size_t ErlDrvSizeT;
typedef ssize_t ErlDrvSSizeT;
typedef unsigned long ErlDrvTermData; /* one word of a term program, or an atom, port or pid */
typedef ErlDrvSInt64 ErlDrvTime;

typedef struct portlab_drv_data* ErlDrvData;              /* whatever the driver's start returned */
typedef struct portlab_drv_event* ErlDrvEvent;            /* a file descriptor, cast */
typedef struct portlab_drv_port* ErlDrvPort;              /* never to be dereferenced */
typedef struct portlab_drv_thread_data* ErlDrvThreadData; /* async_data of driver_async */
typedef struct portlab_drv_port_data_lock* ErlDrvPDL;
typedef struct portlab_drv_thread* ErlDrvTid;
typedef struct ErlDrvMutex_ ErlDrvMutex;
typedef struct ErlDrvCond_ ErlDrvCond;
typedef struct ErlDrvRWLock_ ErlDrvRWLock;
typedef int ErlDrvTSDKey;

typedef enum PORTLAB_DRIVER_ENUM_BASE {
  ERL_DRV_SEC = 0,
  ERL_DRV_MSEC = 1,
  ERL_DRV_USEC = 2,
  ERL_DRV_NSEC = 3
} ErlDrvTimeUnit;
#define ERL_DRV_TIME_ERROR ((ErlDrvSInt64)INT64_MIN)

/* These two belong to NIFs; OTP's driver header brings them along. */
typedef enum { ERL_DIRTY_JOB_CPU_BOUND = 1, ERL_DIRTY_JOB_IO_BOUND = 2 } ErlDirtyJobFlags;
enum ErlNifSelectFlags {
  ERL_NIF_SELECT_READ = 1,
  ERL_NIF_SELECT_WRITE = 2,
  ERL_NIF_SELECT_STOP = 4,
  ERL_NIF_SELECT_CANCEL = 8,
  ERL_NIF_SELECT_CUSTOM_MSG = 16,
  ERL_NIF_SELECT_ERROR = 32
};

/* ---- Constants --------------------------------------------------------------------------------
 * driver_select modes. USE_NO_CALLBACK includes USE. */
#define ERL_DRV_READ 1
#define ERL_DRV_WRITE 2
#define ERL_DRV_USE 4
#define ERL_DRV_USE_NO_CALLBACK (ERL_DRV_USE | 8)
#define DO_READ ERL_DRV_READ
#define DO_WRITE ERL_DRV_WRITE

/* set_port_control_flags: what `control` replies with. HEAVY is accepted and does nothing. */
#define PORT_CONTROL_FLAG_BINARY 1
#define PORT_CONTROL_FLAG_HEAVY 2

/* get_port_flags: how the port was opened. */
#define PORT_FLAG_BINARY 1
#define PORT_FLAG_LINE 2

/* ErlDrvEntry.driver_flags. Without USE_PORT_LOCKING all ports of the driver share one lock. */
#define ERL_DRV_FLAG_USE_PORT_LOCKING 1
#define ERL_DRV_FLAG_SOFT_BUSY 2
#define ERL_DRV_FLAG_NO_BUSY_MSGQ 4
#define ERL_DRV_FLAG_USE_INIT_ACK 8

/* Results of `start` and of erl_drv_init_ack that are not driver data: the opener then gets einval,
 * the lower-case name of errno, or badarg. */
#define ERL_DRV_ERROR_GENERAL ((ErlDrvData)-1)
#define ERL_DRV_ERROR_ERRNO ((ErlDrvData)-2)
#define ERL_DRV_ERROR_BADARG ((ErlDrvData)-3)

/* erl_drv_busy_msgq_limits. */
#define ERL_DRV_BUSY_MSGQ_DISABLED (~((ErlDrvSizeT)0))
#define ERL_DRV_BUSY_MSGQ_READ_ONLY ((ErlDrvSizeT)0)
#define ERL_DRV_BUSY_MSGQ_LIM_MAX (ERL_DRV_BUSY_MSGQ_DISABLED - 1)
#define ERL_DRV_BUSY_MSGQ_LIM_MIN ((ErlDrvSizeT)1)

/* Set in *flags by `call` to keep the reply buffer it returned: the VM then does not free it. */
#define DRIVER_CALL_KEEP_BUFFER 1

/* ---- Term programs ----------------------------------------------------------------------------
 * An array of words run as a stack machine: a tag, then the words named beside it. Exactly one term
 * must be left at the end; otherwise the call returns -1 and nothing is sent. */
#define TERM_DATA(x) ((ErlDrvTermData)(x))

#define ERL_DRV_NIL ((ErlDrvTermData)1)    /* no words; the empty list */
#define ERL_DRV_ATOM ((ErlDrvTermData)2)   /* a word from driver_mk_atom */
#define ERL_DRV_INT ((ErlDrvTermData)3)    /* an ErlDrvSInt */
#define ERL_DRV_PORT ((ErlDrvTermData)4)   /* a word from driver_mk_port */
#define ERL_DRV_BINARY ((ErlDrvTermData)5) /* ErlDrvBinary*, size, offset */
#define ERL_DRV_STRING ((ErlDrvTermData)6) /* char*, length; a list of bytes */
#define ERL_DRV_TUPLE ((ErlDrvTermData)7)  /* arity, which may be 0 */
#define ERL_DRV_LIST ((ErlDrvTermData)8)   /* count, at least 1, the tail (pushed last) included */
#define ERL_DRV_STRING_CONS \
  ((ErlDrvTermData)9)                         /* char*, length; onto the list on top of the stack */
#define ERL_DRV_PID ((ErlDrvTermData)10)      /* a word from driver_connected or driver_caller */
#define ERL_DRV_FLOAT ((ErlDrvTermData)11)    /* double*, finite */
#define ERL_DRV_EXT2TERM ((ErlDrvTermData)12) /* char*, length; external term format */
#define ERL_DRV_UINT ((ErlDrvTermData)13)     /* an ErlDrvUInt */
#define ERL_DRV_BUF2BINARY ((ErlDrvTermData)14) /* char*, length; copied to a binary */
#define ERL_DRV_INT64 ((ErlDrvTermData)15)      /* ErlDrvSInt64* */
#define ERL_DRV_UINT64 ((ErlDrvTermData)16)     /* ErlDrvUInt64* */
#define ERL_DRV_MAP ((ErlDrvTermData)17)        /* count of pairs; keys must differ */

/* ---- Structs ----------------------------------------------------------------------------------
 */

/* What driver_system_info fills. It grew over time: the size passed says how much of it to fill. */
typedef struct {
  int driver_major_version;
  int driver_minor_version;
  char* erts_version;
  char* otp_release;
  int thread_support;
  int smp_support;
  int async_threads;
  int scheduler_threads;
  int nif_major_version;
  int nif_minor_version;
  int dirty_scheduler_support;
} ErlDrvSysInfo;

typedef struct {
  int suggested_stack_size; /* kilo-words; -1: the default */
} ErlDrvThreadOpts;

/* A process monitor, by value. Compare only with driver_compare_monitors. */
typedef struct {
  unsigned char data[sizeof(void*) * 4];
} ErlDrvMonitor;

/* Interchangeable with struct iovec. */
typedef struct _SysIOVec {
  char* iov_base;
  size_t iov_len;
} SysIOVec;

/* A counted binary. The count stands in front of what is seen here; orig_bytes runs on for
 * orig_size bytes. Writable only until it is shared. */
typedef struct erl_drv_binary {
  ErlDrvSInt orig_size;
  char orig_bytes[1];
} ErlDrvBinary;

typedef struct {
  unsigned long megasecs;
  unsigned long secs;
  unsigned long microsecs;
} ErlDrvNowData;

/* vsize pieces, size bytes in all. binv[i] is the binary iov[i] points into, or NULL. The vector
 * the VM passes to outputv is the VM's, valid during the call only, and its first piece is empty.
 */
typedef struct erl_io_vec {
  int vsize;
  ErlDrvSizeT size;
  SysIOVec* iov;
  ErlDrvBinary** binv;
} ErlIOVec;

/* What a driver is: its callbacks. Every one may be NULL. The VM copies the entry when it loads the
 * driver. init, finish and stop_select have no port; emergency_close may only close descriptors.
 * Manual page: driver_entry(3erl). */
typedef struct erl_drv_entry {
  int (*init)(void); /* once per load; 0 when all is well */
  ErlDrvData (*start)(ErlDrvPort port, char* command);
  void (*stop)(ErlDrvData drv_data);
  void (*output)(ErlDrvData drv_data, char* buf, ErlDrvSizeT len);
  void (*ready_input)(ErlDrvData drv_data, ErlDrvEvent event);
  void (*ready_output)(ErlDrvData drv_data, ErlDrvEvent event);
  char* driver_name; /* must be the name the driver is loaded by */
  void (*finish)(void);
  void* handle; /* the VM's */
  /* Replies through *rbuf, which has room for rlen bytes; a larger one comes from driver_alloc (or,
   * in binary mode, is an ErlDrvBinary) and becomes the VM's. Result: reply length; negative:
   * badarg. */
  ErlDrvSSizeT (*control)(ErlDrvData drv_data, unsigned int command, char* buf, ErlDrvSizeT len,
                          char** rbuf, ErlDrvSizeT rlen);
  void (*timeout)(ErlDrvData drv_data);
  void (*outputv)(ErlDrvData drv_data, ErlIOVec* ev); /* preferred over output */
  void (*ready_async)(ErlDrvData drv_data, ErlDrvThreadData thread_data);
  void (*flush)(ErlDrvData drv_data); /* once, when the port closes with data in its queue */
  /* As control, but both ways in external term format. */
  ErlDrvSSizeT (*call)(ErlDrvData drv_data, unsigned int command, char* buf, ErlDrvSizeT len,
                       char** rbuf, ErlDrvSizeT rlen, unsigned int* flags);
  void (*unused_event_callback)(void);
  int extended_marker; /* ERL_DRV_EXTENDED_MARKER */
  int major_version;   /* ERL_DRV_EXTENDED_MAJOR_VERSION */
  int minor_version;   /* ERL_DRV_EXTENDED_MINOR_VERSION */
  int driver_flags;    /* ERL_DRV_FLAG_… */
  void* handle2;       /* the VM's */
  void (*process_exit)(ErlDrvData drv_data, ErlDrvMonitor* monitor);
  void (*stop_select)(ErlDrvEvent event, void* reserved);
  void (*emergency_close)(ErlDrvData drv_data); /* read by the VM from version 3.2 on */
} ErlDrvEntry;

/* ---- Entry point ------------------------------------------------------------------------------
 * `DRIVER_INIT(my_drv) { return &entry; }` defines the function the VM looks up in the driver. With
 * STATIC_ERLANG_DRIVER, for a driver linked into a VM, its name has the driver's in front. */
#if defined(STATIC_ERLANG_DRIVER)
#define ERLANG_DRIVER_NAME(NAME) NAME##_driver_init
#else
#define ERLANG_DRIVER_NAME(NAME) driver_init
#endif
#define DRIVER_INIT(NAME) \
  PORTLAB_DRIVER_C_LINKAGE PORTLAB_DRIVER_EXPORT ErlDrvEntry* ERLANG_DRIVER_NAME(NAME)(void)

#if !defined(ERL_DRIVER_TYPES_ONLY)

/* ---- Output to the connected process ----------------------------------------------------------
 * [CB] Send {Port, {data, D}}; D is a list or a binary as the port was opened, header bytes always
 * the head of a list. output and output2 pass through {line, L}, the others do not. Result: 0, also
 * when the port is closing and the data is dropped; -1 when the port is dead. outputv drops its
 * first `skip` bytes and changes ev->iov to do so. */
PORTLAB_DRIVER_API int driver_output(ErlDrvPort port, char* buf, ErlDrvSizeT len);
PORTLAB_DRIVER_API int driver_output2(ErlDrvPort port, char* hbuf, ErlDrvSizeT hlen, char* buf,
                                      ErlDrvSizeT len);
/* Shares `bin`; the caller keeps its own reference. */
PORTLAB_DRIVER_API int driver_output_binary(ErlDrvPort port, char* hbuf, ErlDrvSizeT hlen,
                                            ErlDrvBinary* bin, ErlDrvSizeT offset, ErlDrvSizeT len);
PORTLAB_DRIVER_API int driver_outputv(ErlDrvPort port, char* hbuf, ErlDrvSizeT hlen, ErlIOVec* ev,
                                      ErlDrvSizeT skip);
/* [ANY] Copies from the vector what fits. Result: the bytes copied (the manual page says
 * otherwise). */
PORTLAB_DRIVER_API ErlDrvSizeT driver_vec_to_buf(ErlIOVec* ev, char* buf, ErlDrvSizeT len);

/* The term a program builds, as it is, without {Port, {data, _}}. [ANY] for the erl_drv_ forms,
 * which take a port as a term; the older two take a handle and are [CB]. Result: 1 delivered, 0 not
 * (port closing, receiver gone), -1 bad program or dead port. */
PORTLAB_DRIVER_API int erl_drv_output_term(ErlDrvTermData port, ErlDrvTermData* data, int len);
PORTLAB_DRIVER_API int erl_drv_send_term(ErlDrvTermData port, ErlDrvTermData to,
                                         ErlDrvTermData* data, int len);
PORTLAB_DRIVER_API int driver_output_term(ErlDrvPort port, ErlDrvTermData* data, int len);
PORTLAB_DRIVER_API int driver_send_term(ErlDrvPort port, ErlDrvTermData to, ErlDrvTermData* data,
                                        int len);

/* ---- Words for term programs ------------------------------------------------------------------
 * [CB] NIL for a dead port. driver_caller: who caused start, output, outputv, control or call; NIL
 * in every other callback. Atom names are Latin-1 and atoms are never freed. nil is [ANY]. */
PORTLAB_DRIVER_API ErlDrvTermData driver_mk_atom(char* name);
PORTLAB_DRIVER_API ErlDrvTermData driver_mk_port(ErlDrvPort port);
PORTLAB_DRIVER_API ErlDrvTermData driver_connected(ErlDrvPort port);
PORTLAB_DRIVER_API ErlDrvTermData driver_caller(ErlDrvPort port);
PORTLAB_DRIVER_API const ErlDrvTermData driver_term_nil;
PORTLAB_DRIVER_API ErlDrvTermData driver_mk_term_nil(void);

/* ---- Failure ----------------------------------------------------------------------------------
 * [CB] End the port from inside: its queue is dropped and `stop` has been called when these return,
 * so the driver may then only return. eof sends {Port, eof} and keeps the port open when it was
 * opened with `eof`; otherwise the exit reason is normal. driver_failure with 0 is eof. driver_exit
 * tells the connected process nothing. Result: 0; -1 for a dead port. */
PORTLAB_DRIVER_API int driver_failure_eof(ErlDrvPort port);
PORTLAB_DRIVER_API int driver_failure_atom(ErlDrvPort port, char* reason);
PORTLAB_DRIVER_API int driver_failure_posix(ErlDrvPort port, int error);
PORTLAB_DRIVER_API int driver_failure(ErlDrvPort port, int error);
PORTLAB_DRIVER_API int driver_exit(ErlDrvPort port, int error);

/* ---- Timers and time --------------------------------------------------------------------------
 * [CB] One one-shot timer a port, in milliseconds; setting replaces. read_timer gives 0 when none
 * is set. Result: 0; -1 for a dead port. */
PORTLAB_DRIVER_API int driver_set_timer(ErlDrvPort port, unsigned long time);
PORTLAB_DRIVER_API int driver_cancel_timer(ErlDrvPort port);
PORTLAB_DRIVER_API int driver_read_timer(ErlDrvPort port, unsigned long* time_left);
/* System time in three parts; -1 for NULL. Prefer the calls below. */
PORTLAB_DRIVER_API int driver_get_now(ErlDrvNowData* now);
/* On threads of the VM; elsewhere, and for an unknown unit, ERL_DRV_TIME_ERROR. System time is
 * monotonic time plus offset. Conversion is [ANY] and rounds towards minus infinity. */
PORTLAB_DRIVER_API ErlDrvTime erl_drv_monotonic_time(ErlDrvTimeUnit unit);
PORTLAB_DRIVER_API ErlDrvTime erl_drv_time_offset(ErlDrvTimeUnit unit);
PORTLAB_DRIVER_API ErlDrvTime erl_drv_convert_time_unit(ErlDrvTime value, ErlDrvTimeUnit from,
                                                        ErlDrvTimeUnit to);
/* [CB] Tells the VM which part of a timeslice (1 to 100 percent) the callback used so far. Result:
 * 1 when it is used up, else 0; -1 for a dead port. */
PORTLAB_DRIVER_API int erl_drv_consume_timeslice(ErlDrvPort port, int percent);

/* ---- I/O events -------------------------------------------------------------------------------
 * [CB] Switch on or off that ready_input or ready_output is called for a descriptor. Once selected
 * with ERL_DRV_USE, a descriptor may be closed only in stop_select, which follows switching USE
 * off. Result: 0; -1 for a dead port, a negative descriptor, or one beyond the VM's limit. */
PORTLAB_DRIVER_API int driver_select(ErlDrvPort port, ErlDrvEvent event, int mode, int on);

/* ---- Driver queue -----------------------------------------------------------------------------
 * [PDL] Bytes a port still has to write; a closing port lives until its queue is empty. enq… add at
 * the tail, pushq… at the head; the forms with binaries take references of their own. Result: 0; -1
 * for a dead port or no memory. */
PORTLAB_DRIVER_API int driver_enq(ErlDrvPort port, char* buf, ErlDrvSizeT len);
PORTLAB_DRIVER_API int driver_pushq(ErlDrvPort port, char* buf, ErlDrvSizeT len);
PORTLAB_DRIVER_API int driver_enq_bin(ErlDrvPort port, ErlDrvBinary* bin, ErlDrvSizeT offset,
                                      ErlDrvSizeT len);
PORTLAB_DRIVER_API int driver_pushq_bin(ErlDrvPort port, ErlDrvBinary* bin, ErlDrvSizeT offset,
                                        ErlDrvSizeT len);
PORTLAB_DRIVER_API int driver_enqv(ErlDrvPort port, ErlIOVec* ev, ErlDrvSizeT skip);
PORTLAB_DRIVER_API int driver_pushqv(ErlDrvPort port, ErlIOVec* ev, ErlDrvSizeT skip);
/* Drops `size` bytes from the head. Result: the bytes left; (ErlDrvSizeT)-1, and nothing dropped,
 * for a dead port or when there are fewer. */
PORTLAB_DRIVER_API ErlDrvSizeT driver_deq(ErlDrvPort port, ErlDrvSizeT size);
PORTLAB_DRIVER_API ErlDrvSizeT driver_sizeq(ErlDrvPort port);
/* The queue as it is, valid until it changes. Empty: NULL and 0 pieces; dead port: NULL and -1. */
PORTLAB_DRIVER_API SysIOVec* driver_peekq(ErlDrvPort port, int* vlen);
PORTLAB_DRIVER_API ErlDrvSizeT driver_peekqv(ErlDrvPort port, ErlIOVec* ev);

/* ---- Port data lock ---------------------------------------------------------------------------
 * A counted lock through which other threads may use the queue. create is [CB] and gives the port
 * one reference, NULL for a dead port or one that has a lock; the rest is [ANY]. Locked, it has one
 * reference more. inc and dec return the new count; at 0 the lock is gone. */
PORTLAB_DRIVER_API ErlDrvPDL driver_pdl_create(ErlDrvPort port);
PORTLAB_DRIVER_API void driver_pdl_lock(ErlDrvPDL pdl);
PORTLAB_DRIVER_API void driver_pdl_unlock(ErlDrvPDL pdl);
PORTLAB_DRIVER_API ErlDrvSInt driver_pdl_get_refc(ErlDrvPDL pdl);
PORTLAB_DRIVER_API ErlDrvSInt driver_pdl_inc_refc(ErlDrvPDL pdl);
PORTLAB_DRIVER_API ErlDrvSInt driver_pdl_dec_refc(ErlDrvPDL pdl);

/* ---- Process monitors -------------------------------------------------------------------------
 * [PDL] monitor: 0; positive when the process is gone; negative for a dead port or a driver without
 * process_exit. demonitor: 0 removed, 1 unknown; not for the monitor that process_exit is running
 * for. get: the pid, or NIL. compare is [ANY] and orders like memcmp. */
PORTLAB_DRIVER_API int driver_monitor_process(ErlDrvPort port, ErlDrvTermData process,
                                              ErlDrvMonitor* monitor);
PORTLAB_DRIVER_API int driver_demonitor_process(ErlDrvPort port, const ErlDrvMonitor* monitor);
PORTLAB_DRIVER_API ErlDrvTermData driver_get_monitored_process(ErlDrvPort port,
                                                               const ErlDrvMonitor* monitor);
PORTLAB_DRIVER_API int driver_compare_monitors(const ErlDrvMonitor* monitor1,
                                               const ErlDrvMonitor* monitor2);

/* ---- Port attributes and flow control ---------------------------------------------------------
 * [CB] A busy port suspends who sends to it. Limits of the message queue, in bytes: 0 reads, any
 * DISABLED switches the limits off for good, low above high moves the other one. get_port_flags is
 * 0 inside start. */
PORTLAB_DRIVER_API void set_busy_port(ErlDrvPort port, int on);
PORTLAB_DRIVER_API void erl_drv_busy_msgq_limits(ErlDrvPort port, ErlDrvSizeT* low,
                                                 ErlDrvSizeT* high);
PORTLAB_DRIVER_API void set_port_control_flags(ErlDrvPort port, int flags);
PORTLAB_DRIVER_API int get_port_flags(ErlDrvPort port);

/* ---- Binaries ---------------------------------------------------------------------------------
 * [ANY] NULL when there is no memory. A new binary has count 1. realloc needs to be the only owner.
 * free drops one reference (NULL is allowed) and frees at 0; dec_refc does not free. inc and dec
 * return the new count. */
PORTLAB_DRIVER_API ErlDrvBinary* driver_alloc_binary(ErlDrvSizeT size);
PORTLAB_DRIVER_API ErlDrvBinary* driver_realloc_binary(ErlDrvBinary* bin, ErlDrvSizeT size);
PORTLAB_DRIVER_API void driver_free_binary(ErlDrvBinary* bin);
PORTLAB_DRIVER_API ErlDrvSInt driver_binary_get_refc(ErlDrvBinary* bin);
PORTLAB_DRIVER_API ErlDrvSInt driver_binary_inc_refc(ErlDrvBinary* bin);
PORTLAB_DRIVER_API ErlDrvSInt driver_binary_dec_refc(ErlDrvBinary* bin);

/* ---- Memory -----------------------------------------------------------------------------------
 * [ANY] NULL when there is no memory, the old block then kept. Size 0 gives a block. free takes
 * NULL. */
PORTLAB_DRIVER_API void* driver_alloc(ErlDrvSizeT size);
PORTLAB_DRIVER_API void* driver_realloc(void* ptr, ErlDrvSizeT size);
PORTLAB_DRIVER_API void driver_free(void* ptr);

/* ---- Drivers and the VM -----------------------------------------------------------------------
 * [CB] add registers a driver that is never unloaded and runs its init; remove: 1 removed, 0
 * unknown, -1 when it was loaded from a file. lock makes a loaded driver permanent: 0; -1 for a
 * dead port or a static driver. */
PORTLAB_DRIVER_API void add_driver_entry(ErlDrvEntry* entry);
PORTLAB_DRIVER_API int remove_driver_entry(ErlDrvEntry* entry);
PORTLAB_DRIVER_API int driver_lock_driver(ErlDrvPort port);
/* [ANY] Fills as much as `size` covers; NULL or too small a size ends the VM. */
PORTLAB_DRIVER_API void driver_system_info(ErlDrvSysInfo* info, size_t size);
PORTLAB_DRIVER_API int null_func(void); /* [ANY] returns 0 */

/* ---- Ports from ports, async jobs, start acknowledgement --------------------------------------
 * [CB] create_port makes another port of the same driver without calling start, linked to a
 * process; (ErlDrvPort)-1 on failure. The driver must use port locking. */
PORTLAB_DRIVER_API ErlDrvPort driver_create_port(ErlDrvPort creator, ErlDrvTermData connected,
                                                 char* name, ErlDrvData drv_data);
/* Runs async_invoke(async_data) on an async thread; then ready_async is called, or async_free when
 * the port is gone or has no ready_async. Equal keys keep their order; *key is overwritten with the
 * number of the thread. Result: an id above 0; 0 when it ran at once; -1 for a dead port. */
PORTLAB_DRIVER_API unsigned int driver_async_port_key(ErlDrvPort port);
PORTLAB_DRIVER_API long driver_async(ErlDrvPort port, unsigned int* key,
                                     void (*async_invoke)(void*), void* async_data,
                                     void (*async_free)(void*));
/* Ends the wait of open_port for a driver with USE_INIT_ACK; not from inside start. */
PORTLAB_DRIVER_API void erl_drv_init_ack(ErlDrvPort port, ErlDrvData result);
PORTLAB_DRIVER_API void erl_drv_set_os_pid(ErlDrvPort port, ErlDrvSInt pid); /* for port_info */

/* ---- Dynamic libraries ------------------------------------------------------------------------
 * [CB] dlopen, dlsym and dlclose; open appends ".so". NULL on failure. error: the reason as text.
 */
PORTLAB_DRIVER_API void* driver_dl_open(char* path);
PORTLAB_DRIVER_API void* driver_dl_sym(void* handle, char* name);
PORTLAB_DRIVER_API int driver_dl_close(void* handle);
PORTLAB_DRIVER_API char* driver_dl_error(void);

/* ---- Environment, errno -----------------------------------------------------------------------
 * [ANY] The environment that os:getenv sees. put: 0, else an error. get: 0 and *size is the length;
 * negative when there is none; positive when *size is too small (OTP 25 and portlab do not tell the
 * size needed, whatever the manual page says).
 * erl_errno_id: the lower-case name, "unknown" for what has none. */
PORTLAB_DRIVER_API int erl_drv_putenv(const char* key, char* value);
PORTLAB_DRIVER_API int erl_drv_getenv(const char* key, char* value, size_t* value_size);
PORTLAB_DRIVER_API char* erl_errno_id(int error);

/* ---- Mutexes ----------------------------------------------------------------------------------
 * [ANY] Not recursive. create: NULL on failure; the name is copied. trylock: 0 or EBUSY. NULL,
 * destroying a held one and unlocking what is not held end the VM. name of NULL is NULL. */
PORTLAB_DRIVER_API ErlDrvMutex* erl_drv_mutex_create(char* name);
PORTLAB_DRIVER_API void erl_drv_mutex_destroy(ErlDrvMutex* mutex);
PORTLAB_DRIVER_API int erl_drv_mutex_trylock(ErlDrvMutex* mutex);
PORTLAB_DRIVER_API void erl_drv_mutex_lock(ErlDrvMutex* mutex);
PORTLAB_DRIVER_API void erl_drv_mutex_unlock(ErlDrvMutex* mutex);
PORTLAB_DRIVER_API char* erl_drv_mutex_name(ErlDrvMutex* mutex);

/* ---- Condition variables ----------------------------------------------------------------------
 * [ANY] wait may return although nobody signalled: test in a loop. There is no timed wait. NULL
 * ends the VM, except for name. */
PORTLAB_DRIVER_API ErlDrvCond* erl_drv_cond_create(char* name);
PORTLAB_DRIVER_API void erl_drv_cond_destroy(ErlDrvCond* cond);
PORTLAB_DRIVER_API void erl_drv_cond_signal(ErlDrvCond* cond);
PORTLAB_DRIVER_API void erl_drv_cond_broadcast(ErlDrvCond* cond);
PORTLAB_DRIVER_API void erl_drv_cond_wait(ErlDrvCond* cond, ErlDrvMutex* mutex);
PORTLAB_DRIVER_API char* erl_drv_cond_name(ErlDrvCond* cond);

/* ---- Read/write locks -------------------------------------------------------------------------
 * [ANY] Many readers or one writer; not recursive. try…: 0 or EBUSY. NULL and unlocking what is not
 * held end the VM; name of NULL is NULL. */
PORTLAB_DRIVER_API ErlDrvRWLock* erl_drv_rwlock_create(char* name);
PORTLAB_DRIVER_API void erl_drv_rwlock_destroy(ErlDrvRWLock* rwlock);
PORTLAB_DRIVER_API int erl_drv_rwlock_tryrlock(ErlDrvRWLock* rwlock);
PORTLAB_DRIVER_API void erl_drv_rwlock_rlock(ErlDrvRWLock* rwlock);
PORTLAB_DRIVER_API void erl_drv_rwlock_runlock(ErlDrvRWLock* rwlock);
PORTLAB_DRIVER_API int erl_drv_rwlock_tryrwlock(ErlDrvRWLock* rwlock);
PORTLAB_DRIVER_API void erl_drv_rwlock_rwlock(ErlDrvRWLock* rwlock);
PORTLAB_DRIVER_API void erl_drv_rwlock_rwunlock(ErlDrvRWLock* rwlock);
PORTLAB_DRIVER_API char* erl_drv_rwlock_name(ErlDrvRWLock* rwlock);

/* ---- Thread specific data ---------------------------------------------------------------------
 * [ANY] Keys are small numbers, the lowest free one first. create: 0 or ENOMEM. An unknown key ends
 * the VM. Nothing is called for the data when a thread ends. */
PORTLAB_DRIVER_API int erl_drv_tsd_key_create(char* name, ErlDrvTSDKey* key);
PORTLAB_DRIVER_API void erl_drv_tsd_key_destroy(ErlDrvTSDKey key);
PORTLAB_DRIVER_API void erl_drv_tsd_set(ErlDrvTSDKey key, void* data);
PORTLAB_DRIVER_API void* erl_drv_tsd_get(ErlDrvTSDKey key);

/* ---- Threads ----------------------------------------------------------------------------------
 * [ANY] A thread has all signals blocked and must be joined, which frees its id. create and join: 0
 * or an errno value; join is EINVAL for threads of the VM. self works in every thread. exit from a
 * thread of the VM, and NULL where an id or options are needed, end the VM. */
PORTLAB_DRIVER_API ErlDrvThreadOpts* erl_drv_thread_opts_create(char* name);
PORTLAB_DRIVER_API void erl_drv_thread_opts_destroy(ErlDrvThreadOpts* opts);
PORTLAB_DRIVER_API int erl_drv_thread_create(char* name, ErlDrvTid* tid, void* (*func)(void*),
                                             void* arg, ErlDrvThreadOpts* opts);
PORTLAB_DRIVER_API ErlDrvTid erl_drv_thread_self(void);
PORTLAB_DRIVER_API int erl_drv_equal_tids(ErlDrvTid tid1, ErlDrvTid tid2);
PORTLAB_DRIVER_API void erl_drv_thread_exit(void* result);
PORTLAB_DRIVER_API int erl_drv_thread_join(ErlDrvTid tid, void** result);
PORTLAB_DRIVER_API char* erl_drv_thread_name(ErlDrvTid tid);

#endif /* !ERL_DRIVER_TYPES_ONLY */

#if defined(__cplusplus)
} /* extern "C" */
#endif
