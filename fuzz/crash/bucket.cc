#include "fuzz/crash/bucket.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

namespace portlab {
namespace {

constexpr std::size_t kFrames = 3;

// FNV-1a: the same everywhere, and nobody picks inputs against it.
std::uint64_t HashOf(const Bucket& bucket) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    hash = (hash ^ 0xffu) * 0x100000001b3u;  // so that "ab","c" is not "a","bc"
  };
  add(bucket.kind);
  add(bucket.access);
  if (!bucket.size.empty()) add(bucket.size);
  for (const std::string& frame : bucket.frames) add(frame);
  add(bucket.operation);
  if (!bucket.answered.empty()) add(bucket.answered);
  return hash;
}

std::string HexHead(std::uint64_t hash) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 32; shift -= 4) text += kDigits[(hash >> shift) & 15];
  return text;
}

std::string FirstWord(const std::string& text) { return text.substr(0, text.find(' ')); }

std::vector<std::string> FirstNames(const std::vector<StackFrame>& frames) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(kFrames, frames.size()); ++i) {
    names.push_back(StableName(frames[i]));
  }
  return names;
}

// A library function's access is as long as its caller wanted it this time.
std::string SizeClass(const CrashReport& report, const TracedModules& modules) {
  constexpr std::uint64_t kOneInstruction = 16;
  if (report.bytes == 0 || report.stack.frames.empty()) return {};
  const bool users_own = OwnerOf(report.stack.frames.front(), modules) == FrameOwner::kUser;
  if (!users_own || report.bytes > kOneInstruction) return "a block";
  return report.bytes == 1 ? "1 byte" : "2 to 16 bytes";
}

bool GoesByOperation(const CrashReport& report) {
  constexpr std::array<std::string_view, 3> kKinds = {"timeout", "out-of-memory", "memory-limit"};
  return std::ranges::find(kKinds, report.kind) != kKinds.end();
}

}  // namespace

const std::string_view kBucketRule =
    "Two crashes are one finding when they are of one kind, both read or both write, their access "
    "is of one size class (1 byte; 2 to 16 bytes; a block, which is whatever a library function "
    "does and what is longer), and the first three functions of the driver's code on the stack are "
    "the same. Frames of the sanitizer, libc, the allocator, libFuzzer and portlab do not count, "
    "nor do numbers of lines. A timeout, memory used up, and a broken rule that no stack tells of "
    "are one finding for each kind of operation; so is, by its signal or exit status and what it "
    "had "
    "answered, a program that ended without a report.";

std::vector<StackFrame> UserFrames(const StackTrace& trace, const TracedModules& modules) {
  std::vector<StackFrame> frames;
  for (const StackFrame& frame : trace.frames) {
    const FrameOwner owner = OwnerOf(frame, modules);
    if (owner == FrameOwner::kUser) frames.push_back(frame);
    if (owner == FrameOwner::kHost && !frames.empty()) break;
  }
  return frames;
}

Bucket BucketOf(const CrashReport& report, const TracedModules& modules) {
  Bucket bucket;
  bucket.kind = report.kind;
  bucket.access = report.access;
  if (GoesByOperation(report)) {
    bucket.access.clear();
    bucket.operation = FirstWord(report.operation_text);
    return bucket;
  }
  if (report.tool == "program") {
    bucket.answered = report.answered;
    return bucket;
  }
  bucket.size = SizeClass(report, modules);
  bucket.frames = FirstNames(UserFrames(report.stack, modules));
  // What a rule of portlab's says is named by the rule; its own frames add nothing.
  if (!bucket.frames.empty() || report.tool == "contract") {
    if (bucket.frames.empty()) bucket.operation = FirstWord(report.operation_text);
    return bucket;
  }
  std::vector<StackFrame> host;
  std::ranges::copy_if(report.stack.frames, std::back_inserter(host), [&](const StackFrame& frame) {
    return OwnerOf(frame, modules) == FrameOwner::kHost;
  });
  bucket.frames = FirstNames(host);
  bucket.operation = FirstWord(report.operation_text);
  return bucket;
}

std::string BucketId(const Bucket& bucket) {
  std::string id;
  for (const char c : bucket.kind) {
    const auto byte = static_cast<unsigned char>(c);
    id += std::isalnum(byte) != 0 ? static_cast<char>(std::tolower(byte)) : '-';
  }
  return id + "-" + HexHead(HashOf(bucket));
}

std::string BucketInWords(const Bucket& bucket) {
  std::string words = bucket.kind;
  if (!bucket.access.empty()) words += " " + bucket.access;
  if (!bucket.size.empty()) words += " of " + bucket.size;
  const char* before = " in ";
  for (const std::string& frame : bucket.frames) {
    words += before + frame;
    before = " < ";
  }
  if (!bucket.operation.empty()) words += ", operation " + bucket.operation;
  if (!bucket.answered.empty()) words += ", answered: " + bucket.answered;
  return words;
}

}  // namespace portlab
