#include "faulty_drivers/trial/host_command.h"

#include <gtest/gtest.h>

namespace portlab {
namespace {

TEST(HostCommandHelpTest, HelpIsHelpWhateverElseIsMissing) {
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"--help"}, {"trial", "--help"}, {"trial", "-h"}}) {
    const Result<HostCommand> command = ParseHostCommand(line);
    ASSERT_TRUE(command) << command.error().detail;
    EXPECT_NE(command->help.find("portlab-host"), std::string::npos) << command->help;
  }
  const std::string help = ParseHostCommand({"trial", "--help"})->help;
  for (const char* option : {"--echo-driver", "--guard", "--patience-ms"}) {
    EXPECT_NE(help.find(option), std::string::npos) << help;
  }
}

TEST(HostCommandHelpTest, GuardIsOffUnlessAskedFor) {
  std::vector<std::string> line = {"trial", "--mode",   "in_vm", "--echo-driver",
                                   "e.so",  "--driver", "d.so"};
  EXPECT_FALSE(ParseHostCommand(line)->guard);
  line.push_back("--guard");
  const Result<HostCommand> guarded = ParseHostCommand(line);
  EXPECT_TRUE(guarded->guard);
  EXPECT_TRUE(ParseHostCommand(ToArguments(*guarded))->guard);
  EXPECT_TRUE(guarded->help.empty());
}

}  // namespace
}  // namespace portlab
