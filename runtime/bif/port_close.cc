#include "bif/port_close.h"

namespace portlab {

PortRequest PortClose(Process& self, PortId port) {
  return PortRequest(self, port, SignalKind::kClose);
}

}  // namespace portlab
