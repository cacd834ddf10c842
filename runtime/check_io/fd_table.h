// What the runtime knows of each fd drivers selected: who owns its reading and its writing side,
// who said ERL_DRV_USE, and which events are on their way. Pure bookkeeping: no system call, no
// posting, no lock.
//
// Each selection of a side gets a serial that is never reused; an event carries it, so that an
// event of an earlier selection (deselected, taken over, the fd closed and reused) is recognised.
//
// Threads: one at a time (CheckIo's lock).
// Source: erl_driver(3erl) driver_select; otp_ports.md 5.7.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"

namespace portlab {

// The bits of driver_select's mode. The values are ERL_DRV_READ … ERL_DRV_USE of erl_driver.h
// (ERL_DRV_USE_NO_CALLBACK is kSelectUse | kSelectNoCallback); driver_api asserts that they agree.
inline constexpr int kSelectRead = 1;
inline constexpr int kSelectWrite = 2;
inline constexpr int kSelectUse = 4;
inline constexpr int kSelectNoCallback = 8;

struct SelectResult {
  int status = 0;                 // what driver_select returns: 0 or -1
  int error = 0;                  // the errno of a -1 that the kernel is to blame for
  bool call_stop_select = false;  // now, by the caller, without the port lock
  std::string warning;            // for the log; empty: nothing to say
  PortId lost_port;               // the port whose events were taken over, if any
};

class FdTable {
 public:
  enum Side : std::uint8_t { kRead = 0, kWrite = 1 };

  struct Selection {
    PortId owner;  // none: not selected
    std::uint64_t serial = 0;
    bool in_flight = false;  // an event was posted and not answered by Rearm yet
  };

  struct Record {
    Selection sides[2];
    std::vector<PortId> users;  // said ERL_DRV_USE and did not take it back
    std::uint32_t tag = 0;      // of the last arming

    bool selected() const { return sides[kRead].owner || sides[kWrite].owner; }
    bool waits(Side side) const { return sides[side].owner && !sides[side].in_flight; }
    bool unused() const { return !selected() && users.empty(); }
    bool Mentions(PortId port) const;
  };

  void On(PortId port, int fd, int mode, SelectResult& result);
  void Off(PortId port, int fd, int mode, SelectResult& result);
  // Both sides, because the fd turned out not to be open; who used it stays noted.
  void DropEvents(int fd);
  // As Off with USE for everything the port has. The fds whose last user it was.
  std::vector<int> ReleaseAll(PortId port, std::vector<int>& touched);

  // Null when the fd is unknown.
  Record* Find(int fd);
  // The selection an event of this serial belongs to, or null: stale.
  Selection* FindCurrent(PortId port, int fd, Side side, std::uint64_t serial);
  std::size_t selected_fds() const { return selected_fds_; }
  std::size_t ports() const { return fds_of_port_.size(); }

 private:
  void Take(PortId port, int fd, Side side, Record& record, SelectResult& result);
  // After every change of a record: the counts, the index, and forgetting what nobody needs.
  void Settle(int fd, bool was_selected, std::vector<PortId> mentioned);
  static std::vector<PortId> PortsOf(const Record& record);

  std::unordered_map<int, Record> records_;
  std::unordered_map<PortId, std::set<int>> fds_of_port_;
  std::uint64_t last_serial_ = 0;
  std::size_t selected_fds_ = 0;
};

// "#Port<0.5>"
std::string PortName(PortId port);

}  // namespace portlab
