/* Fault: starts threads that nobody ends (CWE-772). As a port program: they are the program's and
 * go with it. */
#include <pthread.h>

#include "packet_loop.h"

#define THREADS 4

static void* work(void* argument) {
  for (;;) pause();
  return argument;
}

static void start_workers(void) {
  pthread_t worker;
  int i;
  for (i = 0; i < THREADS; ++i) pthread_create(&worker, NULL, work, NULL);
}

int main(int argc, char** argv) { return packet_loop(argc, argv, start_workers); }
