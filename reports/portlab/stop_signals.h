// Asks the process to stop, politely: SIGINT, SIGTERM and SIGHUP set a mark that the work looks at.
// Threads: StopSignal from any. Ownership: the dispositions of these signals are this file's.
#pragma once

namespace portlab {

// Also has writes beyond a limit fail with EFBIG instead of a signal.
void CatchStopSignals();
// The signal that asked; 0: none did.
int StopSignal();

}  // namespace portlab
