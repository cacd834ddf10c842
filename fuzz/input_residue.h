// What inputs leave behind in the process although their ports are closed: descriptors, threads,
// blocks of driver_alloc, driver binaries.
//
// What is made once and kept is no leak: an input that seems to leave something is run again, and
// it is a finding when every run leaves more of it. So one input is enough to repeat it.
//
// Threads: the fuzzer's one. Errors: what is found ends the process (DriverUnderTest::Fail).
// Source: fuzzing.md 5.5.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "base/unique_fd.h"

namespace portlab {

class InputResidue {
 public:
  InputResidue();
  // Runs one input, with `run`, once; more often when something is left.
  void Watch(const std::function<void()>& run);

 private:
  // In the order of their rules in input_residue.cc.
  using Counts = std::array<std::int64_t, 4>;
  Counts Count();
  std::int64_t LowestFreeFd();

  const UniqueFd tasks_;  // /proc/self/task
  int free_fd_ = 0;       // was the lowest free descriptor when it was last looked for
  Counts last_;           // after the last input
};

}  // namespace portlab
