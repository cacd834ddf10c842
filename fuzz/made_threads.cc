// The functions of libc that make a thread, in a fuzz build's host: each tells OneAtATime
// (base/atomic.h) before it does so. They stand in the host, which the dynamic linker asks first,
// so a driver's calls and those of the libraries it uses come here.
//
// A thread of clone(2)'s own making is not seen. AddressSanitizer does not know it either, and
// instrumented code cannot run in it. Nor are those in which aio(7) and
// getaddrinfo_a(3) call a driver back (SIGEV_THREAD).
// Threads: any. Errors: those of the function.
#include <dlfcn.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <threads.h>
#include <time.h>

#include "base/atomic.h"

#define EXPORTED extern "C" __attribute__((visibility("default")))

// AddressSanitizer's, which is pthread_create's name for who defines none.
extern "C" int ___interceptor_pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                                             void* (*start)(void*), void* argument);

namespace {

// libc's function of this name and type.
template <class Function>
Function* Libcs(const char* name, Function* /*like*/) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

EXPORTED int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                            void* (*start)(void*), void* argument) noexcept {
  portlab::OneAtATime::ThreadIsMade();
  return ___interceptor_pthread_create(thread, attributes, start, argument);
}

EXPORTED int thrd_create(thrd_t* thread, thrd_start_t start, void* argument) {
  portlab::OneAtATime::ThreadIsMade();
  static const auto libcs = Libcs("thrd_create", &thrd_create);
  return libcs(thread, start, argument);
}

EXPORTED int timer_create(clockid_t clock, sigevent* event, timer_t* timer) noexcept {
  if (event != nullptr && event->sigev_notify == SIGEV_THREAD) portlab::OneAtATime::ThreadIsMade();
  static const auto libcs = Libcs("timer_create", &timer_create);
  return libcs(clock, event, timer);
}

EXPORTED int mq_notify(mqd_t queue, const sigevent* event) noexcept {
  if (event != nullptr && event->sigev_notify == SIGEV_THREAD) portlab::OneAtATime::ThreadIsMade();
  static const auto libcs = Libcs("mq_notify", &mq_notify);
  return libcs(queue, event);
}
