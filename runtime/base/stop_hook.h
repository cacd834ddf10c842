// What StopHost (base/black_box.h), and a driver's own end of the host with a report, do between
// the report and the end of the process. Threads: set once, before any other thread.
#pragma once

namespace portlab {

// `words` is called after the text has been printed, on the thread that ends the host: it may add
// to the report. A StopHost inside it is the end. Null: nothing.
void SetLastWords(void (*words)());
void RunLastWords();

// `hook` is called after that: a fuzzing host aborts instead, so that its input and the driver's
// stack are kept. Null, the default: nothing.
void SetStopHook(void (*hook)());
// Calls it; also from a signal handler.
void RunStopHook();

}  // namespace portlab
