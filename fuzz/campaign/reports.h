// The files a campaign ends with, all made from findings.json.
//
// Threads: pure, but for WriteReports. Units: as in findings.json. Errors: errno, naming the file.
// Source: fuzzing.md 6.1, 6.2, 6.4.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "fuzz/campaign/campaign_result.h"
#include "portlab/error.h"

namespace portlab {

// `findings` is what ResultToJson gives; `folder` is where its files are.
std::string FindingsAsMarkdown(const nlohmann::json& findings, const std::string& folder);
// SARIF 2.1.0: every rule declared, so that an empty run closes what was fixed.
std::string FindingsAsSarif(const nlohmann::json& findings, const std::string& folder);
std::string FindingsAsJUnit(const nlohmann::json& findings, const std::string& folder);

// findings.json, findings.md, findings.sarif, findings.junit.xml.
Result<void> WriteReports(const CampaignResult& result, const std::string& folder);

}  // namespace portlab
