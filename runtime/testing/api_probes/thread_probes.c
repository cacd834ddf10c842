/* Threads and what belongs to one. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "probes.h"

enum { STACK_KILO_WORDS = 2048 }; /* 16 MiB: more than a thread has by itself */

static ErlDrvTid seen_self;
static size_t seen_stack; /* bytes */

static void* body(void* argument) {
  pthread_attr_t attributes;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstacksize(&attributes, &seen_stack);
  pthread_attr_destroy(&attributes);
  seen_self = erl_drv_thread_self();
  if (argument != NULL) erl_drv_thread_exit(argument);
  return "returned";
}

static void threads(struct probe_port* probe) {
  ErlDrvThreadOpts* options = erl_drv_thread_opts_create("options");
  ErlDrvTid thread, other;
  void* result = NULL;
  see(probe, "%d", options->suggested_stack_size);
  options->suggested_stack_size = STACK_KILO_WORDS;
  see(probe, " %d", erl_drv_thread_create("worker", &thread, body, NULL, options));
  see(probe, " %s", erl_drv_thread_name(thread));
  see(probe, " %d", erl_drv_thread_join(thread, &result));
  see(probe, " %s", (char*)result);
  see(probe, " %d", seen_stack >= (size_t)STACK_KILO_WORDS * 1024 * sizeof(void*));
  see(probe, " %d", erl_drv_equal_tids(seen_self, thread));
  see(probe, " %d", erl_drv_thread_create("other", &other, body, "exited", NULL));
  see(probe, " %d", erl_drv_thread_join(other, &result));
  see(probe, " %s", (char*)result);
  see(probe, " %d", erl_drv_equal_tids(erl_drv_thread_self(), erl_drv_thread_self()));
  see(probe, " %d", erl_drv_thread_join(erl_drv_thread_self(), NULL) != 0);
  erl_drv_thread_opts_destroy(options);
}

static void thread_specific_data(struct probe_port* probe) {
  ErlDrvTSDKey first, second, third;
  see(probe, "%d", erl_drv_tsd_key_create("first", &first));
  see(probe, " %d", erl_drv_tsd_key_create("second", &second));
  see(probe, " %d", erl_drv_tsd_get(first) == NULL);
  erl_drv_tsd_set(first, "one");
  erl_drv_tsd_set(second, "two");
  see(probe, " %s %s", (char*)erl_drv_tsd_get(first), (char*)erl_drv_tsd_get(second));
  erl_drv_tsd_set(first, NULL);
  see(probe, " %d", erl_drv_tsd_get(first) == NULL);
  erl_drv_tsd_set(second, NULL);
  erl_drv_tsd_key_destroy(first);
  erl_drv_tsd_key_create("third", &third);
  see(probe, " %d", third == first); /* the lowest that is free */
  erl_drv_tsd_key_destroy(second);
  erl_drv_tsd_key_destroy(third);
}

const struct probe thread_probes[] = {{"erl_drv_thread_opts_create", 0, threads},
                                      {"erl_drv_thread_opts_destroy", 0, threads},
                                      {"erl_drv_thread_create", 0, threads},
                                      {"erl_drv_thread_self", 0, threads},
                                      {"erl_drv_equal_tids", 0, threads},
                                      {"erl_drv_thread_exit", 0, threads},
                                      {"erl_drv_thread_join", 0, threads},
                                      {"erl_drv_thread_name", 0, threads},
                                      {"erl_drv_tsd_key_create", 0, thread_specific_data},
                                      {"erl_drv_tsd_key_destroy", 0, thread_specific_data},
                                      {"erl_drv_tsd_set", 0, thread_specific_data},
                                      {"erl_drv_tsd_get", 0, thread_specific_data},
                                      {NULL, 0, NULL}};
