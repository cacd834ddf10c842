// A thread with a place in the order (base/order.h), fixed when it is started and not when the
// machine first runs it. All signals are blocked in it, except those a fault raises (a sanitizer
// wants to see them).
//
// Threads: one owner. Ownership: joins in Join or in the destructor; `body` and what it captures
// live until then. Errors: the constructor throws std::system_error when the machine has no thread
// left.
#pragma once

#include <functional>
#include <memory>
#include <thread>

namespace portlab {

class OrderedThread {
 public:
  OrderedThread();
  OrderedThread(const char* name, std::function<void()> body);
  OrderedThread(OrderedThread&&) noexcept;
  OrderedThread& operator=(OrderedThread&&) noexcept;
  ~OrderedThread();

  // Waits for the end of the thread: a scheduling point. Nothing when there is none.
  void Join();
  bool joinable() const { return thread_.joinable(); }

 private:
  struct End;

  std::shared_ptr<End> end_;
  std::thread thread_;
};

}  // namespace portlab
