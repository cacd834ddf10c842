#include "reports/markdown_writer.h"

#include <fmt/format.h>

#include "reports/summary.h"

namespace portlab {
namespace {

using Cells = std::vector<std::string>;

// Cells are Markdown already.
std::string TableRow(const Cells& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) row += " " + (cell.empty() ? "–" : cell) + " |";
  return row + "\n";
}

std::string TableHead(const Cells& cells) {
  std::string rule = "|";
  for (std::size_t i = 0; i < cells.size(); ++i) rule += "---|";
  return TableRow(cells) + rule + "\n";
}

std::string Verdict(const TrialRecord* trial) {
  std::string text = VerdictText(trial);
  if (trial == nullptr) return text;
  text += ", " + EscapeMarkdown(trial->outcome ? trial->outcome->key : trial->error);
  return trial->met ? text : "**" + text + " (not as expected)**";
}

std::string Counts(const Report& report) {
  std::string table =
      TableHead({"mode", "host", "tried", "host_down", "degraded", "contained", "clean"});
  for (const IsolationMode mode : ModesOf(report)) {
    for (const Flavour flavour : FlavoursOf(report, mode)) {
      const VerdictCounts counts = CountVerdicts(report, mode, flavour);
      Cells row = {std::string(ModeName(mode)), std::string(FlavourName(flavour))};
      for (const int count :
           {counts.tried, counts.host_down, counts.degraded, counts.contained, counts.clean}) {
        row.push_back(std::to_string(count));
      }
      table += TableRow(row);
    }
  }
  return table;
}

std::string Matrix(const Report& report, const FaultGroup& group) {
  Cells head = {"fault"};
  for (const IsolationMode mode : ModesOf(report)) {
    for (const Flavour flavour : FlavoursOf(report, mode)) {
      head.push_back(fmt::format("{}, {}{}", ModeName(mode), FlavourName(flavour),
                                 IsBuilt(report, flavour) ? "" : " (not built)"));
    }
  }
  std::string table = TableHead(head);
  for (const FaultFacts* fault : group.faults) {
    Cells row = {EscapeMarkdown(fault->name)};
    for (const IsolationMode mode : ModesOf(report)) {
      for (const Flavour flavour : FlavoursOf(report, mode)) {
        row.push_back(
            fault->has(mode) ? Verdict(FindTrial(report, fault->name, mode, flavour, true)) : "");
      }
    }
    table += TableRow(row);
  }
  return table;
}

std::string Bystanders(const Outcome& outcome) {
  std::string text;
  for (const Bystander& bystander : outcome.bystanders) {
    text += fmt::format("{}{} {}{} (p50 {}, p99 {}, worst {})", text.empty() ? "" : "; ",
                        EscapeMarkdown(bystander.name), bystander.answered ? "" : "silent for ",
                        MillisecondsInWords(bystander.worst_gap_ms),
                        MicrosecondsInWords(bystander.p50_ms * 1000),
                        MicrosecondsInWords(bystander.p99_ms * 1000),
                        MicrosecondsInWords(bystander.worst_ms * 1000));
  }
  return text;
}

Cells TrialRow(const TrialRecord& trial) {
  Cells row = {fmt::format("{}, {}{}", ModeName(trial.mode), FlavourName(trial.flavour),
                           trial.trigger ? "" : ", trigger off"),
               Verdict(&trial)};
  if (!trial.outcome) {
    row.resize(8);
    return row;
  }
  const Outcome& outcome = *trial.outcome;
  const bool asked = outcome.port_count_after >= 0;
  row.push_back(EscapeMarkdown(outcome.how_host_ended));
  row.push_back(EscapeMarkdown(outcome.port_ended));
  row.push_back(Bystanders(outcome));
  row.push_back(asked ? fmt::format("{} → {}", outcome.port_count_before, outcome.port_count_after)
                      : fmt::format("{} → ?", outcome.port_count_before));
  row.push_back(asked ? fmt::format("{}, {} fds, {} threads",
                                    BytesInWords(outcome.retained.memory_bytes),
                                    outcome.retained.fds, outcome.retained.threads)
                      : "");
  row.push_back(MillisecondsInWords(outcome.detection_ms));
  return row;
}

// Sentences that have no room in the table.
std::string Remarks(const TrialRecord& trial) {
  std::string text;
  if (!trial.outcome || !trial.trigger) return text;
  const auto remark = [&](const std::string& sentence) {
    text += fmt::format("- {}, {}: {}\n", ModeName(trial.mode), FlavourName(trial.flavour),
                        EscapeMarkdown(sentence));
  };
  if (trial.outcome->verdict == Verdict::kDegraded) {
    remark(trial.outcome->what);
    if (const Bystander* worst = WorstBystander(*trial.outcome)) {
      remark("the worst gap was " + MillisecondsInWords(worst->worst_gap_ms) + ", of the " +
             worst->name);
    }
  }
  for (const Drift& drift : trial.outcome->drift) {
    remark("changed: " + drift.what + ": " + drift.sentence);
  }
  if (trial.outcome->unguarded_blocks > 0) {
    remark(fmt::format("{} blocks could not be guarded", trial.outcome->unguarded_blocks));
  }
  return text;
}

std::string Fault(const Report& report, const FaultFacts& fault) {
  std::string text =
      fmt::format("\n### {}\n\n{}", EscapeMarkdown(fault.name), EscapeMarkdown(fault.title));
  if (!fault.harmless()) {
    text += fmt::format(" (class {}{})", EscapeMarkdown(fault.id),
                        fault.cwe > 0 ? fmt::format(", CWE-{}", fault.cwe) : "");
  }
  text += "\n\n" + TableHead({"trial", "verdict", "host ended", "port ended",
                              "bystanders, worst gap", "open ports", "kept", "noticed after"});
  std::string commands;
  std::string remarks;
  for (const TrialRecord& trial : report.trials) {
    if (trial.entry != fault.name) continue;
    text += TableRow(TrialRow(trial));
    remarks += Remarks(trial);
  }
  if (!remarks.empty()) text += "\n" + remarks;
  for (const IsolationMode mode : ModesOf(report)) {
    if (!fault.has(mode)) continue;
    commands += "    " + OneLine(RerunCommand(report, fault.name, mode)) + "\n";
  }
  return text + (commands.empty() ? "" : "\nAgain:\n\n" + commands);
}

std::string Cost(const Report& report) {
  std::string text = "\n## The cost of opening\n\n";
  if (!report.cost) {
    return text +
           (report.cost_note.empty() ? std::string("Not measured.")
                                     : EscapeMarkdown(report.cost_note)) +
           "\n";
  }
  text += TableHead({"method", "memory", "p10", "p50", "p90", "samples", "note"});
  for (const CostRow& row : report.cost->rows) {
    Cells cells = {EscapeMarkdown(row.method), MemoryInWords(row.memory_mib)};
    for (const double value : {row.p10_us, row.p50_us, row.p90_us}) {
      cells.push_back(row.samples == 0 ? "" : MicrosecondsInWords(value));
    }
    cells.push_back(std::to_string(row.samples));
    cells.push_back(EscapeMarkdown(row.note));
    text += TableRow(cells);
  }
  if (!report.cost->stalls.empty()) {
    text += "\nHow long another thread stood still during one start:\n\n" +
            TableHead({"while starting with", "observer", "memory", "p50", "p90", "samples"});
  }
  for (const StallRow& row : report.cost->stalls) {
    text += TableRow({EscapeMarkdown(row.method), EscapeMarkdown(row.observer),
                      MemoryInWords(row.memory_mib), MicrosecondsInWords(row.p50_us),
                      MicrosecondsInWords(row.p90_us), std::to_string(row.samples)});
  }
  text += fmt::format("\nProgram started: {}. Seed: {}.", EscapeMarkdown(report.cost->target),
                      report.cost->seed);
  for (const std::string& note : report.cost->notes) text += " " + EscapeMarkdown(note);
  return text + "\n";
}

}  // namespace

