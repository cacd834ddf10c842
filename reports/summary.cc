#include "reports/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

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

// As a shell takes it for one word. A report may come from elsewhere, and its commands get pasted.
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

}  // namespace

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
    if (trial.mode != mode || trial.flavour != flavour || !trial.trigger || !trial.outcome ||
        IsHarmless(report, trial.entry)) {
      continue;
    }
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
  return counts;
}

std::vector<IsolationMode> ModesOf(const Report& report) {
  std::vector<IsolationMode> modes;
  for (const auto mode : {IsolationMode::kInVm, IsolationMode::kProgram}) {
    if (std::any_of(report.trials.begin(), report.trials.end(),
                    [&](const TrialRecord& trial) { return trial.mode == mode; })) {
      modes.push_back(mode);
    }
  }
  return modes;
}

std::vector<Flavour> FlavoursOf(const Report& report) {
  std::vector<Flavour> flavours;
  for (const FlavourFacts& facts : report.flavours) flavours.push_back(facts.flavour);
  return flavours;
}

bool IsBuilt(const Report& report, Flavour flavour) {
  return std::any_of(
      report.flavours.begin(), report.flavours.end(),
      [&](const FlavourFacts& facts) { return facts.flavour == flavour && facts.built; });
}

Flavour HeadlineFlavour(const Report& report) {
  return std::any_of(report.trials.begin(), report.trials.end(),
                     [](const TrialRecord& trial) { return trial.flavour == Flavour::kPlain; })
             ? Flavour::kPlain
             : Flavour::kAsan;
}

std::string_view ModeInWords(IsolationMode mode) {
  return mode == IsolationMode::kInVm ? "linked-in drivers" : "programs";
}

std::string Headline(const Report& report) {
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
  if (unmet == 0) {
    return all == 1 ? "The one trial did what the catalogue says."
                    : fmt::format("All {} trials did what the catalogue says.", all);
  }
  return fmt::format("{} of {} trials did not do what the catalogue says.", unmet, all);
}

std::string RerunCommand(std::string_view entry, IsolationMode mode) {
  return fmt::format("./lab report --fault {} --mode {}", ShellWord(entry), ModeName(mode));
}

std::string VerdictText(const TrialRecord* trial) {
  if (trial == nullptr) return "not tried";
  if (!trial->outcome) return "not run";
  return std::string(VerdictName(trial->outcome->verdict));
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
