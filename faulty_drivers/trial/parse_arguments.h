// A host's command line, read by CLI11. Threads: pure. Errors: badopt; one line that names the
// option and what it takes.
#pragma once

#include <string>
#include <vector>

#include "portlab/error.h"

namespace CLI {
class App;
}

namespace portlab {

// The text --help asked for; empty: the arguments are in the app's variables.
Result<std::string> ParseArguments(CLI::App& app, const std::vector<std::string>& arguments);

}  // namespace portlab
