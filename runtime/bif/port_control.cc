#include "bif/port_control.h"

namespace portlab {

PortRequest PortControl(Process& self, PortId port, std::uint32_t operation, Bytes data) {
  PortRequest request(self, port, SignalKind::kControl);
  request.signal().operation = operation;
  request.signal().bytes = data;  // borrowed until the request's first step
  return request;
}

}  // namespace portlab
