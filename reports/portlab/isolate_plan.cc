#include "reports/portlab/isolate_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "fuzz/operations/text.h"
#include "reports/portlab/provocations.h"

namespace portlab {
namespace {

// So much of a raw input is one packet of a program.
std::size_t PacketMax(const IsolateSubject& subject) {
  return subject.framing.packet_bytes == 1 ? 0xff : kPayloadMax;
}

std::vector<Operation> AsPackets(const IsolateSubject& subject, std::string_view bytes) {
  std::vector<Operation> operations = {MakeOperation(OperationKind::kOpen, 0)};
  do {
    const std::string_view packet = bytes.substr(0, PacketMax(subject));
    operations.push_back(MakeOperation(OperationKind::kCommand, 0, 0, std::string(packet)));
    bytes.remove_prefix(packet.size());
  } while (!bytes.empty());
  return operations;
}

Result<std::vector<Operation>> DecodedOf(const IsolateSubject& subject, const IsolateInput& input) {
  const bool program = subject.mode == IsolationMode::kProgram;
  const std::size_t operations_max = program ? kPacketsMax : kOperationsMax;
  if (input.is_text) return ParseOperations(input.content, operations_max);
  if (program && !input.is_finding) return AsPackets(subject, input.content);
  return DecodeOperations(AsBytes(input.content), operations_max);
}

// As a fuzz host does it: the program is there from the beginning, and lines have their ends.
void CompleteForProgram(const IsolateSubject& subject, std::vector<Operation>& operations) {
  if (std::ranges::count(operations, OperationKind::kOpen, &Operation::kind) == 0) {
    operations.insert(operations.begin(), MakeOperation(OperationKind::kOpen, 0));
  }
  if (subject.framing.line_length == 0) return;
  for (Operation& operation : operations) {
    const bool packet = PacketStepOf(operation.view()) == PacketStep::kPacket;
    if (packet && !operation.bytes.ends_with('\n')) operation.bytes += '\n';
  }
}

Result<std::vector<Operation>> OperationsOf(const IsolateSubject& subject,
                                            const IsolateInput& input) {
  auto operations = DecodedOf(subject, input);
  if (!operations) return Fail(Error::BadArg(input.origin + ": " + operations.error().detail));
  if (subject.mode == IsolationMode::kProgram) CompleteForProgram(subject, *operations);
  return operations;
}

TrialScript ScriptFor(const IsolateSubject& subject) {
  TrialScript script;
  script.start_args = subject.start_args;
  script.args = subject.args;
  script.packet_bytes = subject.framing.packet_bytes;
  script.line_length = subject.framing.line_length;
  return script;
}

Result<IsolateRow> RowFor(const IsolateSubject& subject, const IsolateInput& input,
                          std::size_t number) {
  auto operations = OperationsOf(subject, input);
  if (!operations) return Fail(operations.error());
  IsolateRow row;
  row.name = input.name;
  row.id = fmt::format("X{}", number);
  row.title = fmt::format("the input {}: {} operations", input.origin, operations->size());
  row.script = ScriptFor(subject);
  row.script.operations = *std::move(operations);
  // Some inputs are about opens that fail.
  row.script.must_open = false;
  if (row.script.start_args.empty()) row.script.start_args = input.start_args;
  return row;
}

// The names of rows are unique, whatever the inputs are called.
void MakeUnique(std::vector<IsolateRow>& rows) {
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::string name = rows[i].name;
    const auto taken = [&] {
      return std::any_of(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(i),
                         [&](const IsolateRow& row) { return row.name == rows[i].name; });
    };
    for (int copy = 2; taken(); ++copy) rows[i].name = fmt::format("{}-{}", name, copy);
  }
}

}  // namespace

Result<std::vector<IsolateRow>> PlanRows(const IsolateSubject& subject,
                                         const std::vector<IsolateInput>& inputs) {
  const TrialScript script = ScriptFor(subject);
  std::vector<IsolateRow> rows = {ControlRow(subject, script)};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    auto row = RowFor(subject, inputs[i], i + 1);
    if (!row) return Fail(row.error());
    rows.push_back(*std::move(row));
  }
  for (IsolateRow& row : Provocations(subject, script)) rows.push_back(std::move(row));
  MakeUnique(rows);
  return rows;
}

Result<std::vector<IsolateRow>> ChooseRows(std::vector<IsolateRow> rows,
                                           const std::vector<std::string>& only) {
  std::string names;
  for (const IsolateRow& row : rows) names += (names.empty() ? "" : ", ") + row.name;
  for (const std::string& name : only) {
    if (std::ranges::count(rows, name, &IsolateRow::name) == 0) {
      return Fail(Error::BadArg("there is no row '" + name + "'; there are: " + names));
    }
  }
  if (only.empty()) return rows;
  std::erase_if(rows,
                [&](const IsolateRow& row) { return std::ranges::count(only, row.name) == 0; });
  return rows;
}

}  // namespace portlab
