/* Fault: locks a mutex that it holds already (CWE-764). As a port program: only this port waits,
 * and closing it does not end the program, which does not notice that its input is closed. */
#include <pthread.h>

#include "packet_loop.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void update(void) {
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
}

static void update_twice(void) {
  pthread_mutex_lock(&mutex);
  update();
  pthread_mutex_unlock(&mutex);
}

int main(int argc, char** argv) { return packet_loop(argc, argv, update_twice); }
