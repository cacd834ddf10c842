#include "faulty_drivers/trial/outcome.h"

#include <array>
#include <nlohmann/json.hpp>

namespace portlab {
namespace {

constexpr std::array<std::string_view, 4> kVerdictNames = {"clean", "contained", "degraded",
                                                           "host_down"};

// REQUIRES: a name VerdictName gives; anything else is a result file of another make.
Verdict VerdictNamed(const std::string& name) {
  for (std::size_t i = 0; i < kVerdictNames.size(); ++i) {
    if (name == kVerdictNames[i]) return static_cast<Verdict>(i);
  }
  throw nlohmann::json::other_error::create(501, "no verdict is called '" + name + "'",
                                            static_cast<const nlohmann::json*>(nullptr));
}

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  return kVerdictNames[static_cast<std::size_t>(verdict)];
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Bystander, name, answered, worst_gap_ms)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Retained, memory_bytes, peak_memory_bytes, fds, threads,
                                   port_count, driver_blocks, binaries)

void to_json(nlohmann::json& json, const Outcome& outcome) {
  json = {{"verdict", VerdictName(outcome.verdict)},
          {"key", outcome.key},
          {"how_host_ended", outcome.how_host_ended},
          {"port_ended", outcome.port_ended},
          {"what", outcome.what},
          {"last_callback", outcome.last_callback},
          {"last_api_call", outcome.last_api_call},
          {"sanitizer_report", outcome.sanitizer_report},
          {"stderr_tail", outcome.stderr_tail},
          {"bystanders", outcome.bystanders},
          {"port_count_before", outcome.port_count_before},
          {"port_count_after", outcome.port_count_after},
          {"retained", outcome.retained},
          {"detection_ms", outcome.detection_ms},
          {"duration_ms", outcome.duration_ms}};
}

void from_json(const nlohmann::json& json, Outcome& outcome) {
  outcome.verdict = VerdictNamed(json.at("verdict").get<std::string>());
  json.at("key").get_to(outcome.key);
  json.at("how_host_ended").get_to(outcome.how_host_ended);
  json.at("port_ended").get_to(outcome.port_ended);
  json.at("what").get_to(outcome.what);
  json.at("last_callback").get_to(outcome.last_callback);
  json.at("last_api_call").get_to(outcome.last_api_call);
  json.at("sanitizer_report").get_to(outcome.sanitizer_report);
  json.at("stderr_tail").get_to(outcome.stderr_tail);
  json.at("bystanders").get_to(outcome.bystanders);
  json.at("port_count_before").get_to(outcome.port_count_before);
  json.at("port_count_after").get_to(outcome.port_count_after);
  json.at("retained").get_to(outcome.retained);
  json.at("detection_ms").get_to(outcome.detection_ms);
  json.at("duration_ms").get_to(outcome.duration_ms);
}

}  // namespace portlab
