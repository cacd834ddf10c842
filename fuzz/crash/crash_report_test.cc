// Reports as the real tools printed them, cut where nothing more is read.
#include "fuzz/crash/crash_report.h"

#include <gmock/gmock.h>

#include "fuzz/crash/bucket.h"

namespace portlab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const TracedModules kModules = {"/opt/portlab/bin/portlab-host-fuzz", "/src/drv/planted_drv.so"};

constexpr const char* kUseAfterFree = R"(portlab: operation 1: open p2 ""
portlab: operation 2: control p2 0x2 ""
portlab: operation 3: control p2 0x3 ""
=================================================================
==20067==ERROR: AddressSanitizer: heap-use-after-free on address 0x502000000050 at pc 0x7f165a59b063 bp 0x7ffc59687920 sp 0x7ffc59687918
READ of size 4 at 0x502000000050 thread T0
    #0 0x7f165a59b062 in use_session at /src/drv/planted_drv.c:95:18 (/src/drv/planted_drv.so+0x4062)
    #1 0x7f165a59aac8 in control at /src/drv/planted_drv.c:157:7 (/src/drv/planted_drv.so+0x3ac8)
    #2 0x56498da73f6e in portlab::PortExecutor::Control(portlab::PortSignal&) at /p/port_commands.cc:102:14 (/opt/portlab/bin/portlab-host-fuzz+0x18bf6e)
    #3 0x56498da73f6f in LLVMFuzzerTestOneInput at <null>:0:0 (/opt/portlab/bin/portlab-host-fuzz+0x18bf6f)

0x502000000050 is located 0 bytes inside of 4-byte region [0x502000000050,0x502000000054)
freed by thread T0 here:
    #0 0x5597d9108546 in free at <null>:0:0 (/opt/portlab/bin/portlab-host-fuzz+0x160546)
    #1 0x5597d91c7905 in portlab::FreeForDriver(void*) at /p/driver_memory.cc:26:3 (/opt/portlab/bin/portlab-host-fuzz+0x21f905)
    #2 0x7f653db098a8 in close_session at /src/drv/planted_drv.c:88:3 (/src/drv/planted_drv.so+0x68a8)

SUMMARY: AddressSanitizer: heap-use-after-free /src/drv/planted_drv.c:95:18 in use_session
)";

// The sanitizers' own format, where the interceptor comes first and frames name either source or
// module.
constexpr const char* kOverflowInMemcpy =
    R"(==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000020
WRITE of size 40 at 0x602000000020 thread T0
    #0 0x4c2a6c in __asan_memcpy (/opt/portlab/bin/portlab-host-fuzz+0x4c2a6c) (BuildId: 55125b)
    #1 0x7f60a0 in store_record /src/drv/planted_drv.c:71:3
    #2 0x7f60a9 in control /src/drv/planted_drv.c:160:7
    #3 0x55c0 in portlab::PortExecutor::Control(portlab::PortSignal&) /p/port_commands.cc:93:14
    #4 0x55c1 in other_user_code /src/drv/never.c:1:1

SUMMARY: AddressSanitizer: heap-buffer-overflow (/opt/portlab/bin/portlab-host-fuzz+0x4c2a6c) in __asan_memcpy
)";

constexpr const char* kDoubleFree =
    R"(==9==ERROR: AddressSanitizer: attempting double-free on 0x502000001b70 in thread T0:
    #0 0x5596d9108546 in free at <null>:0:0 (/opt/portlab/bin/portlab-host-fuzz+0x160546)
    #1 0x5596d91c7905 in portlab::FreeForDriver(void*) at /p/driver_memory.cc:26:3 (/opt/portlab/bin/portlab-host-fuzz+0x21f905)
    #2 0x7f653db098a8 in drop_twice at /src/drv/planted_drv.c:98:3 (/src/drv/planted_drv.so+0x68a8)
    #3 0x7f653db08f4b in control at /src/drv/planted_drv.c:160:7 (/src/drv/planted_drv.so+0x5f4b)
    #4 0x5596d91bb8cf in portlab::PortExecutor::Control(portlab::PortSignal&) at /p/a.cc:93:14 (/opt/portlab/bin/portlab-host-fuzz+0x2138cf)

SUMMARY: AddressSanitizer: double-free (/opt/portlab/bin/portlab-host-fuzz+0x160546) in free
)";

