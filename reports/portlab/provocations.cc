#include "reports/portlab/provocations.h"

#include <algorithm>

#include "base/random.h"

namespace portlab {
namespace {

using enum OperationKind;
using Operations = std::vector<Operation>;

constexpr int kFloodCommands = 4096;
constexpr int kFloodBytes = 1024;
constexpr int kManyPorts = 1000;
constexpr std::uint32_t kOperationNumbers = 256;
// Of `control` and `call`: with all numbers the large payload would be most of the trial.
constexpr std::uint32_t kNumbersWithLargePayload = 3;
constexpr std::size_t kLarge = kPayloadMax - 4;  // with the operation's number: 64 KiB, less one
constexpr std::size_t kGarbage = 4096;
constexpr std::uint64_t kSeed = 20260;

std::string SeededBytes(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  std::string bytes(count, '\0');
  for (char& c : bytes) c = static_cast<char>(random.Next() >> 56);
  return bytes;
}

std::string Ping(const IsolateSubject& subject) {
  return subject.framing.line_length > 0 ? "ping\n" : "ping";
}

Operation OpenOf(std::uint8_t port) { return MakeOperation(kOpen, port, kOpenBinary); }

Operation PingOf(const IsolateSubject& subject, std::uint8_t port) {
  return MakeOperation(kCommand, port, 0, Ping(subject));
}

IsolateRow RowOf(std::string name, std::string id, std::string title, const TrialScript& script,
                 Operations operations) {
  IsolateRow row = {std::move(name), std::move(id), std::move(title), script};
  row.script.operations = std::move(operations);
  return row;
}

IsolateRow Flooded(const IsolateSubject& subject, const TrialScript& script) {
  const bool small = subject.framing.packet_bytes == 1;
  std::string bytes(small ? 0xff : kFloodBytes, 'x');
  if (subject.framing.line_length > 0) bytes.back() = '\n';
  IsolateRow row = RowOf("flooded", "Y1", "commands, one after the other, and nothing is read",
                         script, {OpenOf(0)});
  row.script.repeated = {MakeOperation(kCommand, 0, 0, bytes)};
  row.script.times = kFloodCommands;
  return row;
}

// Each kind of request has a port of its own, so that a driver that ends a port for one of them
// gets the others all the same.
IsolateRow MalformedForDriver(const TrialScript& script) {
  const std::string garbage = SeededBytes(kSeed, kGarbage);
  const std::string large = SeededBytes(kSeed + 1, kLarge);
  // Begins as the external format does, and breaks off.
  const std::string no_term("\x83h\xff\x02\x00", 5);
  Operations operations = {OpenOf(0), OpenOf(1), OpenOf(2)};
  for (std::uint32_t number = 0; number < kOperationNumbers; ++number) {
    for (const std::string& bytes : {std::string(), std::string(1, '\xff'), no_term}) {
      operations.push_back(MakeOperation(kControl, 0, number, bytes));
      operations.push_back(MakeOperation(kCall, 1, number, bytes));
    }
    if (number >= kNumbersWithLargePayload) continue;
    for (const std::string& bytes : {garbage, large}) {
      operations.push_back(MakeOperation(kControl, 0, number, bytes));
      operations.push_back(MakeOperation(kCall, 1, number, bytes));
    }
  }
  for (const std::string& bytes : {std::string(), std::string(1, '\0'), no_term, garbage, large}) {
    operations.push_back(MakeOperation(kCommand, 2, 0, bytes));
    operations.push_back(MakeOperation(kPieces, 2, 6, bytes));
  }
  return RowOf("malformed", "Y2",
               "payloads that nobody means: empty, one byte, 64 KiB, broken terms; operations 0 "
               "to 255",
               script, std::move(operations));
}

// Its port is opened as a stream, so that the bytes between the two are as wrong as can be.
IsolateRow MalformedForProgram(const IsolateSubject& subject, const TrialScript& script) {
  const auto header = static_cast<std::size_t>(subject.framing.packet_bytes);
  std::string truncated(header, '\0');
  if (header > 0) truncated.back() = 100;
  Operations operations = {OpenOf(0), OpenOf(1), OpenOf(2), OpenOf(3)};
  const auto send = [&](std::uint8_t port, std::string bytes) {
    operations.push_back(MakeOperation(kCommand, port, 0, std::move(bytes)));
  };
  // The largest length there is; without lengths, a line without an end.
  send(0, header > 0 ? std::string(header, '\xff') + "abc" : std::string(kLarge, 'a'));
  send(1, truncated + "abc");
  send(2, SeededBytes(kSeed, kGarbage));
  send(3, std::string(kGarbage, subject.framing.line_length > 0 ? '\n' : '\0'));
  IsolateRow row = RowOf("malformed", "Y2",
                         "a header of all ones, a frame that breaks off, garbage, and nothing but "
                         "zeros, each on a port of its own",
                         script, std::move(operations));
  row.script.packet_bytes = 0;
  row.script.line_length = 0;
  return row;
}

IsolateRow OwnerKilled(const IsolateSubject& subject, const TrialScript& script) {
  IsolateRow row = RowOf("owner_killed", "Y3", "its owner is killed while commands are under way",
                         script, {OpenOf(0), PingOf(subject, 0)});
  row.script.action = OutsideAction::kKillOwner;
  return row;
}

IsolateRow ManyPorts(const TrialScript& script) {
  IsolateRow row = RowOf("many_ports", "Y4", "1,000 ports opened and closed, one after the other",
                         script, {OpenOf(0)});
  row.script.repeated = {MakeOperation(kClose, 0), OpenOf(0)};
  row.script.times = kManyPorts;
  return row;
}

}  // namespace

Operation MakeOperation(OperationKind kind, std::uint8_t port, std::uint32_t number,
                        std::string bytes) {
  Operation operation;
  operation.kind = kind;
  operation.port = port;
  operation.number = number;
  operation.bytes = std::move(bytes);
  return operation;
}

IsolateRow ControlRow(const IsolateSubject& subject, const TrialScript& script) {
  Operations operations = {OpenOf(0), PingOf(subject, 0), PingOf(subject, 0)};
  if (subject.mode == IsolationMode::kInVm) {
    operations.push_back(MakeOperation(kControl, 0, 0, "ping"));
  }
  operations.push_back(MakeOperation(kInfo, 0));
  return RowOf(kControlRow, "W1", "opened, sent a few harmless commands, and closed: must be clean",
               script, std::move(operations));
}

std::vector<IsolateRow> Provocations(const IsolateSubject& subject, const TrialScript& script) {
  if (subject.mode == IsolationMode::kInVm) {
    return {Flooded(subject, script), MalformedForDriver(script), OwnerKilled(subject, script),
            ManyPorts(script)};
  }
  IsolateRow killed = RowOf("killed", "Y5", "the program is killed from outside (SIGKILL)", script,
                            {OpenOf(0), PingOf(subject, 0)});
  killed.script.action = OutsideAction::kKillProgram;
  IsolateRow stopped = RowOf("stopped", "Y6", "the program is stopped from outside (SIGSTOP)",
                             script, {OpenOf(0), PingOf(subject, 0)});
  stopped.script.action = OutsideAction::kStopProgram;
  return {Flooded(subject, script), MalformedForProgram(subject, script),
          OwnerKilled(subject, script), std::move(killed), std::move(stopped)};
}

}  // namespace portlab
