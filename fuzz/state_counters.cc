#include "fuzz/state_counters.h"

#include <array>
#include <bitset>
#include <cstdio>
#include <utility>

#include "port/ports.h"

namespace {

constexpr std::size_t kCounters = 512;

}  // namespace

// Volatile and used: written only, the array would be deleted, and its section with it.
extern "C" {
__attribute__((section("__libfuzzer_extra_counters"),
               used)) volatile std::uint8_t portlab_state_counters[kCounters];
}

namespace portlab {
namespace {

constexpr std::uint32_t kGone = 0;
constexpr std::uint32_t kLive = 1;
constexpr std::uint32_t kBusy = 2;
constexpr std::uint32_t kTimer = 4;
constexpr std::uint32_t kQueue = 8;
constexpr std::uint32_t kWaiting = 16;

}  // namespace

std::uint32_t SituationOf(PortId id) {
  Port* port = id ? Ports::Get().Find(id) : nullptr;
  if (port == nullptr || !port->Lives()) return kGone;
  // Without the port's lock: nobody else runs while the fuzzer has the baton.
  const PortBody& body = port->body();
  return kLive | (port->busy() ? kBusy : 0) | (body.timer_is_set() ? kTimer : 0) |
         (body.queued_bytes() != 0 ? kQueue : 0) |
         (port->state() != PortState::kOpen ? kWaiting : 0);
}

std::string SituationInWords(std::uint32_t situation) {
  constexpr std::array<std::pair<std::uint32_t, const char*>, 4> kWords = {
      {{kBusy, "busy"}, {kTimer, "timer"}, {kQueue, "queue"}, {kWaiting, "closing"}}};
  if (situation == kGone) return "gone";
  std::string words = "open";
  for (const auto& [bit, word] : kWords) {
    if ((situation & bit) != 0) words.append(", ").append(word);
  }
  return words;
}

void TellReached(std::uint32_t situation, OperationKind operation) {
  static std::bitset<kPortSituations * kOperationKinds> told;
  const std::size_t pair = situation * kOperationKinds + static_cast<std::size_t>(operation);
  if (told[pair]) return;
  told[pair] = true;
  std::fprintf(stderr, "portlab: REACHED %s in: %s\n", ShapeOf(operation).name.data(),
               SituationInWords(situation).c_str());
}

void CountTransition(std::uint32_t before, OperationKind operation, std::uint32_t after) {
  // Odd factors spread the combinations that occur; a collision costs a little feedback.
  const std::uint32_t place =
      (before * 0x9e5u + static_cast<std::uint32_t>(operation) * 0x61u + after * 0x21bu) %
      kCounters;
  volatile std::uint8_t& counter = portlab_state_counters[place];
  counter = 1;  // how often makes no difference
}

}  // namespace portlab
