#include "faulty_drivers/trial/trial_script.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "fuzz/operations/text.h"

namespace portlab {
namespace {

using nlohmann::json;

Error NoScript(const std::string& why) { return Error::BadArg("no trial script: " + why); }

// A C string is what a driver gets, and an argument of a program is one; JSON wants UTF-8, so both
// travel as bytes.
json BytesOf(std::string_view text) { return std::vector<std::uint8_t>(text.begin(), text.end()); }

std::string TextOf(const json& bytes) {
  const auto numbers = bytes.get<std::vector<std::uint8_t>>();
  return {numbers.begin(), numbers.end()};
}

// A line each: a script may have more operations than an input.
json LinesOf(const std::vector<Operation>& operations) {
  json lines = json::array();
  for (const Operation& operation : operations) lines.push_back(PrintOperation(operation));
  return lines;
}

Result<std::vector<Operation>> OperationsOf(const json& lines) {
  std::vector<Operation> operations;
  for (const json& line : lines) {
    auto one = ParseOperations(line.get<std::string>());
    if (!one) return Fail(NoScript(one.error().detail));
    if (one->size() != 1) return Fail(NoScript("a line is one operation"));
    operations.push_back(std::move(one->front()));
  }
  return operations;
}

OutsideAction ActionOf(const std::string& name) {
  for (const OutsideAction action : kOutsideActions) {
    if (name == ActionName(action)) return action;
  }
  throw json::other_error::create(501, "unknown action " + name, nullptr);
}

}  // namespace

std::string_view ActionName(OutsideAction action) {
  switch (action) {
    case OutsideAction::kNone:
      return "none";
    case OutsideAction::kKillProgram:
      return "kill_program";
    case OutsideAction::kStopProgram:
      return "stop_program";
    case OutsideAction::kKillOwner:
      return "kill_owner";
  }
  return "";
}

std::string ScriptToText(const TrialScript& script) {
  json args = json::array();
  for (const std::string& arg : script.args) args.push_back(BytesOf(arg));
  return json{{"operations", LinesOf(script.operations)},
              {"repeated", LinesOf(script.repeated)},
              {"times", script.times},
              {"action", ActionName(script.action)},
              {"must_open", script.must_open},
              {"start_args", BytesOf(script.start_args)},
              {"args", args},
              {"packet_bytes", script.packet_bytes},
              {"line_length", script.line_length}}
      .dump();
}

Result<TrialScript> ScriptFromText(std::string_view text) {
  try {
    const json from = json::parse(text);
    TrialScript script;
    for (const auto& [name, into] :
         {std::pair{"operations", &script.operations}, std::pair{"repeated", &script.repeated}}) {
      auto operations = OperationsOf(from.at(name));
      if (!operations) return Fail(operations.error());
      *into = std::move(*operations);
    }
    from.at("times").get_to(script.times);
    script.action = ActionOf(from.at("action").get<std::string>());
    from.at("must_open").get_to(script.must_open);
    script.start_args = TextOf(from.at("start_args"));
    for (const json& arg : from.at("args")) script.args.push_back(TextOf(arg));
    from.at("packet_bytes").get_to(script.packet_bytes);
    from.at("line_length").get_to(script.line_length);
    return script;
  } catch (const json::exception& problem) {
    return Fail(NoScript(problem.what()));
  }
}

Result<TrialScript> ReadScript(int fd) {
  std::string text;
  std::array<char, 64 * 1024> buffer;
  for (;;) {
    const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
    if (got < 0) return Fail(Error::Errno(errno, "the script cannot be read"));
    if (got == 0) return ScriptFromText(text);
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace portlab
