#include "fuzz/operations/operation.h"

#include <algorithm>
#include <array>

#include "base/copy_bytes.h"

namespace portlab {
namespace {

constexpr std::uint8_t kPortMask = kOperationPorts - 1;
constexpr std::uint8_t kLongLength = 0x80;
constexpr std::size_t kHeaderMax = 4;
constexpr std::size_t kNumberMax = 4;

constexpr std::array<OperationShape, kOperationKinds> kShapes = {{
    {"open", 1, true, true},
    {"command", 0, true, true},
    {"command_list", 0, true, true},
    {"pieces", 1, true, true},
    {"send", 0, true, true},
    {"control", 4, true, true},
    {"call", 4, true, true},
    {"close", 0, false, true},
    {"send_close", 0, false, true},
    {"connect", 0, false, true},
    {"exit", 0, true, true},
    {"owner_exit", 0, false, true},
    {"info", 0, false, true},
    {"advance", 2, false, false},
    {"settle", 0, false, false},
    {"fail_alloc", 1, false, true},
}};
static_assert(static_cast<std::size_t>(OperationKind::kFailAlloc) + 1 == kOperationKinds);

Bytes TakeFront(Bytes& from, std::size_t size) {
  const Bytes taken = from.first(std::min(size, from.size()));
  from = from.subspan(taken.size());
  return taken;
}

// What an input no longer has is 0.
std::uint8_t TakeByte(Bytes& from) {
  if (from.empty()) return 0;
  const std::uint8_t byte = from.front();
  from = from.subspan(1);
  return byte;
}

std::uint32_t TakeNumber(Bytes& from, std::size_t size) {
  const Bytes bytes = TakeFront(from, size);
  std::uint32_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) number = (number << 8) | bytes[i];
  return number;
}

}  // namespace

const OperationShape& ShapeOf(OperationKind kind) {
  return kShapes[static_cast<std::size_t>(kind)];
}

bool OperationReader::Next(OperationView& operation) {
  if (done()) return false;
  --left_;
  operation.kind = static_cast<OperationKind>(TakeByte(rest_) % kOperationKinds);
  const std::uint8_t second = TakeByte(rest_);
  std::size_t length = TakeByte(rest_);
  if ((second & kLongLength) != 0) length |= std::size_t{TakeByte(rest_)} << 8;
  Bytes payload = TakeFront(rest_, length);
  const OperationShape& shape = ShapeOf(operation.kind);
  operation.port = shape.has_port ? second & kPortMask : 0;
  operation.number = shape.number_bytes == 0 ? 0 : TakeNumber(payload, shape.number_bytes);
  if (operation.kind == OperationKind::kOpen) operation.number &= kOpenBitsAll;
  operation.bytes = shape.has_bytes ? payload : Bytes();
  return true;
}

std::vector<Operation> DecodeOperations(Bytes input, std::size_t operations_max) {
  std::vector<Operation> operations;
  OperationReader reader(input, operations_max);
  OperationView view;
  while (reader.Next(view)) operations.emplace_back(view);
  return operations;
}

std::uint8_t* EncodeOperation(const OperationView& operation, std::uint8_t* at, std::uint8_t* end) {
  const OperationShape& shape = ShapeOf(operation.kind);
  const std::size_t kept =
      shape.has_bytes ? std::min(operation.bytes.size(), kPayloadMax - shape.number_bytes) : 0;
  const std::size_t length = kept + shape.number_bytes;
  const bool is_long = length > 0xff;
  if (static_cast<std::size_t>(end - at) < 3 + std::size_t{is_long} + length) return nullptr;
  *at++ = static_cast<std::uint8_t>(operation.kind);
  *at++ = static_cast<std::uint8_t>((shape.has_port ? operation.port & kPortMask : 0) |
                                    (is_long ? kLongLength : 0));
  *at++ = static_cast<std::uint8_t>(length);
  if (is_long) *at++ = static_cast<std::uint8_t>(length >> 8);
  for (std::size_t i = 0; i < shape.number_bytes; ++i) {
    *at++ = static_cast<std::uint8_t>(operation.number >> (8 * i));
  }
  CopyBytes(at, operation.bytes.data(), kept);
  return at + kept;
}

std::string EncodeOperations(std::span<const Operation> operations) {
  std::string input;
  for (const Operation& operation : operations) {
    const std::size_t before = input.size();
    input.resize(before + kHeaderMax + kNumberMax + operation.bytes.size());
    auto* at = reinterpret_cast<std::uint8_t*>(input.data()) + before;
    const std::uint8_t* after = EncodeOperation(
        operation.view(), at, reinterpret_cast<std::uint8_t*>(input.data()) + input.size());
    input.resize(before + static_cast<std::size_t>(after - at));
  }
  return input;
}

}  // namespace portlab
