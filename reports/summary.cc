#include "reports/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "faulty_drivers/trial/trial_runner.h"

namespace portlab {
namespace {

bool IsHarmless(const Report& report, std::string_view entry) {
  const auto found = std::find_if(report.faults.begin(), report.faults.end(),
                                  [&](const FaultFacts& fault) { return fault.name == entry; });
  return found != report.faults.end() && found->harmless();
}

// Three digits that matter, without an exponent.
std::string ThreeDigits(double value) {
  const double size = std::abs(value);
  const int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
  return fmt::format("{:.{}f}", value, decimals);
}

// The letters of isolation.md 3.
std::string ClassName(const std::string& letter) {
  static const std::map<std::string, std::string> kNames = {{"A", " · Memory"},
                                                            {"B", " · Leaks and exhaustion"},
                                                            {"C", " · Hangs and stalls"},
                                                            {"D", " · Exits"},
                                                            {"E", " · Signals"},
                                                            {"F", " · State of the process"},
                                                            {"G", " · Protocol"},
                                                            {"H", " · Concurrency"},
                                                            {"I", " · Programs only"},
                                                            // Of `isolate`.
                                                            {"W", " · Control"},
                                                            {"X", " · Inputs"},
                                                            {"Y", " · Provocations"}};
  const auto found = kNames.find(letter);
  return found == kNames.end() ? "" : found->second;
}

// Only trials with the trigger on that could be run.
void Count(const TrialRecord& trial, VerdictCounts& counts) {
  if (!trial.trigger || !trial.outcome) return;
  ++counts.tried;
  switch (trial.outcome->verdict) {
    case Verdict::kClean:
      ++counts.clean;
      break;
    case Verdict::kContained:
      ++counts.contained;
      break;
    case Verdict::kDegraded:
      ++counts.degraded;
      break;
    case Verdict::kHostDown:
      ++counts.host_down;
      break;
  }
}

// "my_drv.so took the host down in 1 of 9 trials: 1 host down, 8 clean."
std::string SubjectHeadline(const Report& report) {
  VerdictCounts counts;
  for (const TrialRecord& trial : report.trials) Count(trial, counts);
  if (counts.tried == 0) return report.subject + ": no trial could be run.";
  return fmt::format("{} took the host down in {} of {} {}: {}.", report.subject, counts.host_down,
                     counts.tried, counts.tried == 1 ? "trial" : "trials", CountsInWords(counts));
}

}  // namespace

std::string ShellWord(std::string_view text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '/';
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
  std::string word = "'";
  for (const char c : OneLine(text)) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

const TrialRecord* FindTrial(const Report& report, std::string_view entry, IsolationMode mode,
                             Flavour flavour, bool trigger) {
  for (const TrialRecord& trial : report.trials) {
    if (trial.entry == entry && trial.mode == mode && trial.flavour == flavour &&
        trial.trigger == trigger) {
      return &trial;
    }
  }
  return nullptr;
}

VerdictCounts CountVerdicts(const Report& report, IsolationMode mode, Flavour flavour) {
  VerdictCounts counts;
  for (const TrialRecord& trial : report.trials) {
    if (trial.mode == mode && trial.flavour == flavour && !IsHarmless(report, trial.entry)) {
      Count(trial, counts);
    }
  }
  return counts;
}

VerdictCounts CountVerdicts(const Report& report, const FaultGroup& group, IsolationMode mode,
                            Flavour flavour) {
  VerdictCounts counts;
  for (const FaultFacts* fault : group.faults) {
    const TrialRecord* trial = FindTrial(report, fault->name, mode, flavour, true);
    if (trial != nullptr) Count(*trial, counts);
  }
  return counts;
}

std::string CountsInWords(const VerdictCounts& counts) {
  std::string text;
  for (const auto& [count, name] : {std::pair{counts.host_down, "host down"},
                                    {counts.degraded, "degraded"},
                                    {counts.contained, "contained"},
                                    {counts.clean, "clean"}}) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  }
  return text.empty() ? "none tried" : text;
}

std::vector<FaultGroup> GroupsOf(const Report& report) {
  std::map<std::string, FaultGroup> groups;  // by what they are sorted by
  for (const FaultFacts& fault : report.faults) {
    const std::string letter = fault.harmless() ? "~" : fault.id.substr(0, 1);
    FaultGroup& group = groups[letter];
    group.name = fault.harmless() ? "Harmless, for comparison" : letter + ClassName(letter);
    group.faults.push_back(&fault);
  }
  std::vector<FaultGroup> sorted;
  // Where the numbers are equal, the order of the report.
  const auto place = [](const FaultFacts* fault) {
    return std::pair(fault->id.size() < 2 ? 0 : std::atoi(fault->id.c_str() + 1), fault);
  };
  for (auto& [letter, group] : groups) {
    std::ranges::sort(group.faults, {}, place);
    sorted.push_back(std::move(group));
  }
  return sorted;
}

std::vector<IsolationMode> ModesOf(const Report& report) {
  std::vector<IsolationMode> modes;
  for (const auto mode : kModes) {
    if (std::any_of(report.trials.begin(), report.trials.end(),
                    [&](const TrialRecord& trial) { return trial.mode == mode; })) {
      modes.push_back(mode);
    }
  }
  return modes;
}

std::vector<Flavour> FlavoursOf(const Report& report, IsolationMode mode) {
  std::vector<Flavour> flavours;
  for (const FlavourFacts& facts : report.flavours) {
    if (HasFlavour(mode, facts.flavour)) flavours.push_back(facts.flavour);
  }
  return flavours;
}

bool IsBuilt(const Report& report, Flavour flavour) {
  return std::any_of(
      report.flavours.begin(), report.flavours.end(),
      [&](const FlavourFacts& facts) { return facts.flavour == flavour && facts.built; });
}

Flavour HeadlineFlavour(const Report& report) {
  const bool plain =
      report.trials.empty() ||
      std::any_of(report.trials.begin(), report.trials.end(),
                  [](const TrialRecord& trial) { return trial.flavour == Flavour::kPlain; });
  return plain ? Flavour::kPlain : report.trials.front().flavour;
}

std::string_view ModeInWords(IsolationMode mode) {
  return mode == IsolationMode::kInVm ? "linked-in drivers" : "programs";
}

std::string Headline(const Report& report) {
  if (!report.subject.empty()) return SubjectHeadline(report);
  const Flavour flavour = HeadlineFlavour(report);
  std::string text;
  for (const IsolationMode mode : ModesOf(report)) {
    const VerdictCounts counts = CountVerdicts(report, mode, flavour);
    if (counts.tried == 0) continue;
    text +=
        text.empty()
            ? fmt::format("{} of {} {} took the host down as {}", counts.host_down, counts.tried,
                          counts.tried == 1 ? "fault" : "faults", ModeInWords(mode))
            : fmt::format("; {} of {} as {}", counts.host_down, counts.tried, ModeInWords(mode));
  }
  return text.empty() ? "No fault was tried." : text + ".";
}

int CountUnmet(const Report& report) {
  return static_cast<int>(std::count_if(report.trials.begin(), report.trials.end(),
                                        [](const TrialRecord& trial) { return !trial.met; }));
}

std::string ExpectationLine(const Report& report) {
  const std::size_t all = report.trials.size();
  const int unmet = CountUnmet(report);
  if (all == 0) return "No trial was run.";
  if (!report.subject.empty()) {
    return unmet == 0 ? "Every trial was run."
                      : fmt::format("{} of {} trials could not be run.", unmet, all);
  }
  if (unmet == 0) {
    return all == 1 ? "The one trial did what the catalogue says."
                    : fmt::format("All {} trials did what the catalogue says.", all);
  }
  return fmt::format("{} of {} trials did not do what the catalogue says.", unmet, all);
}

std::string RerunCommand(std::string_view entry, IsolationMode mode) {
  return fmt::format("./lab report --fault {} --mode {}", ShellWord(entry), ModeName(mode));
}

std::string RerunCommand(const Report& report, std::string_view entry, IsolationMode mode) {
  if (report.subject.empty()) return RerunCommand(entry, mode);
  return report.rerun + " --only " + ShellWord(entry);
}

std::string VerdictText(const TrialRecord* trial) {
  if (trial == nullptr) return "not tried";
  if (!trial->outcome) return "not run";
  return std::string(VerdictName(trial->outcome->verdict));
}

const Bystander* WorstBystander(const Outcome& outcome) {
  const auto worst = std::ranges::max_element(outcome.bystanders, {}, &Bystander::worst_gap_ms);
  return worst == outcome.bystanders.end() ? nullptr : &*worst;
}

std::string BytesInWords(std::int64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (std::abs(value) >= 1023.5 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  const bool whole = unit == 0 || value == std::floor(value) || std::abs(value) >= 99.95;
  return fmt::format("{:.{}f} {}", value, whole ? 0 : 1, kUnits[unit]);
}

std::string MillisecondsInWords(double ms) {
  if (!(ms >= 0)) return "-";
  if (ms >= 999.5) return fmt::format("{:.2f} s", ms / 1000);
  return fmt::format("{:.{}f} ms", ms, ms >= 9.95 ? 0 : 1);
}

std::string MicrosecondsInWords(double us) {
  if (!(us >= 0)) return "-";
  if (us >= 999'500) return ThreeDigits(us / 1'000'000) + " s";
  if (us >= 999.5) return ThreeDigits(us / 1000) + " ms";
  return ThreeDigits(us) + " µs";
}

std::string MemoryInWords(int mib) {
  return mib == 0 ? "its own" : BytesInWords(std::int64_t{mib} * 1024 * 1024);
}

std::string Printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0x7f) {
      shown += "\xe2\x90\xa1";  // U+2421
    } else if (byte < 0x20 && c != '\n' && c != '\t') {
      shown += "\xe2\x90";  // U+2400 + byte
      shown += static_cast<char>(0x80 + byte);
    } else {
      shown += c;
    }
  }
  return shown;
}

std::string OneLine(std::string_view text) {
  std::string line = Printable(text);
  for (char& c : line) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return line;
}

}  // namespace portlab
