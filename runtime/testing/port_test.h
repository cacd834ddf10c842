// A runtime with one process, for tests: opens ports and reads their messages as
// text.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "bif/port_info.h"
#include "portlab/runtime.h"

namespace portlab {

class PortTest : public testing::Test {
 protected:
  PortTest() : PortTest(Limits()) {}
  explicit PortTest(const Limits& limits)
      : runtime_(OptionsWith(limits)), self_(runtime_.processes()) {
    self_->set_trap_exit(true);
  }
  static RuntimeOptions OptionsWith(const Limits& limits) {
    RuntimeOptions options;
    options.limits = limits;
    options.spawn_server = PORTLAB_SPAWN_SERVER_PATH;
    return options;
  }

  Process& self() { return *self_; }

  PortId Open(std::string_view name, std::string_view options) {
    auto port = runtime_.OpenPort(self(), name, options);
    EXPECT_TRUE(port.has_value()) << port.error().ToString();
    return port.value_or(PortId{});
  }
  // A script for /bin/sh, `options` without the brackets.
  PortId Sh(const std::string& script, const std::string& options) {
    const std::string arguments = "{args,[\"-c\"," + Term::String(script).ToString() + "]}";
    return Open("{spawn_executable,\"/bin/sh\"}",
                "[" + arguments + (options.empty() ? "" : "," + options) + "]");
  }
  std::string Refusal(std::string_view name, std::string_view options) {
    auto port = runtime_.OpenPort(self(), name, options);
    return port ? "opened" : port.error().Reason();
  }

  // The next message, every port printed as P; "nothing" after so long.
  std::string Next(int milliseconds = 10'000) {
    auto message = self_->ReceiveUntil(MonotonicNow() + milliseconds * kMillisecond);
    if (!message) return "nothing";
    std::string text = message->ToString();
    for (std::size_t at; (at = text.find("#Port<")) != std::string::npos;) {
      text.replace(at, text.find('>', at) + 1 - at, "P");
    }
    return text;
  }
  // The data of the messages until one that is none, which comes last.
  std::string AllData(std::string* last = nullptr) {
    std::string all;
    while (auto message = self_->ReceiveUntil(MonotonicNow() + 10'000 * kMillisecond)) {
      const Term what = message->tuple()[1];
      if (!what.is_tagged("data", 2)) {
        if (last != nullptr) *last = message->tuple().back().ToString();
        return all;
      }
      all += AsText(what.tuple()[1].binary());
    }
    ADD_FAILURE() << "no end after " << all.size() << " bytes";
    return all;
  }

  bool Command(PortId port, std::string_view bytes) {
    return runtime_.PortCommand(self(), port, Term::Binary(bytes)).value_or(false);
  }
  std::int64_t Info(PortId port, std::string_view item) {
    const auto found = PortInfoItem(runtime_.PortInfo(self(), port), item);
    return found ? found->tuple()[1].as_int().value_or(-1) : -1;
  }

  Runtime runtime_;
  ThreadProcess self_;
};

}  // namespace portlab
