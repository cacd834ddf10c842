// The header and the list of exported symbols against the OTP of this machine.
// Source of truth: OTP's own erl_driver.h and beam.smp. Without them these tests fail: install
// erlang-dev.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace portlab {
namespace {

using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

std::string OutputOf(const std::string& command) {
  std::string output;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  char buffer[4096];
  while (const std::size_t count = std::fread(buffer, 1, sizeof(buffer), pipe)) {
    output.append(buffer, count);
  }
  return ::pclose(pipe) == 0 ? output : std::string();
}

std::vector<std::string> Lines(std::istream& input) {
  std::vector<std::string> lines;
  for (std::string line; std::getline(input, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> ExportedSymbols() {
  std::ifstream file(EXPORTED_SYMBOLS);
  return Lines(file);
}

// The names of the functions and objects a header declares `extern`, itself and not through what it
// includes.
std::set<std::string> DeclaredBy(const std::string& include_dir) {
  const std::string text = OutputOf(std::string(C_COMPILER) + " -E -I" + include_dir +
                                    " -include erl_driver.h -x c /dev/null");
  const std::regex marker(R"re(# \d+ "([^"]*)".*)re");
  std::string own;
  std::istringstream input(text);
  bool in_header = false;
  for (const std::string& line : Lines(input)) {
    std::smatch match;
    if (std::regex_match(line, match, marker)) {
      in_header = match[1].str().starts_with(include_dir);
    } else if (in_header) {
      own += line + " ";
    }
  }
  own = std::regex_replace(own, std::regex(R"(__attribute__ *\(\(([^()]|\([^()]*\))*\)\))"), "");
  std::set<std::string> names;
  const std::regex declaration(R"(\bextern\b[^;(]*?\b(\w+) *(\(|;))");
  for (std::sregex_iterator it(own.begin(), own.end(), declaration), end; it != end; ++it) {
    names.insert((*it)[1].str());
  }
  return names;
}

TEST(DriverHeaderTest, LayoutsNumbersAndPrototypesAreOtps) {
  const std::string ours = OutputOf(PORTLAB_LAYOUT_PROGRAM);
  const std::string otps = OutputOf(OTP_LAYOUT_PROGRAM);
  ASSERT_THAT(otps, Not(IsEmpty())) << "OTP's erl_driver.h was not found: install erlang-dev";
  EXPECT_EQ(ours, otps);
  EXPECT_NE(ours.find("struct ErlDrvEntry 176/8\n"), std::string::npos);
}

TEST(DriverHeaderTest, TypesAreThoseTheReportNames) {
  std::istringstream ours(OutputOf(PORTLAB_LAYOUT_PROGRAM));
  int checked = 0;
  for (const std::string& line : Lines(ours)) {
    if (line.ends_with(": 0")) ADD_FAILURE() << line;
    if (line.ends_with(": 1")) ++checked;
  }
  EXPECT_GT(checked, 111 + 24);
}

TEST(ExportedSymbolsTest, AreSortedAndOfTheFormTheBuildReads) {
  const std::vector<std::string> symbols = ExportedSymbols();
  EXPECT_EQ(symbols.size(), 112u);
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    EXPECT_TRUE(std::regex_match(symbols[i], std::regex("[a-z_A-Z0-9]+"))) << symbols[i];
    EXPECT_TRUE(i == 0 || symbols[i - 1] < symbols[i]) << symbols[i];
  }
}

TEST(ExportedSymbolsTest, AreWhatTheHeadersDeclare) {
  const std::vector<std::string> symbols = ExportedSymbols();
  const std::set<std::string> exported(symbols.begin(), symbols.end());
  EXPECT_EQ(DeclaredBy(PORTLAB_INCLUDE_DIR), exported);
  std::set<std::string> otps = DeclaredBy(OTP_INCLUDE_DIR);
  // Declared by OTP's header, but not in its VM.
  otps.erase("dtrace_drvport_str");
  EXPECT_EQ(otps, exported);
}

TEST(ExportedSymbolsTest, AreExportedByOtpsVm) {
  std::istringstream symbols(OutputOf(std::string(NM_PROGRAM) + " -D --defined-only " + OTP_BEAM));
  std::vector<std::string> names;
  for (const std::string& line : Lines(symbols)) names.push_back(line.substr(line.rfind(' ') + 1));
  EXPECT_THAT(names, IsSupersetOf(ExportedSymbols()));
}

}  // namespace
}  // namespace portlab
