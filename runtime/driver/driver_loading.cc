// erl_ddll's moves: who may ask for which, and what is done about it. The moves themselves are the
// table of load_state.h.
#include "driver/driver_loading.h"

#include <algorithm>

#include "driver/load_error.h"

namespace portlab {
namespace {

std::string PathOf(const std::string& directory, const std::string& name) {
  // Compared literally with what was given before, but for slashes at the end.
  return directory.substr(0, directory.find_last_not_of('/') + 1) + "/" + name;
}

Error Refusal(std::string_view reason, const std::string& name) {
  return LoadError(reason, "'" + name + "': " + std::string(LoadErrorText(reason)));
}

bool WantsMonitor(MonitorPending when, std::string_view word) {
  return when == MonitorPending::kAny ||
         (when == MonitorPending::kDriver && word == "pending_driver");
}

// What the table does not know: who else uses the driver, and whether it is the same one.
Result<void> GuardLoad(const LoadedDriver& loaded, const LoadRequest& request) {
  const LoadState state = Unforced(loaded.state);
  const bool fits = loaded.kill_ports == request.kill_ports;
  const std::string path = PathOf(request.directory, request.name);
  if (request.reload != Reload::kNo) {
    if (state != LoadState::kLoaded) return {};
    const int own = loaded.IsUser(request.by) ? 1 : 0;
    // Loads are counted, so a second one of the same process is another's, too.
    const auto loads = std::count_if(loaded.uses.begin(), loaded.uses.end(),
                                     [](const auto& use) { return use.waiting == 0; });
    if (request.reload == Reload::kSoleUser && loads > own)
      return Fail(Refusal("pending_process", loaded.name));
    if (!fits) return Fail(Refusal("inconsistent", loaded.name));
    if (own == 0) return Fail(Refusal("not_loaded_by_this_process", loaded.name));
    return {};
  }
  const bool by_path = state == LoadState::kLoaded || state == LoadState::kUnload;
  if (by_path && (loaded.path != path || !fits)) return Fail(Refusal("inconsistent", loaded.name));
  if (state == LoadState::kReload && (loaded.reload_path != path || !fits))
    return Fail(Refusal("inconsistent", loaded.name));
  return {};
}

}  // namespace

bool DriverRegistry::LiesIdle(const LoadedDriver& loaded) const {
  const LoadState state = Unforced(loaded.state);
  return (state == LoadState::kUnload || state == LoadState::kReload) && loaded.driver != nullptr &&
         loaded.driver->references.load() == 0;
}

const LoadMove* DriverRegistry::Move(LoadedDriver& loaded, LoadEvent event, bool kill,
                                     Messages& messages, const Error* failure) {
  const LoadMove* move = FindLoadMove(loaded.state, event);
  if (move == nullptr || move->refused) return move;
  const bool ports = loaded.driver != nullptr && loaded.driver->port_count.load() != 0;
  const bool stays = move->to == Unforced(loaded.state) && event != LoadEvent::kUnloadLast;
  if (kill && ports) {
    loaded.state = Forced(move->to);
  } else if (!stays) {  // an unload without ports to kill takes the force back, also a second one
    loaded.state = move->to;
  }
  if (loaded.driver != nullptr) loaded.driver->ports_killed.store(IsForced(loaded.state));
  const Notice& notice = move->notice;
  // The newest is told first.
  for (auto use = loaded.uses.rbegin(); use != loaded.uses.rend(); ++use) {
    if ((use->waiting & notice.to) == 0) continue;
    Term what = failure == nullptr
                    ? Term::Atom(notice.what)
                    : Term::Tuple({Term::Atom(notice.what), LoadErrorTerm(*failure)});
    messages.emplace_back(use->process, NoticeTerm(notice.tag, use->reference,
                                                   Term::Atom(loaded.name), std::move(what)));
  }
  std::erase_if(loaded.uses, [&](const auto& use) { return (use.waiting & notice.to) != 0; });
  return move;
}

Result<LoadAnswer> DriverRegistry::Load(const LoadRequest& request) {
  LoadAnswer answer;
  Messages messages;
  Driver* to_kill = nullptr;
  if (request.by) processes_concerned_.store(true);
  {
    const Loading loading(*this);
    bool known = false;
    {
      MutexLock lock(mutex_);
      known = FindLocked(request.name) != nullptr;
    }
    if (!known) return LoadAnew(request);
    MutexLock lock(mutex_);
    LoadedDriver& loaded = *FindLocked(request.name);
    if (auto fits = GuardLoad(loaded, request); !fits) return Fail(fits.error());
    const bool reload = request.reload != Reload::kNo;
    const LoadMove* move = Move(loaded, reload ? LoadEvent::kReload : LoadEvent::kLoad,
                                reload && loaded.kill_ports, messages);
    if (move->refused) return Fail(Refusal(move->answer, loaded.name));
    // OTP's answer to {reload,pending}, whoever else has it loaded.
    answer.word = request.reload == Reload::kAlways ? "pending_process" : move->answer;
    if (reload) {
      TakeBackLoad(loaded, request.by);
      loaded.reload_path = PathOf(request.directory, request.name);
      if (IsForced(loaded.state)) to_kill = loaded.driver;
    }
    loaded.uses.push_back({request.by, 0, {}});
    // A plain load of a driver that is being reloaded is always monitored, asked for or not.
    answer.monitored = Unforced(loaded.state) == LoadState::kReload &&
                       (!reload || request.monitor != MonitorPending::kNo);
    if (answer.monitored) loaded.uses.push_back({request.by, kAwaitsLoad, request.reference});
  }
  Tell(std::move(messages));
  if (to_kill != nullptr) services_.kill_ports(*to_kill);
  FinishPending(request.name);
  return answer;
}

Result<LoadAnswer> DriverRegistry::LoadAnew(const LoadRequest& request) {
  const LoadEvent event = request.reload == Reload::kNo ? LoadEvent::kLoad : LoadEvent::kReload;
  const LoadMove* move = FindLoadMove(LoadState::kNotLoaded, event);
  if (move->refused) return Fail(Refusal(move->answer, request.name));
  auto loaded = std::make_unique<LoadedDriver>();
  loaded->name = request.name;
  loaded->path = PathOf(request.directory, request.name);
  loaded->kill_ports = request.kill_ports;
  auto driver = Open(loaded->path, loaded->name);
  if (!driver) return Fail(driver.error());
  loaded->driver = *driver;
  loaded->state = move->to;
  loaded->uses.push_back({request.by, 0, {}});
  MutexLock lock(mutex_);
  loaded_.push_back(std::move(loaded));
  return LoadAnswer{move->answer, false};
}

Result<Driver*> DriverRegistry::Open(const std::string& path, const std::string& name) {
  auto library = OpenDriverLibrary(path);
  if (!library) return Fail(library.error());
  auto copy = DriverEntry::Copy(*library->entry, name);
  if (!copy) {
    CloseDriverLibrary(library->handle);
    return Fail(copy.error());
  }
  Driver* driver = Own(std::make_unique<Driver>(*std::move(copy), library->entry, library->handle));
  if (auto started = RunInit(*driver); !started) {
    CloseDriverLibrary(library->handle);
    return Fail(started.error());
  }
  return driver;
}

bool DriverRegistry::TakeBackLoad(LoadedDriver& loaded, Pid process) {
  // The newest, so that the order of the processes stays that of their first loads.
  for (auto use = loaded.uses.rbegin(); use != loaded.uses.rend(); ++use) {
    if (use->waiting != 0 || use->process != process) continue;
    loaded.uses.erase(std::next(use).base());
    return true;
  }
  return false;
}

Result<LoadAnswer> DriverRegistry::Unload(const UnloadRequest& request) {
  LoadAnswer answer;
  Messages messages;
  Driver* to_kill = nullptr;
  {
    const Loading loading(*this);
    MutexLock lock(mutex_);
    LoadedDriver* loaded = FindLocked(request.name);
    const LoadState state =
        loaded == nullptr || loaded->hidden ? LoadState::kNotLoaded : Unforced(loaded->state);
    if (const LoadMove* last = FindLoadMove(state, LoadEvent::kUnloadLast); last->refused)
      return Fail(Refusal(last->answer, request.name));
    if (!TakeBackLoad(*loaded, request.by) && loaded->users() != 0)
      return Fail(Refusal("not_loaded_by_this_process", request.name));
    const bool last = loaded->users() == 0;
    const LoadMove* move = Move(*loaded, last ? LoadEvent::kUnloadLast : LoadEvent::kUnload,
                                last && (request.kill_ports || loaded->kill_ports), messages);
    answer.word = move->answer;
    answer.monitored = WantsMonitor(request.monitor, answer.word);
    if (answer.monitored) {
      processes_concerned_.store(true);
      loaded->uses.push_back({request.by, kAwaitsUnload, request.reference});
    }
    if (IsForced(loaded->state)) to_kill = loaded->driver;
  }
  Tell(std::move(messages));
  if (to_kill != nullptr) services_.kill_ports(*to_kill);
  FinishPending(request.name);
  return answer;
}

void DriverRegistry::Monitor(Pid by, std::string_view name, Waiting when, RefId reference,
                             Term given_name) {
  Term now;
  {
    MutexLock lock(mutex_);
    LoadedDriver* loaded = FindLocked(name);
    const MonitorAnswer answer = AnswerMonitor(
        loaded == nullptr || loaded->hidden ? LoadState::kNotLoaded : loaded->state, when);
    if (answer.at_once.tag.empty()) {
      processes_concerned_.store(true);
      loaded->uses.push_back({by, answer.wait, reference});
      return;
    }
    now = NoticeTerm(answer.at_once.tag, reference, std::move(given_name),
                     Term::Atom(answer.at_once.what));
  }
  services_.notify(by, std::move(now));
}

void DriverRegistry::Demonitor(Pid by, RefId reference) {
  MutexLock lock(mutex_);
  for (const auto& loaded : loaded_) {
    std::erase_if(loaded->uses, [&](const auto& use) {
      return use.waiting != 0 && use.process == by && use.reference == reference;
    });
  }
}

void DriverRegistry::ForgetProcess(Pid process) {
  if (!processes_concerned_.load()) return;
  Messages messages;
  std::vector<std::string> names;
  std::vector<Driver*> to_kill;
  {
    const Loading loading(*this);
    MutexLock lock(mutex_);
    for (const auto& loaded : loaded_) {
      const bool user = loaded->IsUser(process);
      std::erase_if(loaded->uses, [&](const auto& use) { return use.process == process; });
      if (!user || loaded->users() != 0) continue;
      Move(*loaded, LoadEvent::kUsersDied, loaded->kill_ports, messages);
      names.push_back(loaded->name);
      if (IsForced(loaded->state)) to_kill.push_back(loaded->driver);
    }
  }
  Tell(std::move(messages));
  for (Driver* driver : to_kill) services_.kill_ports(*driver);
  for (const std::string& name : names) FinishPending(name);
}

bool DriverRegistry::MakePermanent(Driver& driver) {
  Messages messages;
  {
    MutexLock lock(mutex_);
    LoadedDriver* loaded = FindLocked(driver);
    if (loaded == nullptr || driver.library == nullptr) return false;
    Move(*loaded, LoadEvent::kLock, false, messages);
  }
  Tell(std::move(messages));
  return true;
}

void DriverRegistry::FinishPending(const std::string& name) {
  const Loading loading(*this);
  Messages messages;
  Driver* idle = nullptr;
  {
    MutexLock lock(mutex_);
    LoadedDriver* loaded = FindLocked(name);
    if (loaded == nullptr || !LiesIdle(*loaded)) return;
    idle = std::exchange(loaded->driver, nullptr);
    if (Move(*loaded, LoadEvent::kUnused, false, messages)->to == LoadState::kNotLoaded)
      Forget(*loaded);
  }
  Release(*idle);
  Tell(std::move(messages));
  FinishReload(name);
}

void DriverRegistry::FinishReload(const std::string& name) {
  std::string path;
  {
    MutexLock lock(mutex_);
    const LoadedDriver* loaded = FindLocked(name);
    if (loaded == nullptr) return;
    path = loaded->reload_path;
  }
  auto driver = Open(path, name);
  Messages messages;
  {
    MutexLock lock(mutex_);
    LoadedDriver& loaded = *FindLocked(name);
    if (driver) {
      loaded.driver = *driver;
      loaded.path = std::move(loaded.reload_path);
      Move(loaded, LoadEvent::kReloaded, false, messages);
    } else {
      Move(loaded, LoadEvent::kReloadFailed, false, messages, &driver.error());
      Forget(loaded);
    }
  }
  Tell(std::move(messages));
}

void DriverRegistry::Forget(const LoadedDriver& loaded) {
  std::erase_if(loaded_, [&](const auto& each) { return each.get() == &loaded; });
}

void DriverRegistry::Tell(Messages messages) {
  for (auto& [to, message] : messages) {
    if (to && services_.notify) services_.notify(to, std::move(message));
  }
}

}  // namespace portlab
