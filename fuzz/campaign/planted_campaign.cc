// planted_campaign HOST DRIVER FOLDER DICTIONARY: a campaign with a fixed number of inputs and a
// fixed seed. planted_drv must give exactly the findings below; its fixed twin none, although as
// much was run.
//
// Exit status: 0 as it must be, 1 not.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>

#include "fuzz/campaign/campaign.h"

namespace portlab {
namespace {

constexpr std::uint64_t kExecs = 200'000;
constexpr std::uint64_t kSeed = 7;

struct Planted {
  std::string_view kind;
  std::string_view function;
};
constexpr Planted kPlanted[] = {
    {"heap-buffer-overflow", "store_record"},    {"heap-buffer-overflow", "checksum_pieces"},
    {"heap-use-after-free", "use_session"},      {"double-free", "drop_twice"},
    {"invalid-shift-exponent", "scale_shift"},   {"signed-integer-overflow", "scale_sum"},
    {"heap-buffer-overflow", "answer_too_long"}, {"null-pointer-use", "first_option"}};

bool IsPlanted(const Finding& finding, const Planted& planted) {
  return finding.bucket.kind == planted.kind && !finding.bucket.frames.empty() &&
         finding.bucket.frames.front() == planted.function;
}

// The number of things that are not as they must be; each is told.
int CheckFindings(const CampaignResult& result, bool fixed) {
  int wrong = 0;
  for (const Planted& planted : kPlanted) {
    const auto count = std::ranges::count_if(
        result.findings, [&](const Finding& finding) { return IsPlanted(finding, planted); });
    if (count == (fixed ? 0 : 1)) continue;
    ++wrong;
    std::printf("%s in %s was found %d times\n", planted.kind.data(), planted.function.data(),
                static_cast<int>(count));
  }
  for (const Finding& finding : result.findings) {
    const bool planted =
        std::ranges::any_of(kPlanted, [&](const Planted& one) { return IsPlanted(finding, one); });
    if (planted && finding.reproduced == finding.tries) continue;
    ++wrong;
    std::printf("%s is not as planted: %s, reproduced %s\n", finding.id.c_str(),
                BucketInWords(finding.bucket).c_str(), ReproductionInWords(finding).c_str());
  }
  return wrong;
}

int Check(const std::string& host, const std::string& driver, const std::string& folder,
          const std::string& dictionary) {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  CampaignOptions options;
  options.target.host = host;
  options.target.driver = driver;
  options.out = folder;
  options.dictionary = dictionary;
  options.execs = kExecs;
  options.seconds = 0;  // the inputs end it, however busy the machine is
  options.seed = kSeed;
  options.max_findings = static_cast<int>(std::size(kPlanted));
  options.target.max_len = 512;
  options.triage.minimise_runs = 20;
  options.triage.minimise_seconds = 5;
  const auto print = [](const std::string& line) { std::printf("%s\n", line.c_str()); };
  const auto result = RunCampaign(options, {print, print, [] { return false; }});
  if (!result) {
    std::printf("the campaign failed: %s\n", result.error().ToString().c_str());
    return 1;
  }
  int wrong = CheckFindings(*result, driver.find("fixed") != std::string::npos);
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
  if (argc != 5) return 1;
  return portlab::Check(argv[1], argv[2], argv[3], argv[4]);
}
