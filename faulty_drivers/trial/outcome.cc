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

// The curve as two lists of numbers: a list of pairs would be four times as long on paper.
static void to_json(nlohmann::json& json, const Bystander& bystander) {
  std::vector<double> asked;
  std::vector<double> took;
  for (const LatencySample& sample : bystander.samples) {
    asked.push_back(sample.at_ms);
    took.push_back(sample.latency_ms);
  }
  json = {{"name", bystander.name},
          {"answered", bystander.answered},
          {"worst_gap_ms", bystander.worst_gap_ms},
          {"p50_ms", bystander.p50_ms},
          {"p99_ms", bystander.p99_ms},
          {"worst_ms", bystander.worst_ms},
          {"asked_at_ms", std::move(asked)},
          {"latency_ms", std::move(took)},
          {"last_answered", bystander.samples.empty() || bystander.samples.back().answered}};
}

static void from_json(const nlohmann::json& json, Bystander& bystander) {
  json.at("name").get_to(bystander.name);
  json.at("answered").get_to(bystander.answered);
  json.at("worst_gap_ms").get_to(bystander.worst_gap_ms);
  json.at("p50_ms").get_to(bystander.p50_ms);
  json.at("p99_ms").get_to(bystander.p99_ms);
  json.at("worst_ms").get_to(bystander.worst_ms);
  const auto asked = json.at("asked_at_ms").get<std::vector<double>>();
  const auto took = json.at("latency_ms").get<std::vector<double>>();
  if (asked.size() != took.size()) {
    throw nlohmann::json::other_error::create(501, "asked_at_ms and latency_ms differ in length",
                                              static_cast<const nlohmann::json*>(nullptr));
  }
  bystander.samples.clear();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    bystander.samples.push_back({asked[i], took[i], true});
  }
  if (!asked.empty()) json.at("last_answered").get_to(bystander.samples.back().answered);
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Drift, what, sentence)
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
          {"drift", outcome.drift},
          {"unguarded_blocks", outcome.unguarded_blocks},
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
  json.at("drift").get_to(outcome.drift);
  json.at("unguarded_blocks").get_to(outcome.unguarded_blocks);
  json.at("port_count_before").get_to(outcome.port_count_before);
  json.at("port_count_after").get_to(outcome.port_count_after);
  json.at("retained").get_to(outcome.retained);
  json.at("detection_ms").get_to(outcome.detection_ms);
  json.at("duration_ms").get_to(outcome.duration_ms);
}

}  // namespace portlab
