/* Threads that the runtime did not make, at driver_alloc's memory together with a callback, made in
 * the way that the operation of control names. What is in a block that one of them has been given
 * is nobody else's: if it changes, or a block is freed twice, this aborts.
 *
 * MAKES_THREAD_AT_LOAD: one is there before the first input.
 */
#include <erl_driver.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 5000
#define BLOCKS 8
#define BYTES 24
#define MESSAGE_BYTES 16

enum { PTHREAD = 0, THRD = 1, TIMER = 2, QUEUE = 3 };

static atomic_int ready;
static atomic_int done;

static void take_and_give_back(int mark) {
  char* blocks[BLOCKS];
  for (int i = 0; i < BLOCKS; i++) {
    blocks[i] = driver_alloc(BYTES);
    memset(blocks[i], mark, BYTES);
  }
  for (int i = 0; i < BLOCKS; i++) {
    for (int at = 0; at < BYTES; at++) {
      if (blocks[i][at] != mark) abort();
    }
    driver_free(blocks[i]);
  }
}

static void work(int mark) {
  atomic_fetch_add(&ready, 1);
  while (atomic_load(&ready) < 2) continue;
  for (int round = 0; round < ROUNDS; round++) take_and_give_back(mark);
  atomic_fetch_add(&done, 1);
}

static void* pthread_body(void* unused) {
  work('p');
  return unused;
}

static int thrd_body(void* unused) {
  (void)unused;
  work('t');
  return 0;
}

static void notified(union sigval unused) {
  (void)unused;
  work('n');
}

static int make_by_timer(void) {
  struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = notified};
  const struct itimerspec at_once = {.it_value = {.tv_nsec = 1}};
  timer_t timer;
  return timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 &&
         timer_settime(timer, 0, &at_once, NULL) == 0;
}

/* The queue stays until the process ends: opened once, as each would be a descriptor. */
static int make_by_queue(void) {
  static mqd_t queue = (mqd_t)-1;
  struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = notified};
  const char* const name = "/portlab_own_threads";
  char taken[MESSAGE_BYTES];
  if (queue == (mqd_t)-1) {
    struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = MESSAGE_BYTES};
    queue = mq_open(name, O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600, &attributes);
    mq_unlink(name);
  }
  /* It tells of a message that comes into the empty queue. */
  mq_receive(queue, taken, sizeof(taken), NULL);
  return mq_notify(queue, &event) == 0 && mq_send(queue, "x", 1, 0) == 0;
}

/* Not joined: some of them cannot be. */
static int make(unsigned int by) {
  pthread_t posix;
  thrd_t iso;
  if (by == PTHREAD) return pthread_create(&posix, NULL, pthread_body, NULL) == 0;
  if (by == THRD) return thrd_create(&iso, thrd_body, NULL) == thrd_success;
  if (by == TIMER) return make_by_timer();
  return make_by_queue();
}

static ErlDrvData start(ErlDrvPort port, char* command) {
  (void)command;
  return (ErlDrvData)port;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  (void)data;
  (void)bytes;
  (void)size;
  (void)reply;
  (void)room;
  if (operation > QUEUE) return -1;
  atomic_store(&ready, 0);
  atomic_store(&done, 0);
  if (!make(operation)) {
    perror("own_threads_drv: no thread");
    abort();
  }
  work('c');
  while (atomic_load(&done) < 2) usleep(100);
  return 0;
}

#if defined(MAKES_THREAD_AT_LOAD)
#define NAME "thread_at_load_drv"
#else
#define NAME "own_threads_drv"
#endif

static ErlDrvEntry entry = {
    .start = start,
    .driver_name = NAME,
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

#if defined(MAKES_THREAD_AT_LOAD)
static void* sleeps(void* unused) {
  pause();
  return unused;
}
#endif

DRIVER_INIT(own_threads_drv) {
#if defined(MAKES_THREAD_AT_LOAD)
  pthread_t sleeper;
  if (pthread_create(&sleeper, NULL, sleeps, NULL) != 0) abort();
#endif
  return &entry;
}
