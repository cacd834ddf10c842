#include "faulty_drivers/trial/trial_script.h"

#include <gtest/gtest.h>

#include "fuzz/operations/text.h"

namespace portlab {
namespace {

TrialScript WholeScript() {
  TrialScript script;
  script.operations = *ParseOperations("open p0 \"x\"\ncontrol p0 0xfa1 \"\\x00\\xff\"\n");
  script.repeated = *ParseOperations("command p0 \"again\"\n");
  script.times = 7;
  script.action = OutsideAction::kKillOwner;
  script.must_open = false;
  script.start_args = "a \xff b";
  script.args = {"", "-x", "\xfe"};
  script.packet_bytes = 2;
  script.line_length = 80;
  return script;
}

TEST(TrialScriptTest, TextBringsBackAllOfIt) {
  const auto back = ScriptFromText(ScriptToText(WholeScript()));
  ASSERT_TRUE(back) << back.error().ToString();
  EXPECT_EQ(*back, WholeScript());
}

TEST(TrialScriptTest, HasMoreOperationsThanAnInputMay) {
  TrialScript script;
  script.operations.resize(10 * kOperationsMax);
  EXPECT_EQ(ScriptFromText(ScriptToText(script)).value(), script);
}

TEST(TrialScriptTest, EveryActionComesBack) {
  for (const OutsideAction action : kOutsideActions) {
    TrialScript script;
    script.action = action;
    EXPECT_EQ(ScriptFromText(ScriptToText(script))->action, action) << ActionName(action);
  }
}

TEST(TrialScriptTest, WhatIsNoScriptIsRefused) {
  for (const char* text : {"", "{}", "[]", "{\"operations\": 1}"}) {
    EXPECT_FALSE(ScriptFromText(text)) << text;
  }
  std::string other = ScriptToText(WholeScript());
  other.replace(other.find("kill_owner"), 10, "kill_other");
  EXPECT_FALSE(ScriptFromText(other));
  other = ScriptToText(WholeScript());
  other.replace(other.find("command p0"), 7, "commend");
  EXPECT_FALSE(ScriptFromText(other));
}

}  // namespace
}  // namespace portlab
