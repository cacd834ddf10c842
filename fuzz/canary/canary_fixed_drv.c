/* canary_drv.c without its fault: the write stays inside the block. */
#define CANARY_FIXED 1
#include "canary_drv.c"
