// erlang:port_control/3 with any operation and any payload.
//
// An input is the operation, four bytes with the low one first (those that are missing count as
// zero), and the payload behind it. Every input gets a port of its own.
// Oracles: the sanitizers; the port closes; echo_drv answers as it should.
#include <algorithm>

#include "fuzz/driver_under_test.h"

namespace portlab {
namespace {

constexpr std::size_t kOperationBytes = 4;
// What echo_drv.c documents.
constexpr std::uint32_t kEcho = 0;
constexpr std::uint32_t kArm = 0x0fa1;
constexpr std::uint32_t kFire = 0x0fa2;

struct ControlRequest {
  std::uint32_t operation = 0;
  Bytes payload;
};

ControlRequest Decode(Bytes input) {
  ControlRequest request;
  const Bytes head = input.first(std::min(kOperationBytes, input.size()));
  for (std::size_t i = head.size(); i-- > 0;) {
    request.operation = (request.operation << 8) | head[i];
  }
  request.payload = input.subspan(head.size());
  return request;
}

void CheckEcho(const ControlRequest& request, const Result<Term>& reply) {
  const bool known =
      request.operation == kEcho || request.operation == kArm || request.operation == kFire;
  if (reply.has_value() != known) {
    DriverUnderTest::Fail("echo_drv took an operation it refuses, or refused one it takes");
  }
  if (!known) return;
  const std::string_view expected =
      request.operation == kEcho ? AsText(request.payload) : std::string_view();
  if (FlattenIodata(*reply) != expected) DriverUnderTest::Fail("echo_drv's reply is no echo");
}

void Run(Bytes input) {
  DriverUnderTest& driver = DriverUnderTest::Get();
  const ControlRequest request = Decode(input);
  const std::optional<PortId> port = driver.Open(Term::Nil());
  if (!port) return;
  const Result<Term> reply =
      driver.runtime().PortControl(driver.self(), *port, request.operation, request.payload);
  if (driver.is_echo()) CheckEcho(request, reply);
  driver.Close(*port);
  driver.AwaitClosed();
}

}  // namespace
}  // namespace portlab

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  portlab::DriverUnderTest::Load("control_fuzz", *argc, *argv);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portlab::Run(portlab::Bytes(data, size));
  return 0;
}
