// Which findings are one and the same: the rule, in one place.
//
//   bucket = kind (+READ/WRITE, size class) + the first three functions of the user's code
//
// The size class of an access tells an index that is off by one character from a field that is not
// there any more, and both from a copy that runs on: one byte; 2 to 16 bytes; or a block, which is
// whatever a library function does, however long, and what is longer than any one instruction.
//
// Frames of the sanitizer, libc, the allocator, libFuzzer and portlab are not the user's; neither
// is anything below the first portlab frame that follows the user's own: that is how the driver was
// called, not what it did. Where no frame is the user's, portlab's own count. A timeout, memory
// used up, and a broken rule that no stack tells of are one bucket for each kind of operation.
// Of a program that ended without a sanitizer's report nothing is known but its signal or exit
// status (the kind) and what it had answered to the packet in flight: nothing, a part, or whole
// answers. Numbers of lines and sizes as such do not count: they change while the bug stays.
//
// Threads: pure. Errors: none. Source: fuzzing.md 6.5.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fuzz/crash/crash_report.h"

namespace portlab {

struct Bucket {
  std::string kind;
  std::string access;
  std::string size;                 // "1 byte", "2 to 16 bytes", "a block"; empty: not told
  std::vector<std::string> frames;  // StableName of each
  std::string operation;            // the kind of operation, where that counts
  // CrashReport's, where that counts.
  std::string answered = {};

  bool operator==(const Bucket&) const = default;
};

// The rule above in one paragraph, for reports.
extern const std::string_view kBucketRule;

Bucket BucketOf(const CrashReport& report, const TracedModules& modules);

// "heap-buffer-overflow-3f2a91c0": stable from run to run and from machine to machine.
std::string BucketId(const Bucket& bucket);
// "heap-buffer-overflow WRITE of a block in store_record < control"
std::string BucketInWords(const Bucket& bucket);

// The frames of the user's code, the topmost first; all of them.
std::vector<StackFrame> UserFrames(const StackTrace& trace, const TracedModules& modules);

}  // namespace portlab