constexpr const char* kShift =
    R"(/src/drv/planted_drv.c:109:23: runtime error: shift exponent 241 is too large for 32-bit type 'int'
    #0 0x7f730ff7026d in scale_shift at /src/drv/planted_drv.c:109:23 (/src/drv/planted_drv.so+0x426d)
    #1 0x7f730ff6fab5 in control at /src/drv/planted_drv.c:163:7 (/src/drv/planted_drv.so+0x3ab5)

SUMMARY: UndefinedBehaviorSanitizer: invalid-shift-exponent /src/drv/planted_drv.c:109:23
)";

std::string SegvAt(const std::string& address, bool zero_page) {
  return "==8==ERROR: AddressSanitizer: SEGV on unknown address " + address +
         " (pc 0x7f bp 0x7f sp 0x7f T0)\n==8==The signal is caused by a WRITE memory access.\n" +
         (zero_page ? "==8==Hint: address points to the zero page.\n" : "") +
         "    #0 0x7f1 in at :0:0 (/src/drv/planted_drv.so+0x1234)\n\n"
         "SUMMARY: AddressSanitizer: SEGV (/src/drv/planted_drv.so+0x1234)\n";
}

Bucket BucketOfLog(const std::string& log) {
  const auto report = ParseCrashReport(log);
  EXPECT_TRUE(report.has_value());
  return report ? BucketOf(*report, kModules) : Bucket();
}

TEST(CrashReportTest, UseAfterFreeTellsAccessStacksAndOperation) {
  const auto report = ParseCrashReport(kUseAfterFree);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->tool, "asan");
  EXPECT_EQ(report->kind, "heap-use-after-free");
  EXPECT_EQ(report->access, "READ");
  EXPECT_EQ(report->operation, 2);
  EXPECT_EQ(report->operation_text, "control p2 0x3 \"\"");
  ASSERT_EQ(report->stack.frames.size(), 4u);
  EXPECT_EQ(report->stack.frames[0].source, "/src/drv/planted_drv.c");
  EXPECT_EQ(report->stack.frames[0].line, 95);
  ASSERT_EQ(report->related.size(), 1u);
  EXPECT_EQ(report->related[0].title, "freed by thread T0 here:");
  EXPECT_THAT(BucketOfLog(kUseAfterFree).frames, ElementsAre("use_session", "control"));
}

TEST(CrashReportTest, InterceptorAndHostFramesAreNotTheUsers) {
  const Bucket bucket = BucketOfLog(kOverflowInMemcpy);
  EXPECT_EQ(bucket.kind, "heap-buffer-overflow");
  EXPECT_EQ(bucket.access, "WRITE");
  EXPECT_THAT(bucket.frames, ElementsAre("store_record", "control"));
}

TEST(CrashReportTest, WhatTheDriverCalledOfThePortIsSkippedAboveIt) {
  const Bucket bucket = BucketOfLog(kDoubleFree);
  EXPECT_EQ(bucket.kind, "double-free");
  EXPECT_THAT(bucket.frames, ElementsAre("drop_twice", "control"));
}

TEST(CrashReportTest, UndefinedBehaviourIsNamedByItsSummary) {
  const Bucket bucket = BucketOfLog(kShift);
  EXPECT_EQ(bucket.kind, "invalid-shift-exponent");
  EXPECT_THAT(bucket.frames, ElementsAre("scale_shift", "control"));
  EXPECT_EQ(ParseCrashReport(kShift)->tool, "ubsan");
}

TEST(CrashReportTest, ZeroPageIsANullDereferenceAndAnAddressWithoutSymbolAnOffset) {
  const Bucket bucket = BucketOfLog(SegvAt("0x000000000000", true));
  EXPECT_EQ(bucket.kind, "null-dereference");
  EXPECT_EQ(bucket.access, "WRITE");
  EXPECT_THAT(bucket.frames, ElementsAre("planted_drv.so+0x1234"));
  EXPECT_EQ(BucketOfLog(SegvAt("0x7f00dead0000", false)).kind, "SEGV");
}

