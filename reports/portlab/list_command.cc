// portlab list: the catalogue, with what each fault must do in each mode and host.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "faulty_drivers/trial/trial_runner.h"
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

const std::vector<std::string>& KeysOf(const CatalogueEntry& entry, IsolationMode mode,
                                       Flavour flavour) {
  return ExpectedKeys({&entry, mode, flavour});
}

nlohmann::json ToJson(const CatalogueEntry& entry) {
  nlohmann::json expected = nlohmann::json::object();
  for (const auto mode : kModes) {
    if (!HasMode(entry, mode)) continue;
    for (const auto flavour : kFlavours) {
      if (HasFlavour(mode, flavour)) {
        expected[ModeName(mode)][FlavourName(flavour)] = KeysOf(entry, mode, flavour);
      }
    }
  }
  return {{"name", entry.name},
          {"id", entry.id},
          {"cwe", entry.cwe},
          {"title", entry.title},
          {"driver", entry.driver},
          {"program", entry.program},
          {"expected", std::move(expected)}};
}

int List(bool as_json) {
  nlohmann::json json = nlohmann::json::array();
  TextTable table({"fault", "mode", "plain host", "guarded host", "asan host", "what it does"});
  for (const CatalogueEntry& entry : Catalogue()) {
    json.push_back(ToJson(entry));
    bool first = true;
    for (const auto mode : kModes) {
      if (!HasMode(entry, mode)) continue;
      std::vector<std::string> row = {first ? entry.name : "", std::string(ModeName(mode))};
      for (const auto flavour : kFlavours) {
        row.push_back(HasFlavour(mode, flavour) ? Keys(KeysOf(entry, mode, flavour)) : "-");
      }
      row.push_back(first ? entry.title : "");
      table.Add(std::move(row));
      first = false;
    }
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
