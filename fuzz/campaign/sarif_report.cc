#include <algorithm>
#include <array>
#include <set>

#include "fuzz/campaign/reports.h"

namespace portlab {
namespace {

using nlohmann::json;

struct Rule {
  const char* tool;
  const char* kind;
  const char* what;
};
// Declared in every run, found or not: a run with known rules and no results closes fixed alerts.
// Other kinds are declared when they occur.
constexpr std::array<Rule, 22> kRules = {{
    {"asan", "heap-buffer-overflow", "Access outside a heap block"},
    {"asan", "stack-buffer-overflow", "Access outside a variable on the stack"},
    {"asan", "global-buffer-overflow", "Access outside a global variable"},
    {"asan", "heap-use-after-free", "Access to memory that was freed"},
    {"asan", "stack-use-after-return", "Access to a variable of a function that returned"},
    {"asan", "double-free", "Memory freed twice"},
    {"asan", "bad-free", "Memory freed that was not allocated"},
    {"asan", "negative-size-param", "A length below zero"},
    {"asan", "stack-overflow", "The stack overflowed"},
    {"asan", "null-dereference", "Access through a null pointer"},
    {"asan", "SEGV", "Access to memory that is not there"},
    {"asan", "FPE", "Arithmetic that traps"},
    {"asan", "ABRT", "The process was aborted"},
    {"ubsan", "signed-integer-overflow", "A signed result does not fit"},
    {"ubsan", "shift-exponent", "A shift by too much"},
    {"ubsan", "misaligned-pointer-use", "Access through a misaligned pointer"},
    {"ubsan", "out-of-bounds-index", "An index outside its array"},
    {"lsan", "memory-leak", "Memory that was not freed"},
    {"libfuzzer", "timeout", "A callback or a packet takes for ever"},
    {"libfuzzer", "out-of-memory", "The memory is used up"},
    {"libfuzzer", "exit-called", "The process was ended with exit()"},
    {"contract", "contract", "A rule of the driver interface was broken"},
}};

std::string RuleId(const std::string& tool, const std::string& kind) { return tool + "/" + kind; }

json RuleJson(const std::string& id, const std::string& what) {
  return {{"id", id},
          {"shortDescription", {{"text", what}}},
          {"defaultConfiguration", {{"level", "error"}}}};
}

json Rules(const json& findings) {
  json rules = json::array();
  std::set<std::string> declared;
  for (const Rule& rule : kRules) {
    const std::string id = RuleId(rule.tool, rule.kind);
    if (declared.insert(id).second) rules.push_back(RuleJson(id, rule.what));
  }
  for (const json& finding : findings) {
    const std::string kind = finding.at("bucket").at("kind");
    const std::string id = RuleId(finding.at("tool"), kind);
    if (declared.insert(id).second) rules.push_back(RuleJson(id, "Found by fuzzing: " + kind));
  }
  return rules;
}

json Location(const json& frame) {
  std::string source = frame.at("source");
  // Code scanning takes paths of the repository only: what is absolute is told relative to a base.
  while (source.starts_with('/')) source.erase(0, 1);
  return {{"physicalLocation",
           {{"artifactLocation", {{"uri", source}, {"uriBaseId", "%SRCROOT%"}}},
            {"region", {{"startLine", std::max(1, frame.at("line").get<int>())}}}}},
          {"message", {{"text", frame.at("function")}}}};
}

json ResultJson(const json& finding, const std::string& folder) {
  const std::string id = finding.at("id");
  json frames = json::array();
  json first;
  for (const json& frame : finding.at("stack")) {
    if (frame.at("source").get<std::string>().empty()) continue;
    frames.push_back({{"location", Location(frame)}});
    if (first.is_null()) first = Location(frame);
  }
  std::string text = finding.at("bucket").at("kind");
  if (const std::string access = finding.at("bucket").at("access"); !access.empty()) {
    text += " (" + access + ")";
  }
  json result = {{"ruleId", RuleId(finding.at("tool"), finding.at("bucket").at("kind"))},
                 {"level", "error"},
                 {"message",
                  {{"text", text + ": " + finding.at("sentence").get<std::string>() +
                                ". Again with: " + ReproCommand(id, folder)}}},
                 {"partialFingerprints", {{"portlabBucket/v1", id}}},
                 {"baselineState", finding.at("status") == "NEW" ? "new" : "unchanged"},
                 {"properties",
                  {{"reproduced", finding.at("reproduced")},
                   {"tries", finding.at("tries")},
                   {"operations", finding.at("minimised").at("operations")},
                   {"times_seen", finding.at("times_seen")}}}};
  if (!first.is_null()) result["locations"] = json::array({first});
  if (!frames.empty()) result["stacks"] = json::array({{{"frames", frames}}});
  return result;
}

}  // namespace

std::string FindingsAsSarif(const json& findings, const std::string& folder) {
  json results = json::array();
  for (const json& finding : findings.at("findings")) {
    if (finding.at("status") != "FIXED") results.push_back(ResultJson(finding, folder));
  }
  const std::string target = findings.at("target");
  const std::string name = target.substr(target.rfind('/') + 1);
  const json run = {
      {"tool", {{"driver", {{"name", "portlab fuzz"}, {"rules", Rules(findings.at("findings"))}}}}},
      // So that the runs for several targets do not close each other's alerts.
      {"automationDetails", {{"id", "portlab/" + name + "/"}}},
      {"invocations",
       json::array({{{"executionSuccessful", findings.at("exit_status").get<int>() <= 1},
                     {"exitCode", findings.at("exit_status")}}})},
      {"results", results}};
  const json all = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                    {"version", "2.1.0"},
                    {"runs", json::array({run})}};
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace portlab
