#include "driver_api/contract.h"

#include <atomic>

#include "base/black_box.h"

namespace portlab {
namespace {

std::atomic<Contract> in_force{Contract::kStrict};

}  // namespace

void SetContract(Contract contract) { in_force.store(contract, std::memory_order_relaxed); }

void Misuse(const char* text) {
  if (in_force.load(std::memory_order_relaxed) == Contract::kStrict) StopHost(text);
}

}  // namespace portlab
