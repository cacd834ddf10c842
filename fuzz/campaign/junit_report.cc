#include <fmt/format.h>

#include "fuzz/campaign/reports.h"

namespace portlab {
namespace {

using nlohmann::json;

// XML 1.0 has no way to write most control characters.
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else if ((byte < 0x20 && c != '\n' && c != '\t') || byte > 0x7e) {
      escaped += '?';
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Failure(const json& finding, const std::string& folder) {
  const std::string id = finding.at("id");
  std::string body = fmt::format("{}\n", finding.at("sentence").get<std::string>());
  for (const json& frame : finding.at("stack")) {
    body += fmt::format("  {} {}:{}\n", frame.at("function").get<std::string>(),
                        frame.at("source").get<std::string>(), frame.at("line").get<int>());
  }
  body += "again with: " + ReproCommand(id, folder) + "\n";
  return fmt::format("    <failure type=\"{}/{}\" message=\"{}\">{}</failure>\n",
                     Escaped(finding.at("tool")), Escaped(finding.at("bucket").at("kind")),
                     Escaped(id), Escaped(body));
}

std::string Case(const std::string& group, const std::string& name, const std::string& body) {
  const std::string head = fmt::format(
      "  <testcase classname=\"portlab.{}\" name=\"{}\" time=\"0\"", Escaped(group), Escaped(name));
  return body.empty() ? head + "/>\n" : head + ">\n" + body + "  </testcase>\n";
}

}  // namespace

std::string FindingsAsJUnit(const json& findings, const std::string& folder) {
  const std::string target = findings.at("target");
  const std::string name = target.substr(target.rfind('/') + 1);
  const std::string no_work = findings.at("no_work");
  std::string cases;
  int tests = 1;
  int failures = 0;
  cases +=
      Case(name, "campaign did work",
           no_work.empty() ? "" : fmt::format("    <error message=\"{}\"/>\n", Escaped(no_work)));
  for (const json& finding : findings.at("findings")) {
    ++tests;
    const bool fixed = finding.at("status") == "FIXED";
    if (!fixed) ++failures;
    cases += Case(name, finding.at("id"), fixed ? "" : Failure(finding, folder));
  }
  const double seconds = findings.at("campaign").at("seconds");
  const std::string counts =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.1f}\"", tests, failures,
                  no_work.empty() ? 0 : 1, seconds);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {0}>\n<testsuite name=\"{1}\" "
      "{0}>\n{2}</testsuite>\n</testsuites>\n",
      counts, Escaped("portlab fuzz " + name), cases);
}

}  // namespace portlab
