/* Fault: writes to a block of malloc that is freed already (CWE-416). As a port program: the C
 * library finds out with the next allocation, and aborts: exit_status 134. */
#include "packet_loop.h"

struct record {
  struct record* volatile next;
  char text[2000];
};

/* Volatile, so that no compiler sees what happens to the blocks. */
static struct record* volatile last;
static struct record* volatile following;
static void* volatile larger;

/* Ends the list at a record that has just been freed. The block is larger than those for which the
 * C library skips its checks; the record that follows keeps it from growing into free memory. */
static void end_list(void) {
  last = malloc(sizeof(*last));
  following = malloc(sizeof(*following));
  if (last == NULL || following == NULL) return;
  free(last);
  last->next = NULL;
  larger = malloc(4 * sizeof(*last)); /* where the C library notices */
  free(larger);
  free(following);
}

int main(int argc, char** argv) { return packet_loop(argc, argv, end_list); }
