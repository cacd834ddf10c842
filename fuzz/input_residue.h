// What inputs leave behind in the process although their ports are closed: descriptors, threads,
// blocks of driver_alloc, driver binaries.
//
// What is made once and kept is no leak: an input that seems to leave something is run again, and
// it is a finding when every run leaves more of it. So one input is enough to repeat it.
//
// Descriptors and threads take two system calls to count, a tenth of an input's time. Inputs that
// are read from files are counted for one by one. Once libFuzzer makes them, the count is taken
// behind many; when it has risen, each of these is handed out once more as if it were new, and
// counted for alone. Whoever is to blame then ends as libFuzzer's current input, which is the one
// it writes to a file. Of what fewer inputs than that left before the fuzzer ended nobody hears.
//
// Threads: the fuzzer's one. Errors: what is found ends the process (DriverUnderTest::Fail).
// Source: fuzzing.md 5.5.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/unique_fd.h"
#include "portlab/term.h"

namespace portlab {

class InputResidue {
 public:
  InputResidue();
  // Runs one input, with `run`, once; more often when something is left.
  void Watch(Bytes input, const std::function<void()>& run);
  // Before libFuzzer makes an input: what it is to run instead, if there is such. Valid until the
  // next call.
  std::optional<Bytes> NextSuspect();

 private:
  // In the order of their rules in input_residue.cc.
  using Counts = std::array<std::int64_t, 4>;
  static constexpr std::size_t kTogether = 32;

  // Of an input, which is libFuzzer's only while it runs.
  struct Copy {
    void Take(Bytes input);
    Bytes bytes() const { return Bytes(room.data(), size); }
    std::vector<std::uint8_t> room;
    std::size_t size = 0;
  };

  Counts Count();
  std::int64_t LowestFreeFd();
  void WatchAlone(const std::function<void()>& run);
  void WatchWithOthers(Bytes input, const std::function<void()>& run);

  const UniqueFd tasks_;  // /proc/self/task
  int free_fd_ = 0;       // was the lowest free descriptor when it was last looked for
  Counts last_;           // when they were last taken
  bool made_by_fuzzer_ = false;
  bool is_suspect_ = false;  // the next input
  std::size_t suspects_ = 0;
  std::size_t together_ = 0;
  std::array<Copy, kTogether> inputs_;  // since then
};

}  // namespace portlab
