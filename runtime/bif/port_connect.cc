#include "bif/port_connect.h"

namespace portlab {

PortRequest PortConnect(Process& self, PortId port, Pid new_owner) {
  PortSignal signal{};
  signal.kind = SignalKind::kConnect;
  signal.target = new_owner;
  signal.link = true;
  return PortRequest(self, port, std::move(signal));
}

}  // namespace portlab
