// The report as JSON, and back: the one form of it that everything else is made from.
//
// Threads: any. Ownership: values.
// Errors: ReportFromJson and ReadReport: badarg for what is not a report of this format (says what
// is wrong with it). Bytes of untrusted output that are no UTF-8 become U+FFFD; nothing throws.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "portlab/error.h"
#include "reports/report.h"

namespace portlab {

nlohmann::json ReportToJson(const Report& report);
Result<Report> ReportFromJson(const nlohmann::json& json);

// One finished trial: a line of trials.partial.jsonl is one of these.
nlohmann::json TrialToJson(const TrialRecord& trial);
Result<TrialRecord> TrialFromJson(const nlohmann::json& json);

// The cost of opening: what portlab-opening-cost prints.
nlohmann::json CostToJson(const OpeningCost& cost);
Result<OpeningCost> CostFromJson(const nlohmann::json& json);

// With line breaks when `indent` is not negative.
std::string JsonText(const nlohmann::json& json, int indent = 2);
// Badarg: not JSON; says where.
Result<nlohmann::json> ParseJson(std::string_view text);
Result<Report> ReadReport(std::string_view text);

}  // namespace portlab
