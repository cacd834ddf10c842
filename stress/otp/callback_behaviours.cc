// What each callback of a driver sees, and what each flag of a driver changes. The drivers are
// runtime/testing/api_probes/callback_probe_drv.c.
#include "erl_driver.h"
#include "stress/otp/coverage.h"
#include "stress/otp/script.h"

namespace portlab {
namespace {

enum Operation : unsigned {
  kLog = 1,
  kNote,
  kReadable,
  kEnded,
  kWritable,
  kTimer,
  kAsync,
  kMonitor,
  kQueue,
  kBusy,
  kLimits,
  kKeepReply,
  kFlags
};

constexpr const char* kDriver = "callback_probe_drv";
constexpr const char* kFresh = "callback_probe_fresh_drv";

// A port of the driver, and what was noted before is forgotten.
Script Opened(const std::string& driver = kDriver) {
  Script script;
  script.Load(driver).Open(driver).Do(kLog);
  return script;
}

// What a port's end noted is asked of another port.
Script& AskAnother(Script& script) { return script.Open(kDriver).Control(kLog); }

}  // namespace

std::vector<Covered> CallbackBehaviours() {
  std::vector<Covered> all;
  const auto add = [&all](const std::string& callback, const Script& script) {
    all.push_back({callback, script.Named("callback " + callback)});
  };
  // Loaded by this process alone, so that it is loaded now and not before.
  add("init", Script().TryLoad(kFresh).Open(kFresh).Control(kLog));
  add("start", Script()
                   .Load(kDriver)
                   .Open(std::string(kDriver) + " with words")
                   .Control(kLog)
                   .Open(std::string(kDriver) + " general")
                   .Open(std::string(kDriver) + " errno")
                   .Open(std::string(kDriver) + " badarg"));
  Script stop = Opened();
  add("stop", AskAnother(stop.BangClose().Take(2)));
  add("output", Opened().Command("[\"ab\",<<\"cd\">>]").Control(kLog).SayInfo("output"));
  add("ready_input", Opened().Do(kReadable).Take(1).Control(kLog));
  add("ready_output", Opened().Do(kWritable).Take(1).Control(kLog));
  add("finish", Script()
                    .UnsetEnvironment("PORTLAB_FINISHED")
                    .TryLoad(kFresh)
                    .Unload(kFresh)
                    .SayEnvironment("PORTLAB_FINISHED"));
  add("control", Opened().Control(kNote, "bytes").Control(kLog).Control(99));
  add("timeout", Opened().Do(kTimer).Take(1).Control(kLog));
  add("outputv", Opened("callback_probe_v_drv").Command("[\"ab\",<<\"cd\">>,\"e\"]").Control(kLog));
  add("ready_async", Opened().Do(kAsync).Take(1).Control(kLog));
  Script flush = Opened();
  add("flush", AskAnother(flush.Do(kQueue, "queued").BangClose().Take(2)));
  add("call", Opened().Call(5, "{a,\"b\",<<1>>}").Call(kKeepReply, "kept").Control(kLog));
  // Never called since OTP R17; here, that a descriptor's event is not.
  add("unused_event_callback", Opened().Do(kReadable).Take(1).Do(kWritable).Take(1).Control(kLog));
  add("process_exit", Opened().DoByAnother(kMonitor).Take(1).Control(kLog));
  add("stop_select", Opened().Do(kEnded).Take(1).Control(kLog));
  return all;
}

std::vector<Covered> FlagBehaviours() {
  std::vector<Covered> all;
  const auto add = [&all](const std::string& flag, const Script& script) {
    all.push_back({flag, script.Named("flag " + flag)});
  };
  const std::string one_lock = "callback_probe_one_lock_drv";
  add("ERL_DRV_FLAG_USE_PORT_LOCKING",
      Opened().SayInfo("locking").Load(one_lock).Open(one_lock).SayInfo("locking"));
  const std::string soft = "callback_probe_soft_drv";
  add("ERL_DRV_FLAG_SOFT_BUSY", Opened(soft)
                                    .Do(kBusy)
                                    .Command("\"a\"", "[nosuspend]")
                                    .Command("\"b\"", "[force]")
                                    .Command("\"c\"", "[force,nosuspend]")
                                    .Control(kLog));
  const std::string unbounded = "callback_probe_unbounded_drv";
  add("ERL_DRV_FLAG_NO_BUSY_MSGQ", Opened(unbounded)
                                       .Control(kLimits)
                                       .Open(unbounded, "[{busy_limits_msgq,{1,2}}]")
                                       .Open(unbounded, "[{busy_limits_msgq,disabled}]")
                                       .Control(kLimits, "xx"));
  const std::string ack = "callback_probe_ack_drv";
  add("ERL_DRV_FLAG_USE_INIT_ACK",
      Script().Load(ack).Open(ack + " refuses").Open(ack + " accepts").Control(kLog).Quiet(20));
  return all;
}

std::vector<Covered> ConstantBehaviours() {
  std::vector<Covered> all;
  const auto add = [&all](const std::string& constant, const Script& script) {
    all.push_back({constant, script.Named("constant " + constant)});
  };
  add("ERL_DRV_USE_NO_CALLBACK",
      Opened().Do(kEnded, std::string(1, ERL_DRV_USE_NO_CALLBACK)).Take(1).Control(kLog));
  add("PORT_FLAG_BINARY", Script().Load(kDriver).Open(kDriver, "[binary]").Control(kFlags));
  add("PORT_FLAG_LINE", Script().Load(kDriver).Open(kDriver, "[{line,9}]").Control(kFlags));
  return all;
}

}  // namespace portlab
