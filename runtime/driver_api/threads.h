// Threads a driver starts with erl_drv_thread_create.
// Threads: any. Source: erl_driver(3erl) erl_drv_thread_create …
#pragma once

namespace portlab {

// Whether the calling thread was started by erl_drv_thread_create.
bool InDriverThread();

}  // namespace portlab
