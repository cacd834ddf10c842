/* A driver that uses everything at once: threads of its own, async jobs with and without a key, a
 * port data lock, timers, a flush, and terms sent from all of them, also after their port has gone.
 * It counts what it does and what it gets back; control OP_COUNTS and OP_COLLECT tell
 * (stress/harness/crowd.cc). Of each port's two threads stop joins one; the other outlives the
 * port.
 *
 * Broken twins, each with a name of its own: CROWD_RACES (a counter without the port data lock),
 * CROWD_FREES_TWICE (a job's binary), CROWD_KEEPS (a block, a binary, a lock's reference, a job).
 */
#include <erl_driver.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#if defined(CROWD_RACES)
#define CROWD_NAME "crowd_races_drv"
#elif defined(CROWD_FREES_TWICE)
#define CROWD_NAME "crowd_frees_twice_drv"
#elif defined(CROWD_KEEPS)
#define CROWD_NAME "crowd_keeps_drv"
#else
#define CROWD_NAME "crowd_drv"
#endif

enum { OP_START = 1, OP_ASYNC, OP_TIMER, OP_FAIL, OP_COUNTS, OP_COLLECT };
enum { ROUNDS = 24, ROUNDS_AFTER_STOP = 4, JOBS = 3, TIMEOUTS = 3, BINARIES = 4, PIECE = 8 };

struct crowd {
  atomic_int references; /* the port, its threads, its jobs */
  ErlDrvPort port;
  ErlDrvTermData name;
  ErlDrvTermData collector; /* who gets what erl_drv_send_term sends */
  int counts_output;        /* the connected process outlives the port */
  ErlDrvPDL pdl;
  ErlDrvTid joined, late;
  int timeouts;
  int flushed;
  /* Under the port data lock. */
  int stopped;
  long touched;
  long last_keyed;
};

struct job {
  struct crowd* crowd;
  long serial; /* of the port's jobs with a key; 0: without */
  ErlDrvBinary* binary;
};

/* What outlives its port, until OP_COLLECT. */
struct left {
  struct left* next;
  ErlDrvPDL pdl;
  ErlDrvTid late;
};

static struct {
  atomic_long ports, stops, threads, threads_ended, jobs, jobs_ready, jobs_freed, out_of_order;
  atomic_long sent, output_terms, outputs, late_refused;
} counts;
static ErlDrvBinary* shared[BINARIES];
static ErlDrvTermData collector_atom, owner_atom, round_atom;
static ErlDrvMutex* left_mutex;
static struct left* lefts;

static void let_go(struct crowd* crowd) {
  if (atomic_fetch_sub(&crowd->references, 1) == 1) driver_free(crowd);
}

/* {Tag,Round,[{Binary,"text"},#{round => 0.5}|Round]}: all threads at once, one binary in all. */
static int send(struct crowd* crowd, ErlDrvTermData tag, int round, int to_owner) {
  double real = 0.5;
  ErlDrvBinary* binary = shared[round % BINARIES];
  ErlDrvTermData term[] = {ERL_DRV_ATOM,
                           tag,
                           ERL_DRV_INT,
                           (ErlDrvTermData)round,
                           ERL_DRV_BINARY,
                           (ErlDrvTermData)binary,
                           100,
                           (ErlDrvTermData)round,
                           ERL_DRV_STRING,
                           (ErlDrvTermData) "text",
                           4,
                           ERL_DRV_TUPLE,
                           2,
                           ERL_DRV_ATOM,
                           round_atom,
                           ERL_DRV_FLOAT,
                           (ErlDrvTermData)&real,
                           ERL_DRV_MAP,
                           1,
                           ERL_DRV_INT,
                           (ErlDrvTermData)round,
                           ERL_DRV_LIST,
                           3,
                           ERL_DRV_TUPLE,
                           3};
  const int words = sizeof(term) / sizeof(term[0]);
  return to_owner ? erl_drv_output_term(crowd->name, term, words)
                  : erl_drv_send_term(crowd->name, crowd->collector, term, words);
}

static void tell(struct crowd* crowd, int round) {
  if (send(crowd, collector_atom, round, 0) == 1) atomic_fetch_add(&counts.sent, 1);
  if (send(crowd, owner_atom, round, 1) == 1 && crowd->counts_output)
    atomic_fetch_add(&counts.output_terms, 1);
}

/* What a thread does with the port, dead or alive. True: it is dead. */
static int touch(struct crowd* crowd, int round) {
  ErlDrvMonitor monitor;
  int stopped;
#if defined(CROWD_RACES)
  ++crowd->touched;
#endif
  driver_pdl_lock(crowd->pdl);
#if !defined(CROWD_RACES)
  ++crowd->touched;
#endif
  stopped = crowd->stopped;
  if (!stopped) {
    driver_enq(crowd->port, "a piece.", PIECE);
    driver_enq_bin(crowd->port, shared[round % BINARIES], round, PIECE);
    if (driver_sizeq(crowd->port) > 8 * PIECE) driver_deq(crowd->port, 3 * PIECE);
    if (driver_monitor_process(crowd->port, crowd->collector, &monitor) == 0)
      driver_demonitor_process(crowd->port, &monitor);
  } else if (driver_enq(crowd->port, "too late", PIECE) != 0) {
    atomic_fetch_add(&counts.late_refused, 1);
  }
  driver_pdl_unlock(crowd->pdl);
  return stopped;
}

