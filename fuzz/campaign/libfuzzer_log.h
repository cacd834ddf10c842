// What libFuzzer tells on stderr while it works: how much was run, what was covered.
//
// Threads: one at a time. Ownership: keeps the last bytes of the log. Units: inputs, edges, bytes.
// Errors: none; lines that say nothing of this are kept for the report only.
// Source: LLVM's FuzzerLoop.cpp (PrintStats, PrintFinalStats), FuzzerTracePC.cpp (the banner).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace portlab {

class LibFuzzerLog {
 public:
  void Add(std::string_view text);

  std::uint64_t executed() const { return executed_; }
  std::uint64_t seeds() const { return seeds_; }  // of the corpus it began with
  std::uint64_t edges() const { return edges_; }
  std::uint64_t features() const { return features_; }
  std::uint64_t corpus() const { return corpus_; }
  std::uint64_t new_units() const { return new_units_; }
  // Counters of the compiler that lie in the driver; 0: it has none.
  std::uint64_t driver_counters() const { return driver_counters_; }
  // Crashes that the host went on after, by the id it tells.
  const std::map<std::string, std::uint64_t>& known() const { return known_; }
  bool finished() const { return finished_; }
  bool began() const { return began_; }  // the corpus was read
  const std::string& tail() const { return tail_; }

 private:
  void AddLine(std::string_view line);
  void ReadStatus(std::string_view line);
  void ReadModules(std::string_view line);

  std::string line_;
  std::string tail_;
  std::uint64_t executed_ = 0;
  std::uint64_t seeds_ = 0;
  std::uint64_t edges_ = 0;
  std::uint64_t features_ = 0;
  std::uint64_t corpus_ = 0;
  std::uint64_t new_units_ = 0;
  std::uint64_t driver_counters_ = 0;
  std::uint64_t driver_begin_ = 0;
  std::uint64_t driver_end_ = 0;
  std::string modules_;
  std::map<std::string, std::uint64_t> known_;
  bool finished_ = false;
  bool began_ = false;
};

}  // namespace portlab
