// The first line of every function of the driver API: tells the black box which one runs, so that
// whoever finds a dead host knows the last thing its driver asked for. Threads: any; relaxed
// stores.
#pragma once

#include "base/black_box.h"
#include "driver/callback_scope.h"
#include "driver/contract.h"
#include "driver_api/api_functions.h"

namespace portlab {

class ApiCall {
 public:
  explicit ApiCall(ApiFunction function) {
    BlackBox& box = BlackBox::Get();
    box.ApiCalled();
    last_api_call = static_cast<std::uint32_t>(function);
    if (CallbackScope::Recorded()) {
      box.api_call.store(static_cast<std::uint32_t>(function), std::memory_order_relaxed);
    }
  }
  ApiCall(const ApiCall&) = delete;
  ApiCall& operator=(const ApiCall&) = delete;
};

}  // namespace portlab
