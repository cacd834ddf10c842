#include "bif/port_call.h"

namespace portlab {

PortRequest PortCall(Process& self, PortId port, std::uint32_t operation, Term term) {
  PortSignal signal{};
  signal.kind = SignalKind::kCall;
  signal.operation = operation;
  signal.data = std::move(term);
  return PortRequest(self, port, std::move(signal));
}

}  // namespace portlab
