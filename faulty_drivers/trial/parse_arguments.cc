#include "faulty_drivers/trial/parse_arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

namespace portlab {

Result<std::string> ParseArguments(CLI::App& app, const std::vector<std::string>& arguments) {
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& asked) {
    std::ostringstream text;
    app.exit(asked, text, text);
    return text.str();
  } catch (const CLI::ParseError& error) {
    std::string why = error.what();
    while (!why.empty() && why.back() == '\n') why.pop_back();
    std::ranges::replace(why, '\n', ' ');
    return Fail(Error::BadOpt(std::move(why)));
  }
  return std::string();
}

}  // namespace portlab
