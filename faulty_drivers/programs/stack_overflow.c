/* Fault: recurses until the stack is used up (CWE-674). As a port program: dies of SIGSEGV, seen as
 * exit_status 139. */
#include "packet_loop.h"

struct node {
  const struct node* next;
};

/* A list that bites its own tail. Volatile, so that no compiler sees that it has no end. */
static const struct node ring = {&ring};
static const struct node* volatile list = &ring;

/* The scratch space is used after the call, so that the recursion cannot become a loop. */
static unsigned length_of(const struct node* node) {
  volatile unsigned scratch[64];
  if (node == NULL) return 0;
  scratch[0] = 1;
  scratch[1] = length_of(node->next);
  return scratch[0] + scratch[1];
}

static volatile unsigned length;

static void measure_list(void) { length = length_of(list); }

int main(int argc, char** argv) { return packet_loop(argc, argv, measure_list); }
