#include "bif/port_connect.h"

namespace portlab {

PortRequest PortConnect(Process& self, PortId port, Pid new_owner) {
  PortRequest request(self, port, SignalKind::kConnect);
  request.signal().target = new_owner;
  request.signal().link = true;
  return request;
}

}  // namespace portlab
