/* Fault: ends its main thread, which is its only one (CWE-705). As a port program: exit_status 0,
 * as if all were well. */
#include <pthread.h>

#include "packet_loop.h"

static void finish_thread(void) { pthread_exit(NULL); }

int main(int argc, char** argv) { return packet_loop(argc, argv, finish_thread); }
