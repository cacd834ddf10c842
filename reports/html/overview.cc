// The top of the page: the headline and the matrix.
#include <fmt/format.h>

#include "reports/html/escape.h"
#include "reports/html/sections.h"
#include "reports/html/svg_charts.h"
#include "reports/summary.h"

namespace portlab::html {
namespace {

// Told apart by shape, too.
const char* Glyph(Verdict verdict) {
  switch (verdict) {
    case Verdict::kClean:
      return "○";
    case Verdict::kContained:
      return "✓";
    case Verdict::kDegraded:
      return "▲";
    case Verdict::kHostDown:
      return "✕";
  }
  return "";
}

std::string CountCard(const Report& report, IsolationMode mode) {
  const VerdictCounts counts = CountVerdicts(report, mode, HeadlineFlavour(report));
  const std::string split = CountsInWords(counts);
  return fmt::format(
      "<div class=\"count\"><div><b>{}</b> <span class=\"soft\">of {}</span></div>"
      "<div>took the host down as <strong>{}</strong></div>{}<div class=\"small "
      "soft\">{}</div></div>"
      "\n",
      counts.host_down, counts.tried, ModeInWords(mode), ShareBar(counts, split), split);
}

std::string MatrixHead(const Report& report) {
  std::string head = "<thead><tr><th scope=\"col\" rowspan=\"2\">Fault</th>";
  for (const IsolationMode mode : ModesOf(report)) {
    head +=
        fmt::format("<th scope=\"colgroup\" colspan=\"{}\">{} <code>{}</code></th>",
                    FlavoursOf(report, mode).size(),
                    mode == IsolationMode::kInVm ? "Linked-in driver" : "Program", ModeName(mode));
  }
  head += "</tr><tr>";
  for (const IsolationMode mode : ModesOf(report)) {
    for (const Flavour flavour : FlavoursOf(report, mode)) {
      head += fmt::format("<th scope=\"col\">{}{}</th>", FlavourName(flavour),
                          IsBuilt(report, flavour) ? "" : " (not built)");
    }
  }
  return head + "</tr></thead>\n";
}

std::string MatrixCell(const Report& report, const FaultFacts& fault, IsolationMode mode,
                       Flavour flavour) {
  if (!fault.has(mode)) return "<td class=\"absent\">–</td>";
  const TrialRecord* trial = FindTrial(report, fault.name, mode, flavour, true);
  if (trial == nullptr) {
    return fmt::format("<td><span class=\"badge none\">{}</span></td>",
                       IsBuilt(report, flavour) ? "not tried" : "not built");
  }
  std::string cell = "<td>" + Badge(trial);
  if (!trial->met) cell += " <span class=\"unmet\">not as expected</span>";
  return cell + Cause(*trial) + "</td>";
}

std::string MatrixRow(const Report& report, const FaultFacts& fault) {
  std::string row = fmt::format(
      "<tr><th scope=\"row\"><a href=\"#fault-{}\">{}</a> <span class=\"soft\">{}</span>"
      "<span class=\"fault\">{}</span></th>",
      Identifier(fault.name), Escape(fault.name), fault.harmless() ? "" : Escape(fault.id),
      Escape(fault.title));
  for (const IsolationMode mode : ModesOf(report)) {
    for (const Flavour flavour : FlavoursOf(report, mode)) {
      row += MatrixCell(report, fault, mode, flavour);
    }
  }
  return row + "</tr>\n";
}

// One body a class: its name, what became of it in short, its faults.
std::string MatrixGroup(const Report& report, const FaultGroup& group) {
  std::size_t columns = 1;
  std::string counts;
  for (const IsolationMode mode : ModesOf(report)) {
    columns += FlavoursOf(report, mode).size();
    const auto found = CountVerdicts(report, group, mode, HeadlineFlavour(report));
    if (found.tried == 0) continue;
    counts += fmt::format("<span class=\"soft\"> · as {}: {}</span>", ModeInWords(mode),
                          CountsInWords(found));
  }
  std::string rows = fmt::format(
      "<tbody><tr class=\"class\"><th scope=\"rowgroup\" colspan=\"{}\">{}{}</th></tr>\n", columns,
      Escape(group.name), counts);
  for (const FaultFacts* fault : group.faults) rows += MatrixRow(report, *fault);
  return rows + "</tbody>\n";
}

std::string CountsTable(const Report& report) {
  std::string table =
      "<div class=\"wide\"><table class=\"matrix tallies\"><thead><tr><th scope=\"col\">Faults "
      "as</th><th scope=\"col\">in a host</th><th scope=\"col\">tried</th>";
  for (const Verdict verdict :
       {Verdict::kHostDown, Verdict::kDegraded, Verdict::kContained, Verdict::kClean}) {
    table += fmt::format("<th scope=\"col\">{}</th>", VerdictName(verdict));
  }
  table += "</tr></thead><tbody>\n";
  for (const IsolationMode mode : ModesOf(report)) {
    for (const Flavour flavour : FlavoursOf(report, mode)) {
      const VerdictCounts counts = CountVerdicts(report, mode, flavour);
      table += fmt::format(
          "<tr><th scope=\"row\">{}</th><td>{}{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
          "<td>{}</td></tr>\n",
          ModeInWords(mode), FlavourName(flavour), IsBuilt(report, flavour) ? "" : " (not built)",
          counts.tried, counts.host_down, counts.degraded, counts.contained, counts.clean);
    }
  }
  return table + "</tbody></table></div>\n";
}

}  // namespace

std::string Badge(const TrialRecord* trial) {
  if (trial == nullptr || !trial->outcome) {
    return "<span class=\"badge none\">" + VerdictText(trial) + "</span>";
  }
  const auto verdict = trial->outcome->verdict;
  return fmt::format("<span class=\"badge {0}\">{1} {0}</span>", VerdictName(verdict),
                     Glyph(verdict));
}

std::string Key(const std::string& key) {
  std::string text;
  for (const char c : Escape(key)) text += c == ':' ? ":<wbr>" : std::string(1, c);
  return "<span class=\"key\">" + text + "</span>";
}

std::string Cause(const TrialRecord& trial) {
  if (!trial.outcome) return Key(trial.error);
  const std::string& key = trial.outcome->key;
  const std::string verdict(VerdictName(trial.outcome->verdict));
  if (key == verdict) return {};
  return Key(key.starts_with(verdict + ":") ? key.substr(verdict.size() + 1) : key);
}

std::string HeadlineSection(const Report& report) {
  std::string html = "<header class=\"top\">\n<h1>portlab isolation report" +
                     (report.subject.empty() ? "" : ": " + Escape(report.subject)) + "</h1>\n";
  html += "<p class=\"headline\">" + Escape(Headline(report)) + "</p>\n<div class=\"counts\">\n";
  for (const IsolationMode mode : ModesOf(report)) html += CountCard(report, mode);
  html += "</div>\n<p>";
  const bool unmet = CountUnmet(report) > 0;
  html += fmt::format("<span class=\"{}\">{}</span> ", unmet ? "unmet" : "met",
                      Escape(ExpectationLine(report)));
  html += fmt::format(
      "<span class=\"soft\">The counts above are those of the {} host; {}.</span></p>\n",
      FlavourName(HeadlineFlavour(report)),
      HeadlineFlavour(report) == Flavour::kPlain
          ? "under a sanitizer a host is stopped on purpose, as soon as a fault is seen"
          : "it is stopped on purpose, as soon as the sanitizer sees a fault");
  for (const FlavourFacts& facts : report.flavours) {
    if (facts.built) continue;
    html += fmt::format("<p class=\"unmet\">The {} host was not built: {}</p>\n",
                        FlavourName(facts.flavour), Escape(facts.note));
  }
  return html + "</header>\n";
}

std::string MatrixSection(const Report& report) {
  std::string html =
      "<section id=\"matrix\">\n<h2>Verdicts</h2>\n"
      "<ul class=\"legend\"><li><span class=\"badge contained\">✓ contained</span> the port is "
      "gone, "
      "the host is as before</li><li><span class=\"badge degraded\">▲ degraded</span> the host "
      "lives, "
      "but something is stuck, leaked or changed</li><li><span class=\"badge host_down\">✕ "
      "host_down"
      "</span> the host is gone</li><li><span class=\"badge clean\">○ clean</span> nothing "
      "happened</li></ul>\n";
  html += CountsTable(report) + "<div class=\"wide\"><table class=\"matrix\">\n";
  html += MatrixHead(report);
  for (const FaultGroup& group : GroupsOf(report)) html += MatrixGroup(report, group);
  return html + "</table></div>\n</section>\n";
}

}  // namespace portlab::html
