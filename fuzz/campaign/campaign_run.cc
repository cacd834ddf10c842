#include "fuzz/campaign/campaign_run.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>

#include "base/random.h"
#include "fuzz/campaign/corpus_merge.h"
#include "fuzz/campaign/history.h"
#include "fuzz/campaign/seed_corpus.h"
#include "fuzz/campaign/watched_child.h"
#include "fuzz/crash/known_crashes.h"
#include "fuzz/operations/input_ring.h"
#include "launch/real_time.h"

namespace portlab {
namespace {

constexpr Nanos kSecond = 1000 * kMillisecond;
// A run is ended when it has not ended by itself this long after it should have.
constexpr int kGraceSeconds = 15;
// So many runs in a row that died while the corpus was read: no more will come of it.
constexpr int kBarrenMax = 10;
constexpr int kDay = 24 * 60 * 60;
// What child_program_fuzz.cc writes when the input alone does not do it: all that led there.
constexpr std::string_view kLife = "life";
// Hidden: libFuzzer's artifacts lie in the same folder.
constexpr std::string_view kRing = ".ring";
constexpr std::string_view kKnown = ".known";

std::string UtcTimeNow() {
  const time_t now = ::time(nullptr);
  tm parts = {};
  ::gmtime_r(&now, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

// The input libFuzzer wrote before it died.
std::optional<std::string> ArtifactIn(const std::string& folder) {
  const auto names = FilesIn(folder);
  if (!names) return std::nullopt;
  for (const std::string& name : *names) {
    if (name.starts_with("slow-unit-") || name == kLife) continue;
    if (auto content = ReadFile(folder + "/" + name)) return *content;
  }
  return std::nullopt;
}

std::string Announcement(const Finding& finding) {
  const std::string where = finding.Where();
  return fmt::format("NEW {}: {}{}; reproduced {}, {} operations, {} bytes", finding.id,
                     BucketInWords(finding.bucket), where.empty() ? "" : " (" + where + ")",
                     ReproductionInWords(finding), finding.minimised.operations,
                     finding.minimised.bytes);
}

}  // namespace

CampaignRun::CampaignRun(const CampaignOptions& options, const CampaignHooks& hooks,
                         const FindingsStore& store, std::vector<Finding> earlier)
    : options_(options),
      hooks_(hooks),
      store_(store),
      begin_(RealNow()),
      findings_(std::move(earlier)),
      live_(static_cast<std::size_t>(options.jobs)),
      working_(options.jobs) {
  figures_.seed = options.seed;
}

bool CampaignRun::AllLeft() {
  const MutexLock lock(mutex_);
  return working_ == 0;
}

CampaignFigures CampaignRun::Figures() {
  const MutexLock lock(mutex_);
  return SumFigures();
}

std::vector<Finding> CampaignRun::Findings() {
  const MutexLock lock(mutex_);
  return findings_;
}

std::string CampaignRun::end() {
  const MutexLock lock(mutex_);
  return end_;
}

std::optional<Error> CampaignRun::trouble() {
  const MutexLock lock(mutex_);
  return trouble_;
}

CampaignFigures CampaignRun::SumFigures() {
  CampaignFigures sum = figures_;
  for (const Live& live : live_) {
    sum.executed += live.executed;
    sum.edges = std::max(sum.edges, live.edges);
    sum.features = std::max(sum.features, live.features);
    sum.corpus = std::max(sum.corpus, live.corpus);
  }
  sum.seconds = static_cast<double>(RealNow() - begin_) / kSecond;
  return sum;
}

std::string CampaignRun::WhyDone() {
  if (trouble_) return "trouble";
  if (options_.execs > 0 && figures_.executed + granted_ >= options_.execs) {
    return "all inputs were run";
  }
  if (options_.seconds > 0 && RealNow() - begin_ >= options_.seconds * kSecond) {
    return "the time is up";
  }
  const auto failing = std::ranges::count_if(findings_, &Finding::fails);
  if (options_.max_findings > 0 && failing >= options_.max_findings) {
    return "enough was found";
  }
  if (barren_ >= kBarrenMax) {
    return fmt::format("the {} fails before anything can be fuzzed: mend what was found first",
                       NounOf(options_.target.kind));
  }
  return {};
}

std::optional<CampaignRun::Grant> CampaignRun::TakeGrant() {
  const bool stopped = hooks_.stopped();
  const MutexLock lock(mutex_);
  const std::string why = stopped ? "interrupted" : WhyDone();
  if (!why.empty()) {
    if (end_.empty()) end_ = why;
    return std::nullopt;
  }
  Grant grant;
  grant.number = figures_.runs++;
  // libFuzzer takes 32 bits, and 0 for a seed of its own choice.
  grant.seed = Random(options_.seed + grant.number).Next() % 0x7fffffff + 1;
  if (options_.execs > 0) {
    const std::uint64_t left = options_.execs - figures_.executed - granted_;
    const auto jobs = static_cast<std::uint64_t>(options_.jobs);
    grant.execs = std::min(left, (options_.execs + jobs - 1) / jobs);
    granted_ += grant.execs;
  }
  grant.seconds = kDay;
  if (options_.seconds > 0) {
    const Nanos left = options_.seconds * kSecond - (RealNow() - begin_);
    grant.seconds = std::max(1, static_cast<int>(left / kSecond));
  }
  return grant;
}

std::vector<std::string> CampaignRun::ArgumentsFor(const Grant& grant,
                                                   const std::string& scratch) const {
  std::vector<std::string> args = HostFlags(options_.target, scratch);
  args.push_back(fmt::format("-seed={}", grant.seed));
  args.push_back(fmt::format("-max_total_time={}", grant.seconds));
  args.push_back(fmt::format("-max_len={}", options_.target.max_len));
  // Every run would begin with short inputs again.
  args.push_back("-len_control=0");
  if (grant.execs > 0) args.push_back(fmt::format("-runs={}", grant.execs));
  if (!options_.dictionary.empty()) args.push_back("-dict=" + options_.dictionary);
  args.push_back(store_.corpus());
  for (std::string& word : HostTail(options_.target)) args.push_back(std::move(word));
  args.push_back(fmt::format("--ring={}/{}", scratch, kRing));
  if (options_.target.outlives_crashes()) {
    args.push_back(fmt::format("--known={}/{}", scratch, kKnown));
  }
  return args;
}

void CampaignRun::Tell(std::size_t worker, const LibFuzzerLog& log) {
  const MutexLock lock(mutex_);
  live_[worker] = {log.executed(), log.edges(), log.features(), log.corpus()};
}

void CampaignRun::Account(std::size_t worker, const Grant& grant, const LibFuzzerLog& log,
                          bool crashed) {
  const MutexLock lock(mutex_);
  live_[worker] = {};
  granted_ -= grant.execs;
  figures_.executed += log.executed();
  figures_.replayed += std::min(log.seeds() + 1, log.executed());
  figures_.edges = std::max(figures_.edges, log.edges());
  figures_.features = std::max(figures_.features, log.features());
  figures_.corpus = std::max(figures_.corpus, log.corpus());
  figures_.new_units += log.new_units();
  figures_.driver_counters = std::max(figures_.driver_counters, log.driver_counters());
  barren_ = crashed && !log.began() ? barren_ + 1 : 0;
}

Result<CampaignRun::Ended> CampaignRun::RunHost(std::size_t worker, const Grant& grant) {
  const auto scratch = ScratchFolder::Make();
  if (!scratch) return Fail(scratch.error());
  const auto ring =
      InputRing::Make(fmt::format("{}/{}", scratch->path(), kRing), options_.target.max_len);
  if (!ring) return Fail(ring.error());
  const auto listed =
      WriteFileWhole(fmt::format("{}/{}", scratch->path(), kKnown), KnownCrashesText(KnownIds()));
  if (!listed) return Fail(listed.error());
  LibFuzzerLog log;
  WatchedSpec spec;
  spec.file = options_.target.host;
  spec.args = ArgumentsFor(grant, scratch->path());
  spec.environment = HostEnvironment(Symbols::kAddresses);
  spec.time_limit = (Nanos{grant.seconds} + options_.target.timeout_s + kGraceSeconds) * kSecond;
  spec.cancelled = hooks_.stopped;
  // The server that starts the host's programs, which outlives the host by a moment.
  spec.ends_strays = options_.target.kind == TargetKind::kProgram;
  spec.on_stderr = [&](std::string_view text) {
    log.Add(text);
    Tell(worker, log);
  };
  const auto end = RunWatched(spec);
  if (!end) return Fail(end.error());
  Ended ended;
  if (!end->cancelled) {
    if (end->status.exited(kHostRefused)) return Fail(Error::General(LastWordsOf(log.tail())));
    ended.crash = CrashOf({end->status, end->time_limit, log.finished()}, log.tail());
    ended.input = ArtifactIn(scratch->path());
    ended.before = ring->Inputs();
    if (!ended.before.empty()) ended.before.pop_back();  // the input itself
  }
  Account(worker, grant, log, ended.crash.has_value());
  for (const auto& [id, times] : log.known()) {
    if (!CountIfSeenAt(id, times)) CountIfKnown(id, times);
  }
  // All that led there: no one input of the corpus is to blame.
  auto life = ReadFile(scratch->path() + "/" + std::string(kLife));
  const bool one = ended.input && !life && !log.began();
  if (life || (one && TakeOutOfCorpus(store_.corpus(), *ended.input))) {
    const MutexLock lock(mutex_);
    barren_ = 0;
  }
  if (life) ended.input = *std::move(life);
  return ended;
}

std::vector<std::string> CampaignRun::KnownIds() {
  const MutexLock lock(mutex_);
  std::vector<std::string> ids;
  for (const Finding& finding : findings_) {
    if (!finding.fails()) continue;
    ids.push_back(finding.id);
    for (const auto& [address_id, id] : id_at_) {
      if (id == finding.id && address_id != id) ids.push_back(address_id);
    }
  }
  return ids;
}

bool CampaignRun::CountIfKnown(const std::string& id, std::uint64_t times) {
  const MutexLock lock(mutex_);
  for (Finding& finding : findings_) {
    if (finding.id != id || !finding.fails()) continue;
    finding.times_seen += times;
    figures_.repeats += times;
    return true;
  }
  return false;
}

bool CampaignRun::CountIfSeenAt(const std::string& address_id, std::uint64_t times) {
  std::string id;
  {
    const MutexLock lock(mutex_);
    const auto known = id_at_.find(address_id);
    if (known == id_at_.end()) return false;
    id = known->second;
  }
  return CountIfKnown(id, times);
}

// False: another worker is at it.
bool CampaignRun::BeginTriage(const std::string& id) {
  const MutexLock lock(mutex_);
  if (std::ranges::find(in_triage_, id) != in_triage_.end()) return false;
  in_triage_.push_back(id);
  return true;
}

Result<void> CampaignRun::AddFinding(const Grant& grant, Triaged triaged) {
  Finding& finding = triaged.finding;
  finding.seed = grant.seed;
  finding.first_exec = Figures().executed;
  finding.first_seen = UtcTimeNow();
  if (finding.bucket.kind == "timeout" && finding.reproduced == 0) {
    hooks_.say(finding.id + ": an input took too long, but not when run again: not counted");
    const MutexLock lock(mutex_);
    std::erase(in_triage_, finding.id);
    return {};
  }
  if (auto kept = store_.Add(finding, options_.target, triaged.files); !kept) return kept;
  hooks_.say(Announcement(finding));
  const MutexLock lock(mutex_);
  std::erase(in_triage_, finding.id);
  std::erase_if(findings_, [&](const Finding& other) { return other.id == finding.id; });
  findings_.push_back(std::move(finding));
  return {};
}

// The report has addresses only. Those that were seen already say enough; else the input is run
// once more for the names.
Result<void> CampaignRun::TakeCrash(const Grant& grant, const Ended& ended) {
  CrashReport crash = *ended.crash;
  const std::string input = ended.input.value_or("");
  const Bucket by_address = BucketOf(crash, options_.target.modules());
  const std::string address_id = BucketId(by_address);
  if (!by_address.frames.empty() && CountIfSeenAt(address_id)) return {};
  // A program that printed nothing has no names.
  if (crash.tool != "program") {
    auto named = NameCrash(input, ended.before);
    if (!named) return Fail(named.error());
    if (*named) crash = std::move(**named);
  }
  const std::string id = BucketId(BucketOf(crash, options_.target.modules()));
  {
    const MutexLock lock(mutex_);
    id_at_[address_id] = id;
  }
  if (CountIfKnown(id) || !BeginTriage(id)) return {};
  auto triaged =
      Triage(options_.target, input, ended.before, crash, options_.triage, hooks_.stopped);
  if (!triaged) return Fail(triaged.error());
  if (hooks_.stopped() && triaged->finding.tries == 0) return {};
  return AddFinding(grant, std::move(*triaged));
}

Result<std::optional<CrashReport>> CampaignRun::NameCrash(const std::string& input,
                                                          const std::vector<std::string>& before) {
  auto alone = CrashOfLast(options_.target, {input}, hooks_.stopped);
  if (!alone || *alone || before.empty()) return alone;
  std::vector<std::string> all = before;
  all.push_back(input);
  return CrashOfLast(options_.target, all, hooks_.stopped);
}

void CampaignRun::MergeIfWorthIt() {
  const auto files = FilesIn(store_.corpus());
  if (!files || !IsWorthMerging(files->size(), Figures().corpus)) return;
  MergeCorpus(options_.target, store_.corpus(), hooks_.stopped);
}

void CampaignRun::WorkUntilDone(std::size_t worker) {
  while (const auto grant = TakeGrant()) {
    auto ended = RunHost(worker, *grant);
    Result<void> done;
    if (!ended) done = Fail(ended.error());
    if (ended && ended->crash) done = TakeCrash(*grant, *ended);
    if (worker == 0) MergeIfWorthIt();
    if (done) continue;
    const MutexLock lock(mutex_);
    if (!trouble_) trouble_ = done.error();
  }
  const MutexLock lock(mutex_);
  --working_;
}

}  // namespace portlab
