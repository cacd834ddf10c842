// The life of a port: start, open, close, terminate. The rules are in runtime/ARCHITECTURE.md,
// "Life of a port".
#include <cerrno>

#include "base/black_box.h"
#include "driver/callback_scope.h"
#include "port/lent_buffer.h"
#include "port/port_executor.h"
#include "term/known_atoms.h"

namespace portlab {
namespace {

// ErlDrvData values that mean a failed start.
bool IsStartError(ErlDrvData data) {
  return data == ERL_DRV_ERROR_GENERAL || data == ERL_DRV_ERROR_ERRNO ||
         data == ERL_DRV_ERROR_BADARG;
}

Error StartError(ErlDrvData data, int error_number) {
  if (data == ERL_DRV_ERROR_ERRNO) return Error::Errno(error_number, "the driver's start failed");
  if (data == ERL_DRV_ERROR_BADARG) return Error::BadArg("the driver's start refused its argument");
  return Error::General("the driver's start failed");
}

}  // namespace

Result<void> PortExecutor::Start(const StartOptions& options) {
  ErlDrvData data = nullptr;
  int error_number = 0;
  if (entry().start != nullptr) {
    // With its NUL: the driver may write into it.
    const LentBuffer command(
        AsBytes(std::string_view(options.command.c_str(), options.command.size() + 1)));
    StartOptions::Scope current_options(options);
    CallbackScope scope(CallbackKind::kStart, port_.id(), port_.driver(), port_.connected());
    errno = 0;
    data = entry().start(Ports::HandleOf(port_.id()), command.data());
    error_number = errno;
  }
  if (Dead()) {
    // The driver failed its own port inside start; OTP crashes here, this is a failed start.
    return Fail(Error::General("the driver ended the port inside start"));
  }
  if (IsStartError(data)) {
    // stop is not called; timer, events and queue go.
    Abandon();
    return Fail(StartError(data, error_number));
  }
  body_.data = data;
  Opened();
  return {};
}

void PortExecutor::Opened() {
  if (body_.owner == nullptr || !body_.owner->AddLink(port_.id().word())) {
    body_.owner = nullptr;
    port_.Move(PortState::kOpen);
    Close(Known().normal, false);
    return;
  }
  body_.links.insert(port_.connected().word());
  if (!entry().has_flag(ERL_DRV_FLAG_USE_INIT_ACK)) port_.Move(PortState::kOpen);
}

void PortExecutor::InitAck(ErlDrvData result) {
  if (!body_.awaits_init_ack() || port_.state() != PortState::kStarting) return;
  const std::shared_ptr<SignalReply> reply = std::move(body_.extras().init_ack);
  if (!IsStartError(result)) {
    body_.data = result;
    port_.Move(PortState::kOpen);
    reply->Finish(Term::Of(port_.id()));
    return;
  }
  const int error_number = errno;
  // The opener gets an error, not an exit signal: unlinked first.
  if (body_.owner != nullptr) body_.owner->RemoveLink(port_.id().word());
  body_.links.clear();
  Terminate(Known().normal);
  reply->Finish(Fail(StartError(result, error_number)));
}

void PortExecutor::TellLinksAndWatchers(const Term& reason) {
  const Term self = Term::Of(port_.id());
  const WordSet links = std::move(body_.links);
  links.ForEach([&](TermWord pid) {
    if (pid == port_.connected().word() && body_.owner != nullptr) {
      body_.owner->LinkEnded(self, reason);
    } else if (auto process = ports_.services_.processes->Find(Pid::FromWord(pid))) {
      process->LinkEnded(self, reason);
    }
  });
  if (body_.extras_made == nullptr) return;
  std::map<RefId, Pid> watchers;
  watchers.swap(body_.extras_made->watchers);
  for (auto [reference, pid] : watchers) ports_.SendDown(pid, reference, port_.id(), reason);
}

void PortExecutor::Close(const Term& reason, bool kill) {
  if (port_.state() == PortState::kClosing && !kill) return;
  if (kill || body_.queued_bytes() == 0 || port_.state() != PortState::kOpen) {
    Terminate(reason);
    return;
  }
  TellLinksAndWatchers(reason);
  port_.Move(PortState::kClosing);
  ports_.SetBusy(port_, false);  // nobody may wait for a port that takes no more commands
  if (entry().flush != nullptr && !body_.flush_called) {
    body_.flush_called = true;
    CallbackScope scope(CallbackKind::kFlush, port_.id(), port_.driver(), Pid{});
    entry().flush(body_.data);
  }
  AfterCallback();
}

void PortExecutor::AfterCallback() {
  if (port_.state() == PortState::kClosing && body_.queued_bytes() == 0) Terminate(Known().normal);
}

void PortExecutor::CancelTimer() {
  if (!body_.timer_is_set()) return;
  ports_.services_.timers->Cancel(body_.extras().timer_id);
  body_.extras().timer_id = 0;
}

// What both a failed start and a termination give back.
void PortExecutor::Abandon() {
  Ports::Services& services = ports_.services_;
  CancelTimer();
  for (int fd : services.check_io->ReleaseAll(port_.id())) CallStopSelect(*port_.driver(), fd);
  PortDataLock* const data_lock = body_.data_lock;
  {
    // A thread of the driver may be at the queue right now: it is let finish, and finds the port
    // dead after.
    const SharedScope scope(body_);
    if (body_.shared_made != nullptr) {
      for (auto [reference, pid] : body_.shared_made->driver_monitors) {
        if (auto process = services.processes->Find(pid)) process->RemoveWatcher(reference);
      }
      body_.shared_made->driver_monitors.clear();
      body_.shared_made->queue.Clear();
    }
    if (data_lock != nullptr) data_lock->PortIsDead();
    port_.Move(PortState::kDead);
  }
  body_.data_lock = nullptr;
  // In a callback of another port with the same lock, or of the one that made this one.
  const CallbackScope* scope = CallbackScope::Current();
  if (scope != nullptr && scope->port != port_.id()) Ports::NoteOther(port_, nullptr);
  if (data_lock != nullptr) data_lock->DropReference();
}

void PortExecutor::DropQueue() {
  if (body_.shared_made == nullptr) return;
  const SharedScope scope(body_);
  body_.shared_made->queue.Clear();
}

void PortExecutor::Terminate(const Term& reason) {
  if (Dead()) return;
  TellLinksAndWatchers(reason);
  const bool started = port_.state() != PortState::kStarting || body_.data != nullptr ||
                       body_.awaits_init_ack() || entry().has_flag(ERL_DRV_FLAG_USE_INIT_ACK);
  const ErlDrvData data = body_.data;
  CancelTimer();
  DropQueue();
  // While stop runs the port still resolves for the driver (deselecting its fds), but takes no more
  // signals.
  if (entry().stop != nullptr && started && !body_.stop_called) {
    body_.stop_called = true;
    // Inside another callback of this port, which failed it, the caller is still that callback's.
    const CallbackScope* outer = CallbackScope::Current();
    const Pid caller = outer != nullptr && outer->port == port_.id() ? outer->caller : Pid{};
    CallbackScope scope(CallbackKind::kStop, port_.id(), port_.driver(), caller);
    entry().stop(data);
  }
  if (Dead()) return;  // stop itself failed the port
  if (body_.awaits_init_ack()) {
    const std::shared_ptr<SignalReply> reply = std::move(body_.extras().init_ack);
    reply->Finish(Fail(Error::General("the port ended before its driver acknowledged the start")));
  }
  Abandon();
}

void PortExecutor::EndOfFile() {
  FlushLine();
  if (body_.options.eof) {
    Deliver(Term::Atom("eof"));
    return;
  }
  Terminate(Known().normal);
}

void Ports::EmergencyClose() {
  BlackBox& box = BlackBox::Get();
  const std::uint32_t callback = box.callback.load();
  const std::uint32_t api_call = box.api_call.load();
  table_.ForEach([&](Port& port, PortId id) {
    if (port.id() != id || !port.Lives() || port.state() == PortState::kStarting) return;
    auto* const close = port.driver()->entry.emergency_close;
    if (close == nullptr) return;
    box.callback.store(static_cast<std::uint32_t>(CallbackKind::kEmergencyClose));
    close(port.body_.data);
  });
  // What brought the host here is what counts.
  box.callback.store(callback);
  box.api_call.store(api_call);
}

void CallStopSelect(Driver& driver, int fd) {
  if (driver.entry.stop_select == nullptr) return;
  CallbackScope scope(CallbackKind::kStopSelect, PortId{}, &driver, Pid{});
  driver.entry.stop_select(reinterpret_cast<ErlDrvEvent>(static_cast<std::intptr_t>(fd)), nullptr);
}

}  // namespace portlab
