#include "reports/report_files.h"

#include <nlohmann/json.hpp>

#include "reports/html_writer.h"
#include "reports/json_writer.h"
#include "reports/markdown_writer.h"

namespace portlab {

Result<std::vector<std::string>> WriteReportFiles(const OutputFolder& folder,
                                                  const nlohmann::json& report) {
  const std::string json = JsonText(report) + "\n";
  const auto read = ReadReport(json);
  if (!read) return Fail(read.error());
  const std::vector<OutputFolder::File> files = {{"report.html", WriteHtml(*read)},
                                                 {"report.json", json},
                                                 {"report.md", WriteMarkdown(*read)}};
  if (const auto written = folder.Write(files); !written) return Fail(written.error());
  std::vector<std::string> paths;
  for (const OutputFolder::File& file : files) paths.push_back(folder.PathOf(file.name));
  return paths;
}

}  // namespace portlab
