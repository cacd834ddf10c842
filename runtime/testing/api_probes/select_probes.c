/* Events of file descriptors. The descriptor is closed where it has to be, in stop_select. */
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "probes.h"

static int stops; /* of descriptors; one port at a time uses this */

static ErlDrvEvent event_of(int fd) { return (ErlDrvEvent)(intptr_t)fd; }

void select_stopped(ErlDrvEvent event) {
  ++stops;
  close((int)(intptr_t)event);
}

void select_ready(struct probe_port* probe, ErlDrvEvent event, const char* which) {
  const int fd = (int)(intptr_t)event;
  char bytes[8];
  tell(probe, which);
  if (fd == probe->fds[0] && read(fd, bytes, sizeof(bytes)) <= 0) {
    tell(probe, "end");
    driver_select(probe->port, event, ERL_DRV_READ | ERL_DRV_USE, 0);
    tell(probe, stops == 1 ? "stopped" : "not yet");
  }
  if (fd == probe->fds[1]) {
    driver_select(probe->port, event, ERL_DRV_WRITE, 0);
    driver_select(probe->port, event, ERL_DRV_USE, 0); /* closes: the reader gets the end */
  }
}

static void selects(struct probe_port* probe) {
  stops = -1;
  if (pipe(probe->fds) != 0) return;
  fcntl(probe->fds[0], F_SETFL, O_NONBLOCK);
  fcntl(probe->fds[1], F_SETFL, O_NONBLOCK);
  see(probe, "%d", driver_select(probe->port, event_of(-1), ERL_DRV_READ, 1));
  see(probe, " %d", driver_select((ErlDrvPort)-1, event_of(probe->fds[0]), ERL_DRV_READ, 1));
  see(probe, " %d", driver_select(probe->port, event_of(probe->fds[0]), ERL_DRV_READ, 0));
  see(probe, " %d",
      driver_select(probe->port, event_of(probe->fds[0]), ERL_DRV_READ | ERL_DRV_USE, 1));
  see(probe, " %d",
      driver_select(probe->port, event_of(probe->fds[1]), ERL_DRV_WRITE | ERL_DRV_USE, 1));
}

const struct probe select_probes[] = {{"driver_select", 4, selects}, {NULL, 0, NULL}};
