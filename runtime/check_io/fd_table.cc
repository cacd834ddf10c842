#include "check_io/fd_table.h"

#include <algorithm>

namespace portlab {
namespace {

constexpr FdTable::Side kSides[] = {FdTable::kRead, FdTable::kWrite};

int BitOf(FdTable::Side side) { return side == FdTable::kRead ? kSelectRead : kSelectWrite; }

void AddUser(std::vector<PortId>& users, PortId port) {
  if (std::find(users.begin(), users.end(), port) == users.end()) users.push_back(port);
}

}  // namespace

std::string PortName(PortId port) { return "#Port<0." + std::to_string(port.number) + ">"; }

bool FdTable::Record::Mentions(PortId port) const {
  return sides[kRead].owner == port || sides[kWrite].owner == port ||
         std::find(users.begin(), users.end(), port) != users.end();
}

void FdTable::On(PortId port, int fd, int mode, SelectResult& result) {
  Record& record = records_[fd];
  const bool was_selected = record.selected();
  const std::vector<PortId> mentioned = PortsOf(record);
  for (const Side side : kSides) {
    if ((mode & BitOf(side)) != 0) Take(port, fd, side, record, result);
  }
  if ((mode & kSelectUse) != 0) AddUser(record.users, port);
  Settle(fd, was_selected, mentioned);
}

void FdTable::Take(PortId port, int fd, Side side, Record& record, SelectResult& result) {
  Selection& selection = record.sides[side];
  const PortId before = selection.owner;
  if (before == port) return;
  selection = Selection{port, ++last_serial_, false};
  if (!before) return;
  if (!result.warning.empty()) result.warning += "; ";
  result.warning += PortName(port) + " is stealing control of fd=" + std::to_string(fd) + " from " +
                    PortName(before);
  result.lost_port = before;
  // The use goes with the last event, or nobody could ever end it.
  const auto use = std::find(record.users.begin(), record.users.end(), before);
  if (use == record.users.end() || record.sides[kRead].owner == before ||
      record.sides[kWrite].owner == before) {
    return;
  }
  record.users.erase(use);
  AddUser(record.users, port);
}

void FdTable::Off(PortId port, int fd, int mode, SelectResult& result) {
  const bool ends_use = (mode & kSelectUse) != 0;
  const bool may_call = (mode & kSelectNoCallback) == 0;
  Record* record = Find(fd);
  if (record == nullptr) {
    result.call_stop_select = ends_use && may_call;
    return;
  }
  const bool was_selected = record->selected();
  const std::vector<PortId> mentioned = PortsOf(*record);
  for (const Side side : kSides) {
    if (!ends_use && (mode & BitOf(side)) == 0) continue;
    if (record->sides[side].owner == port) record->sides[side] = Selection{};
  }
  if (ends_use) {
    std::erase(record->users, port);
    result.call_stop_select = record->unused() && may_call;
  }
  Settle(fd, was_selected, mentioned);
}

void FdTable::DropEvents(int fd) {
  Record* record = Find(fd);
  if (record == nullptr) return;
  const bool was_selected = record->selected();
  const std::vector<PortId> mentioned = PortsOf(*record);
  for (const Side side : kSides) record->sides[side] = Selection{};
  Settle(fd, was_selected, mentioned);
}

std::vector<int> FdTable::ReleaseAll(PortId port, std::vector<int>& touched) {
  std::vector<int> last_used;
  const auto found = fds_of_port_.find(port);
  if (found == fds_of_port_.end()) return last_used;
  touched.assign(found->second.begin(), found->second.end());
  for (const int fd : touched) {
    const Record& record = records_[fd];
    const bool used =
        std::find(record.users.begin(), record.users.end(), port) != record.users.end();
    SelectResult result;
    Off(port, fd, kSelectUse, result);
    if (used && result.call_stop_select) last_used.push_back(fd);
  }
  return last_used;
}

FdTable::Record* FdTable::Find(int fd) {
  const auto found = records_.find(fd);
  return found == records_.end() ? nullptr : &found->second;
}

FdTable::Selection* FdTable::FindCurrent(PortId port, int fd, Side side, std::uint64_t serial) {
  Record* record = Find(fd);
  if (record == nullptr) return nullptr;
  Selection& selection = record->sides[side];
  return selection.owner == port && selection.serial == serial ? &selection : nullptr;
}

void FdTable::Settle(int fd, bool was_selected, std::vector<PortId> mentioned) {
  const auto found = records_.find(fd);
  Record& record = found->second;
  if (record.selected() && !was_selected) ++selected_fds_;
  if (!record.selected() && was_selected) --selected_fds_;
  for (const PortId port : PortsOf(record)) {
    fds_of_port_[port].insert(fd);
    std::erase(mentioned, port);
  }
  for (const PortId port : mentioned) {
    const auto fds = fds_of_port_.find(port);
    if (fds == fds_of_port_.end()) continue;
    fds->second.erase(fd);
    if (fds->second.empty()) fds_of_port_.erase(fds);
  }
  if (record.unused()) records_.erase(found);
}

std::vector<PortId> FdTable::PortsOf(const Record& record) {
  std::vector<PortId> ports = record.users;
  for (const Side side : kSides) {
    if (record.sides[side].owner) AddUser(ports, record.sides[side].owner);
  }
  return ports;
}

}  // namespace portlab
