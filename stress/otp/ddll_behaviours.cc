// What each function of erl_ddll does, and each of its options. Those that a process of ours has no
// function for (reload/2, unload_driver/1 and their like, which are Erlang text over these) are
// compared through the bridge: differ_scenarios_ddll.erl.
#include "stress/otp/coverage.h"
#include "stress/otp/ddll_calls.h"
#include "stress/otp/golden_steps.h"
#include "stress/otp/script.h"

namespace portlab {
namespace {

const std::string kDriver = "callback_probe_v_drv";

std::string LoadArguments(const std::string& options) {
  return "Drivers," + kDriver + "," + options;
}
std::string UnloadArguments(const std::string& options) { return kDriver + "," + options; }
std::string MonitorArguments(const std::string& when) {
  return "driver,{" + kDriver + "," + when + "}";
}

Script Loaded(const std::string& options = "[]") {
  return Script().Unloaded(kDriver).Ddll("try_load", LoadArguments(options));
}

// Whether it is among the names, before and after it is loaded.
Behaviour LoadedDriversBehaviour() {
  const std::string erlang = "erl_ddll:monitor(driver,{" + kDriver +
                             ",unloaded}),receive {'DOWN',_,driver,_,_}->ok end,"
                             "Has=fun()->{ok,L}=erl_ddll:loaded_drivers(),say(lists:member(\"" +
                             kDriver + "\",L)) end,Has(),erl_ddll:try_load(Drivers," + kDriver +
                             ",[]),Has()";
  return {"erl_ddll loaded_drivers/0", erlang, [](Actor& actor) {
            for (const bool loads : {false, true}) {
              if (loads) (void)CallDdll(actor, "try_load", LoadArguments("[]"));
              const auto answer = CallDdll(actor, "loaded_drivers", "");
              const std::string text = answer ? answer->ToString() : "";
              actor.Say(text.find("\"" + kDriver + "\"") != std::string::npos);
            }
          }};
}

Behaviour InfoOfAllBehaviour() {
  const std::string erlang = "erl_ddll:try_load(Drivers," + kDriver +
                             ",[]),say(proplists:is_defined(\"" + kDriver + "\",erl_ddll:info()))";
  return {"erl_ddll info/0", erlang, [](Actor& actor) {
            (void)CallDdll(actor, "try_load", LoadArguments("[]"));
            const auto all = CallDdll(actor, "info", "");
            const std::string text = all ? all->ToString() : "";
            actor.Say(text.find("{\"" + kDriver + "\",[") != std::string::npos);
          }};
}

// Who is not told any more.
Behaviour DemonitorBehaviour() {
  const std::string erlang =
      "erl_ddll:try_load(Drivers," + kDriver + ",[]),R=erl_ddll:monitor(driver,{" + kDriver +
      ",unloaded}),say(erl_ddll:demonitor(R)),erl_ddll:try_unload(" + kDriver + ",[]),quiet(100)";
  return {"erl_ddll demonitor/1", erlang, [](Actor& actor) {
            (void)CallDdll(actor, "try_load", LoadArguments("[]"));
            const auto reference = CallDdll(actor, "monitor", MonitorArguments("unloaded"));
            actor.Answer(CallDdll(actor, "demonitor", reference ? reference->ToString() : "none"));
            (void)CallDdll(actor, "try_unload", UnloadArguments("[]"));
            actor.Quiet(100);
          }};
}

}  // namespace

std::vector<Covered> DdllBehaviours() {
  std::vector<Covered> all;
  const auto add = [&all](const std::string& promise, const Script& script) {
    all.push_back({promise, script.Named("erl_ddll " + promise)});
  };
  add("try_load/3", Loaded()
                        .Ddll("try_load", LoadArguments("[]"))
                        .Ddll("try_load", "\"/nonexist\"," + kDriver + ",[]"));
  add("try_unload/2", Loaded()
                          .Ddll("try_unload", UnloadArguments("[]"))
                          .Unloaded(kDriver)
                          .Ddll("try_unload", UnloadArguments("[]")));
  add("monitor/2", Loaded().Ddll("monitor", MonitorArguments("loaded")).Take(1));
  all.push_back({"demonitor/1", DemonitorBehaviour()});
  all.push_back({"loaded_drivers/0", LoadedDriversBehaviour()});
  all.push_back({"info/0", InfoOfAllBehaviour()});
  add("info/1", Loaded().Ddll("info", kDriver).Ddll("info", "no_such_drv"));
  add("info/2", Loaded().Ddll("info", kDriver + ",port_count").Ddll("info", kDriver + ",foo"));
  add("format_error/1",
      Script().Ddll("format_error", "inconsistent").Ddll("format_error", "not_loaded"));
  // load/2 and unload/1 are for the whole program here.
  const std::string program = "callback_probe_unbounded_drv";
  const std::string quoted = "\"" + program + "\"";
  add("load/2", Script()
                    .Ddll("load", "Drivers," + quoted)
                    .Open(program)
                    .SayInfo("name")
                    .Ddll("unload", quoted));
  add("unload/1", Script()
                      .Ddll("load", "Drivers," + quoted)
                      .Ddll("unload", quoted)
                      .Unloaded(program)
                      .Ddll("info", program + ",port_count"));
  return all;
}

std::vector<Covered> DdllOptionBehaviours() {
  std::vector<Covered> all;
  const auto add = [&all](const std::string& option, const Script& script) {
    all.push_back({option, script.Named("erl_ddll " + option)});
  };
  add("try_load {driver_options,[kill_ports]}", Loaded("[{driver_options,[kill_ports]}]")
                                                    .Open(kDriver)
                                                    .Ddll("try_unload", UnloadArguments("[]"))
                                                    .Take(1));
  add("try_load {reload,pending_driver}",
      Loaded().Open(kDriver).Ddll("try_load", LoadArguments("[{reload,pending_driver}]")));
  add("try_load {reload,pending}",
      Loaded().Open(kDriver).Ddll("try_load", LoadArguments("[{reload,pending}]")));
  for (const char* monitor : {"{monitor,pending_driver}", "{monitor,pending}"}) {
    const std::string options = "[{reload,pending_driver}," + std::string(monitor) + "]";
    add("try_load " + std::string(monitor),
        Loaded().Open(kDriver).Ddll("try_load", LoadArguments(options)).BangClose().Take(3));
  }
  add("try_unload kill_ports",
      Loaded().Open(kDriver).Ddll("try_unload", UnloadArguments("[kill_ports]")).Take(1));
  add("try_unload {monitor,pending_driver}",
      Loaded().Ddll("try_unload", UnloadArguments("[{monitor,pending_driver}]")).Take(1));
  add("try_unload {monitor,pending}",
      Loaded()
          .Ddll("try_load", LoadArguments("[]"))
          .Ddll("try_unload", UnloadArguments("[{monitor,pending}]")));
  add("monitor loaded", Loaded().Ddll("monitor", MonitorArguments("loaded")).Take(1));
  for (const char* when : {"unloaded", "unloaded_only"}) {
    add("monitor " + std::string(when), Loaded()
                                            .Open(kDriver)
                                            .Ddll("monitor", MonitorArguments(when))
                                            .Ddll("try_unload", UnloadArguments("[]"))
                                            .Ddll("try_load", LoadArguments("[]"))
                                            .Quiet(100));
  }
  for (const char* tag : {"processes", "driver_options", "port_count", "linked_in_driver",
                          "permanent", "awaiting_load", "awaiting_unload"}) {
    add("info " + std::string(tag), Loaded("[{driver_options,[kill_ports]}]")
                                        .Open(kDriver)
                                        .Open(kDriver)
                                        .Ddll("monitor", MonitorArguments("unloaded"))
                                        .Ddll("info", kDriver + "," + tag));
  }
  return all;
}

}  // namespace portlab
