// erl_ddll without reloads. Every answer and message here was measured on OTP 25.
#include "testing/ddll_fixture.h"

namespace portlab {
namespace {

TEST_F(DdllTest, LoadsAreCountedPerProcess) {
  EXPECT_EQ(Load("D1"), "{ok,loaded}");
  EXPECT_EQ(Info("processes"), "[{Self,1}]");
  EXPECT_EQ(Load("D1", "[{monitor,pending}]"), "{ok,already_loaded}");
  EXPECT_EQ(Info("processes"), "[{Self,2}]");
  EXPECT_EQ(Unload(), "{ok,pending_process}");
  EXPECT_EQ(Unload("[{monitor,pending}]"), "{ok,pending_driver,R1}");
  EXPECT_EQ(Next(), "{'DOWN',R1,driver,ddll_drv,unloaded}");
  EXPECT_EQ(Info("processes"), "badarg");
  EXPECT_EQ(Unload(), "{error,not_loaded}");
}

TEST_F(DdllTest, AnotherPathOrOtherOptionsAreInconsistent) {
  EXPECT_EQ(Load("D1"), "{ok,loaded}");
  for (const char* path : {"D2", "D1/.", "", "nowhere"})
    EXPECT_EQ(Load(path), "{error,inconsistent}") << path;
  EXPECT_EQ(Load("D1", "[{driver_options,[kill_ports]}]"), "{error,inconsistent}");
  EXPECT_EQ(Load("D1//"), "{ok,already_loaded}");
}

TEST_F(DdllTest, WrongArgumentsAreBadarg) {
  for (const char* options :
       {"[foo]", "[{monitor,x}]", "[{driver_options,[x]}]", "[{driver_options,kill_ports}]",
        "[{reload,x}]", "[{foo,bar}]", "foo", "[{monitor,pending}|x]", "[kill_ports]"}) {
    EXPECT_EQ(Load("D1", options), "badarg") << options;
  }
  for (const char* name : {"1", "''", "[1|a]", "{a}", "[8364]"})
    EXPECT_EQ(Load("D1", "[]", name), "badarg") << name;
  EXPECT_EQ(Load("D1", "[]", "[\"dd\",<<\"ll_drv\">>]"), "{ok,loaded}");
  for (const char* options : {"[foo]", "[{monitor,x}]", "[{driver_options,[kill_ports]}]",
                              "[{kill_ports,true}]", "foo"}) {
    EXPECT_EQ(Unload(options), "badarg") << options;
  }
  for (const char* item : {"foo", "{1,loaded}", "{ddll_drv,loaded,x}", "{tcp_inet,foo}"})
    EXPECT_EQ(Monitor(item), "badarg") << item;
}

TEST_F(DdllTest, FailedLoadsSayWhy) {
  EXPECT_EQ(Load("D9"), "{error,{open_error,-10}}");
  EXPECT_EQ(Load("D8"), "{error,{open_error,-10}}");  // the same text
  EXPECT_EQ(Text(Ddll::FormatError(Read("{open_error,-10}"))),
            "\"cannot open shared object file: No such file or directory\"");
  ::setenv("DDLL_DRV_INIT_FAILS", "1", 1);
  EXPECT_EQ(Load("D1"), "{error,driver_init_failed}");
  ::unsetenv("DDLL_DRV_INIT_FAILS");
  EXPECT_EQ(Info("processes"), "badarg");
  EXPECT_EQ(Load("D1"), "{ok,loaded}");
}

TEST_F(DdllTest, PortsKeepAnUnloadPendingAndALoadCancelsIt) {
  Load("D1");
  Open();
  EXPECT_EQ(Unload("[{monitor,pending}]"), "{ok,pending_driver,R1}");
  EXPECT_EQ(Info("awaiting_unload"), "[{Self,1}]");
  EXPECT_EQ(Info("processes"), "[]");
  EXPECT_EQ(Open(), "P");  // still possible
  EXPECT_EQ(Info("port_count"), "2");
  EXPECT_EQ(Unload("[{monitor,pending_driver}]"), "{ok,pending_driver,R2}");
  EXPECT_EQ(Load("D1", "[{monitor,pending}]"), "{ok,already_loaded}");
  EXPECT_EQ(Next(), "{'UP',R2,driver,ddll_drv,unload_cancelled}");
  EXPECT_EQ(Next(), "{'UP',R1,driver,ddll_drv,unload_cancelled}");
  EXPECT_EQ(Unload("[{monitor,pending}]"), "{ok,pending_driver,R3}");
  for (const PortId port : runtime_.Ports()) {
    EXPECT_EQ(Quiet(), "nothing");
    (void)runtime_.PortClose(*self_, port);
    EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  }
  EXPECT_EQ(Next(), "{'DOWN',R3,driver,ddll_drv,unloaded}");
}

TEST_F(DdllTest, KillPortsEndsThePortsOfTheLastUser) {
  Load("D1");
  Open();
  EXPECT_EQ(Unload("[kill_ports,{monitor,pending}]"), "{ok,pending_driver,R1}");
  EXPECT_EQ(Next(), "{'EXIT',P,driver_unloaded}");
  EXPECT_EQ(Next(), "{'DOWN',R1,driver,ddll_drv,unloaded}");
  EXPECT_EQ(Load("D1", "[{driver_options,[kill_ports]}]"), "{ok,loaded}");
  EXPECT_EQ(Info("driver_options"), "[kill_ports]");
  Open();
  EXPECT_EQ(Unload(), "{ok,pending_driver}");
  EXPECT_EQ(Next(), "{'EXIT',P,driver_unloaded}");
}

TEST_F(DdllTest, KillPortsOfOneUserAmongOthersKillsNothing) {
  const ThreadProcess other(runtime_.processes());
  Load("D1");
  Load(*other, "D1");
  Open();
  EXPECT_EQ(Unload("[kill_ports,{monitor,pending}]"), "{ok,pending_process,R1}");
  EXPECT_EQ(Quiet(), "nothing");
  EXPECT_EQ(Unload("[{monitor,pending}]"), "{error,not_loaded_by_this_process}");
  EXPECT_EQ(Unload(*other), "{ok,pending_driver}");
  Close();
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  EXPECT_EQ(Next(), "{'DOWN',R1,driver,ddll_drv,unloaded}");
}

TEST_F(DdllTest, NoNewPortsWhileAJobKeepsADriverWhosePortsWereKilled) {
  Load("D1");
  Open();
  Control(kAsync);
  EXPECT_EQ(Unload("[kill_ports,{monitor,pending}]"), "{ok,pending_driver,R1}");
  EXPECT_EQ(Info("port_count"), "0");
  EXPECT_EQ(Open(), "badarg");
  EXPECT_EQ(Load("D1", "[{driver_options,[kill_ports]}]"), "{error,inconsistent}");
  EXPECT_EQ(Unload(), "{ok,pending_driver}");  // a plain one takes the force back
  EXPECT_EQ(Open(), "P");
  EXPECT_EQ(Load("D1"), "{ok,already_loaded}");
  EXPECT_EQ(Next(), "{'EXIT',P,driver_unloaded}");
  EXPECT_EQ(Next(), "{'UP',R1,driver,ddll_drv,unload_cancelled}");
}

TEST_F(DdllTest, APendingDriverMonitorDoesNotWaitForOtherProcesses) {
  const ThreadProcess other(runtime_.processes());
  Load("D1");
  Load(*other, "D1");
  EXPECT_EQ(Unload("[{monitor,pending_driver}]"), "{ok,pending_process}");
}

TEST_F(DdllTest, AProcessThatExitsTakesItsLoadsBack) {
  {
    const ThreadProcess other(runtime_.processes());
    Load(*other, "D1");
    Load(*other, "D1");
    EXPECT_EQ(Unload(), "{error,not_loaded_by_this_process}");
    Open();
  }
  EXPECT_EQ(Info("processes"), "[]");
  EXPECT_EQ(Unload("[{monitor,pending}]"), "{ok,pending_driver,R1}");  // by anybody now
  Close();
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  EXPECT_EQ(Next(), "{'DOWN',R1,driver,ddll_drv,unloaded}");
  {
    const ThreadProcess other(runtime_.processes());
    Load(*other, "D1", "[{driver_options,[kill_ports]}]");
    Open();
  }
  EXPECT_EQ(Next(), "{'EXIT',P,driver_unloaded}");
  EXPECT_EQ(Info("processes"), "badarg");
}

TEST_F(DdllTest, ProcessesAreListedByTheirLatestLoad) {
  const ThreadProcess other(runtime_.processes());
  const std::string him = Term::Of(other->pid()).ToString();
  Load("D1");
  Load(*other, "D1");
  EXPECT_EQ(Info("processes"), "[{Self,1},{" + him + ",1}]");
  Load("D1");
  EXPECT_EQ(Info("processes"), "[{" + him + ",1},{Self,2}]");
  Unload();
  EXPECT_EQ(Info("processes"), "[{Self,1},{" + him + ",1}]");
}

TEST_F(DdllTest, MonitorsAnswerAtOnceWhatHoldsAlready) {
  EXPECT_EQ(Monitor("{ddll_drv,loaded}"), "R1");
  EXPECT_EQ(Next(), "{'DOWN',R1,driver,ddll_drv,unloaded}");
  Monitor("{\"ddll_drv\",unloaded}");
  EXPECT_EQ(Next(), "{'DOWN',R2,driver,\"ddll_drv\",unloaded}");  // the name as it was given
  Load("D1");
  Monitor("{\"ddll_drv\",loaded}");
  EXPECT_EQ(Next(), "{'UP',R3,driver,\"ddll_drv\",loaded}");
  for (const char* when : {"loaded", "unloaded", "unloaded_only"}) {
    Monitor("{tcp_inet," + std::string(when) + "}");
    EXPECT_NE(Next().find(",driver,tcp_inet,permanent}"), std::string::npos) << when;
  }
}

TEST_F(DdllTest, OnlyAnUnloadedMonitorIsToldOfACancelledUnload) {
  Load("D1");
  EXPECT_EQ(Monitor("{ddll_drv,unloaded}"), "R1");
  EXPECT_EQ(Monitor("{ddll_drv,unloaded_only}"), "R2");
  EXPECT_EQ(Info("awaiting_unload"), "[{Self,2}]");
  Open();
  Unload();
  Monitor("{ddll_drv,loaded}");
  EXPECT_EQ(Next(), "{'DOWN',R3,driver,ddll_drv,load_cancelled}");
  Load("D1");
  EXPECT_EQ(Next(), "{'UP',R1,driver,ddll_drv,unload_cancelled}");
  EXPECT_EQ(Info("awaiting_unload"), "[{Self,1}]");
  Unload();
  Close();
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  EXPECT_EQ(Next(), "{'DOWN',R2,driver,ddll_drv,unloaded}");
}

TEST_F(DdllTest, ADemonitoredReferenceIsSilent) {
  Load("D1");
  auto reference =
      runtime_.ddll().MonitorDriver(*self_, Term::Atom("driver"), Read("{ddll_drv,unloaded}"));
  EXPECT_EQ(Text(runtime_.ddll().DemonitorDriver(*self_, *reference)), "true");
  EXPECT_EQ(Text(runtime_.ddll().DemonitorDriver(*self_, *reference)), "true");
  EXPECT_EQ(Text(runtime_.ddll().DemonitorDriver(*self_, Term::Atom("foo"))), "badarg");
  Unload();
  EXPECT_EQ(Quiet(), "nothing");
}

TEST_F(DdllTest, InfoHasSevenItemsAndLinkedInDriversHaveOne) {
  Load("D1");
  EXPECT_EQ(Text(runtime_.ddll().Info(Term::Atom("ddll_drv"))),
            "[{processes,[{Self,1}]},{driver_options,[]},{port_count,0},{linked_in_driver,false},"
            "{permanent,false},{awaiting_load,[]},{awaiting_unload,[]}]");
  EXPECT_EQ(Text(runtime_.ddll().Info(Term::String("tty_sl"))),
            "[{processes,linked_in_driver},{driver_options,linked_in_driver},{port_count,linked_in_"
            "driver},{linked_in_driver,true},{permanent,false},{awaiting_load,linked_in_driver},"
            "{awaiting_unload,linked_in_driver}]");
  EXPECT_EQ(Info("foo"), "badarg");
  EXPECT_EQ(Info("processes", "spawn"), "badarg");
  EXPECT_EQ(Text(runtime_.ddll().Info()).find("[{\"ddll_drv\",[{processes,[{Self,1}]}"), 0u);
  EXPECT_EQ(Text(runtime_.ddll().LoadedDrivers()),
            "{ok,[\"tcp_inet\",\"udp_inet\",\"ram_file_drv\",\"tty_sl\",\"ddll_drv\"]}");
  EXPECT_EQ(Load("D1", "[]", "tcp_inet"), "{error,linked_in_driver}");
}

TEST_F(DdllTest, ALockedDriverIsPermanent) {
  Load("D1");
  Monitor("{ddll_drv,unloaded}");
  Open();
  EXPECT_EQ(Unload("[{monitor,pending}]"), "{ok,pending_driver,R2}");
  EXPECT_EQ(Control(kLock), "\"0\"");
  EXPECT_EQ(Next(), "{'UP',R2,driver,ddll_drv,permanent}");
  EXPECT_EQ(Next(), "{'UP',R1,driver,ddll_drv,permanent}");
  EXPECT_EQ(Load("D1"), "{error,permanent}");
  EXPECT_EQ(Load("D2", "[{reload,pending}]"), "{error,permanent}");
  EXPECT_EQ(Unload(), "{error,permanent}");
  EXPECT_EQ(Control(kLock), "\"0\"");
  EXPECT_EQ(Info("processes"), "permanent");
  EXPECT_EQ(Info("driver_options"), "[]");
  EXPECT_EQ(Info("permanent"), "true");
  Close();
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  EXPECT_EQ(Info("permanent"), "true");
}

TEST_F(DdllTest, ReasonsHaveTexts) {
  EXPECT_EQ(Text(Ddll::FormatError(Term::Atom("driver_name_to_long"))), "\"Driver name to long\"");
  EXPECT_EQ(Text(Ddll::FormatError(Term::Atom("permanent"))),
            "\"DDLL driver is permanent an cannot be unloaded/loaded\"");
  EXPECT_EQ(Text(Ddll::FormatError(Read("{open_error,-999}"))), "\"Unknown dlload error\"");
  EXPECT_EQ(Text(Ddll::FormatError(Read("{open_error,0}"))), "\"No error\"");
  for (const char* none : {"foo", "1", "{open_error,x}", "{error,inconsistent}", "unloading"})
    EXPECT_EQ(Text(Ddll::FormatError(Read(none))), "badarg") << none;
}

}  // namespace
}  // namespace portlab
