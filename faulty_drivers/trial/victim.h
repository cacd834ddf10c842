// The faulty port of a trial and the process that owns it: opens it, pulls the trigger, looks how
// it goes on, closes it.
//
// The owner is a scheduled process, so a callback that never returns holds a scheduler thread, as
// it would in the VM. Threads: the functions of Victim from any thread; its body runs as a process.
// Ownership: the body shares the Victim. Errors: failure() when the port could not be opened: the
// trial's error, not an outcome. Units: nanoseconds, bytes. Source: isolation.md 3 (faults),
// fault_trigger.h of the zoo (how a driver is triggered).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "base/order.h"
#include "faulty_drivers/catalogue/entry.h"
#include "portlab/runtime.h"

namespace portlab {

// Operations of `control` with which the zoo's drivers are armed and fired (trial_test holds them
// to fault_trigger.h).
inline constexpr std::uint32_t kFaultArm = 0x0fa1;
inline constexpr std::uint32_t kFaultFire = 0x0fa2;

// Who still sends is slow, not stuck, and gets this much beyond the patience: the machine may be
// busy.
inline constexpr Nanos kTimeOfSlow = 10'000 * kMillisecond;

struct VictimPlan {
  IsolationMode mode = IsolationMode::kInVm;
  std::string target;    // name of the loaded driver, or path of the program
  bool trigger = false;  // off: the same requests, but nothing is armed
  Trigger trigger_kind = Trigger::kControl;
  int commands = 0;
  Nanos patience = 0;    // for each answer, and for what is closed to be gone
  Nanos quiet_time = 0;  // how long the mailbox must not grow until the port counts as done
  std::function<void()> before_trigger;  // called by the owner, the port being open
};

struct VictimReport {
  std::string failure;  // why the port could not be opened
  bool answered = false;
  bool fired_inside = false;   // a program said that it did its fault, and went on
  bool outlives_port = false;  // the program still runs although its port was closed
  bool port_lingers = false;   // the port is still there although it was closed
  bool port_ended = false;     // before the owner closed it
  std::optional<int> exit_status;
  std::string exit_reason;
  std::int64_t mailbox_peak_bytes = 0;
  std::int64_t program_growth_bytes = 0;
  Nanos triggered_at = 0;
  Nanos first_sign_at = 0;  // the port's end, or the mailbox over its bound; 0: none
};

class Victim : public std::enable_shared_from_this<Victim> {
 public:
  explicit Victim(VictimPlan plan) : plan_(std::move(plan)) {}
  virtual ~Victim() = default;

  // Spawns the owner. Once.
  virtual void Start(Runtime& runtime);
  VictimReport report() const;
  // Notes how much the owner's mailbox holds, and returns it: grows while a port floods it.
  std::int64_t SampleMailbox();
  // True when the owner has exited and its mailbox is freed (a port that lingers keeps it); the
  // report is then whole. False at `deadline`.
  bool AwaitEnd(Nanos deadline);

 protected:
  enum class Seen { kNothing, kAnswer, kOther, kEnded };

  static Body Own(Process& self, std::shared_ptr<Victim> victim);
  Term PortName() const;
  Term PortOptions() const;
  // Steps for Process::Until.
  // Takes the oldest messages until one says something; nullopt: there is none.
  std::optional<Seen> LookAtMail(Process& self, PortId port);
  // The same until the port's end; nullopt: it is not there.
  std::optional<bool> LookForLastMail(Process& self, PortId port);
  // Whether the port has ended, without reading the mailbox.
  std::optional<bool> LookForEnd(Process& self, PortId port);
  // Whether to look again for the end of a closed port and of its program (empty: does not matter);
  // notes at `deadline` what is still there.
  bool Remains(PortId port, const std::string& program, Nanos deadline);
  // Sends one request that may fire the fault, and waits for its answer.
  std::function<std::optional<Seen>()> Request(Process& self, PortId port);
  // Sends all requests, and only then waits for their answers: for the last one, or for the first
  // that is none.
  std::function<std::optional<Seen>()> Burst(Process& self, PortId port);
  void Begin();
  void NoteMailbox(const Process& owner);
  void NoteEnd();
  template <class Change>
  void Update(Change change) {
    MutexLock lock(mutex_);
    change(report_);
  }

  const VictimPlan plan_;
  std::weak_ptr<Process> owner_;
  mutable Mutex mutex_;
  VictimReport report_ GUARDED_BY(mutex_);
};

// /proc's name of the program behind a port, from what PortInfo says; empty: it has none.
std::string OsPidOf(const Term& info);

}  // namespace portlab
