// The children this process has, adopted ones included, and how to get rid of the adopted.
//
// A subreaper (prctl(2)) inherits the orphans below it: a grandchild that outlives its parent
// becomes our child instead of init's, so nothing a trial or a program started can get away from
// us, whatever it does to its session or environment.
//
// Threads: any. Errors: none; a process that is gone already is what we wanted.
#pragma once

#include <sys/types.h>

#include <vector>

#include "base/order.h"

namespace portlab {

// For the tool process, once, before its first supervised child. From here on every child of this
// process that launch/ did not start and that did not exist yet is taken for an adopted orphan:
// start processes through launch/ only.
void BecomeSubreaper();
bool IsSubreaper();

// Zombies included. In no order.
std::vector<pid_t> DirectChildren();

// To the process group of `pid`, unless that is our own; then, or if it has none any more, to `pid`
// itself.
void SignalGroupOf(pid_t pid, int signo);

// Kills and reaps adopted orphans until there are none, or `deadline` (RealNow's clock): those of
// `session`, and, if `also_strays`, those whose session none of our own children leads. Returns how
// many died of it. No effect unless IsSubreaper().
int KillAdopted(pid_t session, bool also_strays, Nanos deadline);

}  // namespace portlab
