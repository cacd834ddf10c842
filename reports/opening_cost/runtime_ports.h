// Opening ports in our own runtime, which lives in this process: a linked-in driver, and a program
// through the spawn server.
//
// Threads: the thread that made it. Errors: as Runtime's; a program that does not end within
// kPatience is a general error. Ownership: the runtime's; nothing stays open between calls.
#pragma once

#include <optional>
#include <string>

#include "portlab/runtime.h"
#include "process/process_table.h"

namespace portlab {

class RuntimePorts {
 public:
  RuntimePorts();

  // Once, before OpenDriver; `file` is the path of the .so.
  Result<void> Load(const std::string& file);
  // Opens a port of the driver and closes it.
  Result<void> OpenDriver();
  // Opens a port of the program and waits for its exit status.
  Result<void> OpenProgram(const std::string& file);

 private:
  static constexpr Nanos kPatience = 5'000 * kMillisecond;

  Runtime runtime_;
  ThreadProcess self_;
  Term driver_;
  Term program_options_;
};

}  // namespace portlab