TEST(CrashReportTest, TimeoutsAreOneBucketForEachKindOfOperation) {
  const auto log = [](const std::string& operation, const std::string& function) {
    return "portlab: operation 1: " + operation +
           "\n==3== ERROR: libFuzzer: timeout after 20 seconds\n    #0 0x1 in " + function +
           " at /src/drv/a.c:1:1 (/src/drv/planted_drv.so+0x1)\n";
  };
  const Bucket one = BucketOfLog(log("control p0 1 \"\"", "here"));
  EXPECT_EQ(one.kind, "timeout");
  EXPECT_EQ(one, BucketOfLog(log("control p1 9 \"x\"", "there")));
  EXPECT_NE(one, BucketOfLog(log("close p0", "here")));
}

TEST(CrashReportTest, ContractReportIsItsRuleAndOperation) {
  const auto report = ParseCrashReport(
      "portlab: FOUND: port-open-after-close: the port is still there\n"
      "==4==ERROR: AddressSanitizer: ABRT on unknown address 0x000000000004\n"
      "portlab: in operation 4: close p1\n");
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->tool, "contract");
  EXPECT_EQ(report->kind, "port-open-after-close");
  EXPECT_EQ(report->operation, 4);
  EXPECT_EQ(BucketOf(*report, kModules).operation, "close");
}

TEST(CrashReportTest, GuardedMemoryTellsTheKindOfFault) {
  const auto report = ParseCrashReport(
      "portlab: host stopped: use-after-free: read at offset 0 of the 4-byte block allocated in "
      "start, freed in control\n");
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->kind, "use-after-free");
  EXPECT_THAT(report->sentence, HasSubstr("freed in control"));
}

TEST(CrashReportTest, RecursionIsCollapsed) {
  std::string log = "==5==ERROR: AddressSanitizer: stack-overflow on address 0x7ff\n";
  for (int i = 0; i < 40; ++i) {
    log += "    #" + std::to_string(i) + " 0x1 in " + (i % 2 == 0 ? "even" : "odd") +
           " at /src/drv/a.c:3:1 (/src/drv/planted_drv.so+0x9)\n";
  }
  log += "    #40 0x1 in control at /src/drv/a.c:9:1 (/src/drv/planted_drv.so+0xa)\n";
  EXPECT_THAT(BucketOfLog(log).frames, ElementsAre("even", "odd", "control"));
}

TEST(CrashReportTest, FirstReportCounts) {
  const std::string log = std::string(kShift) + kUseAfterFree;
  EXPECT_EQ(ParseCrashReport(log)->kind, "invalid-shift-exponent");
}

TEST(CrashReportTest, LogWithoutReportHasNone) {
  EXPECT_FALSE(ParseCrashReport("").has_value());
  EXPECT_FALSE(ParseCrashReport("INFO: Seed: 1\n#2 INITED cov: 3\nDone 2 runs\n").has_value());
}

TEST(BucketTest, IdIsStableAndDoesNotDependOnLines) {
  const Bucket bucket = BucketOfLog(kUseAfterFree);
  EXPECT_EQ(BucketId(bucket), "heap-use-after-free-1326d605");
  std::string moved = kUseAfterFree;
  for (std::size_t at; (at = moved.find("95:18")) != std::string::npos;) {
    moved.replace(at, 5, "99:20");
  }
  EXPECT_EQ(BucketOfLog(moved), bucket);
}

// The same fault with accesses of another size.
std::string Sized(const char* log, const std::string& from, const std::string& to) {
  std::string changed = log;
  changed.replace(changed.find(from), from.size(), to);
  return changed;
}

TEST(BucketTest, SizeClassIsThatOfOneInstruction) {
  const Bucket word = BucketOfLog(kUseAfterFree);
  EXPECT_EQ(word.size, "2 to 16 bytes");
  EXPECT_EQ(BucketOfLog(Sized(kUseAfterFree, "size 4", "size 8")), word);
  const Bucket byte = BucketOfLog(Sized(kUseAfterFree, "size 4", "size 1"));
  EXPECT_EQ(byte.size, "1 byte");
  EXPECT_NE(BucketId(byte), BucketId(word));
  const Bucket large = BucketOfLog(Sized(kUseAfterFree, "size 4", "size 17"));
  EXPECT_EQ(large.size, "a block");
  EXPECT_NE(BucketId(large), BucketId(byte));
  EXPECT_EQ(BucketInWords(byte), "heap-use-after-free READ of 1 byte in use_session < control");
}

