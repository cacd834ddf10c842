/* Mutexes, conditions, rwlocks: between this thread and one of the driver's. */
#include <errno.h>
#include <stddef.h>

#include "probes.h"

static ErlDrvMutex* mutex;
static ErlDrvCond* condition;
static ErlDrvRWLock* rwlock;
static int turn, answers[4];

/* Runs in another thread, and this one waits. */
static void elsewhere(void* (*body)(void*)) {
  ErlDrvTid thread;
  erl_drv_thread_create("elsewhere", &thread, body, NULL, NULL);
  erl_drv_thread_join(thread, NULL);
}

static void* try_mutex(void* unused) {
  (void)unused;
  answers[0] = erl_drv_mutex_trylock(mutex);
  if (answers[0] == 0) erl_drv_mutex_unlock(mutex);
  return NULL;
}

static void mutexes(struct probe_port* probe) {
  ErlDrvMutex* nameless = erl_drv_mutex_create(NULL);
  mutex = erl_drv_mutex_create("a mutex");
  see(probe, "%s %s", erl_drv_mutex_name(mutex), erl_drv_mutex_name(nameless));
  see(probe, " %d", erl_drv_mutex_name(NULL) == NULL);
  erl_drv_mutex_lock(mutex);
  elsewhere(try_mutex);
  see(probe, " %d", answers[0] == EBUSY);
  erl_drv_mutex_unlock(mutex);
  elsewhere(try_mutex);
  see(probe, " %d", answers[0]);
  see(probe, " %d", erl_drv_mutex_trylock(mutex));
  erl_drv_mutex_unlock(mutex);
  erl_drv_mutex_destroy(mutex);
  erl_drv_mutex_destroy(nameless);
}

static void* answerer(void* unused) {
  int round;
  (void)unused;
  erl_drv_mutex_lock(mutex);
  for (round = 0; round < 100; ++round) {
    while (turn != 1) erl_drv_cond_wait(condition, mutex);
    turn = 0;
    if (round % 2) {
      erl_drv_cond_signal(condition);
    } else {
      erl_drv_cond_broadcast(condition);
    }
  }
  erl_drv_mutex_unlock(mutex);
  return NULL;
}

static void conditions(struct probe_port* probe) {
  ErlDrvTid thread;
  int round;
  mutex = erl_drv_mutex_create("a mutex");
  condition = erl_drv_cond_create("a condition");
  see(probe, "%s %d", erl_drv_cond_name(condition), erl_drv_cond_name(NULL) == NULL);
  turn = 0;
  erl_drv_thread_create("answerer", &thread, answerer, NULL, NULL);
  erl_drv_mutex_lock(mutex);
  for (round = 0; round < 100; ++round) {
    turn = 1;
    erl_drv_cond_signal(condition);
    while (turn != 0) erl_drv_cond_wait(condition, mutex);
  }
  erl_drv_mutex_unlock(mutex);
  erl_drv_thread_join(thread, NULL);
  see(probe, " %d rounds", round);
  erl_drv_cond_destroy(condition);
  erl_drv_mutex_destroy(mutex);
}

static void* try_rwlock(void* unused) {
  (void)unused;
  answers[0] = erl_drv_rwlock_tryrlock(rwlock);
  if (answers[0] == 0) erl_drv_rwlock_runlock(rwlock);
  answers[1] = erl_drv_rwlock_tryrwlock(rwlock);
  if (answers[1] == 0) erl_drv_rwlock_rwunlock(rwlock);
  return NULL;
}

static void rwlocks(struct probe_port* probe) {
  rwlock = erl_drv_rwlock_create("a lock");
  see(probe, "%s %d", erl_drv_rwlock_name(rwlock), erl_drv_rwlock_name(NULL) == NULL);
  erl_drv_rwlock_rlock(rwlock);
  elsewhere(try_rwlock);
  see(probe, " %d %d", answers[0], answers[1] == EBUSY);
  erl_drv_rwlock_runlock(rwlock);
  erl_drv_rwlock_rwlock(rwlock);
  elsewhere(try_rwlock);
  see(probe, " %d %d", answers[0] == EBUSY, answers[1] == EBUSY);
  erl_drv_rwlock_rwunlock(rwlock);
  elsewhere(try_rwlock);
  see(probe, " %d %d", answers[0], answers[1]);
  erl_drv_rwlock_destroy(rwlock);
}

const struct probe mutex_probes[] = {
    {"erl_drv_mutex_create", 0, mutexes},    {"erl_drv_mutex_destroy", 0, mutexes},
    {"erl_drv_mutex_trylock", 0, mutexes},   {"erl_drv_mutex_lock", 0, mutexes},
    {"erl_drv_mutex_unlock", 0, mutexes},    {"erl_drv_mutex_name", 0, mutexes},
    {"erl_drv_cond_create", 0, conditions},  {"erl_drv_cond_destroy", 0, conditions},
    {"erl_drv_cond_signal", 0, conditions},  {"erl_drv_cond_broadcast", 0, conditions},
    {"erl_drv_cond_wait", 0, conditions},    {"erl_drv_cond_name", 0, conditions},
    {"erl_drv_rwlock_create", 0, rwlocks},   {"erl_drv_rwlock_destroy", 0, rwlocks},
    {"erl_drv_rwlock_tryrlock", 0, rwlocks}, {"erl_drv_rwlock_rlock", 0, rwlocks},
    {"erl_drv_rwlock_runlock", 0, rwlocks},  {"erl_drv_rwlock_tryrwlock", 0, rwlocks},
    {"erl_drv_rwlock_rwlock", 0, rwlocks},   {"erl_drv_rwlock_rwunlock", 0, rwlocks},
    {"erl_drv_rwlock_name", 0, rwlocks},     {NULL, 0, NULL}};
