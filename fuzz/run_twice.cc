#include "fuzz/run_twice.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <string>
#include <vector>

#include "fuzz/operations/text.h"

// The sanitizers' runtime has it; other builds have no edges either.
extern "C" __attribute__((weak)) void __sanitizer_symbolize_pc(void* pc, const char* format,
                                                               char* out, std::size_t room);

namespace portlab {
namespace {

// -fsanitize-coverage=pc-table: an address and a word of flags for each counter.
struct TableEntry {
  std::uintptr_t pc;
  std::uintptr_t flags;
};

class Edges {
 public:
  explicit Edges(const EdgePlaces& places)
      : base_(DriverUnderTest::Get().load_address()), places_(places) {}

  void Forget() { std::fill_n(counters(), places_.count, std::uint8_t{0}); }
  std::vector<bool> Reached() const {
    return std::vector<bool>(counters(), counters() + places_.count);
  }
  // "remember my_drv.c:71"
  std::string Name(std::size_t edge) const {
    const auto* table = reinterpret_cast<const TableEntry*>(base_ + places_.table);
    std::array<char, 512> words{};
    void* pc = reinterpret_cast<void*>(table[edge].pc);
    if (__sanitizer_symbolize_pc != nullptr) {
      __sanitizer_symbolize_pc(pc, "%f %S", words.data(), words.size());
    }
    return words.data();
  }

 private:
  std::uint8_t* counters() const {
    return reinterpret_cast<std::uint8_t*>(base_ + places_.counters);
  }

  const std::uintptr_t base_;
  const EdgePlaces places_;
};

std::string TextOf(Bytes input, std::size_t operation) {
  OperationReader reader(input);
  OperationView view;
  for (std::size_t i = 0; i <= operation; ++i) {
    if (!reader.Next(view)) return {};
  }
  return PrintOperation(Operation(view));
}

// What differs first; empty: nothing.
std::string Difference(Bytes input, const RunRecord& first, const RunRecord& second) {
  const std::size_t operations = DecodeOperations(input).size();
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    const std::string once = i < first.size() ? first[i] : "none";
    const std::string then = i < second.size() ? second[i] : "none";
    if (once == then) continue;
    const std::string where = i < operations
                                  ? "operation " + std::to_string(i + 1) + ": " + TextOf(input, i)
                                  : "message " + std::to_string(i - operations + 1);
    return where + ": " + once + "; then: " + then;
  }
  return {};
}

std::string Difference(const Edges& edges, const std::vector<bool>& first,
                       const std::vector<bool>& second) {
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[i] == second[i]) continue;
    return "edge: " + edges.Name(i) + (first[i] ? "; first only" : "; then only");
  }
  return {};
}

}  // namespace

std::optional<EdgePlaces> EdgePlacesFrom(std::string_view text) {
  EdgePlaces places;
  const char* at = text.data();
  const char* end = text.data() + text.size();
  for (std::uintptr_t* number : {&places.counters, &places.count, &places.table}) {
    const auto [after, error] = std::from_chars(at, end, *number);
    if (error != std::errc() || (after != end && *after != ',')) return std::nullopt;
    at = after == end ? end : after + 1;
  }
  if (at != end || places.count == 0) return std::nullopt;
  return places;
}

void RunTwice(OperationRunner& runner, const std::optional<EdgePlaces>& places, Bytes input) {
  std::optional<Edges> edges;
  if (places) edges.emplace(*places);
  std::array<RunRecord, 2> records;
  std::array<std::vector<bool>, 2> reached;
  for (std::size_t run = 0; run < records.size(); ++run) {
    if (edges) edges->Forget();
    runner.Run(input, &records[run]);
    if (edges) reached[run] = edges->Reached();
  }
  std::string difference = Difference(input, records[0], records[1]);
  if (difference.empty() && edges) difference = Difference(*edges, reached[0], reached[1]);
  difference.empty() ? std::fputs("portlab: STABLE\n", stderr)
                     : std::fprintf(stderr, "portlab: UNSTABLE %s\n", difference.c_str());
}

}  // namespace portlab