// memcpy copies what it is told to: the same bug with 40 bytes and with 1.
TEST(BucketTest, AccessOfALibraryFunctionIsABlockWhateverItsSize) {
  const Bucket block = BucketOfLog(kOverflowInMemcpy);
  EXPECT_EQ(block.size, "a block");
  EXPECT_EQ(BucketOfLog(Sized(kOverflowInMemcpy, "size 40", "size 1")), block);
  std::string no_names = kOverflowInMemcpy;
  no_names = Sized(no_names.c_str(), "in __asan_memcpy ", "");
  EXPECT_EQ(BucketOfLog(no_names).size, "a block");
}

TEST(BucketTest, FaultWithoutAnAccessOfASizeHasNoSizeClass) {
  EXPECT_EQ(BucketOfLog(kDoubleFree).size, "");
  EXPECT_EQ(BucketOfLog(SegvAt("0x7f00dead0000", false)).size, "");
}

TEST(BucketTest, OtherFunctionIsAnotherBucket) {
  Bucket bucket = BucketOfLog(kUseAfterFree);
  const std::string id = BucketId(bucket);
  bucket.frames[1] = "outputv";
  EXPECT_NE(BucketId(bucket), id);
  bucket.frames = {"use_sessioncontrol"};
  EXPECT_NE(BucketId(bucket), id);
}

TEST(StackFrameTest, NameLosesWhatChanges) {
  StackFrame frame;
  frame.function =
      "ns::Box<int, 3>::Put(int)::{lambda(int)#2}::operator()(int) const [clone .isra.0]";
  const std::string name = StableName(frame);
  EXPECT_THAT(name, testing::Not(HasSubstr("int")));
  EXPECT_THAT(name, HasSubstr("ns::Box::Put"));
  frame.function = "free_session";
  frame.source = "free.c";
  EXPECT_EQ(StableName(frame), "free_session");
  EXPECT_EQ(OwnerOf(frame, {}), FrameOwner::kUser);
}

TEST(StackFrameTest, LinesThatAreNoFramesAreNone) {
  for (const char* line : {"", "#", "#1024\tNEW cov: 3", "READ of size 4", "##0 x"}) {
    EXPECT_FALSE(ParseStackFrame(line).has_value()) << line;
  }
  const auto frame = ParseStackFrame("#12 0x0");
  ASSERT_TRUE(frame.has_value());
  EXPECT_THAT(frame->function, IsEmpty());
}

TEST(CrashReportTest, ProgramThatSaidNothingGoesByItsEndAndWhatItAnswered) {
  const std::string log =
      "portlab: in operation 2: command p0 \"x\"\nportlab: answered: part of an answer\n"
      "portlab: PROGRAM: signal-11: the program was killed by SIGSEGV\n"
      "==1==ERROR: AddressSanitizer: ABRT on unknown address 0x1\n"
      "    #0 0x1 in raise (/lib/libc.so.6+0x1)\n    #1 0x2 in Report "
      "(/bin/portlab-host-fuzz-child+0x2)\n";
  const auto report = ParseCrashReport(log);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->tool, "program");
  EXPECT_EQ(report->kind, "signal-11");
  EXPECT_EQ(report->operation, 2);
  EXPECT_TRUE(report->stack.frames.empty()) << "that is how the host ended";
  const Bucket bucket = BucketOf(*report, {"/bin/portlab-host-fuzz-child", "/src/prog", true});
  EXPECT_EQ(BucketInWords(bucket), "signal-11, answered: part of an answer");
  CrashReport silent = *report;
  silent.answered = "nothing";
  EXPECT_NE(BucketId(BucketOf(silent, {})), BucketId(bucket));
}

TEST(StackFrameTest, SanitizerInsideAProgramIsNotItsOwnCode) {
  const TracedModules modules = {"/bin/portlab-host-fuzz-child", "/src/prog", true};
  const auto owner = [&](const std::string& function) {
    return OwnerOf({function, "", 0, "/src/prog", 1}, modules);
  };
  EXPECT_EQ(owner("keep_record"), FrameOwner::kUser);
  EXPECT_EQ(owner("main"), FrameOwner::kUser);
  EXPECT_EQ(owner("__asan_memcpy"), FrameOwner::kMachinery);
  EXPECT_EQ(owner("malloc"), FrameOwner::kMachinery);
  EXPECT_EQ(owner("_start"), FrameOwner::kMachinery);
}

}  // namespace
}  // namespace portlab
