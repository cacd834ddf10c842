/* Fault: changes its file mode mask (CWE-276). As a port program: its own, and nobody notices. */
#include <sys/stat.h>

#include "packet_loop.h"

#define NOTHING_FOR_ANYBODY 0777

static void hide_files(void) { umask(NOTHING_FOR_ANYBODY); }

int main(int argc, char** argv) { return packet_loop(argc, argv, hide_files); }
