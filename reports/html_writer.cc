#include "reports/html_writer.h"

#include "reports/html/escape.h"
#include "reports/html/sections.h"
#include "reports/html/style.h"

namespace portlab {

std::string WriteHtml(const Report& report) {
  std::string page =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>portlab: what faults cost the host</title>\n<style>";
  page += html::StyleSheet();
  page += "</style>\n</head>\n<body>\n";
  page += html::HeadlineSection(report);
  page += "<main>\n";
  page += html::MatrixSection(report);
  page += html::FaultSections(report);
  page += html::CostSection(report);
  page += html::MethodSection(report);
  page += html::MachineSection(report);
  page += "</main>\n<footer><p>Made by portlab " + html::Escape(report.machine.portlab) + " on " +
          html::Escape(report.made_at) +
          " UTC. The same figures, complete, are in report.json beside this file.</p></footer>\n"
          "</body>\n</html>\n";
  return page;
}

}  // namespace portlab
