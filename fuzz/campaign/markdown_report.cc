#include <fmt/format.h>

#include "fuzz/campaign/reports.h"

namespace portlab {
namespace {

using nlohmann::json;

// A target's own text must not make columns or lines.
std::string Cell(const std::string& text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|' || c == '`') cell += '\\';
    cell += c == '\n' ? ' ' : c;
  }
  return cell;
}

std::string Where(const json& finding) {
  const json& stack = finding.at("stack");
  if (stack.empty()) return "";
  const std::string source = stack[0].at("source");
  const std::string file = source.substr(source.rfind('/') + 1);
  const std::string function = stack[0].at("function");
  if (file.empty()) return function;
  return fmt::format("{} {}:{}", function, file, stack[0].at("line").get<int>());
}

std::string Row(const json& finding, const std::string& folder) {
  const std::string id = finding.at("id");
  return fmt::format("| {} | {} | {} | {}/{} | {} operations, {} bytes | {} | `{}` |\n", id,
                     finding.at("status").get<std::string>(), Cell(Where(finding)),
                     finding.at("reproduced").get<int>(), finding.at("tries").get<int>(),
                     finding.at("minimised").at("operations").get<int>(),
                     finding.at("minimised").at("bytes").get<int>(),
                     finding.at("times_seen").get<std::uint64_t>(), ReproCommand(id, folder));
}

std::string Functions(const json& functions) {
  if (functions.empty()) return {};
  std::string text = "\n## Functions reached\n\n| function | edges reached |\n|---|---|\n";
  for (const json& function : functions) {
    text += fmt::format("| {} {} | {} of {} |\n", Cell(function.at("name")),
                        Cell(function.at("source")), function.at("covered").get<int>(),
                        function.at("edges").get<int>());
  }
  return text;
}

}  // namespace

std::string FindingsAsMarkdown(const json& findings, const std::string& folder) {
  const json& campaign = findings.at("campaign");
  std::string text = fmt::format("# Fuzzing {}\n\n", findings.at("target").get<std::string>());
  text += fmt::format(
      "{} inputs were run in {:.0f} s ({} of them from the corpus), by {} runs of the host, seed "
      "{}; {}.\n",
      campaign.at("executed").get<std::uint64_t>(), campaign.at("seconds").get<double>(),
      campaign.at("replayed").get<std::uint64_t>(), campaign.at("runs").get<std::uint64_t>(),
      campaign.at("seed").get<std::uint64_t>(), findings.at("end").get<std::string>());
  if (findings.at("guarded").get<bool>()) {
    text += "\nThe driver ran behind guard pages, without AddressSanitizer and without feedback.\n";
  }
  if (findings.at("kind") == KindName(TargetKind::kProgram)) {
    text +=
        "\nThere was no feedback from the program's code: what is in the corpus differs in the "
        "answers.\n";
  }
  if (const std::string why = findings.at("no_work"); !why.empty()) {
    text += "\n**This run says nothing**: " + why + ".\n";
  }
  const json& list = findings.at("findings");
  if (list.empty()) {
    text += "\nNothing was found.\n";
  } else {
    text +=
        "\n| finding | status | where | reproduced | input | seen | again with |\n"
        "|---|---|---|---|---|---|---|\n";
    for (const json& finding : list) text += Row(finding, folder);
  }
  return text + Functions(findings.at("functions"));
}

}  // namespace portlab