static void* work(void* argument) {
  struct crowd* crowd = argument;
  int round, after = 0;
  for (round = 0; round < ROUNDS && after < ROUNDS_AFTER_STOP; ++round) {
    after += touch(crowd, round);
    tell(crowd, round);
  }
  let_go(crowd);
  atomic_fetch_add(&counts.threads_ended, 1);
  return NULL;
}

static ErlDrvTid start_thread(struct crowd* crowd) {
  ErlDrvTid thread = NULL;
  atomic_fetch_add(&crowd->references, 1);
  atomic_fetch_add(&counts.threads, 1);
  erl_drv_thread_create("crowd", &thread, work, crowd, NULL);
  return thread;
}

static void leave(ErlDrvPDL pdl, ErlDrvTid late) {
  struct left* left = driver_alloc(sizeof(*left));
  left->pdl = pdl;
  left->late = late;
  erl_drv_mutex_lock(left_mutex);
  left->next = lefts;
  lefts = left;
  erl_drv_mutex_unlock(left_mutex);
}

static void begin(struct crowd* crowd, int counts_output) {
  crowd->collector = driver_caller(crowd->port);
  crowd->counts_output = counts_output;
  crowd->pdl = driver_pdl_create(crowd->port);
  driver_pdl_inc_refc(crowd->pdl); /* given back by OP_COLLECT */
  crowd->joined = start_thread(crowd);
  crowd->late = start_thread(crowd);
}

static void finish_job(struct job* job) {
  driver_free_binary(job->binary);
#if defined(CROWD_FREES_TWICE)
  driver_free_binary(job->binary);
#endif
  let_go(job->crowd);
  driver_free(job);
}

static void invoke(void* data) {
  struct job* job = data;
  struct crowd* crowd = job->crowd;
  driver_pdl_lock(crowd->pdl);
  ++crowd->touched;
  if (job->serial != 0) {
    if (job->serial < crowd->last_keyed) atomic_fetch_add(&counts.out_of_order, 1);
    crowd->last_keyed = job->serial;
  }
  driver_pdl_unlock(crowd->pdl);
  memset(job->binary->orig_bytes, 'j', (size_t)job->binary->orig_size);
  if (send(crowd, collector_atom, 0, 0) == 1) atomic_fetch_add(&counts.sent, 1);
}

static void free_job(void* data) {
  atomic_fetch_add(&counts.jobs_freed, 1);
  finish_job(data);
}

static void ready_async(ErlDrvData data, ErlDrvThreadData thread_data) {
  struct job* job = (struct job*)thread_data;
  (void)data;
  atomic_fetch_add(&counts.jobs_ready, 1);
  finish_job(job);
}

static void start_jobs(struct crowd* crowd) {
  static atomic_long serial;
  int i;
  for (i = 0; i < 2 * JOBS; ++i) {
    unsigned key = driver_async_port_key(crowd->port);
    struct job* job = driver_alloc(sizeof(*job));
    job->crowd = crowd;
    job->serial = i < JOBS ? 1 + atomic_fetch_add(&serial, 1) : 0;
    job->binary = driver_alloc_binary(64);
    atomic_fetch_add(&crowd->references, 1);
    atomic_fetch_add(&counts.jobs, 1);
    driver_async(crowd->port, i < JOBS ? &key : NULL, invoke, job, free_job);
  }
}

/* Nothing is queued behind it: threads see `stopped`. */
static void drain(struct crowd* crowd, int stopped) {
  if (crowd->pdl == NULL) return;
  driver_pdl_lock(crowd->pdl);
  crowd->stopped |= stopped;
  driver_deq(crowd->port, driver_sizeq(crowd->port));
  driver_pdl_unlock(crowd->pdl);
}

static void say(struct crowd* crowd, char* bytes, ErlDrvSizeT size) {
  driver_output(crowd->port, bytes, size);
  /* What a closing port says, nobody gets. */
  if (!crowd->flushed && crowd->counts_output) atomic_fetch_add(&counts.outputs, 1);
}

static void timeout(ErlDrvData data) {
  struct crowd* crowd = (struct crowd*)data;
  if (crowd->flushed) {
    drain(crowd, 1);
    /* If a thread has queued something since: the next one takes that. Else the port ends now. */
    driver_set_timer(crowd->port, 1);
    return;
  }
  say(crowd, "timeout", 7);
  drain(crowd, 0);
  if (++crowd->timeouts < TIMEOUTS) driver_set_timer(crowd->port, 1);
}

