// Process monitors of a driver: process_exit is called when a monitored process has exited.
#include <cstring>

#include "driver_api/port_access.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::ExecutorOf;
using portlab::Pid;
using portlab::Port;
using portlab::PortExecutor;
using portlab::Ports;
using portlab::ProcessTable;
using portlab::QueuePort;
using portlab::RefId;

namespace {

RefId ReferenceOf(const ErlDrvMonitor* monitor) {
  RefId reference;
  std::memcpy(&reference.number, monitor->data, sizeof(reference.number));
  return reference;
}

}  // namespace

int driver_monitor_process(ErlDrvPort port, ErlDrvTermData process, ErlDrvMonitor* monitor) {
  ApiCall call(ApiFunction::k_driver_monitor_process);
  Port* found = QueuePort(port);
  if (found == nullptr || found->driver()->entry.process_exit == nullptr) return -1;
  if (!Pid::IsPid(process)) return 1;
  const Pid pid = Pid::FromWord(process);
  auto target = Ports::Get().services().processes->Find(pid);
  const RefId reference = ProcessTable::NewReference();
  if (target == nullptr || !target->AddWatcher(reference, found->id().word())) return 1;
  found->body().shared().driver_monitors.emplace(reference, pid);
  *monitor = PortExecutor::MonitorOf(reference, pid);
  return 0;
}

int driver_demonitor_process(ErlDrvPort port, const ErlDrvMonitor* monitor) {
  ApiCall call(ApiFunction::k_driver_demonitor_process);
  Port* found = QueuePort(port);
  if (found == nullptr) return -1;
  auto& monitors = found->body().shared().driver_monitors;
  auto entry = monitors.find(ReferenceOf(monitor));
  if (entry == monitors.end()) return 1;
  if (auto target = Ports::Get().services().processes->Find(entry->second))
    target->RemoveWatcher(entry->first);
  monitors.erase(entry);
  return 0;
}

ErlDrvTermData driver_get_monitored_process(ErlDrvPort port, const ErlDrvMonitor* monitor) {
  ApiCall call(ApiFunction::k_driver_get_monitored_process);
  Port* found = QueuePort(port);
  if (found == nullptr) return portlab::kNilWord;
  const auto& monitors = found->body().shared().driver_monitors;
  const auto entry = monitors.find(ReferenceOf(monitor));
  return entry == monitors.end() ? portlab::kNilWord : entry->second.word();
}
