// Binaries a driver makes: base/binary_block.h seen from the visible part.
// Source: erl_driver(3erl) driver_alloc_binary … driver_binary_dec_refc.
#include <erl_driver.h>

#include "base/binary_block.h"
#include "driver/contract.h"
#include "driver/driver_memory.h"
#include "driver/guarded_memory.h"
#include "driver_api/api_call.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::BinaryBlock;

static_assert(sizeof(ErlDrvBinary::orig_size) == sizeof(BinaryBlock::size));
static_assert(offsetof(ErlDrvBinary, orig_bytes) ==
                  sizeof(BinaryBlock) - offsetof(BinaryBlock, size),
              "BinaryBlock::bytes() and ErlDrvBinary::orig_bytes must be the same place");

namespace {

ErlDrvBinary* Visible(BinaryBlock* block) {
  return block == nullptr ? nullptr : static_cast<ErlDrvBinary*>(block->visible());
}

}  // namespace

ErlDrvBinary* driver_alloc_binary(ErlDrvSizeT size) {
  ApiCall call(ApiFunction::k_driver_alloc_binary);
  if (portlab::DriverAllocationFails()) return nullptr;
  return Visible(BinaryBlock::Allocate(size));
}

ErlDrvBinary* driver_realloc_binary(ErlDrvBinary* bin, ErlDrvSizeT size) {
  ApiCall call(ApiFunction::k_driver_realloc_binary);
  if (portlab::DriverAllocationFails()) return nullptr;
  if (bin == nullptr) return Visible(BinaryBlock::Allocate(size));
  BinaryBlock* block = BinaryBlock::FromVisible(bin);
  if (block->count.load(std::memory_order_acquire) != 1) {
    portlab::Misuse(
        "driver_realloc_binary: the binary is shared; only its sole owner may resize it");
  }
  return Visible(BinaryBlock::Reallocate(block, size));
}

void driver_free_binary(ErlDrvBinary* bin) {
  ApiCall call(ApiFunction::k_driver_free_binary);
  if (bin == nullptr) return;
  BinaryBlock* block = BinaryBlock::FromVisible(bin);
  // Before its count is touched, which lies in the block itself.
  if (portlab::GuardedMemory::on()) portlab::GuardedMemory::ExpectMayBeFreed(block);
  block->Release();
}

ErlDrvSInt driver_binary_get_refc(ErlDrvBinary* bin) {
  ApiCall call(ApiFunction::k_driver_binary_get_refc);
  return BinaryBlock::FromVisible(bin)->count.load(std::memory_order_acquire);
}

ErlDrvSInt driver_binary_inc_refc(ErlDrvBinary* bin) {
  ApiCall call(ApiFunction::k_driver_binary_inc_refc);
  return BinaryBlock::FromVisible(bin)->count.fetch_add(1, std::memory_order_acq_rel) + 1;
}

ErlDrvSInt driver_binary_dec_refc(ErlDrvBinary* bin) {
  ApiCall call(ApiFunction::k_driver_binary_dec_refc);
  return BinaryBlock::FromVisible(bin)->count.fetch_sub(1, std::memory_order_acq_rel) - 1;
}
