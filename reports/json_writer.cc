#include "reports/json_writer.h"

#include <utility>

namespace portlab {

using nlohmann::json;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MachineFacts, kernel, cpu, cores, memory_bytes, compiler, libc,
                                   portlab)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ReportSettings, command, patience_ms, cost)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FaultFacts, name, id, cwe, title, driver, program)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CostRow, method, memory_mib, samples, batch, p10_us, p50_us,
                                   p90_us, note)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StallRow, method, observer, memory_mib, samples, p50_us, p90_us)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OpeningCost, seed, target, rows, stalls, notes)

namespace {

constexpr const char* kFormatName = "portlab report";

Error NotAReport(const std::string& detail) { return Error::BadArg("not a report: " + detail); }

// What a name stands for; Error::BadArg as an exception, for the readers below.
struct UnknownName {
  std::string detail;
};

IsolationMode ModeFromName(const std::string& name) {
  for (const auto mode : kModes) {
    if (name == ModeName(mode)) return mode;
  }
  throw UnknownName{"unknown mode '" + name + "'"};
}

Flavour FlavourFromName(const std::string& name) {
  for (const auto flavour : kFlavours) {
    if (name == FlavourName(flavour)) return flavour;
  }
  throw UnknownName{"unknown flavour '" + name + "'"};
}

// Runs a reader; what nlohmann's library throws for a missing or mistyped field becomes an Error.
template <class Reader>
auto Read(Reader&& reader) -> Result<decltype(reader())> {
  try {
    return reader();
  } catch (const json::exception& problem) {
    return Fail(NotAReport(problem.what()));
  } catch (const UnknownName& problem) {
    return Fail(NotAReport(problem.detail));
  }
}

TrialRecord TrialOf(const json& from) {
  TrialRecord trial;
  from.at("entry").get_to(trial.entry);
  trial.mode = ModeFromName(from.at("mode").get<std::string>());
  trial.flavour = FlavourFromName(from.at("flavour").get<std::string>());
  from.at("trigger").get_to(trial.trigger);
  from.at("error").get_to(trial.error);
  from.at("expected").get_to(trial.expected);
  from.at("met").get_to(trial.met);
  if (!from.at("outcome").is_null()) trial.outcome = from.at("outcome").get<Outcome>();
  return trial;
}

Report ReportOf(const json& from) {
  if (!from.is_object() || from.value("what", "") != kFormatName) {
    throw UnknownName{"no \"what\": \"" + std::string(kFormatName) + "\" in it"};
  }
  if (const int format = from.at("format").get<int>(); format != kReportFormat) {
    throw UnknownName{"its format is " + std::to_string(format) + ", and this portlab reads " +
                      std::to_string(kReportFormat)};
  }
  Report report;
  report.subject = from.value("subject", "");
  report.rerun = from.value("rerun", "");
  from.at("made_at").get_to(report.made_at);
  from.at("duration_ms").get_to(report.duration_ms);
  from.at("machine").get_to(report.machine);
  from.at("settings").get_to(report.settings);
  for (const json& flavour : from.at("flavours")) {
    report.flavours.push_back({FlavourFromName(flavour.at("flavour").get<std::string>()),
                               flavour.at("built").get<bool>(),
                               flavour.at("note").get<std::string>()});
  }
  from.at("faults").get_to(report.faults);
  for (const json& trial : from.at("trials")) report.trials.push_back(TrialOf(trial));
  if (!from.at("cost").is_null()) report.cost = from.at("cost").get<OpeningCost>();
  from.at("cost_note").get_to(report.cost_note);
  return report;
}

}  // namespace

json TrialToJson(const TrialRecord& trial) {
  json to = {{"entry", trial.entry},
             {"mode", ModeName(trial.mode)},
             {"flavour", FlavourName(trial.flavour)},
             {"trigger", trial.trigger},
             {"error", trial.error},
             {"expected", trial.expected},
             {"met", trial.met},
             {"outcome", nullptr}};
  if (trial.outcome) to["outcome"] = *trial.outcome;
  return to;
}

Result<TrialRecord> TrialFromJson(const json& from) {
  return Read([&] { return TrialOf(from); });
}

json CostToJson(const OpeningCost& cost) { return cost; }

Result<OpeningCost> CostFromJson(const json& from) {
  return Read([&] { return from.get<OpeningCost>(); });
}

json ReportToJson(const Report& report) {
  json flavours = json::array();
  for (const FlavourFacts& facts : report.flavours) {
    flavours.push_back(
        {{"flavour", FlavourName(facts.flavour)}, {"built", facts.built}, {"note", facts.note}});
  }
  json trials = json::array();
  for (const TrialRecord& trial : report.trials) trials.push_back(TrialToJson(trial));
  json to = {{"what", kFormatName},
             {"format", kReportFormat},
             {"made_at", report.made_at},
             {"duration_ms", report.duration_ms},
             {"machine", report.machine},
             {"settings", report.settings},
             {"flavours", std::move(flavours)},
             {"faults", report.faults},
             {"trials", std::move(trials)},
             {"cost", nullptr},
             {"cost_note", report.cost_note}};
  if (report.cost) to["cost"] = *report.cost;
  if (!report.subject.empty()) {
    to["subject"] = report.subject;
    to["rerun"] = report.rerun;
  }
  return to;
}

Result<Report> ReportFromJson(const json& from) {
  return Read([&] { return ReportOf(from); });
}

std::string JsonText(const json& from, int indent) {
  return from.dump(indent, ' ', false, json::error_handler_t::replace);
}

Result<json> ParseJson(std::string_view text) {
  return Read([&] { return json::parse(text); });
}

Result<Report> ReadReport(std::string_view text) {
  auto parsed = ParseJson(text);
  if (!parsed) return Fail(parsed.error());
  return ReportFromJson(*parsed);
}

}  // namespace portlab
