// planted_campaign WHAT HOST FILE FOLDER DICTIONARY|SEEDS: a campaign with a fixed number of inputs
// and a fixed seed on one of the planted targets: a driver, a library with the packet loop, a
// program with AddressSanitizer (asan_program), or one without (plain_program). It must give
// exactly the findings below; a fixed twin none, although as much was run.
//
// Exit status: 0 as it must be, 1 not.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fuzz/campaign/campaign.h"

namespace portlab {
namespace {

constexpr std::uint64_t kSeed = 7;

struct Planted {
  std::string_view kind;
  // The topmost function; of a program without a sanitizer, what it had answered; empty: no stack
  // of the driver's leads there.
  std::string_view place;
  std::string_view verdict = "deterministic";  // empty: it may be any
};
constexpr Planted kInDriver[] = {
    {"heap-buffer-overflow", "store_record"},    {"heap-buffer-overflow", "checksum_pieces"},
    {"heap-use-after-free", "use_session"},      {"double-free", "drop_twice"},
    {"invalid-shift-exponent", "scale_shift"},   {"signed-integer-overflow", "scale_sum"},
    {"heap-buffer-overflow", "answer_too_long"}, {"null-pointer-use", "first_option"}};
// What stays inside its process: a bad frame and a long life are seen of programs only.
constexpr Planted kInLibrary[] = {
    {"heap-buffer-overflow", "keep_record"}, {"heap-use-after-free", "use_session"},
    {"integer-divide-by-zero", "divide"},    {"exit-called", "leave"},
    {"null-pointer-use", "first_option"},    {"null-pointer-use", "half_answer"}};
constexpr Planted kInAsanProgram[] = {
    {"heap-buffer-overflow", "keep_record"}, {"heap-use-after-free", "use_session"},
    {"integer-divide-by-zero", "divide"},    {"exit-3", "nothing"},
    {"null-pointer-use", "first_option"},    {"null-pointer-use", "half_answer"},
    {"bad-packet-header", "nothing"}};
constexpr Planted kInPlainProgram[] = {
    {"signal-8", "nothing"},          {"exit-3", "nothing"},
    {"signal-11", "nothing"},         {"signal-11", "part of an answer"},
    {"bad-packet-header", "nothing"}, {"signal-6", "nothing"}};
// The last fault rests on state of the driver's: the first inputs that show it are two.
constexpr Planted kInUntidy[] = {{"fd-leak", ""},
                                 {"thread-leak", ""},
                                 {"block-leak", ""},
                                 {"binary-leak", ""},
                                 {"queue-never-drained", ""},
                                 {"null-pointer-use", "open_note"},
                                 {"call-after-stop", "reuse_port", ""}};
constexpr Planted kInCounting[] = {{"null-pointer-use", "summarise", "needs-history"}};

enum class Stable { kYes, kNo, kEither };  // does an input do the same when run twice?

struct Subject {
  std::string_view name;
  TargetKind kind;
  std::uint64_t execs;
  std::span<const Planted> planted;
  Stable stable = Stable::kEither;  // the fixed twin of a driver always is
};
constexpr Subject kSubjects[] = {
    {"driver", TargetKind::kDriver, 300'000, kInDriver, Stable::kYes},
    {"untidy", TargetKind::kDriver, 100'000, kInUntidy},
    {"counting", TargetKind::kDriver, 20'000, kInCounting, Stable::kNo},
    {"library", TargetKind::kLibrary, 30'000, kInLibrary},
    {"asan_program", TargetKind::kProgram, 6'000, kInAsanProgram},
    {"plain_program", TargetKind::kProgram, 6'000, kInPlainProgram}};

bool IsPlanted(const Finding& finding, const Planted& planted) {
  const Bucket& bucket = finding.bucket;
  const std::string_view place = bucket.frames.empty() ? std::string_view(bucket.answered)
                                                       : std::string_view(bucket.frames.front());
  return bucket.kind == planted.kind && (planted.place.empty() || place == planted.place);
}

bool IsAsSure(const Finding& finding, const Planted& planted) {
  return finding.reproduced == finding.tries &&
         (planted.verdict.empty() || VerdictOf(finding) == planted.verdict);
}

// The number of things that are not as they must be; each is told.
int CheckFindings(const CampaignResult& result, std::span<const Planted> all, bool fixed) {
  int wrong = 0;
  for (const Planted& planted : all) {
    const auto count = std::ranges::count_if(
        result.findings, [&](const Finding& finding) { return IsPlanted(finding, planted); });
    if (count == (fixed ? 0 : 1)) continue;
    ++wrong;
    std::printf("%s in %s was found %d times\n", planted.kind.data(), planted.place.data(),
                static_cast<int>(count));
  }
  for (const Finding& finding : result.findings) {
    const bool planted = std::ranges::any_of(
        all, [&](const Planted& one) { return IsPlanted(finding, one) && IsAsSure(finding, one); });
    if (planted) continue;
    ++wrong;
    std::printf("%s is not as planted: %s, %s\n", finding.id.c_str(),
                BucketInWords(finding.bucket).c_str(), ReproductionInWords(finding).c_str());
  }
  return wrong;
}

int CheckCorpus(const CampaignResult& result, Stable wanted) {
  if (result.target.kind != TargetKind::kDriver) return 0;
  int wrong = 0;
  const Stability& stability = result.stability;
  std::printf("%s\n", StabilityInWords(stability).c_str());
  const Stable found = stability.stable == stability.inputs ? Stable::kYes : Stable::kNo;
  if (stability.inputs == 0 || (wanted != Stable::kEither && wanted != found)) {
    ++wrong;
    std::printf("the corpus should have been %s\n", found == Stable::kYes ? "unstable" : "stable");
  }
  const auto control = std::ranges::find(result.operations, "control", &OperationReach::operation);
  if (control == result.operations.end() || !ReachedIn(*control, "open")) {
    ++wrong;
    std::printf("no open port was reached by control\n");
  }
  return wrong;
}

CampaignOptions OptionsFor(const Subject& subject, char** argv) {
  CampaignOptions options;
  options.target.kind = subject.kind;
  options.target.host = argv[0];
  options.target.file = argv[1];
  options.out = argv[2];
  if (std::filesystem::is_directory(argv[3])) {
    options.seed_folders = {argv[3]};
  } else {
    options.dictionary = argv[3];
  }
  options.execs = subject.execs;
  options.seconds = 0;  // the inputs end it, however busy the machine is
  options.seed = kSeed;
  options.max_findings = static_cast<int>(subject.planted.size());
  options.target.max_len = 512;
  options.triage.minimise_runs = 20;
  options.triage.minimise_seconds = 5;
  return options;
}

int Check(const Subject& subject, char** argv) {
  std::error_code ignored;
  const CampaignOptions options = OptionsFor(subject, argv);
  std::filesystem::remove_all(options.out, ignored);
  const auto print = [](const std::string& line) { std::printf("%s\n", line.c_str()); };
  const auto result = RunCampaign(options, {print, print, [] { return false; }});
  if (!result) {
    std::printf("the campaign failed: %s\n", result.error().ToString().c_str());
    return 1;
  }
  const bool fixed = options.target.file.find("fixed") != std::string::npos;
  int wrong = CheckFindings(*result, subject.planted, fixed);
  wrong += CheckCorpus(*result, fixed ? Stable::kYes : subject.stable);
  if (const std::string why = NoWorkReason(*result); !why.empty()) {
    ++wrong;
    std::printf("%s\n", why.c_str());
  }
  std::printf("%d things are wrong after %llu inputs in %.0f s: %s\n", wrong,
              static_cast<unsigned long long>(result->figures.executed), result->figures.seconds,
              result->end.c_str());
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace portlab

int main(int argc, char** argv) {
  if (argc != 6) return 1;
  for (const portlab::Subject& subject : portlab::kSubjects) {
    if (subject.name == argv[1]) return portlab::Check(subject, argv + 2);
  }
  return 1;
}
