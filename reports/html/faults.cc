// One section a fault: its modes side by side, its host flavours as columns within each.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "reports/html/escape.h"
#include "reports/html/latency_chart.h"
#include "reports/html/sections.h"
#include "reports/html/svg_charts.h"
#include "reports/summary.h"

namespace portlab::html {
namespace {

using CellOf = std::function<std::string(const TrialRecord&)>;

// The trials of one card, one a column; null where there is none.
struct Columns {
  std::vector<Flavour> flavours;
  std::vector<const TrialRecord*> fired;
  std::vector<const TrialRecord*> calm;  // trigger off
};

std::string Row(std::string_view name, const std::vector<const TrialRecord*>& trials,
                const CellOf& cell) {
  std::string row = fmt::format("<tr><th scope=\"row\">{}</th>", name);
  for (const TrialRecord* trial : trials) {
    row += "<td>" + (trial == nullptr ? "–" : cell(*trial)) + "</td>";
  }
  return row + "</tr>\n";
}

// A row about the outcome: trials without one have none to tell.
std::string OutcomeRow(std::string_view name, const std::vector<const TrialRecord*>& trials,
                       const std::function<std::string(const Outcome&)>& cell) {
  return Row(name, trials, [&](const TrialRecord& trial) {
    return trial.outcome ? cell(*trial.outcome) : std::string("–");
  });
}

std::string OrDash(const std::string& text) { return text.empty() ? "–" : Escape(text); }

// The longest gap of any bystander that did answer, over the whole report: all bars have one scale.
double FullGap(const Report& report) {
  double full = 1;
  for (const TrialRecord& trial : report.trials) {
    if (!trial.outcome) continue;
    for (const Bystander& bystander : trial.outcome->bystanders) {
      full = std::max(full, bystander.worst_gap_ms);
    }
  }
  return full;
}

std::string Bystanders(const Outcome& outcome, double full) {
  std::string cell;
  for (const Bystander& bystander : outcome.bystanders) {
    const std::string text = (bystander.answered ? "worst gap " : "no answer any more, for ") +
                             MillisecondsInWords(bystander.worst_gap_ms);
    cell += fmt::format(
        "<span class=\"bystander\">{}: {}{}</span>", Escape(bystander.name), text,
        GapBar(bystander.worst_gap_ms, full, !bystander.answered, bystander.name + ": " + text));
  }
  return cell.empty() ? "–" : cell;
}

std::string Ports(const Outcome& outcome) {
  return fmt::format(
      "{} → {}", outcome.port_count_before,
      outcome.port_count_after < 0 ? "no one to ask" : std::to_string(outcome.port_count_after));
}

std::string Kept(const Outcome& outcome) {
  if (outcome.port_count_after < 0) return "–";
  const Retained& kept = outcome.retained;
  return fmt::format("{} (peak {})<br>{} fds, {} threads, {} driver blocks, {} binaries",
                     BytesInWords(kept.memory_bytes), BytesInWords(kept.peak_memory_bytes),
                     kept.fds, kept.threads, kept.driver_blocks, kept.binaries);
}

std::string Expectation(const TrialRecord& trial) {
  std::string keys;
  for (const std::string& key : trial.expected) {
    keys += (keys.empty() ? "" : " or ") + Key(key);
  }
  return fmt::format("{}<br><span class=\"{}\">{}</span>", keys.empty() ? "–" : keys,
                     trial.met ? "met" : "unmet", trial.met ? "✓ met" : "✕ not met");
}

std::string Changed(const Outcome& outcome) {
  std::string cell;
  for (const Drift& drift : outcome.drift) {
    cell += fmt::format("{}<span class=\"key\">{}</span> {}", cell.empty() ? "" : "<br>",
                        Escape(drift.what), Escape(drift.sentence));
  }
  return cell.empty() ? "–" : cell;
}

bool AnyOutcome(const std::vector<const TrialRecord*>& trials,
                const std::function<bool(const Outcome&)>& holds) {
  return std::ranges::any_of(trials, [&](const TrialRecord* trial) {
    return trial != nullptr && trial->outcome && holds(*trial->outcome);
  });
}

std::string FactsTable(const Columns& columns, double full) {
  std::string table = "<table class=\"facts\"><colgroup><col class=\"names\">";
  for (std::size_t i = 0; i < columns.flavours.size(); ++i) table += "<col>";
  table += "</colgroup><thead><tr><td></td>";
  for (const Flavour flavour : columns.flavours) {
    table += fmt::format("<th scope=\"col\">{} host</th>", FlavourName(flavour));
  }
  table += "</tr></thead><tbody>\n";
  const auto& fired = columns.fired;
  table += Row("Verdict", fired, [](const TrialRecord& trial) {
    if (!trial.outcome) return Badge(&trial) + "<br>" + Escape(trial.error);
    return Badge(&trial) + "<br>" + Key(trial.outcome->key);
  });
  const auto text = [&](std::string_view name, std::string Outcome::*field) {
    table += OutcomeRow(name, fired, [field](const Outcome& o) { return OrDash(o.*field); });
  };
  text("What", &Outcome::what);
  text("Host ended", &Outcome::how_host_ended);
  text("Port ended", &Outcome::port_ended);
  table += OutcomeRow("Last call", fired, [](const Outcome& outcome) {
    return OrDash(outcome.last_callback) +
           (outcome.last_api_call.empty() ? "" : " › " + Escape(outcome.last_api_call));
  });
  table += OutcomeRow("Bystanders", fired,
                      [full](const Outcome& outcome) { return Bystanders(outcome, full); });
  table += OutcomeRow("Open ports", fired, Ports);
  table += OutcomeRow("Kept", fired, Kept);
  if (AnyOutcome(fired, [](const Outcome& outcome) { return !outcome.drift.empty(); })) {
    table += OutcomeRow("Changed", fired, Changed);
  }
  if (AnyOutcome(fired, [](const Outcome& outcome) { return outcome.unguarded_blocks > 0; })) {
    table += OutcomeRow("Not guarded", fired, [](const Outcome& outcome) {
      return fmt::format("{} blocks", outcome.unguarded_blocks);
    });
  }
  table += OutcomeRow("Noticed after", fired, [](const Outcome& outcome) {
    return outcome.detection_ms < 0 ? "never" : MillisecondsInWords(outcome.detection_ms);
  });
  // Of a user's own driver nothing is expected, and it has no trigger.
  const auto expects = [](const TrialRecord* trial) { return !trial->expected.empty(); };
  if (std::ranges::none_of(fired, expects)) return table + "</tbody></table>\n";
  table += Row("Expected", fired, Expectation);
  table += Row("Trigger off", columns.calm, [](const TrialRecord& trial) {
    return Badge(&trial) + (trial.met ? "" : " <span class=\"unmet\">not as expected</span>");
  });
  return table + "</tbody></table>\n";
}

std::string Details(const std::string& title, const std::string& text) {
  return text.empty() ? ""
                      : fmt::format("<details><summary>{}</summary><pre>{}</pre></details>\n",
                                    Escape(title), Escape(text));
}

// The trials whose bystanders are drawn: those that left the host degraded, and to compare them
// with, what the same fault did as a program.
std::vector<const TrialRecord*> Drawn(const Report& report, const FaultFacts& fault) {
  std::vector<const TrialRecord*> drawn;
  const TrialRecord* compared = nullptr;
  for (const IsolationMode mode : ModesOf(report)) {
    for (const Flavour flavour : FlavoursOf(report, mode)) {
      const TrialRecord* trial = FindTrial(report, fault.name, mode, flavour, true);
      if (trial == nullptr || !trial->outcome) continue;
      if (trial->outcome->verdict == Verdict::kDegraded) {
        drawn.push_back(trial);
      } else if (mode == IsolationMode::kProgram && compared == nullptr) {
        compared = trial;
      }
    }
  }
  if (!drawn.empty() && compared != nullptr) drawn.push_back(compared);
  return drawn;
}

std::string Curves(const std::vector<const TrialRecord*>& drawn, IsolationMode mode) {
  TimeSpan span;
  for (const TrialRecord* trial : drawn) span = Widened(span, *trial->outcome);
  std::string figures;
  for (const TrialRecord* trial : drawn) {
    if (trial->mode != mode) continue;
    figures += LatencyFigure(
        *trial->outcome, span,
        fmt::format("Latency of the bystanders, {} host", FlavourName(trial->flavour)));
  }
  return figures;
}

std::string ModeCard(const Report& report, const FaultFacts& fault, IsolationMode mode,
                     double full) {
  Columns columns;
  std::string after;
  for (const Flavour flavour : FlavoursOf(report, mode)) {
    const TrialRecord* fired = FindTrial(report, fault.name, mode, flavour, true);
    if (fired == nullptr) continue;
    columns.flavours.push_back(flavour);
    columns.fired.push_back(fired);
    columns.calm.push_back(FindTrial(report, fault.name, mode, flavour, false));
    if (!fired->outcome) continue;
    const std::string host = fmt::format(", {} host", FlavourName(flavour));
    after += Details("Sanitizer report" + host, fired->outcome->sanitizer_report);
    after += Details("End of stderr" + host, fired->outcome->stderr_tail);
  }
  const bool in_vm = mode == IsolationMode::kInVm;
  std::string card =
      fmt::format("<article class=\"card {}\"><h4>{} <code class=\"soft\">{}</code></h4>\n",
                  ModeName(mode), in_vm ? "As a linked-in driver" : "As a program",
                  Escape(in_vm ? fault.driver : fault.program));
  if (columns.fired.empty()) return card + "<p class=\"soft\">Not tried.</p></article>\n";
  card += FactsTable(columns, full) + Curves(Drawn(report, fault), mode) + after;
  return card + "<pre class=\"command\">" + Escape(RerunCommand(report, fault.name, mode)) +
         "</pre></article>\n";
}

std::string FaultSection(const Report& report, const FaultFacts& fault, double full) {
  std::string html =
      fmt::format("<section class=\"fault-section\" id=\"fault-{}\">\n<h3>{}</h3>\n<p>{}",
                  Identifier(fault.name), Escape(fault.name), Escape(fault.title));
  if (!fault.harmless()) {
    html += " <span class=\"soft small\">class " + Escape(fault.id) +
            (fault.cwe > 0 ? fmt::format(", CWE-{}", fault.cwe) : "") + "</span>";
  }
  html += "</p>\n<div class=\"modes\">\n";
  for (const IsolationMode mode : ModesOf(report)) {
    if (fault.has(mode)) html += ModeCard(report, fault, mode, full);
  }
  return html + "</div>\n</section>\n";
}

}  // namespace

std::string FaultSections(const Report& report) {
  const double full = FullGap(report);
  std::string html =
      "<section id=\"faults\">\n<h2>Fault by fault</h2>\n<p class=\"soft\">The bars of the "
      "bystanders show the longest time without an answer, all on one scale: " +
      MillisecondsInWords(full) +
      " from end to end. Where a host was left degraded, curves show how long each question of a "
      "bystander took beyond what it must, over the time around the trigger; dashed: what nobody "
      "answered until the end.</p>\n";
  for (const FaultGroup& group : GroupsOf(report)) {
    html += "<h3 class=\"class\">" + Escape(group.name) + "</h3>\n";
    for (const FaultFacts* fault : group.faults) html += FaultSection(report, *fault, full);
  }
  return html + "</section>\n";
}

}  // namespace portlab::html
