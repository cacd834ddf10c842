// A program of a port, inside this process: the packet loop that its author exposes as
//
//   int port_main(int in, int out);   // returns at the end of `in`
//
// in a shared library. It is given the packets of one input, and its answers are thrown away. Built
// with libFuzzer it is bin/portlab-host-fuzz-program, which `portlab fuzz --program` starts.
//
// What operations are to a program says fuzz/operations/packets.h. `in` and `out` are files in
// memory, so that no thread, no pipe and no second process is needed: poll says that they are
// ready, and reading past the last packet is the end of file. Flags behind
// -ignore_remaining_args=1: --program=FILE, and --packet=1|2|4, --line=N or --stream (default:
// --packet=4). Oracles: the sanitizers; the loop ends. Source: fuzzing.md 5.7.
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "fuzz/mapped_library.h"
#include "fuzz/operations/packets.h"
#include "fuzz/operations/text.h"

namespace portlab {
namespace {

using PortMain = int (*)(int in, int out);

constexpr int kCannotStart = 2;

PortMain port_main = nullptr;
PacketFraming framing;
int in_file = -1;
int out_file = -1;

// What port_main is reading, for the report of its death.
struct Packet {
  std::size_t operation = 0;
  std::size_t end = 0;  // in the stream
};
struct Life {
  std::string stream;
  std::vector<Packet> packets;
};
Life& life = *new Life;
Bytes current_input;

[[noreturn]] void Refuse(const std::string& why) {
  std::fprintf(stderr, "portlab: %s\n", why.c_str());
  std::exit(kCannotStart);
}

void LoadProgram(const std::string& file) {
  std::error_code ignored;
  const std::string path = std::filesystem::absolute(file, ignored).lexically_normal().string();
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_NODELETE);
  if (library == nullptr) Refuse(std::string("the program does not load: ") + ::dlerror());
  port_main = reinterpret_cast<PortMain>(::dlsym(library, "port_main"));
  if (port_main == nullptr) Refuse(path + " has no int port_main(int in, int out)");
  PrintMapping("portlab", path);
}

void ReadFlag(std::string_view flag) {
  constexpr std::string_view kProgram = "--program=";
  if (flag.starts_with(kProgram)) LoadProgram(std::string(flag.substr(kProgram.size())));
  if (const auto asked = FramingFromFlag(flag)) framing = *asked;
}

int MemoryFile(const char* name) {
  const int file = ::memfd_create(name, MFD_CLOEXEC);
  if (file < 0) Refuse("no file in memory");
  return file;
}

// From the start again, and nothing behind `bytes`.
void Rewind(int file, const std::string& bytes) {
  const bool ready =
      ::ftruncate(file, 0) == 0 && ::lseek(file, 0, SEEK_SET) == 0 &&
      ::pwrite(file, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
  if (!ready) Refuse("a file in memory cannot be written");
}

void RunLife() {
  Rewind(in_file, life.stream);
  Rewind(out_file, {});
  port_main(in_file, out_file);
  life.stream.clear();
  life.packets.clear();
}

void Run(Bytes input) {
  current_input = input;
  OperationReader reader(input, kPacketsMax);
  OperationView operation;
  bool open = true;
  for (std::size_t number = 0; reader.Next(operation); ++number) {
    const PacketStep step = PacketStepOf(operation);
    if (step == PacketStep::kOpen) open = true;
    if (step == PacketStep::kPacket && open) {
      AppendFramed(framing, operation.bytes, life.stream);
      life.packets.push_back({number, life.stream.size()});
    }
    if (step == PacketStep::kClose && open) {
      RunLife();
      open = false;
    }
  }
  if (open) RunLife();
  current_input = {};
}

// The packet that was read last: a program that reads ahead is further in its input than in its
// work.
void TellOperation() {
  if (in_file < 0 || life.packets.empty()) return;
  const auto read = static_cast<std::size_t>(::lseek(in_file, 0, SEEK_CUR));
  std::size_t in_flight = 0;
  while (in_flight + 1 < life.packets.size() && life.packets[in_flight].end < read) ++in_flight;
  const std::size_t number = life.packets[in_flight].operation;
  const std::vector<Operation> operations = DecodeOperations(current_input, kPacketsMax);
  std::fprintf(stderr, "portlab: in operation %zu: %s\n", number,
               PrintOperation(operations[number]).c_str());
}

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
  for (int i = 1; i < *argc; ++i) portlab::ReadFlag((*argv)[i]);
  if (portlab::port_main == nullptr) portlab::Refuse("--program=FILE names the program's library");
  portlab::in_file = portlab::MemoryFile("packets");
  portlab::out_file = portlab::MemoryFile("answers");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portlab::Run(portlab::Bytes(data, size));
  return 0;
}

// The sanitizers call these before they print a report.
extern "C" __attribute__((visibility("default"))) void __asan_on_error() {
  portlab::TellOperation();
}
extern "C" __attribute__((visibility("default"))) void __ubsan_on_report() {
  portlab::TellOperation();
}
