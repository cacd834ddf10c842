// A program of a port as it is: a child of this process that lives through many inputs, hears their
// packets and answers. Built with libFuzzer it is bin/portlab-host-fuzz-child, which `portlab fuzz
// --program` starts for what is no library.
//
// libFuzzer sees nothing of the program's code; the shapes of its answers (fuzz/answers.h) decide
// which inputs are kept. A program is started again when it ended, and after kLifePackets packets.
// What it dies of may need what earlier inputs of its life have left in it: when the input alone
// does not do it, all packets of that life are written beside libFuzzer's artifact as one input,
// under the name that CampaignRun looks for.
//
// What operations are to a program says fuzz/operations/packets.h. Flags behind
// -ignore_remaining_args=1: --program=FILE, --arg=WORD…, --packet=1|2|4, --line=N or --stream,
// --timeout=SECONDS for a packet, --memory-mb=N, --ok-exit=STATUS…; --known=FILE: the crashes that
// are told of and not reported (fuzz/crash/known_crashes.h); --fresh: a program of its own for
// every input, which must end at the end of it. Oracles: signals, exit statuses, answers that no
// port would take, time and memory. Source: fuzzing.md 5.5, 5.7.
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/crash/known_crashes.h"
#include "fuzz/operations/packets.h"
#include "fuzz/operations/text.h"
#include "fuzz/program_child.h"
#include "launch/start_program.h"

namespace portlab {
namespace {

constexpr int kCannotStart = 2;
constexpr int kFound = 77;
constexpr std::size_t kLifePackets = 256;
// How long a program may take to end when its input does.
constexpr Nanos kEndPatience = 500 * kMillisecond;
constexpr Nanos kFreshEndPatience = 2'000 * kMillisecond;

[[noreturn]] void Refuse(const std::string& why) {
  std::fprintf(stderr, "portlab: %s\n", why.c_str());
  std::exit(kCannotStart);
}

struct Flags {
  std::string program;
  std::vector<std::string> args;
  PacketFraming framing;
  int timeout_s = 10;
  int memory_mb = 2048;
  std::vector<int> ok_exits = {0};
  bool fresh = false;
  std::string known;      // a file
  std::string artifacts;  // libFuzzer's prefix
};

// What is behind `name`, if that is what the word begins with.
std::optional<std::string_view> ValueOf(std::string_view word, std::string_view name) {
  if (!word.starts_with(name)) return std::nullopt;
  return word.substr(name.size());
}

int NumberOf(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    Refuse("'" + std::string(text) + "' is no number");
  }
  return number;
}

void ReadFlag(std::string_view word, Flags& flags) {
  if (const auto program = ValueOf(word, "--program=")) flags.program = *program;
  if (const auto arg = ValueOf(word, "--arg=")) flags.args.emplace_back(*arg);
  if (const auto framing = FramingFromFlag(word)) flags.framing = *framing;
  if (const auto seconds = ValueOf(word, "--timeout=")) flags.timeout_s = NumberOf(*seconds);
  if (const auto size = ValueOf(word, "--memory-mb=")) flags.memory_mb = NumberOf(*size);
  if (const auto status = ValueOf(word, "--ok-exit=")) flags.ok_exits.push_back(NumberOf(*status));
  if (const auto prefix = ValueOf(word, "-artifact_prefix=")) flags.artifacts = *prefix;
  if (const auto known = ValueOf(word, "--known=")) flags.known = *known;
  if (word == "--fresh") flags.fresh = true;
}

std::string PathOf(const Flags& flags) {
  return std::filesystem::absolute(flags.program).lexically_normal().string();
}

ProgramChild::Options ChildOptions(const Flags& flags) {
  ProgramChild::Options options;
  options.program.file = PathOf(flags);
  options.program.args = flags.args;
  options.program.environment = EnvironmentWith({});
  options.framing = flags.framing;
  options.spawn_server = SpawnClient::DefaultServerPath();
  options.patience = Nanos{flags.timeout_s} * 1000 * kMillisecond;
  options.memory_bytes = static_cast<std::size_t>(flags.memory_mb) << 20;
  options.refuse = Refuse;
  return options;
}

// What the program did that no program should.
struct Fault {
  std::string rule;
  std::string sentence;
};

class ProgramUnderTest {
 public:
  explicit ProgramUnderTest(Flags flags)
      : flags_(std::move(flags)),
        known_(flags_.known, {"", PathOf(flags_), true}),
        child_(ChildOptions(flags_)) {}

