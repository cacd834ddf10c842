#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "faulty_drivers/trial/host_command.h"
#include "faulty_drivers/trial/trial_runner.h"
#include "faulty_drivers/trial/victim.h"

namespace portlab {
namespace {

// The flavour of this build: its host and drivers are the ones that are sure to be there.
constexpr Flavour kFlavour =
    std::string_view(PORTLAB_TEST_FLAVOUR) == "asan" ? Flavour::kAsan : Flavour::kPlain;

int OpenDescriptors() {
  int count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

bool HasAnyChild() {
  siginfo_t info = {};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

TrialRequest RequestFor(const CatalogueEntry& entry, IsolationMode mode, bool trigger,
                        Flavour flavour = kFlavour) {
  TrialRequest request;
  request.entry = &entry;
  request.mode = mode;
  request.flavour = flavour;
  request.trigger = trigger;
  return request;
}

// The modes of an entry this build's host can try, each in every flavour that makes a difference.
std::vector<TrialRequest> RequestsFor(const CatalogueEntry& entry, bool trigger) {
  std::vector<TrialRequest> requests;
  for (const Flavour flavour : kFlavours) {
    for (const IsolationMode mode : {IsolationMode::kInVm, IsolationMode::kProgram}) {
      const bool built = BuildName(flavour) == BuildName(kFlavour);
      const bool idle_guard = flavour == Flavour::kGuarded && mode == IsolationMode::kProgram;
      if (!built || idle_guard || !HasMode(entry, mode)) continue;
      requests.push_back(RequestFor(entry, mode, trigger, flavour));
    }
  }
  return requests;
}

// "null_write_in_vm", "null_write_in_vm_guarded".
std::string NameOf(const TrialRequest& request) {
  std::string name = request.entry->name + "_" + std::string(ModeName(request.mode));
  if (request.flavour == Flavour::kGuarded) name += "_guarded";
  return name;
}

// The last callback of a driver that took its host down, from the driver's name.
std::string LastCallbackOf(const CatalogueEntry& entry) {
  const std::size_t at = entry.name.size() + std::string_view("_in_").size();
  const std::string callback = entry.driver.substr(at, entry.driver.rfind("_drv") - at);
  // In a thread of its own, when the port has been stopped.
  return callback == "async_invoke" ? "stop" : callback;
}

std::string Described(const Outcome& outcome) {
  return outcome.key + ": " + outcome.what + "\n" + nlohmann::json(outcome).dump(2);
}

struct ZooCase {
  std::string name;
  TrialRequest request;
};

void PrintTo(const ZooCase& one, std::ostream* out) { *out << one.name; }

std::vector<ZooCase> ZooCases() {
  std::vector<ZooCase> cases;
  for (const CatalogueEntry& entry : Catalogue()) {
    for (const bool trigger : {true, false}) {
      for (const TrialRequest& request : RequestsFor(entry, trigger)) {
        cases.push_back({NameOf(request) + (trigger ? "_on" : "_off"), request});
      }
    }
  }
  return cases;
}

class TrialTest : public testing::TestWithParam<ZooCase> {};

TEST_P(TrialTest, MatchesCatalogue) {
  const TrialRequest& request = GetParam().request;
  const int descriptors = OpenDescriptors();
  const Result<Outcome> outcome = RunTrial(Installation::BesideThisExecutable(), request);
  ASSERT_TRUE(outcome) << outcome.error().ToString();
  EXPECT_TRUE(MeetsExpectation(request, *outcome))
      << "expected " << testing::PrintToString(ExpectedKeys(request)) << ", got "
      << Described(*outcome);
  EXPECT_EQ(OpenDescriptors(), descriptors);
  EXPECT_FALSE(HasAnyChild());
  if (outcome->verdict == Verdict::kHostDown) {
    EXPECT_EQ(outcome->port_count_after, -1);
    EXPECT_EQ(outcome->last_callback, LastCallbackOf(*request.entry)) << Described(*outcome);
    EXPECT_EQ(outcome->port_count_before, 2);
    EXPECT_GE(outcome->detection_ms, 0);
    return;
  }
  if (outcome->verdict == Verdict::kDegraded) return;
  EXPECT_EQ(outcome->bystanders.size(), 3u);
  EXPECT_EQ(outcome->port_count_after, outcome->port_count_before);
  for (const Bystander& bystander : outcome->bystanders) {
    EXPECT_TRUE(bystander.answered) << bystander.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Zoo, TrialTest, testing::ValuesIn(ZooCases()),
                         [](const auto& one) { return one.param.name; });

// What a plain host makes of a fault is a set of outcomes: that they stay within it shows only in
// many runs. Chunks of a few, so that CTest can run them side by side, and two trials at a time in
// each, because a trial mostly waits.
constexpr int kRuns = 20;
constexpr int kRunsPerCase = 5;
constexpr int kPatienceMs = 600;

std::vector<ZooCase> PlainCases() {
  std::vector<ZooCase> cases;
  if (kFlavour != Flavour::kPlain) return cases;
  for (const CatalogueEntry& entry : Catalogue()) {
    for (TrialRequest request : RequestsFor(entry, true)) {
      if (request.flavour != Flavour::kPlain) continue;
      request.patience_ms = kPatienceMs;
      for (int run = 0; run < kRuns; run += kRunsPerCase) {
        cases.push_back({NameOf(request) + "_from_run_" + std::to_string(run), request});
      }
    }
  }
  return cases;
}

class PlainTrialTest : public testing::TestWithParam<ZooCase> {};

TEST_P(PlainTrialTest, StaysInItsSet) {
  const TrialRequest& request = GetParam().request;
  std::atomic<int> left = kRunsPerCase;
  const auto run_trials = [&] {
    while (left.fetch_sub(1) > 0) {
      const Result<Outcome> outcome = RunTrial(Installation::BesideThisExecutable(), request);
      if (!outcome) {
        ADD_FAILURE() << outcome.error().ToString();
      } else if (!MeetsExpectation(request, *outcome)) {
        ADD_FAILURE() << "expected " << testing::PrintToString(ExpectedKeys(request)) << ", got "
                      << Described(*outcome);
      }
    }
  };
  std::thread other(run_trials);
  run_trials();
  other.join();
  EXPECT_FALSE(HasAnyChild());
}

INSTANTIATE_TEST_SUITE_P(Zoo, PlainTrialTest, testing::ValuesIn(PlainCases()),
                         [](const auto& one) { return one.param.name; });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PlainTrialTest);

TEST(ExpectationTest, MutatedEntryIsNotMet) {
  CatalogueEntry entry = *FindEntry("exit_zero");
  entry.in_vm = {{"clean"}, {"clean"}};
  const TrialRequest request = RequestFor(entry, IsolationMode::kInVm, true);
  const Result<Outcome> outcome = RunTrial(Installation::BesideThisExecutable(), request);
  ASSERT_TRUE(outcome) << outcome.error().ToString();
  EXPECT_EQ(outcome->verdict, Verdict::kHostDown);
  EXPECT_FALSE(MeetsExpectation(request, *outcome));
}

TEST(ExpectationTest, TriggerOffAllowsOnlyClean) {
  const TrialRequest request = RequestFor(*FindEntry("abort"), IsolationMode::kInVm, false);
  EXPECT_EQ(ExpectedKeys(request), std::vector<std::string>{"clean"});
}

// A machine that gives memory late, long after all patience.
TEST(VerdictTest, AFloodThatPausesIsNotStuck) {
  CatalogueEntry entry = *FindEntry("output_flood");
  entry.driver = PORTLAB_TEST_PAUSED_FLOOD;
  const Result<Outcome> outcome =
      RunTrial(Installation::BesideThisExecutable(), RequestFor(entry, IsolationMode::kInVm, true));
  ASSERT_TRUE(outcome) << outcome.error().ToString();
  EXPECT_EQ(outcome->key, "degraded:flood") << Described(*outcome);
}

TEST(OutcomeTest, SurvivesJson) {
  Outcome outcome;
  outcome.verdict = Verdict::kDegraded;
  outcome.key = "degraded:memory";
  outcome.bystanders = {{"heartbeat", true, 12.5}};
  outcome.retained.memory_bytes = std::int64_t{1} << 33;
  outcome.retained.binaries = 3;
  outcome.port_count_after = -1;
  const Outcome back = nlohmann::json::parse(nlohmann::json(outcome).dump()).get<Outcome>();
  EXPECT_EQ(Described(back), Described(outcome));
  EXPECT_EQ(back.retained.memory_bytes, std::int64_t{1} << 33);
}

TEST(OutcomeTest, UnknownVerdictIsRefused) {
  nlohmann::json json = Outcome{};
  json["verdict"] = "splendid";
  EXPECT_THROW((void)json.get<Outcome>(), nlohmann::json::exception);
}

TEST(HostCommandTest, ArgumentsAreReadBack) {
  HostCommand command;
  command.program = "some/program";
  command.echo_driver = "echo_drv.so";
  command.mode = IsolationMode::kProgram;
  command.trigger = false;
  command.trigger_kind = Trigger::kCommands;
  command.commands = 48;
  command.patience_ms = 77;
  command.black_box_fd = 3;
  command.result_fd = 4;
  const Result<HostCommand> back = ParseHostCommand(ToArguments(command));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(ToArguments(*back), ToArguments(command));
}

TEST(HostCommandTest, BadOptionsAreNamedInOneLine) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> bad = {
      {{}, "subcommand"},
      {{"trial"}, "--"},
      {{"trial", "--mode", "sideways", "--echo-driver", "e.so"}, "sideways"},
      {{"trial", "--mode", "in_vm", "--echo-driver", "e.so"}, "--driver"},
      {{"trial", "--mode", "program", "--echo-driver", "e.so", "--driver", "d.so"}, "--program"},
      {{"trial", "--mode", "in_vm", "--echo-driver", "e.so", "--driver", "d.so", "--patience-ms",
        "soon"},
       "soon"},
      {{"trial", "--mode", "in_vm", "--echo-driver", "e.so", "--driver", "d.so", "--trigger-kind",
        "commands"},
       "--commands"},
      {{"trial", "--mode", "in_vm", "--echo-driver", "e.so", "--driver", "d.so", "--louder"},
       "--louder"},
  };
  for (const auto& [arguments, named] : bad) {
    const Result<HostCommand> command = ParseHostCommand(arguments);
    ASSERT_FALSE(command) << named;
    EXPECT_NE(command.error().detail.find(named), std::string::npos) << command.error().detail;
    EXPECT_EQ(command.error().detail.find('\n'), std::string::npos) << command.error().detail;
  }
}

TEST(FaultTriggerTest, OperationsAreThoseOfTheDrivers) {
  std::ostringstream text;
  text << std::ifstream(PORTLAB_ZOO_SOURCE_DIR "/drivers/fault_trigger.h").rdbuf();
  for (const auto& [name, value] :
       {std::pair{"FAULT_ARM", kFaultArm}, {"FAULT_FIRE", kFaultFire}}) {
    std::ostringstream line;
    line << "#define " << name << " 0x0" << std::hex << value << "u\n";
    EXPECT_NE(text.str().find(line.str()), std::string::npos) << line.str();
  }
}

class BadInputTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::path(testing::TempDir()) / ("trial_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // The error of a trial with this driver; checks that nothing is left behind.
  std::string ErrorWith(const std::string& driver) {
    CatalogueEntry entry = *FindEntry("echo");
    entry.driver = driver;
    const int descriptors = OpenDescriptors();
    const Result<Outcome> outcome =
        RunTrial(installation_, RequestFor(entry, IsolationMode::kInVm, true));
    EXPECT_EQ(OpenDescriptors(), descriptors);
    EXPECT_FALSE(HasAnyChild());
    if (outcome) return "no error, but " + outcome->key;
    const std::string text = outcome.error().ToString();
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    return text;
  }

  std::filesystem::path folder_;
  Installation installation_ = Installation::BesideThisExecutable();
};

TEST_F(BadInputTest, MissingHostNamesTheFileAndTheTarget) {
  installation_.bin = folder_;
  const std::string error = ErrorWith("echo_drv");
  EXPECT_NE(error.find("enoent"), std::string::npos) << error;
  EXPECT_NE(error.find("portlab-host"), std::string::npos) << error;
}

TEST_F(BadInputTest, MissingDriverIsNamed) {
  const std::string error = ErrorWith((folder_ / "absent_drv.so").string());
  EXPECT_NE(error.find("absent_drv.so: no such file"), std::string::npos) << error;
}

TEST_F(BadInputTest, ForeignFileIsNoDriver) {
  const std::string file = (folder_ / "x.so").string();
  std::ofstream(file) << "this is text\n";
  const std::string error = ErrorWith(file);
  EXPECT_NE(error.find("not an ELF file"), std::string::npos) << error;
}

TEST_F(BadInputTest, LibraryWithoutDriverInitIsNoDriver) {
  const std::string error = ErrorWith(PORTLAB_TEST_NO_DRIVER_INIT);
  EXPECT_NE(error.find("driver_init"), std::string::npos) << error;
}

TEST_F(BadInputTest, MissingProgramIsNamed) {
  CatalogueEntry entry = *FindEntry("echo");
  entry.program = (folder_ / "absent_program").string();
  const Result<Outcome> outcome =
      RunTrial(installation_, RequestFor(entry, IsolationMode::kProgram, true));
  ASSERT_FALSE(outcome) << outcome->key;
  EXPECT_NE(outcome.error().ToString().find("absent_program"), std::string::npos);
  EXPECT_FALSE(HasAnyChild());
}

TEST_F(BadInputTest, CancelledTrialIsAnErrorAndLeavesNothing) {
  const TrialRequest request = RequestFor(*FindEntry("infinite_loop"), IsolationMode::kInVm, true);
  const Result<Outcome> outcome = RunTrial(installation_, request, [] { return true; });
  ASSERT_FALSE(outcome) << outcome->key;
  EXPECT_NE(outcome.error().ToString().find("cancelled"), std::string::npos);
  EXPECT_FALSE(HasAnyChild());
}

}  // namespace
}  // namespace portlab
