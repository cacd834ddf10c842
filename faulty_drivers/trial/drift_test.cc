// Each change is made in a child of its own: it is the whole process that changes.
#include "faulty_drivers/trial/drift.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cfenv>
#include <chrono>
#include <clocale>
#include <functional>
#include <thread>

#include "driver/callback_scope.h"
#include "faulty_drivers/trial/drift_words.h"

namespace portlab {
namespace {

// What the probe says of `change`, one "what: sentence" a line; "" for nothing.
std::string DriftOf(const std::function<void()>& change) {
  int pipe_ends[2];
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    const DriftSnapshot before = DriftSnapshot::Take();
    change();
    std::string text;
    for (const Drift& drift : DriftBetween(before, DriftSnapshot::Take())) {
      text += drift.what + ": " + drift.sentence + "\n";
    }
    const ssize_t written = ::write(pipe_ends[1], text.data(), text.size());
    ::_exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  ::close(pipe_ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(pipe_ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return status == 0 ? text : "the child failed";
}

// Exactly one line, of that kind, with all these words.
void ExpectOne(const std::function<void()>& change, const std::string& what,
               const std::vector<std::string>& words) {
  const std::string text = DriftOf(change);
  EXPECT_TRUE(text.starts_with(what + ": ")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
  for (const std::string& word : words) EXPECT_NE(text.find(word), std::string::npos) << text;
}

TEST(DriftTest, NothingChangedIsNothing) {
  EXPECT_EQ(DriftOf([] {}), "");
  EXPECT_EQ(DriftOf([] {
              ::setenv("PORTLAB_DRIFT", "1", 1);
              ::unsetenv("PORTLAB_DRIFT");
              std::thread([] {}).join();
            }),
            "");
}

TEST(DriftTest, WorkingDirectory) {
  ExpectOne([] { ASSERT_EQ(::chdir("/proc"), 0); }, "cwd", {"from ", " to /proc #"});
}

TEST(DriftTest, Umask) {
  ExpectOne([] { ::umask(0777); }, "umask", {"the umask: from 00", " to 0777"});
}

TEST(DriftTest, EnvironmentNamesTheVariableAndNotItsValue) {
  ::setenv("PORTLAB_OLD", "secret", 1);
  const auto change = [] {
    ::setenv("PORTLAB_NEW", "hidden", 1);
    ::unsetenv("PORTLAB_OLD");
  };
  ExpectOne(change, "environment",
            {"PORTLAB_NEW: from nothing to set", "PORTLAB_OLD: from set", " to nothing"});
  const std::string text = DriftOf(change);
  EXPECT_EQ(text.find("secret"), std::string::npos);
  EXPECT_EQ(text.find("hidden"), std::string::npos);
  ExpectOne([] { ::setenv("PORTLAB_OLD", "other", 1); }, "environment", {"PORTLAB_OLD"});
  ::unsetenv("PORTLAB_OLD");
}

TEST(DriftTest, StandardDescriptors) {
  ExpectOne([] { ::close(1); }, "stdio", {"fd 1: from ", " to closed"});
  ExpectOne(
      [] {
        const int other = ::open("/proc/self/status", O_RDONLY);
        ::dup2(other, 0);
        ::close(other);
      },
      "stdio", {"fd 0: from ", "/status"});
}

TEST(DriftTest, SignalDispositions) {
  ExpectOne([] { ::signal(SIGCHLD, SIG_IGN); }, "signals", {"SIGCHLD: from default to ignored"});
  ExpectOne([] { ::signal(SIGUSR1, [](int) {}); }, "signals",
            {"SIGUSR1: from default to handled at 0x"});
}

TEST(DriftTest, SignalMaskOfAThread) {
  ExpectOne(
      [] {
        sigset_t set;
        ::sigemptyset(&set);
        ::sigaddset(&set, SIGTERM);
        ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
      },
      "signals", {" blocks: from no signal to SIGTERM"});
}

// Blocks another signal each millisecond, and in the end none.
void BlockOneAfterTheOther() {
  sigset_t set;
  for (int signal = 1; signal <= SIGSYS; ++signal) {
    ::sigemptyset(&set);
    ::sigaddset(&set, signal);
    ::pthread_sigmask(SIG_SETMASK, &set, nullptr);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ::sigemptyset(&set);
  ::pthread_sigmask(SIG_SETMASK, &set, nullptr);
}

bool SettlesOnItsEnd() {
  std::atomic<bool> stop = false;
  std::thread other([&] {
    BlockOneAfterTheOther();
    while (!stop) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  const DriftSnapshot settled = DriftSnapshot::TakeSettled(MonotonicNow() + 5'000 * kMillisecond);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const bool same = DriftBetween(settled, DriftSnapshot::Take()).empty();
  stop = true;
  other.join();
  return same;
}

// As the mask of a thread that glibc has only just made: it blocks everything until it is set up.
TEST(DriftTest, WhatIsSoForAMomentIsNotWhatAProcessIsLike) {
  bool settled = false;
  // A busy machine may stop the other thread for longer than three looks take.
  for (int i = 0; i < 10 && !settled; ++i) settled = SettlesOnItsEnd();
  EXPECT_TRUE(settled);
}

// As glibc does for a thread that it is only just making, for longer than the looks take.
TEST(DriftTest, AThreadThatIsBeingMadeIsWaitedFor) {
  std::atomic<bool> blocked = false;
  std::atomic<bool> stop = false;
  std::thread other([&] {
    std::uint64_t mask = ~std::uint64_t{0};
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, nullptr, sizeof mask);
    blocked = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    mask = 0;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, nullptr, sizeof mask);
    blocked = false;
    while (!stop) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  while (!blocked) std::this_thread::yield();
  const DriftSnapshot settled = DriftSnapshot::TakeSettled(MonotonicNow() + 5'000 * kMillisecond);
  while (blocked) std::this_thread::yield();
  EXPECT_TRUE(DriftBetween(settled, DriftSnapshot::Take()).empty());
  stop = true;
  other.join();
}

TEST(DriftTest, FloatingPointControlLeftByACallback) {
  CallbackScope::WatchFloatControl(true);
  ExpectOne(
      [] {
        std::thread([] {
          CallbackScope scope(CallbackKind::kControl, PortId{}, nullptr, Pid{});
          std::fesetround(FE_UPWARD);
        }).join();
      },
      "fp_control", {"rounding up", "left so by control", "rounding to nearest"});
}

TEST(DriftTest, ResourceLimits) {
  ExpectOne(
      [] {
        rlimit limit = {};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = 17;
        ::setrlimit(RLIMIT_NOFILE, &limit);
      },
      "rlimits", {"limit of open files: from ", " to 17 of "});
}

TEST(DriftTest, Children) {
  pid_t child = 0;
  ExpectOne(
      [&child] {
        const pid_t parent = ::getpid();
        child = ::fork();
        if (child == 0) {
          ::prctl(PR_SET_PDEATHSIG, SIGKILL);
          if (::getppid() != parent) ::_exit(0);  // it was faster
          ::pause();
        }
      },
      "children", {"process ", ": from nothing to "});
}

TEST(DriftTest, Timers) {
  ExpectOne([] { ::alarm(100); }, "timers", {"the real-time timer: from off to running"});
  ExpectOne(
      [] {
        const itimerval every = {{100, 0}, {100, 0}};
        ::setitimer(ITIMER_PROF, &every, nullptr);
      },
      "timers", {"the profiling timer: from off to running again and again"});
}

TEST(DriftTest, Priority) {
  ExpectOne([] { ASSERT_NE(::nice(3), -1); }, "priority", {"nice "});
}

TEST(DriftTest, Affinity) {
  cpu_set_t all;
  ::sched_getaffinity(0, sizeof all, &all);
  if (CPU_COUNT(&all) < 2) GTEST_SKIP() << "there is one processor only";
  ExpectOne(
      [&all] {
        cpu_set_t one;
        CPU_ZERO(&one);
        for (int i = 0; i < CPU_SETSIZE; ++i) {
          if (!CPU_ISSET(i, &all)) continue;
          CPU_SET(i, &one);
          break;
        }
        ::sched_setaffinity(0, sizeof one, &one);
      },
      "affinity", {"processors "});
}

TEST(DriftTest, Locale) {
  ExpectOne([] { std::setlocale(LC_NUMERIC, "C.UTF-8"); }, "locale", {"from C to ", "C.UTF-8"});
}

TEST(DriftTest, KindsComeInOrder) {
  const std::string text = DriftOf([] {
    ::alarm(100);
    ::umask(0777);
    ASSERT_EQ(::chdir("/proc"), 0);
  });
  EXPECT_TRUE(text.starts_with("cwd: ")) << text;
  EXPECT_LT(text.find("\numask: "), text.find("\ntimers: ")) << text;
}

TEST(DriftWordsTest, SignalSetsAreListed) {
  EXPECT_EQ(SignalSetInWords("0000000000000000"), "no signal");
  EXPECT_EQ(SignalSetInWords("0000000000004002"), "SIGINT SIGTERM");
  EXPECT_NE(SignalSetInWords("ffffffffffffffff").find(" and 58 more"), std::string::npos);
}

TEST(DriftWordsTest, LongListsAreCutAndCounted) {
  ChangeList list;
  list.Add("same", "1", "1");
  EXPECT_TRUE(list.empty());
  for (const char* item : {"a", "b", "c", "d", "e"}) list.Add(item, "1", "2");
  EXPECT_EQ(list.ToString(), "a: from 1 to 2; b: from 1 to 2; c: from 1 to 2; and 2 more");
}

}  // namespace
}  // namespace portlab
