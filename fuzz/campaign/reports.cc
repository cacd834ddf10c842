#include "fuzz/campaign/reports.h"

#include "fuzz/campaign/files.h"

namespace portlab {

Result<void> WriteReports(const CampaignResult& result, const std::string& folder) {
  const nlohmann::json findings = ResultToJson(result);
  const std::pair<const char*, std::string> files[] = {
      {"/findings.json",
       findings.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"},
      {"/findings.md", FindingsAsMarkdown(findings, folder)},
      {"/findings.sarif", FindingsAsSarif(findings, folder)},
      {"/findings.junit.xml", FindingsAsJUnit(findings, folder)}};
  for (const auto& [name, content] : files) {
    if (auto written = WriteFileWhole(folder + name, content); !written) return written;
  }
  return {};
}

}  // namespace portlab
