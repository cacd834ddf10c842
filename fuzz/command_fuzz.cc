// erlang:port_command/2 with any payload, and what the driver sends back.
//
// The first byte of an input says how: bit 0, the port's data comes as binaries; bit 1, the payload
// goes as a nested list of pieces, its second byte being the length of a piece. The rest is the
// payload. Every input gets a port of its own.
// Oracles: the sanitizers; the port closes; messages have the shape that was asked for; echo_drv
// sends exactly what it got.
#include <algorithm>

#include "fuzz/driver_under_test.h"

namespace portlab {
namespace {

constexpr std::uint8_t kBinaryPort = 1;
constexpr std::uint8_t kInPieces = 2;

struct CommandRequest {
  bool binary = false;
  Term iodata;
  Bytes payload;
};

// [[[Last], piece], piece]: binaries and byte lists in turn, nested, so that each kind is met.
Term InPieces(Bytes payload, std::size_t piece_bytes) {
  Term nested = Term::Nil();
  bool as_binary = true;
  std::size_t end = payload.size();
  while (end > 0) {
    const std::size_t size = std::min(piece_bytes, end);
    const Bytes piece = payload.subspan(end - size, size);
    nested = Term::List({as_binary ? Term::Binary(piece) : Term::String(piece), std::move(nested)});
    as_binary = !as_binary;
    end -= size;
  }
  return nested;
}

CommandRequest Decode(Bytes input) {
  CommandRequest request;
  const std::uint8_t shape = input.empty() ? 0 : input[0];
  Bytes rest = input.subspan(std::min<std::size_t>(1, input.size()));
  request.binary = (shape & kBinaryPort) != 0;
  if ((shape & kInPieces) != 0 && !rest.empty()) {
    request.payload = rest.subspan(1);
    request.iodata = InPieces(request.payload, rest[0] + std::size_t{1});
  } else {
    request.payload = rest;
    request.iodata = Term::Binary(rest);
  }
  return request;
}

// The bytes of all messages of the port, in order.
std::string ReceiveAll(DriverUnderTest& driver, PortId port, bool binary) {
  std::string received;
  while (const std::optional<Term> what = driver.TakeMessage(port)) {
    if (!what->is_tagged("data", 2)) continue;
    const Term& data = what->tuple()[1];
    if (driver.is_echo() && data.is(TermKind::kBinary) != binary) {
      DriverUnderTest::Fail("data came as the kind that was not asked for");
    }
    received += FlattenIodata(data).value_or(std::string());
  }
  return received;
}

void Run(Bytes input) {
  DriverUnderTest& driver = DriverUnderTest::Get();
  const CommandRequest request = Decode(input);
  const std::optional<PortId> port =
      driver.Open(request.binary ? Term::List({Term::Atom("binary")}) : Term::Nil());
  if (!port) return;
  const Result<bool> sent = driver.runtime().PortCommand(
      driver.self(), *port, request.iodata, CommandFlags{.force = false, .nosuspend = true});
  const std::string received = ReceiveAll(driver, *port, request.binary);
  if (driver.echoes()) {
    if (!sent.value_or(false)) DriverUnderTest::Fail("the driver did not take a command");
    if (received != AsText(request.payload)) {
      DriverUnderTest::Fail("the driver's message is no echo");
    }
  }
  driver.Close(*port);
  driver.AwaitClosed();
}

}  // namespace
}  // namespace portlab

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  portlab::DriverUnderTest::Load("command_fuzz", *argc, *argv);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portlab::Run(portlab::Bytes(data, size));
  return 0;
}