static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  struct crowd* crowd = (struct crowd*)data;
  touch(crowd, 0);
  say(crowd, bytes, size);
}

static void flush(ErlDrvData data) {
  struct crowd* crowd = (struct crowd*)data;
  crowd->flushed = 1;
  driver_set_timer(crowd->port, 1); /* it drains */
}

/* The first number is OP_COLLECT's: what is not as it should be. */
static int collect(char* to, size_t room) {
  int wrong_locks = 0, wrong_binaries = 0, i;
  while (lefts != NULL) {
    struct left* left = lefts;
    lefts = left->next;
    if (left->late != NULL) erl_drv_thread_join(left->late, NULL);
    if (driver_pdl_get_refc(left->pdl) != 1 || driver_pdl_dec_refc(left->pdl) != 0) ++wrong_locks;
    driver_free(left);
  }
  for (i = 0; i < BINARIES; ++i) wrong_binaries += driver_binary_get_refc(shared[i]) != 1;
  return snprintf(to, room, "%d %d %ld", wrong_locks, wrong_binaries,
                  atomic_load(&counts.out_of_order));
}

static int tell_counts(char* to, size_t room) {
  atomic_long* const all[] = {&counts.ports,         &counts.stops,       &counts.threads,
                              &counts.threads_ended, &counts.jobs,        &counts.jobs_ready,
                              &counts.jobs_freed,    &counts.sent,        &counts.output_terms,
                              &counts.outputs,       &counts.late_refused};
  size_t i;
  int used = 0;
  for (i = 0; i < sizeof(all) / sizeof(all[0]); ++i)
    used += snprintf(to + used, room - (size_t)used, "%ld ", atomic_load(all[i]));
  return used;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct crowd* crowd = (struct crowd*)data;
  (void)room;
  switch (operation) {
    case OP_START:
      begin(crowd, size != 0 && bytes[0] == 'o');
      return 0;
    case OP_ASYNC:
      start_jobs(crowd);
      return 0;
    case OP_TIMER:
      driver_set_timer(crowd->port, 1);
      return 0;
    case OP_FAIL:
      driver_failure_atom(crowd->port, "failed");
      return 0;
    case OP_COUNTS:
    case OP_COLLECT:
      *reply = driver_alloc(512);
      return operation == OP_COUNTS ? tell_counts(*reply, 512) : collect(*reply, 512);
  }
  return -1;
}

static ErlDrvData start(ErlDrvPort port, char* command) {
  struct crowd* crowd = driver_alloc(sizeof(*crowd));
  (void)command;
  memset(crowd, 0, sizeof(*crowd));
  atomic_init(&crowd->references, 1);
  crowd->port = port;
  crowd->name = driver_mk_port(port);
  atomic_fetch_add(&counts.ports, 1);
  return (ErlDrvData)crowd;
}

#if defined(CROWD_KEEPS)
static void keep(struct crowd* crowd) {
  static atomic_flag kept = ATOMIC_FLAG_INIT;
  if (atomic_flag_test_and_set(&kept)) return;
  driver_alloc(16);
  driver_pdl_inc_refc(crowd->pdl);
  driver_binary_inc_refc(shared[0]);
  atomic_fetch_add(&counts.jobs_freed, 1);
}
#endif

static void stop(ErlDrvData data) {
  struct crowd* crowd = (struct crowd*)data;
  if (crowd->pdl != NULL) {
    drain(crowd, 1);
    erl_drv_thread_join(crowd->joined, NULL); /* it may be sending just now */
    leave(crowd->pdl, crowd->late);
#if defined(CROWD_KEEPS)
    keep(crowd);
#endif
  }
  atomic_fetch_add(&counts.stops, 1);
  let_go(crowd);
}

static int init(void) {
  int i;
  collector_atom = driver_mk_atom("collector");
  owner_atom = driver_mk_atom("owner");
  round_atom = driver_mk_atom("round");
  left_mutex = erl_drv_mutex_create("left");
  for (i = 0; i < BINARIES; ++i) {
    shared[i] = driver_alloc_binary(1000);
    memset(shared[i]->orig_bytes, 's', 1000);
  }
  return 0;
}

static void finish(void) {
  int i;
  for (i = 0; i < BINARIES; ++i) driver_free_binary(shared[i]);
  erl_drv_mutex_destroy(left_mutex);
}

static char driver_name[] = CROWD_NAME;
static ErlDrvEntry entry = {.init = init,
                            .start = start,
                            .stop = stop,
                            .output = output,
                            .driver_name = driver_name,
                            .finish = finish,
                            .control = control,
                            .timeout = timeout,
                            .ready_async = ready_async,
                            .flush = flush,
                            .extended_marker = (int)ERL_DRV_EXTENDED_MARKER,
                            .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
                            .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
                            .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING};

DRIVER_INIT(crowd_drv) { return &entry; }
