#include "bif/port_control.h"

namespace portlab {

PortRequest PortControl(Process& self, PortId port, std::uint32_t operation, Bytes data) {
  PortSignal signal{};
  signal.kind = SignalKind::kControl;
  signal.operation = operation;
  signal.bytes = data;  // borrowed until the request's first step
  return PortRequest(self, port, std::move(signal));
}

}  // namespace portlab
