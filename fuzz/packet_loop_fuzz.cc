// A program of a port, inside this process: the packet loop that its author exposes as
//
//   int port_main(int in, int out);   // returns at the end of `in`
//
// in a shared library. It is given the packets of one input, and its answers are thrown away. Built
// with libFuzzer it is bin/portlab-host-fuzz-program.
//
// An input is a sequence of operations (fuzz/operations/operation.h) of which only the bytes
// matter: one packet each. `in` and `out` are files in memory, so that no thread, no pipe and no
// second process is needed: poll says that they are ready, and reading past the last packet is the
// end of file.
// Flags behind -ignore_remaining_args=1: --program=FILE, and --packet=1|2|4, --line or --stream
// (default: --packet=4).
// Oracles: the sanitizers; the loop ends. Source: fuzzing.md 5.7.
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fuzz/operations/mutate.h"
#include "fuzz/operations/operation.h"

#if defined(PORTLAB_WITH_LIBFUZZER)
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t room);
#endif

namespace portlab {
namespace {

using PortMain = int (*)(int in, int out);

enum class Framing { kPacket1, kPacket2, kPacket4, kLine, kStream };

constexpr int kCannotStart = 2;
[[maybe_unused]] constexpr std::array kKinds = {OperationKind::kCommand};

PortMain port_main = nullptr;
Framing framing = Framing::kPacket4;
int in_file = -1;
int out_file = -1;

[[noreturn]] void Refuse(const std::string& why) {
  std::fprintf(stderr, "packet_loop_fuzz: %s\n", why.c_str());
  std::exit(kCannotStart);
}

void LoadProgram(const std::string& file) {
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_NODELETE);
  if (library == nullptr) Refuse(::dlerror());
  port_main = reinterpret_cast<PortMain>(::dlsym(library, "port_main"));
  if (port_main == nullptr) Refuse(file + " has no int port_main(int in, int out)");
}

void ReadFlag(std::string_view flag) {
  constexpr std::string_view kProgram = "--program=";
  if (flag.starts_with(kProgram)) LoadProgram(std::string(flag.substr(kProgram.size())));
  if (flag == "--packet=1") framing = Framing::kPacket1;
  if (flag == "--packet=2") framing = Framing::kPacket2;
  if (flag == "--packet=4") framing = Framing::kPacket4;
  if (flag == "--line") framing = Framing::kLine;
  if (flag == "--stream") framing = Framing::kStream;
}

int MemoryFile(const char* name) {
  const int file = ::memfd_create(name, MFD_CLOEXEC);
  if (file < 0) Refuse("no file in memory");
  return file;
}

void AppendHeader(std::size_t bytes, std::size_t size, std::string& stream) {
  for (std::size_t i = bytes; i-- > 0;) stream += static_cast<char>(size >> (8 * i));
}

void Append(Bytes packet, std::string& stream) {
  switch (framing) {
    case Framing::kPacket1:
      packet = packet.first(std::min<std::size_t>(packet.size(), 0xff));
      AppendHeader(1, packet.size(), stream);
      break;
    case Framing::kPacket2:
      AppendHeader(2, packet.size(), stream);
      break;
    case Framing::kPacket4:
      AppendHeader(4, packet.size(), stream);
      break;
    case Framing::kLine:
    case Framing::kStream:
      break;
  }
  stream += AsText(packet);
  if (framing == Framing::kLine) stream += '\n';
}

// From the start again, and nothing behind `bytes`.
void Rewind(int file, const std::string& bytes) {
  const bool ready =
      ::ftruncate(file, 0) == 0 && ::lseek(file, 0, SEEK_SET) == 0 &&
      ::pwrite(file, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
  if (!ready) Refuse("a file in memory cannot be written");
}

void Run(Bytes input) {
  static std::string& stream = *new std::string;
  stream.clear();
  OperationReader reader(input);
  OperationView operation;
  while (reader.Next(operation)) Append(operation.bytes, stream);
  Rewind(in_file, stream);
  Rewind(out_file, {});
  port_main(in_file, out_file);
}

}  // namespace
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

#if defined(PORTLAB_WITH_LIBFUZZER)
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t room, unsigned seed) {
  return portlab::MutateOperations(data, size, room, seed, {LLVMFuzzerMutate, portlab::kKinds});
}
#endif