  void Begin();
  // False: it crashed in a way that is known.
  bool Run(Bytes input);

 private:
  std::optional<Fault> Play(Bytes input);
  std::optional<Fault> Step(const OperationView& operation);
  std::optional<Fault> FaultOf(ProgramChild::Event event);
  std::optional<Fault> FaultOfEnd(WaitStatus status, bool at_its_end) const;
  std::optional<Fault> Send(std::string_view bytes);
  std::optional<Fault> End();
  void ForgetLife();
  void Remember(Bytes input);
  bool DoesItAlone(const std::string& id, Bytes input);
  void GoOnAfter(const std::string& id);
  std::string Tell(const Fault& fault, Bytes input);
  [[noreturn]] void Report(const Fault& fault, const std::string& id, Bytes input);

  const Flags flags_;
  const KnownCrashes known_;
  ProgramChild child_;
  std::string life_;  // the earlier inputs that the program has lived through
  std::size_t life_packets_ = 0;
  std::size_t operation_ = 0;  // of the input, in flight
  std::string answered_;       // to it
  bool open_ = true;
  std::string framed_;
};

// A program that cannot be spoken to is told before anything is fuzzed.
void ProgramUnderTest::Begin() {
  child_.Start();
  const ProgramChild::Event event = child_.Exchange({});
  if (event == ProgramChild::Event::kResting) return;
  const bool ended = event == ProgramChild::Event::kEnded;
  Refuse("the program does not wait for a packet: " +
         (ended ? child_.status().ToString() : "it is busy, or has closed its output") +
         "; does it need arguments?");
}

std::optional<Fault> ProgramUnderTest::FaultOfEnd(WaitStatus status, bool at_its_end) const {
  if (status.signaled()) {
    return Fault{"signal-" + std::to_string(status.signal()),
                 "the program was " + status.ToString()};
  }
  const int code = status.exit_code();
  for (const int ok : flags_.ok_exits) {
    if (code == ok) return std::nullopt;
  }
  // Nobody hears the status of a port that was closed; a sanitizer's is more than that.
  if (at_its_end && code != kFound) return std::nullopt;
  return Fault{"exit-" + std::to_string(code),
               "the program ended with status " + std::to_string(code)};
}

std::optional<Fault> ProgramUnderTest::FaultOf(ProgramChild::Event event) {
  switch (event) {
    case ProgramChild::Event::kResting:
      child_.answers().CountShape();
      return std::nullopt;
    case ProgramChild::Event::kEnded:
      child_.answers().CountEnd();
      return FaultOfEnd(child_.status(), false);
    case ProgramChild::Event::kClosedOutput:
      child_.answers().CountEnd();
      return std::nullopt;
    case ProgramChild::Event::kTimeout:
      return Fault{"timeout", "the program is not done with a packet after " +
                                  std::to_string(flags_.timeout_s) + " s"};
    case ProgramChild::Event::kBadFrame:
      return Fault{"bad-packet-header", "the program announces a packet that no port would take"};
    case ProgramChild::Event::kMemory:
      return Fault{"out-of-memory",
                   "the program holds more than " + std::to_string(flags_.memory_mb) + " MiB"};
  }
  return std::nullopt;
}

// The end of its input.
std::optional<Fault> ProgramUnderTest::End() {
  if (!child_.runs()) return std::nullopt;
  const auto status = child_.Close(flags_.fresh ? kFreshEndPatience : kEndPatience);
  auto fault = status ? FaultOfEnd(*status, true) : std::nullopt;
  if (!fault) ForgetLife();
  return fault;
}

std::optional<Fault> ProgramUnderTest::Send(std::string_view bytes) {
  const ProgramChild::Event event = child_.Exchange(bytes);
  answered_ = child_.answers().InWords();
  auto fault = FaultOf(event);
  if (event != ProgramChild::Event::kResting && !fault) {
    child_.Kill();
    ForgetLife();
  }
  return fault;
}

std::optional<Fault> ProgramUnderTest::Step(const OperationView& operation) {
  const PacketStep step = PacketStepOf(operation);
  if (step == PacketStep::kOpen) open_ = true;
  if (step == PacketStep::kClose && open_) {
    open_ = false;
    return End();
  }
  if (step != PacketStep::kPacket || !open_) return std::nullopt;
  if (!child_.runs()) {
    child_.Start();
    if (auto fault = Send({})) return fault;
    if (!child_.runs()) return std::nullopt;
  }
  framed_.clear();
  AppendFramed(flags_.framing, operation.bytes, framed_);
  ++life_packets_;
  return Send(framed_);
}

std::optional<Fault> ProgramUnderTest::Play(Bytes input) {
  OperationReader reader(input, kPacketsMax);
  OperationView operation;
  open_ = true;
  child_.answers().BeginInput();
  for (operation_ = 0; reader.Next(operation); ++operation_) {
    if (auto fault = Step(operation)) return fault;
  }
  if (!flags_.fresh && life_packets_ < kLifePackets) return std::nullopt;
  answered_ = "nothing";
  return End();
}

void ProgramUnderTest::Remember(Bytes input) {
  OperationReader reader(input, kPacketsMax);
  OperationView operation;
  std::vector<Operation> heard;
  while (reader.Next(operation)) {
    if (PacketStepOf(operation) != PacketStep::kNothing) heard.emplace_back(operation);
  }
  life_ += EncodeOperations(heard);
}

void ProgramUnderTest::ForgetLife() {
  life_.clear();
  life_packets_ = 0;
}

// A program of its own dies of it as well, and in the same way.
bool ProgramUnderTest::DoesItAlone(const std::string& id, Bytes input) {
  if (child_.runs()) child_.Kill();
  ForgetLife();
  auto fault = Play(input);
  if (!fault) {
    answered_ = "nothing";
    fault = End();
  }
  return fault && known_.IdOf(Tell(*fault, input)) == id;
}

bool ProgramUnderTest::Run(Bytes input) {
  if (const auto fault = Play(input)) {
    const std::string told = Tell(*fault, input);
    const std::string id = known_.IdOf(told);
    if (!known_.Has(id)) {
      std::fwrite(told.data(), 1, told.size(), stderr);  // a program may print any bytes
      Report(*fault, id, input);
    }
    GoOnAfter(id);
    return false;
  }
  // Also when it was started anew meanwhile: it will be again when all of this is repeated.
  if (child_.runs()) Remember(input);
  return true;
}

// With what a sanitizer said first.
std::string ProgramUnderTest::Tell(const Fault& fault, Bytes input) {
  const std::vector<Operation> operations = DecodeOperations(input, kPacketsMax);
  const std::string text = operation_ < operations.size() ? PrintOperation(operations[operation_])
                                                          : "the end of the input";
  return child_.TakeReport() + "portlab: in operation " + std::to_string(operation_) + ": " + text +
         "\nportlab: answered: " + answered_ + "\nportlab: PROGRAM: " + fault.rule + ": " +
         fault.sentence + "\n";
}

void ProgramUnderTest::GoOnAfter(const std::string& id) {
  std::fprintf(stderr, "%s\n", KnownCrashLine(id).c_str());
  if (child_.runs()) child_.Kill();
  ForgetLife();
}

void ProgramUnderTest::Report(const Fault& fault, const std::string& id, Bytes input) {
  if (flags_.fresh) ::_exit(kFound);
  const std::string life = life_;
  // What takes for ever does so once more, and then some.
  if (!life.empty() && fault.rule != "timeout" && !DoesItAlone(id, input)) {
    std::fputs("portlab: the input alone does not do it\n", stderr);
    std::ofstream(flags_.artifacts + "life", std::ios::binary) << life << AsText(input);
  }
  // As for any finding: libFuzzer writes its artifact and its figures.
  std::abort();
}

ProgramUnderTest* under_test = nullptr;

}  // namespace

// For replay_main.cc.
bool InputFromText(const std::string& text, std::string& input, std::string& error) {
  const Result<std::string> encoded = EncodeText(text, kPacketsMax);
  if (!encoded) error = encoded.error().detail;
  if (encoded) input = *encoded;
  return encoded.has_value();
}

}  // namespace portlab

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  portlab::Flags flags;
  for (int i = 1; i < *argc; ++i) portlab::ReadFlag((*argv)[i], flags);
  if (flags.program.empty()) portlab::Refuse("--program=FILE names the program");
  ::signal(SIGPIPE, SIG_IGN);
  // Never destroyed: libFuzzer ends in many ways, and the spawn server sees all of them.
  portlab::under_test = new portlab::ProgramUnderTest(std::move(flags));
  portlab::under_test->Begin();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // What is not to be kept gives -1: all that is made of it would crash as well.
  return portlab::under_test->Run(portlab::Bytes(data, size)) ? 0 : -1;
}
