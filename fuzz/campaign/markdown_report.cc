#include <fmt/format.h>

#include <set>

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
  std::string verdict = finding.at("verdict");
  if (const auto history = finding.at("history").get<int>(); history > 0) {
    verdict += fmt::format(" ({} {})", history, history == 1 ? "input" : "inputs");
  }
  return fmt::format("| {} | {} | {} | {} {}/{} | {} operations, {} bytes | {} | `{}` |\n", id,
                     finding.at("status").get<std::string>(), Cell(Where(finding)), verdict,
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

// Operations by situations: what the corpus reaches, and what it never does.
std::string Operations(const json& operations) {
  if (operations.empty()) return {};
  std::string text = "\n## Operations in situations of their port\n\n| operation |";
  std::string rule = "\n|---|";
  for (const char* situation : kSituations) {
    text += fmt::format(" {} |", situation);
    rule += "---|";
  }
  text += rule + "\n";
  for (const json& operation : operations) {
    text += fmt::format("| {} |", operation.at("operation").get<std::string>());
    const auto never = operation.at("never").get<std::set<std::string>>();
    for (const char* situation : kSituations) {
      if (!operation.at("has_callback").get<bool>())
        text += " no callback |";
      else
        text += never.contains(situation) ? " never |" : " reached |";
    }
    text += "\n";
  }
  return text;
}

std::string StabilityLine(const json& from) {
  Stability stability;
  from.at("inputs").get_to(stability.inputs);
  from.at("stable").get_to(stability.stable);
  from.at("first_input").get_to(stability.input);
  from.at("first_difference").get_to(stability.difference);
  const std::string words = StabilityInWords(stability);
  return words.empty() ? "" : "\n" + Cell(words) + ".\n";
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
    text += "\n" + findings.at("bucket_rule").get<std::string>() + "\n";
  }
  text += StabilityLine(findings.at("stability"));
  return text + Operations(findings.at("operations")) + Functions(findings.at("functions"));
}

}  // namespace portlab
