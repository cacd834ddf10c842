// What somebody would write by hand to fuzz one driver without portlab: the few functions of the
// driver API that echo_drv calls, and a loop. It reads the same operations and mutates them with
// the same mutator as port_operations_fuzz, so that the difference between the two is the runtime.
//
// No ports, no processes, no messages, no contract: driver_output throws its bytes away.
#include <dlfcn.h>
#include <erl_driver.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/operations/mutate.h"
#include "fuzz/operations/operation.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t room);

#define EXPORTED extern "C" __attribute__((visibility("default")))

static unsigned until_failure;  // of driver_alloc; 0: none is to fail

EXPORTED void* driver_alloc(ErlDrvSizeT size) {
  if (until_failure != 0 && --until_failure == 0) return nullptr;
  return std::malloc(size);
}
EXPORTED void driver_free(void* block) { std::free(block); }
EXPORTED int driver_output(ErlDrvPort, char*, ErlDrvSizeT) { return 0; }

namespace {

using portlab::Bytes;
using portlab::OperationKind;
using portlab::OperationView;

constexpr std::size_t kReplyRoom = 64;

ErlDrvEntry* entry;
std::array<ErlDrvData, portlab::kOperationPorts> ports;

// A block of just its size, so that a driver that reads one byte too far is seen.
char* Copy(Bytes bytes) {
  auto* block = static_cast<char*>(std::malloc(bytes.size() + 1));
  if (!bytes.empty()) std::memcpy(block, bytes.data(), bytes.size());
  return block;
}

void Stop(ErlDrvData& port) {
  if (port != nullptr) entry->stop(port);
  port = nullptr;
}

void Control(ErlDrvData port, const OperationView& operation) {
  char* payload = Copy(operation.bytes);
  char room[kReplyRoom];
  char* reply = room;
  entry->control(port, operation.number, payload, operation.bytes.size(), &reply, sizeof(room));
  if (reply != room) std::free(reply);
  std::free(payload);
}

// A binary in external term format, which is what a call hands over; the reply is not looked at.
void Call(ErlDrvData port, const OperationView& operation) {
  constexpr std::size_t kHeader = 6;
  const std::size_t size = operation.bytes.size();
  auto* payload = static_cast<char*>(std::malloc(kHeader + size));
  const std::array<std::uint8_t, kHeader> header = {131,
                                                    'm',
                                                    static_cast<std::uint8_t>(size >> 24),
                                                    static_cast<std::uint8_t>(size >> 16),
                                                    static_cast<std::uint8_t>(size >> 8),
                                                    static_cast<std::uint8_t>(size)};
  std::memcpy(payload, header.data(), kHeader);
  if (size > 0) std::memcpy(payload + kHeader, operation.bytes.data(), size);
  char room[kReplyRoom];
  char* reply = room;
  unsigned flags = 0;
  entry->call(port, operation.number, payload, kHeader + size, &reply, sizeof(room), &flags);
  if (reply != room) std::free(reply);
  std::free(payload);
}

void Do(const OperationView& operation) {
  if (operation.kind == OperationKind::kFailAlloc) {
    until_failure = operation.number + 1;
    return;
  }
  ErlDrvData& port = ports[operation.port];
  if (operation.kind == OperationKind::kOpen) {
    if (port != nullptr) return;
    char command[] = "echo_drv";
    port = entry->start(reinterpret_cast<ErlDrvPort>(&port), command);
    if (port == ERL_DRV_ERROR_GENERAL || port == ERL_DRV_ERROR_ERRNO ||
        port == ERL_DRV_ERROR_BADARG) {
      port = nullptr;
    }
    return;
  }
  if (port == nullptr) return;
  switch (operation.kind) {
    case OperationKind::kCommand:
    case OperationKind::kCommandList:
    case OperationKind::kPieces:
    case OperationKind::kSend: {
      char* payload = Copy(operation.bytes);
      entry->output(port, payload, operation.bytes.size());
      return std::free(payload);
    }
    case OperationKind::kControl:
      return Control(port, operation);
    case OperationKind::kCall:
      return Call(port, operation);
    case OperationKind::kClose:
    case OperationKind::kSendClose:
    case OperationKind::kExit:
    case OperationKind::kOwnerExit:
      return Stop(port);
    default:
      return;
  }
}

// Those of echo_drv, as often as port_operations_fuzz has them.
std::vector<OperationKind> kinds = {
    OperationKind::kOpen,        OperationKind::kOpen,        OperationKind::kClose,
    OperationKind::kSendClose,   OperationKind::kConnect,     OperationKind::kExit,
    OperationKind::kOwnerExit,   OperationKind::kInfo,        OperationKind::kAdvance,
    OperationKind::kSettle,      OperationKind::kFailAlloc,   OperationKind::kCommand,
    OperationKind::kCommandList, OperationKind::kPieces,      OperationKind::kSend,
    OperationKind::kCommand,     OperationKind::kCommandList, OperationKind::kPieces,
    OperationKind::kSend,        OperationKind::kCommand,     OperationKind::kCommandList,
    OperationKind::kPieces,      OperationKind::kSend,        OperationKind::kControl,
    OperationKind::kControl,     OperationKind::kControl,     OperationKind::kControl,
    OperationKind::kControl,     OperationKind::kControl,     OperationKind::kCall,
    OperationKind::kCall,        OperationKind::kCall,        OperationKind::kCall,
    OperationKind::kCall,        OperationKind::kCall};

void Load(const char* file) {
  void* library = ::dlopen(file, RTLD_NOW);
  if (library == nullptr) return;
  entry = reinterpret_cast<ErlDrvEntry* (*)()>(::dlsym(library, "driver_init"))();
}

// --calls of portlab-host-fuzz: opens, closes and these, by name.
void KeepOnly(std::string_view names) {
  std::erase_if(kinds, [names](OperationKind kind) {
    if (kind == OperationKind::kOpen || kind == OperationKind::kClose) return false;
    const std::string list = "," + std::string(names) + ",";
    return list.find("," + std::string(portlab::ShapeOf(kind).name) + ",") == std::string::npos;
  });
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  constexpr std::string_view kDriver = "--driver=";
  constexpr std::string_view kCalls = "--calls=";
  for (int i = 1; i < *argc; ++i) {
    const std::string_view word((*argv)[i]);
    if (word.starts_with(kDriver)) Load(word.data() + kDriver.size());
    if (word.starts_with(kCalls)) KeepOnly(word.substr(kCalls.size()));
  }
  if (entry != nullptr) return 0;
  std::fprintf(stderr, "bare_harness_fuzz: --driver=FILE names the driver\n");
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portlab::OperationReader reader(Bytes(data, size));
  OperationView operation;
  while (reader.Next(operation)) Do(operation);
  for (ErlDrvData& port : ports) Stop(port);
  until_failure = 0;
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t room, unsigned seed) {
  return portlab::MutateOperations(data, size, room, seed, {LLVMFuzzerMutate, kinds});
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* a, std::size_t a_size,
                                                 const std::uint8_t* b, std::size_t b_size,
                                                 std::uint8_t* out, std::size_t room,
                                                 unsigned seed) {
  return portlab::CrossOperations(Bytes(a, a_size), Bytes(b, b_size), out, room, seed);
}
