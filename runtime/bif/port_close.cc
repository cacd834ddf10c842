#include "bif/port_close.h"

namespace portlab {

PortRequest PortClose(Process& self, PortId port) {
  PortSignal signal{};
  signal.kind = SignalKind::kClose;
  return PortRequest(self, port, std::move(signal));
}

}  // namespace portlab
