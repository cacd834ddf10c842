#include "driver/contract.h"

#include <atomic>
#include <cstdio>

#include "base/black_box.h"
#include "driver/callback_scope.h"

namespace portlab {
namespace {

std::atomic<Contract> in_force{Contract::kStrict};
std::atomic<ApiNameOf> api_name_of{nullptr};

// "; in control of #Port<0.3>, last API call driver_alloc"
void Describe(char* at, std::size_t room) {
  const CallbackScope* scope = CallbackScope::Current();
  int used = scope == nullptr
                 ? std::snprintf(at, room, "; outside callbacks")
                 : std::snprintf(at, room, "; in %s of #Port<0.%llu>", CallbackName(scope->kind),
                                 static_cast<unsigned long long>(scope->port.number));
  const ApiNameOf name = api_name_of.load(std::memory_order_relaxed);
  if (name == nullptr || last_api_call == 0 || used < 0) return;
  at += used;
  std::snprintf(at, room - static_cast<std::size_t>(used), ", last API call %s",
                name(last_api_call));
}

}  // namespace

void SetContract(Contract contract, ApiNameOf api_name) {
  in_force.store(contract, std::memory_order_relaxed);
  api_name_of.store(api_name, std::memory_order_relaxed);
}

void Misuse(const char* text) {
  if (in_force.load(std::memory_order_relaxed) != Contract::kStrict) return;
  constexpr std::size_t kRoom = 128;  // more than Describe ever needs
  char where[kRoom];
  Describe(where, sizeof(where));
  char report[sizeof(BlackBox::message)];
  const int text_room = static_cast<int>(sizeof(report) - kRoom);
  std::snprintf(report, sizeof(report), "%.*s%s", text_room, text, where);
  StopHost(report);
}

}  // namespace portlab
