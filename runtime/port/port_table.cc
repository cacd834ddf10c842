#include "port/port_table.h"

#include "portlab/limits.h"

namespace portlab {

std::uint32_t PortRingSize(std::uint32_t limit) {
  PORTLAB_CHECK(limit >= 1 && limit <= kPortLimitMax, "port limit out of range");
  return std::bit_ceil(std::max<std::uint32_t>(limit, 8));
}

}  // namespace portlab
