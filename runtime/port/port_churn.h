// Opens and closes ports of a table and checks its promises P1 to P6 (tests only). The steps are
// written once: the tests run them in one thread, in several, and in every interleaving.
//
// Threads: each has a Worker of its own; the Ghost is shared. Source: concurrency.md 1, I1 … I6.
#pragma once

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "port/port_table.h"

namespace portlab {

// What a port of the tests is. `id` is a plain member on purpose: TSan then checks P11.
struct ChurnPort {
  std::uint64_t id = PortId::kNone;
};

// The truth, kept beside the table: never more than the ports it really has.
class Ghost {
 public:
  explicit Ghost(std::uint32_t limit) : limit_(limit) {}
  void Opened() {
    if (live_.fetch_add(1) + 1 > limit_) over_limit_ = true;
  }
  void Closing() { live_.fetch_sub(1); }
  void Refused() { ++refused_; }
  void Broken() { broken_ = true; }
  std::uint32_t live() const { return live_; }
  bool over_limit() const { return over_limit_; }
  bool broken() const { return broken_; }
  std::uint64_t refused() const { return refused_; }

 private:
  const std::uint32_t limit_;
  std::atomic<std::uint32_t> live_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<bool> over_limit_{false};
  std::atomic<bool> broken_{false};
};

template <class Table>
class ChurnWorker {
 public:
  ChurnWorker(Table& table, Ghost& ghost) : table_(table), ghost_(ghost) {}

  bool Open() {
    const Result<PortId> id = table_.Acquire([this](ChurnPort& port, PortId new_id) {
      if (port.id != PortId::kNone) ghost_.Broken();  // P4: somebody has it
      port.id = new_id.number;
    });
    if (!id) {
      ghost_.Refused();
      return false;
    }
    ghost_.Opened();
    held_.push_back(*id);
    seen_.push_back(*id);
    return true;
  }

  // Closes the port held at `index`. A second close and a look-up of the old id must find nothing.
  void Close(std::size_t index) {
    const PortId id = held_[index];
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(index));
    ChurnPort* port = table_.Find(id);
    if (port == nullptr || port->id != id.number) return ghost_.Broken();
    port->id = PortId::kNone;
    ghost_.Closing();
    if (!table_.Release(id)) ghost_.Broken();
    if (table_.Release(id) || table_.Find(id) != nullptr) ghost_.Broken();
  }

  void CloseAll() {
    while (!held_.empty()) Close(0);
  }

  void RandomStep(Random& random) {
    if (random.OneIn(2) || held_.empty()) {
      Open();
    } else {
      Close(random.Below(held_.size()));
    }
  }

  std::size_t held() const { return held_.size(); }
  const std::vector<PortId>& seen() const { return seen_; }

 private:
  Table& table_;
  Ghost& ghost_;
  std::vector<PortId> held_;
  std::vector<PortId> seen_;
};

// With no call in flight: empty if all holds, else what does not. Leaves the table as it was but
// for the serials.
template <class Table>
std::string QuietTrouble(Table& table, Ghost& ghost) {
  if (ghost.over_limit()) return "more ports than the limit";
  if (ghost.broken()) return "an element was not its port's";
  if (table.count() != ghost.live()) {
    return "count " + std::to_string(table.count()) + " with " + std::to_string(ghost.live()) +
           " ports";
  }
  if (table.List().size() != ghost.live()) return "the list is not the ports";
  // Exactly the rest can be opened, and then nothing more.
  const std::uint32_t room = table.limit() - ghost.live();
  ChurnWorker<Table> filler(table, ghost);
  for (std::uint32_t i = 0; i < room; ++i) {
    if (!filler.Open()) return "refused although there is room";
  }
  if (filler.Open()) return "opened although there is no room";
  std::set<PortId> ids;
  for (const PortId id : table.List()) ids.insert(id);
  if (ids.size() != table.limit()) return "an id stands twice";
  filler.CloseAll();
  if (table.count() != ghost.live()) return "the count drifted while the rest was filled";
  return ghost.broken() ? "an element was not its port's" : "";
}

}  // namespace portlab
