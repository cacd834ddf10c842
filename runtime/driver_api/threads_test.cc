#include "driver_api/threads.h"

#include <erl_driver.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <cerrno>

#include "base/black_box.h"
#include "base/order.h"

namespace portlab {
namespace {

char name[] = "a thread";

ErlDrvTid Start(void* (*function)(void*), void* argument, ErlDrvThreadOpts* options = nullptr) {
  ErlDrvTid tid = nullptr;
  EXPECT_EQ(erl_drv_thread_create(name, &tid, function, argument, options), 0);
  return tid;
}

void* JoinThread(ErlDrvTid tid) {
  void* result = nullptr;
  EXPECT_EQ(erl_drv_thread_join(tid, &result), 0);
  return result;
}

void* GiveBack(void* argument) { return argument; }

void* ExitWith(void* argument) {
  erl_drv_thread_exit(argument);
  return nullptr;
}

void* GiveOwnId(void* place) {
  *static_cast<ErlDrvTid*>(place) = erl_drv_thread_self();
  return erl_drv_thread_name(erl_drv_thread_self());
}

std::size_t DefaultStackSize() {
  pthread_attr_t attributes;
  ::pthread_getattr_default_np(&attributes);
  std::size_t size = 0;
  ::pthread_attr_getstacksize(&attributes, &size);
  ::pthread_attr_destroy(&attributes);
  return size;
}

TEST(DriverThreadTest, JoinGivesTheResult) {
  int value = 0;
  EXPECT_EQ(JoinThread(Start(GiveBack, &value)), &value);
  EXPECT_EQ(erl_drv_thread_join(Start(GiveBack, &value), nullptr), 0);
}

TEST(DriverThreadTest, ExitGivesTheResult) {
  int value = 0;
  EXPECT_EQ(JoinThread(Start(ExitWith, &value)), &value);
}

TEST(DriverThreadTest, WorksWithTheBaton) {
  Order::InstallBaton(5);
  {
    const JoinedThread joined("test");
    int value = 0;
    ErlDrvTid first = Start(GiveBack, &value);
    ErlDrvTid second = Start(ExitWith, &value);
    EXPECT_EQ(JoinThread(first), &value);
    EXPECT_EQ(JoinThread(second), &value);
  }
  Order::Uninstall();
}

TEST(DriverThreadTest, SelfIsTheIdCreateGave) {
  ErlDrvTid inside = nullptr;
  ErlDrvTid tid = Start(GiveOwnId, &inside);
  EXPECT_STREQ(erl_drv_thread_name(tid), "a thread");
  EXPECT_FALSE(erl_drv_equal_tids(tid, erl_drv_thread_self()));
  // Joining frees the id; compare the pointers only.
  const ErlDrvTid created = tid;
  JoinThread(tid);
  EXPECT_EQ(inside, created);
}

TEST(DriverThreadTest, ThreadsOfTheRuntimeHaveAnIdButCannotBeJoined) {
  ErlDrvTid self = erl_drv_thread_self();
  ASSERT_NE(self, nullptr);
  EXPECT_TRUE(erl_drv_equal_tids(self, erl_drv_thread_self()));
  EXPECT_STREQ(erl_drv_thread_name(self), "unknown");
  EXPECT_EQ(erl_drv_thread_join(self, nullptr), EINVAL);
  EXPECT_EQ(erl_drv_thread_name(nullptr), nullptr);
}

TEST(DriverThreadTest, JoiningItselfIsEdeadlk) {
  const auto join_self = [](void* result) -> void* {
    *static_cast<int*>(result) = erl_drv_thread_join(erl_drv_thread_self(), nullptr);
    return nullptr;
  };
  int result = 0;
  JoinThread(Start(join_self, &result));
  EXPECT_EQ(result, EDEADLK);
}

TEST(DriverThreadTest, SignalsAreBlocked) {
  const auto get_mask = [](void* mask) -> void* {
    ::pthread_sigmask(SIG_SETMASK, nullptr, static_cast<sigset_t*>(mask));
    return nullptr;
  };
  sigset_t mask;
  ::sigemptyset(&mask);
  JoinThread(Start(get_mask, &mask));
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD, SIGUSR1, SIGPIPE, SIGALRM}) {
    EXPECT_EQ(::sigismember(&mask, signal), 1) << signal;
  }
}

TEST(DriverThreadTest, StackIsAsLargeAsSuggested) {
  const auto get_stack_size = [](void* size) -> void* {
    pthread_attr_t attributes;
    ::pthread_getattr_np(::pthread_self(), &attributes);
    ::pthread_attr_getstacksize(&attributes, static_cast<std::size_t*>(size));
    ::pthread_attr_destroy(&attributes);
    return nullptr;
  };
  const std::size_t default_before = DefaultStackSize();
  ErlDrvThreadOpts* options = erl_drv_thread_opts_create(name);
  ASSERT_NE(options, nullptr);
  EXPECT_EQ(options->suggested_stack_size, -1);
  std::size_t usual = 0;
  JoinThread(Start(get_stack_size, &usual, options));
  options->suggested_stack_size = 4096;  // 32 MiB
  std::size_t larger = 0;
  JoinThread(Start(get_stack_size, &larger, options));
  EXPECT_GE(larger, std::size_t{32} << 20);
  EXPECT_LT(usual, larger);
  EXPECT_EQ(DefaultStackSize(), default_before);
  erl_drv_thread_opts_destroy(options);
}

TEST(DriverThreadTest, DriverThreadsAreKnown) {
  const auto ask = [](void* answer) -> void* {
    *static_cast<bool*>(answer) = InDriverThread();
    return nullptr;
  };
  bool inside = false;
  JoinThread(Start(ask, &inside));
  EXPECT_TRUE(inside);
  EXPECT_FALSE(InDriverThread());
}

TEST(DriverThreadDeathTest, BreachesStopTheHost) {
  const auto stopped = testing::ExitedWithCode(kExitContract);
  ErlDrvTid self = erl_drv_thread_self();
  EXPECT_EXIT(erl_drv_thread_exit(nullptr), stopped, "erl_drv_thread_exit: only");
  EXPECT_EXIT(erl_drv_equal_tids(self, nullptr), stopped, "erl_drv_equal_tids: .*NULL");
  EXPECT_EXIT(erl_drv_thread_join(nullptr, nullptr), stopped, "erl_drv_thread_join: .*NULL");
  EXPECT_EXIT(erl_drv_thread_opts_destroy(nullptr), stopped, "opts_destroy: .*NULL");
  EXPECT_EXIT(erl_drv_thread_create(name, &self, nullptr, nullptr, nullptr), stopped, "NULL");
}

}  // namespace
}  // namespace portlab