std::string EscapeMarkdown(std::string_view text) {
  std::string safe;
  for (const char c : OneLine(text)) {
    if (c == '<') {
      safe += "&lt;";
    } else if (c == '&') {
      safe += "&amp;";
    } else {
      if (std::string_view("\\`*_[]|#>~").find(c) != std::string_view::npos) safe += '\\';
      safe += c;
    }
  }
  return safe;
}

std::string WriteMarkdown(const Report& report) {
  std::string text = "# portlab isolation report" +
                     (report.subject.empty() ? "" : ": " + EscapeMarkdown(report.subject)) +
                     "\n\n**" + EscapeMarkdown(Headline(report)) + "** " + ExpectationLine(report) +
                     "\n\n";
  for (const FlavourFacts& facts : report.flavours) {
    if (facts.built) continue;
    text += fmt::format("The {} host was not built: {}\n\n", FlavourName(facts.flavour),
                        EscapeMarkdown(facts.note));
  }
  text += "## Verdicts\n\n" + Counts(report);
  for (const FaultGroup& group : GroupsOf(report)) {
    text += "\n### " + EscapeMarkdown(group.name) + "\n\n" + Matrix(report, group);
  }
  text +=
      "\n`contained`: the port is gone, the host is as before. `degraded`: the host lives, but "
      "something is stuck, leaked or changed. `host_down`: the host is gone. `clean`: nothing "
      "happened. The first cause decides.\n\n## Fault by fault\n";
  for (const FaultGroup& group : GroupsOf(report)) {
    for (const FaultFacts* fault : group.faults) text += Fault(report, *fault);
  }
  text += Cost(report);
  const MachineFacts& machine = report.machine;
  text += fmt::format(
      "\n## The machine\n\n{}, {}, {} cores, {} of memory, {}, {}, portlab {}. Made {} UTC "
      "with:\n\n"
      "    {}\n",
      EscapeMarkdown(machine.kernel), EscapeMarkdown(machine.cpu), machine.cores,
      BytesInWords(machine.memory_bytes), EscapeMarkdown(machine.compiler),
      EscapeMarkdown(machine.libc), EscapeMarkdown(machine.portlab), EscapeMarkdown(report.made_at),
      OneLine(report.settings.command));
  return text;
}

}  // namespace portlab
