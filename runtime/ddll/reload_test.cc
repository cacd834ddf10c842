// Reloads. Every answer and message here was measured on OTP 25.
#include "testing/ddll_fixture.h"

namespace portlab {
namespace {

TEST_F(DdllTest, AReloadBringsTheOtherLibraryIn) {
  EXPECT_EQ(Load("D1", "[{reload,pending}]"), "{error,not_loaded}");
  Load("D1");
  EXPECT_EQ(Load("D2", "[{reload,pending},{monitor,pending}]"), "{ok,pending_process,R1}");
  EXPECT_EQ(Next(), "{'UP',R1,driver,ddll_drv,loaded}");
  EXPECT_EQ(Info("processes"), "[{Self,1}]");
  Open();
  EXPECT_EQ(Control(kGeneration), "\"2\"");
  EXPECT_EQ(Load("D2"), "{ok,already_loaded}");
  EXPECT_EQ(Load("D1"), "{error,inconsistent}");
}

TEST_F(DdllTest, WhoMayReload) {
  const ThreadProcess other(runtime_.processes());
  Load("D1");
  EXPECT_EQ(Load(*other, "D2", "[{reload,pending}]"), "{error,not_loaded_by_this_process}");
  EXPECT_EQ(Load(*other, "D2", "[{reload,pending_driver}]"), "{error,pending_process}");
  EXPECT_EQ(Load(*other, "D2", "[{reload,pending},{driver_options,[kill_ports]}]"),
            "{error,inconsistent}");
  Load(*other, "D1");
  EXPECT_EQ(Load("D2", "[{reload,pending_driver}]"), "{error,pending_process}");
  EXPECT_EQ(Load("D2", "[{reload,pending},{monitor,pending}]"), "{ok,pending_process,R1}");
  EXPECT_EQ(Next(), "{'UP',R1,driver,ddll_drv,loaded}");
  const std::string him = Term::Of(other->pid()).ToString();
  EXPECT_EQ(Info("processes"), "[{" + him + ",1},{Self,1}]");
}

TEST_F(DdllTest, ASecondLoadOfTheSameProcessIsInTheWay) {
  Load("D1");
  Load("D1");
  EXPECT_EQ(Load("D1", "[{reload,pending_driver}]"), "{error,pending_process}");
  EXPECT_EQ(Load("D1", "[{reload,pending_driver},{driver_options,[kill_ports]}]"),
            "{error,pending_process}");
  EXPECT_EQ(Unload("[]"), "{ok,pending_process}");
  EXPECT_EQ(Load("D1", "[{reload,pending_driver}]"), "{ok,pending_driver}");
}

TEST_F(DdllTest, AReloadWaitsForPortsAndLoadsJoinIt) {
  Load("D1");
  Open();
  EXPECT_EQ(Load("D2", "[{reload,pending_driver},{monitor,pending_driver}]"),
            "{ok,pending_driver,R1}");
  EXPECT_EQ(Info("awaiting_load"), "[{Self,1}]");
  EXPECT_EQ(Info("processes"), "[{Self,1}]");
  EXPECT_EQ(Load("D2"), "{ok,pending_driver,R2}");  // monitored without having asked
  EXPECT_EQ(Load("D1"), "{error,inconsistent}");
  EXPECT_EQ(Load("D2", "[{driver_options,[kill_ports]}]"), "{error,inconsistent}");
  EXPECT_EQ(Load("D2", "[{reload,pending}]"), "{error,pending_reload}");
  EXPECT_EQ(Info("awaiting_load"), "[{Self,2}]");
  EXPECT_EQ(Info("processes"), "[{Self,2}]");
  EXPECT_EQ(Control(kGeneration), "\"1\"");
  Close();
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  EXPECT_EQ(Next(), "{'UP',R2,driver,ddll_drv,loaded}");
  EXPECT_EQ(Next(), "{'UP',R1,driver,ddll_drv,loaded}");
  Open();
  EXPECT_EQ(Control(kGeneration), "\"2\"");
}

TEST_F(DdllTest, TheLastUnloadCancelsAReload) {
  Load("D1");
  Open();
  EXPECT_EQ(Load("D2", "[{reload,pending},{monitor,pending}]"), "{ok,pending_process,R1}");
  EXPECT_EQ(Unload("[{monitor,pending}]"), "{ok,pending_driver,R2}");
  EXPECT_EQ(Next(), "{'DOWN',R1,driver,ddll_drv,load_cancelled}");
  EXPECT_EQ(Info("awaiting_load"), "[]");
  EXPECT_EQ(Load("D2"), "{error,inconsistent}");  // it is an unload of the first now
  Close();
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  EXPECT_EQ(Next(), "{'DOWN',R2,driver,ddll_drv,unloaded}");
}

TEST_F(DdllTest, TheDeathOfTheLastUserCancelsAReload) {
  {
    const ThreadProcess other(runtime_.processes());
    Load(*other, "D1");
    Open();
    Load(*other, "D2", "[{reload,pending}]");
    EXPECT_EQ(Monitor("{ddll_drv,loaded}"), "R1");
    EXPECT_EQ(Monitor("{ddll_drv,unloaded}"), "R2");
  }
  EXPECT_EQ(Next(), "{'DOWN',R1,driver,ddll_drv,load_cancelled}");
  EXPECT_EQ(Info("awaiting_unload"), "[{Self,1}]");
  Close();
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  EXPECT_EQ(Next(), "{'DOWN',R2,driver,ddll_drv,unloaded}");
}

TEST_F(DdllTest, AFailedReloadLeavesNoDriver) {
  Load("D1");
  Open();
  EXPECT_EQ(Load("D9", "[{reload,pending},{monitor,pending}]"), "{ok,pending_process,R1}");
  Close();
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  EXPECT_EQ(Next(), "{'DOWN',R1,driver,ddll_drv,{load_failure,{open_error,-10}}}");
  EXPECT_EQ(Info("processes"), "badarg");
}

TEST_F(DdllTest, KillPortsReloadsAtOnceAndIsRefusedToOthersMeanwhile) {
  const std::string kill = "{driver_options,[kill_ports]}";
  Load("D1", "[" + kill + "]");
  Open();
  EXPECT_EQ(Load("D2", "[{reload,pending}]"), "{error,inconsistent}");
  Control(kAsync);
  EXPECT_EQ(Load("D2", "[{reload,pending},{monitor,pending}," + kill + "]"),
            "{ok,pending_process,R1}");
  EXPECT_EQ(Next(), "{'EXIT',P,driver_unloaded}");
  EXPECT_EQ(Info("port_count"), "0");
  EXPECT_EQ(Open(), "badarg");
  EXPECT_EQ(Next(), "{'UP',R1,driver,ddll_drv,loaded}");
  Open();
  EXPECT_EQ(Control(kGeneration), "\"2\"");
}

TEST_F(DdllTest, UnloadMonitorsAreToldOfTheOldLibraryBeforeTheNewOneIsIn) {
  Load("D1");
  Open();
  Monitor("{ddll_drv,unloaded}");
  Monitor("{ddll_drv,unloaded_only}");
  Load("D2", "[{reload,pending},{monitor,pending}]");
  Monitor("{ddll_drv,loaded}");
  Close();
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  EXPECT_EQ(Next(), "{'DOWN',R2,driver,ddll_drv,unloaded}");
  EXPECT_EQ(Next(), "{'DOWN',R1,driver,ddll_drv,unloaded}");
  EXPECT_EQ(Next(), "{'UP',R4,driver,ddll_drv,loaded}");
  EXPECT_EQ(Next(), "{'UP',R3,driver,ddll_drv,loaded}");
}

TEST_F(DdllTest, ALockedDriverIsNotReloaded) {
  Load("D1");
  Open();
  Load("D2", "[{reload,pending},{monitor,pending}]");
  EXPECT_EQ(Control(kLock), "\"0\"");
  EXPECT_EQ(Next(), "{'UP',R1,driver,ddll_drv,permanent}");
  Close();
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  Open();
  EXPECT_EQ(Control(kGeneration), "\"1\"");
}

}  // namespace
}  // namespace portlab
