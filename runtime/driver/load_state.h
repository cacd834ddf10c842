// The states of a loadable driver, and every legal move between them: erl_ddll as one table. Who
// asks is checked by guards (driver_loading.cc); what is left is here.
//
//             load                 last unload              no reference left
//   kNotLoaded ----> kLoaded ------------------> kUnload ---------------------> kNotLoaded
//                     | ^  ^ load (cancels)        |   reload done, or failed
//              reload | |  +-----------------------+
//                     v |            last unload (cancels the reload)
//                   kReload ---------------------> kUnload
//
// kForceUnload and kForceReload are kUnload and kReload of a driver whose ports are being killed:
// no new ones. A forced state is only entered while there are ports. Threads: values. Source:
// erl_ddll(3erl); otp_ports.md 7.1; each row measured on OTP 25.
#pragma once

#include <cstdint>
#include <string_view>

namespace portlab {

enum class LoadState : std::uint8_t {
  kNotLoaded,
  kLinkedIn,
  kLoaded,
  kUnload,
  kForceUnload,
  kReload,
  kForceReload,
  kPermanent
};

enum class LoadEvent : std::uint8_t {
  kLoad,         // one more load by a process
  kReload,       // {reload,pending_driver | pending}
  kUnload,       // one load less, some are left
  kUnloadLast,   // the last load is taken back, or none was left
  kUsersDied,    // the last process that had loaded it has exited
  kLock,         // driver_lock_driver
  kUnused,       // no port, job or load holds the library any more
  kReloaded,     // the new library is in
  kReloadFailed  // it could not be loaded
};

// Who waits for what, as bits.
enum Waiting : std::uint8_t {
  kAwaitsLoad = 1,        // {driver,Name} loaded, or a pending load
  kAwaitsUnload = 2,      // unloaded: also told when the unload is cancelled
  kAwaitsUnloadOnly = 4,  // unloaded_only: not told of that
  kAwaitsAnything = 7
};

struct Notice {
  std::uint8_t to = 0;         // Waiting bits; 0: nobody is told
  std::string_view tag = {};   // UP or DOWN
  std::string_view what = {};  // load_failure stands for {load_failure,Reason}
};

struct LoadMove {
  LoadState from;
  LoadEvent event;
  LoadState to;
  std::string_view answer;  // of {ok,Answer} or {error,Answer}
  bool refused = false;
  Notice notice = {};
};

namespace load_notices {
inline constexpr Notice kUnloadCancelled{kAwaitsUnload, "UP", "unload_cancelled"};
inline constexpr Notice kLoadCancelled{kAwaitsLoad, "DOWN", "load_cancelled"};
inline constexpr Notice kLoaded{kAwaitsLoad, "UP", "loaded"};
inline constexpr Notice kLoadFailure{kAwaitsLoad, "DOWN", "load_failure"};
inline constexpr Notice kUnloaded{kAwaitsUnload | kAwaitsUnloadOnly, "DOWN", "unloaded"};
inline constexpr Notice kPermanent{kAwaitsAnything, "UP", "permanent"};
}  // namespace load_notices

// clang-format off
inline constexpr LoadMove kLoadMoves[] = {
  {LoadState::kNotLoaded,   LoadEvent::kLoad,         LoadState::kLoaded,    "loaded"},
  {LoadState::kNotLoaded,   LoadEvent::kReload,       LoadState::kNotLoaded, "not_loaded", true},
  {LoadState::kNotLoaded,   LoadEvent::kUnloadLast,   LoadState::kNotLoaded, "not_loaded", true},

  {LoadState::kLinkedIn,    LoadEvent::kLoad,         LoadState::kLinkedIn,  "linked_in_driver", true},
  {LoadState::kLinkedIn,    LoadEvent::kReload,       LoadState::kLinkedIn,  "linked_in_driver", true},
  {LoadState::kLinkedIn,    LoadEvent::kUnloadLast,   LoadState::kLinkedIn,  "linked_in_driver", true},

  {LoadState::kLoaded,      LoadEvent::kLoad,         LoadState::kLoaded,    "already_loaded"},
  {LoadState::kLoaded,      LoadEvent::kReload,       LoadState::kReload,    "pending_driver"},
  {LoadState::kLoaded,      LoadEvent::kUnload,       LoadState::kLoaded,    "pending_process"},
  {LoadState::kLoaded,      LoadEvent::kUnloadLast,   LoadState::kUnload,    "pending_driver"},
  {LoadState::kLoaded,      LoadEvent::kUsersDied,    LoadState::kUnload,    {}},
  {LoadState::kLoaded,      LoadEvent::kLock,         LoadState::kPermanent, {}, false, load_notices::kPermanent},

  {LoadState::kUnload,      LoadEvent::kLoad,         LoadState::kLoaded,    "already_loaded", false, load_notices::kUnloadCancelled},
  {LoadState::kUnload,      LoadEvent::kReload,       LoadState::kUnload,    "not_loaded_by_this_process", true},
  {LoadState::kUnload,      LoadEvent::kUnloadLast,   LoadState::kUnload,    "pending_driver"},
  {LoadState::kUnload,      LoadEvent::kLock,         LoadState::kPermanent, {}, false, load_notices::kPermanent},
  {LoadState::kUnload,      LoadEvent::kUnused,       LoadState::kNotLoaded, {}, false, load_notices::kUnloaded},

  {LoadState::kReload,      LoadEvent::kLoad,         LoadState::kReload,    "pending_driver"},
  {LoadState::kReload,      LoadEvent::kReload,       LoadState::kReload,    "pending_reload", true},
  {LoadState::kReload,      LoadEvent::kUnload,       LoadState::kReload,    "pending_process"},
  {LoadState::kReload,      LoadEvent::kUnloadLast,   LoadState::kUnload,    "pending_driver", false, load_notices::kLoadCancelled},
  {LoadState::kReload,      LoadEvent::kUsersDied,    LoadState::kUnload,    {}, false, load_notices::kLoadCancelled},
  {LoadState::kReload,      LoadEvent::kLock,         LoadState::kPermanent, {}, false, load_notices::kPermanent},
  {LoadState::kReload,      LoadEvent::kUnused,       LoadState::kReload,    {}, false, load_notices::kUnloaded},
  {LoadState::kReload,      LoadEvent::kReloaded,     LoadState::kLoaded,    {}, false, load_notices::kLoaded},
  {LoadState::kReload,      LoadEvent::kReloadFailed, LoadState::kNotLoaded, {}, false, load_notices::kLoadFailure},

  {LoadState::kPermanent,   LoadEvent::kLoad,         LoadState::kPermanent, "permanent", true},
  {LoadState::kPermanent,   LoadEvent::kReload,       LoadState::kPermanent, "permanent", true},
  {LoadState::kPermanent,   LoadEvent::kUnloadLast,   LoadState::kPermanent, "permanent", true},
  {LoadState::kPermanent,   LoadEvent::kLock,         LoadState::kPermanent, {}},
};
// clang-format on

// A forced state moves as the one it is a form of.
constexpr LoadState Unforced(LoadState state) {
  if (state == LoadState::kForceUnload) return LoadState::kUnload;
  return state == LoadState::kForceReload ? LoadState::kReload : state;
}
constexpr LoadState Forced(LoadState state) {
  if (state == LoadState::kUnload) return LoadState::kForceUnload;
  return state == LoadState::kReload ? LoadState::kForceReload : state;
}
constexpr bool IsForced(LoadState state) { return Unforced(state) != state; }

// Null: nothing happens.
constexpr const LoadMove* FindLoadMove(LoadState from, LoadEvent event) {
  for (const LoadMove& move : kLoadMoves) {
    if (move.from == Unforced(from) && move.event == event) return &move;
  }
  return nullptr;
}

// What monitor(driver, {Name, When}) does in a state: a notice at once, or a place among who waits.
struct MonitorAnswer {
  Notice at_once;  // `to` is not looked at; tag empty: wait instead
  Waiting wait = kAwaitsLoad;
};
constexpr MonitorAnswer AnswerMonitor(LoadState state, Waiting when) {
  const bool for_load = when == kAwaitsLoad;
  switch (Unforced(state)) {
    case LoadState::kNotLoaded:
      return {load_notices::kUnloaded};
    case LoadState::kLinkedIn:
    case LoadState::kPermanent:
      return {load_notices::kPermanent};
    case LoadState::kLoaded:
      if (for_load) return {load_notices::kLoaded};
      return {{}, when};
    case LoadState::kUnload:
      if (for_load) return {load_notices::kLoadCancelled};
      return {{}, when};
    default:  // kReload
      return {{}, when};
  }
}

}  // namespace portlab
