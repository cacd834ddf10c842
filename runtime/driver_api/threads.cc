#include "driver_api/threads.h"

#include <erl_driver.h>
#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csetjmp>
#include <memory>
#include <new>
#include <string>
#include <system_error>

#include "base/order.h"
#include "base/ordered_thread.h"
#include "driver_api/api_call.h"
#include "driver_api/named_object.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::MutexLock;
using portlab::StopHost;

// What an ErlDrvTid points to: of a driver's thread until it is joined, of a thread of the runtime
// until that ends.
struct portlab_drv_thread {
  std::string name;
  void* result = nullptr;
  std::jmp_buf way_out;  // of erl_drv_thread_exit; set by the thread itself
  // Locked while the thread is being started: it may give its own id away before that is done.
  portlab::Mutex starting;
  portlab::OrderedThread thread GUARDED_BY(starting);
};

namespace {

// In a driver's thread, its id.
thread_local portlab_drv_thread* driver_thread = nullptr;
// In any other thread, its id, made when first asked for.
thread_local std::unique_ptr<portlab_drv_thread> runtime_thread;

portlab::Mutex default_stack_mutex;

// Makes the process's default stack size at least `kilo_words` for the time of the scope. A thread
// that starts elsewhere meanwhile may get the larger stack, never a smaller one: a wish for less
// than the default is not granted.
class LargerStacks {
 public:
  explicit LargerStacks(int kilo_words) ACQUIRE(default_stack_mutex) {
    default_stack_mutex.Lock();
    ::pthread_getattr_default_np(&before_);
    std::size_t size = 0;
    ::pthread_attr_getstacksize(&before_, &size);
    const auto wanted = static_cast<std::size_t>(std::max(kilo_words, 0)) * 1024 * sizeof(void*);
    if (wanted <= size) return;
    pthread_attr_t larger;
    ::pthread_attr_init(&larger);
    ::pthread_attr_setstacksize(&larger, wanted);
    changed_ = ::pthread_setattr_default_np(&larger) == 0;
    ::pthread_attr_destroy(&larger);
  }
  ~LargerStacks() RELEASE(default_stack_mutex) {
    if (changed_) ::pthread_setattr_default_np(&before_);
    ::pthread_attr_destroy(&before_);
    default_stack_mutex.Unlock();
  }
  LargerStacks(const LargerStacks&) = delete;
  LargerStacks& operator=(const LargerStacks&) = delete;

 private:
  pthread_attr_t before_{};
  bool changed_ = false;
};

void StartThread(portlab_drv_thread& self, void* (*function)(void*), void* argument,
                 int kilo_words) {
  const MutexLock lock(self.starting);
  const auto body = [&self, function, argument] {
    driver_thread = &self;
    if (::_setjmp(self.way_out) == 0) self.result = function(argument);
  };
  if (kilo_words <= 0) {
    self.thread = portlab::OrderedThread(self.name.c_str(), body);
  } else {
    const LargerStacks larger(kilo_words);
    self.thread = portlab::OrderedThread(self.name.c_str(), body);
  }
}

}  // namespace

namespace portlab {

bool InDriverThread() { return driver_thread != nullptr; }

}  // namespace portlab

ErlDrvThreadOpts* erl_drv_thread_opts_create(char* /*name*/) {
  ApiCall call(ApiFunction::k_erl_drv_thread_opts_create);
  return portlab::NewOrNull<ErlDrvThreadOpts>(ErlDrvThreadOpts{-1});
}

void erl_drv_thread_opts_destroy(ErlDrvThreadOpts* opts) {
  ApiCall call(ApiFunction::k_erl_drv_thread_opts_destroy);
  if (opts == nullptr) StopHost("erl_drv_thread_opts_destroy: the options must not be NULL");
  delete opts;
}

int erl_drv_thread_create(char* name, ErlDrvTid* tid, void* (*func)(void*), void* arg,
                          ErlDrvThreadOpts* opts) {
  ApiCall call(ApiFunction::k_erl_drv_thread_create);
  if (tid == nullptr) StopHost("erl_drv_thread_create: the place for the id must not be NULL");
  if (func == nullptr) StopHost("erl_drv_thread_create: the function must not be NULL");
  try {
    auto created = std::make_unique<portlab_drv_thread>();
    created->name = portlab::NameOrUnknown(name);
    // Before the thread runs, which may look for its id there.
    *tid = created.get();
    StartThread(*created, func, arg, opts == nullptr ? -1 : opts->suggested_stack_size);
    created.release();
    return 0;
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  } catch (const std::system_error& error) {
    return error.code().value();
  }
}

ErlDrvTid erl_drv_thread_self(void) {
  ApiCall call(ApiFunction::k_erl_drv_thread_self);
  if (driver_thread != nullptr) return driver_thread;
  if (runtime_thread == nullptr) {
    runtime_thread.reset(portlab::NewOrNull<portlab_drv_thread>());
    if (runtime_thread == nullptr) StopHost("erl_drv_thread_self: no memory, and no way to say so");
    runtime_thread->name = "unknown";
  }
  return runtime_thread.get();
}

int erl_drv_equal_tids(ErlDrvTid tid1, ErlDrvTid tid2) {
  ApiCall call(ApiFunction::k_erl_drv_equal_tids);
  if (tid1 == nullptr || tid2 == nullptr) StopHost("erl_drv_equal_tids: an id must not be NULL");
  return tid1 == tid2 ? 1 : 0;
}

void erl_drv_thread_exit(void* result) {
  ApiCall call(ApiFunction::k_erl_drv_thread_exit);
  if (driver_thread == nullptr) {
    StopHost("erl_drv_thread_exit: only a thread made by erl_drv_thread_create may end itself");
  }
  driver_thread->result = result;
  // Not pthread_exit, which unwinds: with libgcc linked in statically, as in a host, and once more
  // as a library, as in pthread_exit, the two do not agree, and the host aborts.
  ::_longjmp(driver_thread->way_out, 1);
}

int erl_drv_thread_join(ErlDrvTid tid, void** result) {
  ApiCall call(ApiFunction::k_erl_drv_thread_join);
  if (tid == nullptr) StopHost("erl_drv_thread_join: the id must not be NULL");
  if (tid == driver_thread) return EDEADLK;
  portlab::OrderedThread thread;
  {
    const MutexLock lock(tid->starting);
    thread = std::move(tid->thread);
  }
  if (!thread.joinable()) return EINVAL;
  thread.Join();
  if (result != nullptr) *result = tid->result;
  delete tid;
  return 0;
}

char* erl_drv_thread_name(ErlDrvTid tid) {
  ApiCall call(ApiFunction::k_erl_drv_thread_name);
  return tid == nullptr ? nullptr : tid->name.data();
}
