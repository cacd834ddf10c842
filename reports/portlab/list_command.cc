// portlab list: the catalogue, with what each fault must do in each mode and host.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "faulty_drivers/catalogue/entry.h"
#include "reports/portlab/commands.h"
#include "reports/portlab/exit_status.h"
#include "reports/portlab/text_table.h"

namespace portlab {
namespace {

std::string Keys(const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) text += (text.empty() ? "" : " or ") + key;
  return text;
}

nlohmann::json ToJson(const CatalogueEntry& entry) {
  const auto expected = [](const Expectation& keys) {
    return nlohmann::json{{"plain", keys.plain}, {"asan", keys.asan}};
  };
  return {{"name", entry.name},
          {"id", entry.id},
          {"cwe", entry.cwe},
          {"title", entry.title},
          {"driver", entry.driver},
          {"program", entry.program},
          {"expected",
           {{ModeName(IsolationMode::kInVm), expected(entry.in_vm)},
            {ModeName(IsolationMode::kProgram), expected(entry.program_mode)}}}};
}

int List(bool as_json) {
  nlohmann::json json = nlohmann::json::array();
  TextTable table({"fault", "mode", "plain host", "asan host", "what it does"});
  for (const CatalogueEntry& entry : Catalogue()) {
    json.push_back(ToJson(entry));
    table.Add({entry.name, std::string(ModeName(IsolationMode::kInVm)), Keys(entry.in_vm.plain),
               Keys(entry.in_vm.asan), entry.title});
    table.Add({"", std::string(ModeName(IsolationMode::kProgram)), Keys(entry.program_mode.plain),
               Keys(entry.program_mode.asan), ""});
  }
  std::fputs((as_json ? json.dump(2) + "\n" : table.ToString()).c_str(), stdout);
  return kExitOk;
}

}  // namespace

Command AddListCommand(CLI::App& tool) {
  CLI::App* app =
      tool.add_subcommand("list", "list the faults, and what each must do in each mode");
  const auto as_json = std::make_shared<bool>(false);
  app->add_flag("--json", *as_json, "as JSON");
  return {app, [as_json] { return List(*as_json); }};
}

}  // namespace portlab
