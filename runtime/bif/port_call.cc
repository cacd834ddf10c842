#include "bif/port_call.h"

namespace portlab {

PortRequest PortCall(Process& self, PortId port, std::uint32_t operation, Term term) {
  PortRequest request(self, port, SignalKind::kCall);
  request.signal().operation = operation;
  request.signal().data = std::move(term);
  return request;
}

}  // namespace portlab
