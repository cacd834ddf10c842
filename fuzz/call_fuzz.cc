// erlang:port_call/3 with any operation and any term.
//
// An input is the operation, four bytes with the low one first (those that are missing count as
// zero), and the term in external format; bytes that are none go as a binary. Every input gets a
// port of its own.
// Oracles: the sanitizers; the port closes; echo_drv and payload_drv answer with the term.
#include <algorithm>

#include "fuzz/driver_under_test.h"
#include "fuzz/payload_term.h"

namespace portlab {
namespace {

constexpr std::size_t kOperationBytes = 4;

std::uint32_t OperationOf(Bytes head) {
  std::uint32_t operation = 0;
  for (std::size_t i = head.size(); i-- > 0;) operation = (operation << 8) | head[i];
  return operation;
}

void Run(Bytes input) {
  DriverUnderTest& driver = DriverUnderTest::Get();
  const Bytes head = input.first(std::min(kOperationBytes, input.size()));
  const Term term = TermFromPayload(input.subspan(head.size()));
  const std::optional<PortId> port = driver.Open(Term::Nil());
  if (!port) return;
  const Result<Term> answer =
      driver.runtime().PortCall(driver.self(), *port, OperationOf(head), term);
  if (driver.echoes()) {
    if (!answer) DriverUnderTest::Fail("the driver did not answer: " + answer.error().ToString());
    if (*answer != term) DriverUnderTest::Fail("the driver answered with another term");
  }
  driver.Close(*port);
  driver.AwaitClosed();
}

}  // namespace
}  // namespace portlab

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  portlab::DriverUnderTest::Load("call_fuzz", *argc, *argv);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portlab::Run(portlab::Bytes(data, size));
  return 0;
}
