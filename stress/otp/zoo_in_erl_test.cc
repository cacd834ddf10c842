// The zoo's drivers, built against our header, in real OTP: each loads, opens, answers what it is
// asked while its fault is not armed, and closes, there as here.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "stress/otp/behaviour.h"

namespace portlab {
namespace {

// All of them are named after the callback with the fault: NAME_in_CALLBACK_drv.
std::vector<std::string> ZooDrivers() {
  std::vector<std::string> drivers;
  for (const auto& entry : std::filesystem::directory_iterator(PORTLAB_DRIVERS)) {
    const std::string name = entry.path().stem();
    if (name.find("_in_") != std::string::npos && name.ends_with("_drv")) drivers.push_back(name);
  }
  std::sort(drivers.begin(), drivers.end());
  return drivers;
}

Behaviour Life(const std::string& driver) {
  return {driver,
          "load(Drivers,\"" + driver + "\"),P=open_port({spawn_driver,\"" + driver +
              "\"},[]),answer(fun()->port_control(P,0,\"abc\")end),"
              "answer(fun()->port_command(P,\"de\")end),quiet(20),answer(fun()->port_close(P)end)",
          [driver](Actor& actor) {
            actor.Load(PORTLAB_DRIVERS, driver);
            const PortId port = actor.Open("{spawn_driver,\"" + driver + "\"}", "[]");
            actor.Answer(actor.Control(port, 0, "abc"));
            actor.Answer(actor.Command(port, Term::String("de")));
            actor.Quiet(20);
            actor.Answer(actor.Close(port));
          }};
}

TEST(ZooInErlTest, EveryDriverDoesThereWhatItDoesHere) {
  std::vector<Behaviour> lives;
  for (const std::string& driver : ZooDrivers()) lives.push_back(Life(driver));
  EXPECT_GE(lives.size(), 30u) << "of the zoo, in " PORTLAB_DRIVERS;
  ExpectAsInErl(lives, ErlangVariables{{"Drivers", PORTLAB_DRIVERS}});
}

}  // namespace
}  // namespace portlab
