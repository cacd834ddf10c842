#include "fuzz/campaign/finding.h"

namespace portlab {
namespace {

using nlohmann::json;

json FrameToJson(const StackFrame& frame) {
  return {{"function", frame.function},
          {"source", frame.source},
          {"line", frame.line},
          {"module", frame.module},
          {"offset", frame.offset}};
}

StackFrame FrameFromJson(const json& from) {
  StackFrame frame;
  from.at("function").get_to(frame.function);
  from.at("source").get_to(frame.source);
  from.at("line").get_to(frame.line);
  from.at("module").get_to(frame.module);
  from.at("offset").get_to(frame.offset);
  return frame;
}

json SizeToJson(const InputSize& size) {
  return {{"bytes", size.bytes}, {"operations", size.operations}};
}

InputSize SizeFromJson(const json& from) {
  return {from.at("bytes").get<std::uint64_t>(), from.at("operations").get<std::uint64_t>()};
}

FindingStatus StatusFromName(const std::string& name) {
  for (const auto status : {FindingStatus::kKnown, FindingStatus::kFixed}) {
    if (name == StatusName(status)) return status;
  }
  return FindingStatus::kNew;
}

Finding Read(const json& from) {
  Finding finding;
  from.at("id").get_to(finding.id);
  const json& bucket = from.at("bucket");
  bucket.at("kind").get_to(finding.bucket.kind);
  bucket.at("access").get_to(finding.bucket.access);
  finding.bucket.size = bucket.value("size", "");  // of an earlier version there is none
  bucket.at("frames").get_to(finding.bucket.frames);
  bucket.at("operation").get_to(finding.bucket.operation);
  finding.bucket.answered = bucket.value("answered", "");
  from.at("tool").get_to(finding.tool);
  from.at("sentence").get_to(finding.sentence);
  for (const json& frame : from.at("stack")) finding.stack.push_back(FrameFromJson(frame));
  from.at("operation").get_to(finding.operation);
  from.at("operation_text").get_to(finding.operation_text);
  finding.original = SizeFromJson(from.at("original"));
  finding.minimised = SizeFromJson(from.at("minimised"));
  finding.history = from.value("history", std::uint64_t{0});  // of an earlier version there is none
  from.at("reproduced").get_to(finding.reproduced);
  from.at("tries").get_to(finding.tries);
  finding.status = StatusFromName(from.at("status").get<std::string>());
  from.at("times_seen").get_to(finding.times_seen);
  from.at("first_exec").get_to(finding.first_exec);
  from.at("seed").get_to(finding.seed);
  from.at("first_seen").get_to(finding.first_seen);
  return finding;
}

}  // namespace

std::string_view StatusName(FindingStatus status) {
  switch (status) {
    case FindingStatus::kNew:
      return "NEW";
    case FindingStatus::kKnown:
      return "KNOWN";
    case FindingStatus::kFixed:
      return "FIXED";
  }
  return "?";
}

std::string Finding::Where() const { return stack.empty() ? "" : FrameInWords(stack.front()); }

nlohmann::json FindingToJson(const Finding& finding) {
  json stack = json::array();
  for (const StackFrame& frame : finding.stack) stack.push_back(FrameToJson(frame));
  return {{"id", finding.id},
          {"bucket",
           {{"kind", finding.bucket.kind},
            {"access", finding.bucket.access},
            {"size", finding.bucket.size},
            {"frames", finding.bucket.frames},
            {"operation", finding.bucket.operation},
            {"answered", finding.bucket.answered}}},
          {"tool", finding.tool},
          {"sentence", finding.sentence},
          {"stack", stack},
          {"operation", finding.operation},
          {"operation_text", finding.operation_text},
          {"original", SizeToJson(finding.original)},
          {"minimised", SizeToJson(finding.minimised)},
          {"history", finding.history},
          {"verdict", VerdictOf(finding)},
          {"reproduced", finding.reproduced},
          {"tries", finding.tries},
          {"status", StatusName(finding.status)},
          {"times_seen", finding.times_seen},
          {"first_exec", finding.first_exec},
          {"seed", finding.seed},
          {"first_seen", finding.first_seen}};
}

Result<Finding> FindingFromJson(const nlohmann::json& from) {
  try {
    return Read(from);
  } catch (const nlohmann::json::exception& problem) {
    return Fail(Error::General(std::string("not a finding: ") + problem.what()));
  }
}

std::string_view VerdictOf(const Finding& finding) {
  if (finding.reproduced < finding.tries || finding.tries == 0) return "flaky";
  return finding.history > 0 ? "needs-history" : "deterministic";
}

std::string ReproductionInWords(const Finding& finding) {
  std::string words(VerdictOf(finding));
  if (finding.history > 0) {
    words +=
        " (" + std::to_string(finding.history) + (finding.history == 1 ? " input)" : " inputs)");
  }
  return words + " " + std::to_string(finding.reproduced) + "/" + std::to_string(finding.tries);
}

}  // namespace portlab
