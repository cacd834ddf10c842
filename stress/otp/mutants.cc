#include "stress/otp/mutants.h"

#include <array>
#include <utility>

namespace portlab {
namespace {

// ---- Functions. What they are called with does not matter to them. ----

extern "C" long AnswersZero() { return 0; }
extern "C" long AnswersMinusOne() { return -1; }
const ErlDrvTermData other_nil[] = {0x4b, 0};

struct Answer {
  const char* what;
  long (*function)();
  const ErlDrvTermData* word;
};
constexpr Answer kAnswers[] = {{"does nothing, answers 0", AnswersZero, &other_nil[0]},
                               {"does nothing, answers -1", AnswersMinusOne, &other_nil[1]}};

std::string ProbeDriver(const std::string& function) {
  return function == "erl_drv_init_ack" ? "api_probe_ack_drv" : "api_probe_drv";
}

Mutate Redirecting(const std::string& driver, const std::string& symbol, const void* to) {
  return [=] { return MutableDriver(driver).Redirect(symbol, to); };
}

// ---- Entries ----

using Edit = void (*)(ErlDrvEntry&);

Mutate Editing(const std::string& driver, Edit edit) {
  return [=] {
    ErlDrvEntry* entry = MutableDriver(driver).entry();
    if (entry == nullptr) return false;
    edit(*entry);
    return true;
  };
}

struct EntryEdit {
  const char* promise;
  const char* what;
  const char* driver;
  Edit edit;
};

constexpr const char* kCalled = "callback_probe_drv";
constexpr const char* kFresh = "callback_probe_fresh_drv";
constexpr const char* kNever = "is never called";
constexpr const char* kUnseen = "is not seen";

// The mutant that calls what is never to be called.
void (*event_callback)() = nullptr;
void CallEvent(ErlDrvData, ErlDrvEvent) { event_callback(); }

constexpr EntryEdit kEdits[] = {
    {"init", kNever, kFresh, [](ErlDrvEntry& entry) { entry.init = nullptr; }},
    {"start", kNever, kCalled, [](ErlDrvEntry& entry) { entry.start = nullptr; }},
    {"stop", kNever, kCalled, [](ErlDrvEntry& entry) { entry.stop = nullptr; }},
    {"output", kNever, kCalled, [](ErlDrvEntry& entry) { entry.output = nullptr; }},
    {"ready_input", kNever, kCalled, [](ErlDrvEntry& entry) { entry.ready_input = nullptr; }},
    {"ready_output", kNever, kCalled, [](ErlDrvEntry& entry) { entry.ready_output = nullptr; }},
    {"finish", kNever, kFresh, [](ErlDrvEntry& entry) { entry.finish = nullptr; }},
    {"control", kNever, kCalled, [](ErlDrvEntry& entry) { entry.control = nullptr; }},
    {"timeout", kNever, kCalled, [](ErlDrvEntry& entry) { entry.timeout = nullptr; }},
    {"outputv", kNever, "callback_probe_v_drv",
     [](ErlDrvEntry& entry) { entry.outputv = nullptr; }},
    {"ready_async", kNever, kCalled, [](ErlDrvEntry& entry) { entry.ready_async = nullptr; }},
    {"flush", kNever, kCalled, [](ErlDrvEntry& entry) { entry.flush = nullptr; }},
    {"call", kNever, kCalled, [](ErlDrvEntry& entry) { entry.call = nullptr; }},
    {"unused_event_callback", "is called", kCalled,
     [](ErlDrvEntry& entry) {
       event_callback = entry.unused_event_callback;
       entry.ready_output = CallEvent;
     }},
    {"process_exit", kNever, kCalled, [](ErlDrvEntry& entry) { entry.process_exit = nullptr; }},
    {"stop_select", kNever, kCalled, [](ErlDrvEntry& entry) { entry.stop_select = nullptr; }},
    {"ERL_DRV_FLAG_USE_PORT_LOCKING", kUnseen, kCalled,
     [](ErlDrvEntry& entry) { entry.driver_flags &= ~ERL_DRV_FLAG_USE_PORT_LOCKING; }},
    {"ERL_DRV_FLAG_SOFT_BUSY", kUnseen, "callback_probe_soft_drv",
     [](ErlDrvEntry& entry) { entry.driver_flags &= ~ERL_DRV_FLAG_SOFT_BUSY; }},
    {"ERL_DRV_FLAG_NO_BUSY_MSGQ", kUnseen, "callback_probe_unbounded_drv",
     [](ErlDrvEntry& entry) { entry.driver_flags &= ~ERL_DRV_FLAG_NO_BUSY_MSGQ; }},
    {"ERL_DRV_FLAG_USE_INIT_ACK", kUnseen, "callback_probe_ack_drv",
     [](ErlDrvEntry& entry) { entry.driver_flags &= ~ERL_DRV_FLAG_USE_INIT_ACK; }},
};

// ---- Constants. Each function stands between the driver and the host's own. ----

template <int kMode>
int SelectWithout(ErlDrvPort port, ErlDrvEvent event, int mode, int on) {
  return driver_select(port, event, mode & ~kMode, on);
}

// How many words follow a tag; the tags are numbered from 1.
constexpr std::array<int, 18> kWords = {0, 0, 1, 1, 1, 3, 2, 1, 1, 2, 1, 1, 2, 1, 2, 1, 1, 1};
constexpr ErlDrvTermData kNoTag = 99;

template <ErlDrvTermData kTag>
int OutputTermWithout(ErlDrvTermData port, ErlDrvTermData* data, int length) {
  std::vector<ErlDrvTermData> program(data, data + length);
  for (std::size_t at = 0; at < program.size() && program[at] < kWords.size();) {
    const ErlDrvTermData tag = program[at];
    if (tag == kTag) program[at] = kNoTag;
    at += 1 + static_cast<std::size_t>(kWords[tag]);
  }
  return erl_drv_output_term(port, program.data(), length);
}

void ControlFlagsWithoutBinary(ErlDrvPort port, int flags) {
  set_port_control_flags(port, flags & ~PORT_CONTROL_FLAG_BINARY);
}

template <int kFlag>
int PortFlagsWithout(ErlDrvPort port) {
  return get_port_flags(port) & ~kFlag;
}

template <ErlDrvSizeT kFrom, ErlDrvSizeT kTo>
void LimitsWith(ErlDrvPort port, ErlDrvSizeT* low, ErlDrvSizeT* high) {
  for (ErlDrvSizeT* limit : {low, high}) {
    if (limit != nullptr && *limit == kFrom) *limit = kTo;
  }
  erl_drv_busy_msgq_limits(port, low, high);
}

template <ErlDrvTimeUnit kUnit>
ErlDrvTime ConvertWithout(ErlDrvTime value, ErlDrvTimeUnit from, ErlDrvTimeUnit to) {
  if (from == kUnit || to == kUnit) return ERL_DRV_TIME_ERROR;
  return erl_drv_convert_time_unit(value, from, to);
}

ErlDrvTime ConvertWithoutError(ErlDrvTime value, ErlDrvTimeUnit from, ErlDrvTimeUnit to) {
  const ErlDrvTime time = erl_drv_convert_time_unit(value, from, to);
  return time == ERL_DRV_TIME_ERROR ? 0 : time;
}

int CreateThreadWithoutOptions(char* name, ErlDrvTid* thread, void* (*function)(void*),
                               void* argument, ErlDrvThreadOpts* /*options*/) {
  return erl_drv_thread_create(name, thread, function, argument, nullptr);
}

ErlDrvData (*real_start)(ErlDrvPort, char*) = nullptr;
template <std::intptr_t kFrom, std::intptr_t kTo>
ErlDrvData StartWith(ErlDrvPort port, char* command) {
  ErlDrvData data = real_start(port, command);
  return reinterpret_cast<std::intptr_t>(data) == kFrom ? reinterpret_cast<ErlDrvData>(kTo) : data;
}
template <std::intptr_t kFrom, std::intptr_t kTo>
void EditStart(ErlDrvEntry& entry) {
  real_start = entry.start;
  entry.start = StartWith<kFrom, kTo>;
}

ErlDrvSSizeT (*real_call)(ErlDrvData, unsigned int, char*, ErlDrvSizeT, char**, ErlDrvSizeT,
                          unsigned int*) = nullptr;
ErlDrvSSizeT CallWithoutKeeping(ErlDrvData data, unsigned int operation, char* bytes,
                                ErlDrvSizeT size, char** reply, ErlDrvSizeT room,
                                unsigned int* flags) {
  const ErlDrvSSizeT length = real_call(data, operation, bytes, size, reply, room, flags);
  *flags &= ~static_cast<unsigned>(DRIVER_CALL_KEEP_BUFFER);
  return length;
}
void EditCall(ErlDrvEntry& entry) {
  real_call = entry.call;
  entry.call = CallWithoutKeeping;
}

const Behaviour& CallbackBehaviour(const std::string& callback) {
  static const std::vector<Covered> all = [] {
    std::vector<Covered> both = CallbackBehaviours();
    for (Covered& flag : FlagBehaviours()) both.push_back(std::move(flag));
    return both;
  }();
  for (const Covered& each : all) {
    if (each.promise == callback) return each.behaviour;
  }
  static const Behaviour none{"none", "", [](Actor&) {}};
  return none;
}

template <ErlDrvTermData... kTags>
void AddTags(const std::vector<std::string>& names, std::vector<Mutant>& mutants,
             std::integer_sequence<ErlDrvTermData, kTags...>) {
  const Behaviour behaviour = FunctionBehaviour("erl_drv_output_term");
  const void* const wrappers[] = {reinterpret_cast<const void*>(&OutputTermWithout<kTags + 1>)...};
  for (std::size_t i = 0; i < names.size(); ++i) {
    mutants.push_back({names[i], "is an unknown tag", behaviour,
                       Redirecting("api_probe_drv", "erl_drv_output_term", wrappers[i])});
  }
}

}  // namespace

std::vector<Mutant> FunctionMutants() {
  std::vector<Mutant> mutants;
  for (const std::string& function : PromisedFunctions()) {
    const bool data = function == "driver_term_nil";
    for (const Answer& answer : kAnswers) {
      const void* to = data ? static_cast<const void*>(answer.word)
                            : reinterpret_cast<const void*>(answer.function);
      mutants.push_back({function, data ? "is another word" : answer.what,
                         FunctionBehaviour(function),
                         Redirecting(ProbeDriver(function), function, to)});
    }
  }
  return mutants;
}

std::vector<Mutant> EntryMutants() {
  std::vector<Mutant> mutants;
  for (const EntryEdit& each : kEdits) {
    mutants.push_back({each.promise, each.what, CallbackBehaviour(each.promise),
                       Editing(each.driver, each.edit)});
  }
  return mutants;
}

std::vector<Mutant> ConstantMutants() {
  std::vector<Mutant> mutants;
  const auto add = [&](const char* constant, const char* what, const Behaviour& behaviour,
                       const char* driver, const char* symbol, auto* to) {
    mutants.push_back({constant, what, behaviour,
                       Redirecting(driver, symbol, reinterpret_cast<const void*>(to))});
  };
  const auto in_probe = [&](const char* constant, const char* symbol, auto* to) {
    add(constant, kUnseen, FunctionBehaviour(symbol), "api_probe_drv", symbol, to);
  };
  in_probe("ERL_DRV_READ", "driver_select", &SelectWithout<ERL_DRV_READ>);
  in_probe("ERL_DRV_WRITE", "driver_select", &SelectWithout<ERL_DRV_WRITE>);
  in_probe("ERL_DRV_USE", "driver_select", &SelectWithout<ERL_DRV_USE>);
  for (const Covered& each : ConstantBehaviours()) {
    if (each.promise == "ERL_DRV_USE_NO_CALLBACK")
      add("ERL_DRV_USE_NO_CALLBACK", "is ERL_DRV_USE", each.behaviour, kCalled, "driver_select",
          &SelectWithout<ERL_DRV_USE_NO_CALLBACK & ~ERL_DRV_USE>);
    if (each.promise == "PORT_FLAG_BINARY")
      add("PORT_FLAG_BINARY", kUnseen, each.behaviour, kCalled, "get_port_flags",
          &PortFlagsWithout<PORT_FLAG_BINARY>);
    if (each.promise == "PORT_FLAG_LINE")
      add("PORT_FLAG_LINE", kUnseen, each.behaviour, kCalled, "get_port_flags",
          &PortFlagsWithout<PORT_FLAG_LINE>);
  }
  in_probe("PORT_CONTROL_FLAG_BINARY", "set_port_control_flags", &ControlFlagsWithoutBinary);
  in_probe("ERL_DRV_BUSY_MSGQ_DISABLED", "erl_drv_busy_msgq_limits",
           &LimitsWith<ERL_DRV_BUSY_MSGQ_DISABLED, ERL_DRV_BUSY_MSGQ_LIM_MAX>);
  in_probe("ERL_DRV_BUSY_MSGQ_READ_ONLY", "erl_drv_busy_msgq_limits",
           &LimitsWith<ERL_DRV_BUSY_MSGQ_READ_ONLY, ERL_DRV_BUSY_MSGQ_LIM_MIN>);
  in_probe("ERL_DRV_BUSY_MSGQ_LIM_MAX", "erl_drv_busy_msgq_limits",
           &LimitsWith<ERL_DRV_BUSY_MSGQ_LIM_MAX, ERL_DRV_BUSY_MSGQ_DISABLED>);
  in_probe("ERL_DRV_BUSY_MSGQ_LIM_MIN", "erl_drv_busy_msgq_limits",
           &LimitsWith<ERL_DRV_BUSY_MSGQ_LIM_MIN, ERL_DRV_BUSY_MSGQ_READ_ONLY>);
  in_probe("ERL_DRV_SEC", "erl_drv_convert_time_unit", &ConvertWithout<ERL_DRV_SEC>);
  in_probe("ERL_DRV_MSEC", "erl_drv_convert_time_unit", &ConvertWithout<ERL_DRV_MSEC>);
  in_probe("ERL_DRV_USEC", "erl_drv_convert_time_unit", &ConvertWithout<ERL_DRV_USEC>);
  in_probe("ERL_DRV_NSEC", "erl_drv_convert_time_unit", &ConvertWithout<ERL_DRV_NSEC>);
  in_probe("ERL_DRV_TIME_ERROR", "erl_drv_convert_time_unit", &ConvertWithoutError);
  in_probe("suggested_stack_size", "erl_drv_thread_create", &CreateThreadWithoutOptions);
  // ERL_DRV_ERROR_…: -1, -2 and -3.
  const Behaviour& start = CallbackBehaviour("start");
  mutants.push_back({"ERL_DRV_ERROR_GENERAL", "is ERL_DRV_ERROR_BADARG", start,
                     Editing(kCalled, EditStart<-1, -3>)});
  mutants.push_back({"ERL_DRV_ERROR_ERRNO", "is ERL_DRV_ERROR_GENERAL", start,
                     Editing(kCalled, EditStart<-2, -1>)});
  mutants.push_back({"ERL_DRV_ERROR_BADARG", "is ERL_DRV_ERROR_GENERAL", start,
                     Editing(kCalled, EditStart<-3, -1>)});
  mutants.push_back(
      {"DRIVER_CALL_KEEP_BUFFER", kUnseen, CallbackBehaviour("call"), Editing(kCalled, EditCall)});
  AddTags(PromisedTags(), mutants, std::make_integer_sequence<ErlDrvTermData, 17>());
  return mutants;
}

}  // namespace portlab
