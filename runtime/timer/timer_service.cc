#include "timer/timer_service.h"

namespace portlab {

TimerId TimerService::Start(Nanos deadline, std::function<void()> fire) {
  bool is_first = false;
  TimerId id = 0;
  {
    const MutexLock lock(mutex_);
    id = ++last_id_;
    const auto place = queue_.emplace(Due{deadline, id}, std::move(fire)).first;
    try {
      deadlines_.emplace(id, deadline);
    } catch (...) {
      queue_.erase(place);
      throw;
    }
    is_first = place == queue_.begin();
  }
  if (is_first && earlier_) earlier_();
  return id;
}

bool TimerService::Cancel(TimerId id) {
  std::function<void()>
      fire;  // destroyed after the lock: what it captured may have a destructor that does things
  const MutexLock lock(mutex_);
  const auto found = deadlines_.find(id);
  if (found == deadlines_.end()) return false;
  const auto place = queue_.find(Due{found->second, id});
  fire = std::move(place->second);
  queue_.erase(place);
  deadlines_.erase(found);
  return true;
}

std::optional<Nanos> TimerService::DeadlineOf(TimerId id) const {
  const MutexLock lock(mutex_);
  const auto found = deadlines_.find(id);
  if (found == deadlines_.end()) return std::nullopt;
  return found->second;
}

std::optional<Nanos> TimerService::NextDeadline() const {
  const MutexLock lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first.first;
}

std::size_t TimerService::AdvanceTo(Nanos now) {
  std::size_t fired = 0;
  std::optional<TimerId> last_to_fire;
  for (;; ++fired) {
    std::function<void()> fire;
    {
      const MutexLock lock(mutex_);
      if (!last_to_fire) last_to_fire = last_id_;
      auto place = queue_.begin();
      while (place != queue_.end() && place->first.first <= now &&
             place->first.second > *last_to_fire) {
        ++place;
      }
      if (place == queue_.end() || place->first.first > now) return fired;
      fire = std::move(place->second);
      deadlines_.erase(place->first.second);
      queue_.erase(place);
    }
    fire();
  }
}

}  // namespace portlab
