// What StopHost (base/black_box.h) does before it ends the process: a fuzzing host aborts instead,
// so that its input and the driver's stack are kept. Threads: set once, before any other thread.
#pragma once

namespace portlab {

// `hook` is called after the text has been printed. Null, the default: nothing.
void SetStopHook(void (*hook)());
// Calls it; also from a signal handler.
void RunStopHook();

}  // namespace portlab
