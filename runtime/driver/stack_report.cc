#include "driver/stack_report.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unwind.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "driver/callback_scope.h"
#include "driver/driver.h"

namespace portlab {
namespace {

constexpr std::size_t kFramesMax = 64;
constexpr std::size_t kLineBytes = 512;

// A file, mapped for the time of a look. Every offset in it is checked.
class MappedFile {
 public:
  explicit MappedFile(const char* path) {
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    struct stat about {};
    if (::fstat(fd, &about) == 0 && about.st_size > 0) {
      void* bytes =
          ::mmap(nullptr, static_cast<std::size_t>(about.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
      if (bytes != MAP_FAILED) {
        bytes_ = static_cast<const char*>(bytes);
        size_ = static_cast<std::size_t>(about.st_size);
      }
    }
    ::close(fd);
  }
  ~MappedFile() {
    if (bytes_ != nullptr) ::munmap(const_cast<char*>(bytes_), size_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  template <class T>
  bool Read(std::uint64_t offset, T& value) const {
    if (offset > size_ || size_ - offset < sizeof(T)) return false;
    std::memcpy(&value, bytes_ + offset, sizeof(T));
    return true;
  }
  // The text that ends within the file; null: none.
  const char* TextAt(std::uint64_t offset) const {
    if (offset >= size_ || std::memchr(bytes_ + offset, 0, size_ - offset) == nullptr)
      return nullptr;
    return bytes_ + offset;
  }

 private:
  const char* bytes_ = nullptr;
  std::size_t size_ = 0;
};

// The function at `address` of the file (as linked) in the symbols of one section; null: none.
const char* FunctionIn(const MappedFile& file, const Elf64_Ehdr& header, const Elf64_Shdr& symbols,
                       std::uint64_t address) {
  Elf64_Shdr names{};
  if (!file.Read(header.e_shoff + symbols.sh_link * sizeof(names), names)) return nullptr;
  for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= symbols.sh_size; at += sizeof(Elf64_Sym)) {
    Elf64_Sym symbol{};
    if (!file.Read(symbols.sh_offset + at, symbol)) return nullptr;
    if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF) continue;
    if (address < symbol.st_value || address - symbol.st_value >= symbol.st_size) continue;
    return file.TextAt(names.sh_offset + symbol.st_name);
  }
  return nullptr;
}

// Copies the name: the file is not mapped for longer. False: it has none.
bool NameOfFunction(const char* path, std::uint64_t address, char* name, std::size_t room) {
  const MappedFile file(path);
  Elf64_Ehdr header{};
  if (!file.Read(0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return false;
  for (const Elf64_Word type : {SHT_SYMTAB, SHT_DYNSYM}) {
    for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
      Elf64_Shdr section{};
      if (!file.Read(header.e_shoff + i * sizeof(section), section)) return false;
      if (section.sh_type != type) continue;
      if (const char* found = FunctionIn(file, header, section, address)) {
        std::snprintf(name, room, "%s", found);
        return true;
      }
    }
  }
  return false;
}

const char* FileName(const char* path) {
  const char* slash = std::strrchr(path, '/');
  return slash == nullptr ? path : slash + 1;
}

struct Frames {
  std::uintptr_t addresses[kFramesMax] = {};
  std::size_t count = 0;
};

_Unwind_Reason_Code AddFrame(_Unwind_Context* context, void* to) {
  auto& frames = *static_cast<Frames*>(to);
  int before_instruction = 0;
  std::uintptr_t address = _Unwind_GetIPInfo(context, &before_instruction);
  if (address == 0) return _URC_NO_REASON;
  // A return address is behind the call, perhaps in the next function already.
  if (before_instruction == 0) --address;
  frames.addresses[frames.count++] = address;
  return frames.count == kFramesMax ? _URC_END_OF_STACK : _URC_NO_REASON;
}

const void* AddressOf(std::uintptr_t address) { return reinterpret_cast<const void*>(address); }

enum class Place { kHost, kSystem, kDriver };

Place PlaceOf(std::uintptr_t address) {
  Dl_info info{};
  if (::dladdr(AddressOf(address), &info) == 0 || info.dli_fname == nullptr) return Place::kDriver;
  Dl_info host{};
  ::dladdr(reinterpret_cast<const void*>(&WriteDriverStack), &host);
  if (host.dli_fbase == info.dli_fbase) return Place::kHost;
  const char* name = FileName(info.dli_fname);
  for (const char* library : {"libc.so", "libstdc++.so", "libpthread.so"}) {
    if (std::strncmp(name, library, std::strlen(library)) == 0) return Place::kSystem;
  }
  return Place::kDriver;
}

// Below the driver's first function: how its thread came there.
bool IsOutside(std::uintptr_t address) { return PlaceOf(address) != Place::kDriver; }

template <class Function>
const void* CodeOf(Function* function) {
  return reinterpret_cast<const void*>(function);
}

// The function of the driver that this callback is; null: it has none.
const void* CallbackCode(const CallbackScope& scope) {
  if (scope.driver == nullptr) return nullptr;
  const DriverEntry& entry = scope.driver->entry;
  switch (scope.kind) {
    case CallbackKind::kInit:
      return CodeOf(entry.init);
    case CallbackKind::kStart:
      return CodeOf(entry.start);
    case CallbackKind::kStop:
      return CodeOf(entry.stop);
    case CallbackKind::kOutput:
      return CodeOf(entry.output);
    case CallbackKind::kReadyInput:
      return CodeOf(entry.ready_input);
    case CallbackKind::kReadyOutput:
      return CodeOf(entry.ready_output);
    case CallbackKind::kFinish:
      return CodeOf(entry.finish);
    case CallbackKind::kControl:
      return CodeOf(entry.control);
    case CallbackKind::kTimeout:
      return CodeOf(entry.timeout);
    case CallbackKind::kOutputv:
      return CodeOf(entry.outputv);
    case CallbackKind::kReadyAsync:
      return CodeOf(entry.ready_async);
    case CallbackKind::kFlush:
      return CodeOf(entry.flush);
    case CallbackKind::kCall:
      return CodeOf(entry.call);
    case CallbackKind::kProcessExit:
      return CodeOf(entry.process_exit);
    case CallbackKind::kStopSelect:
      return CodeOf(entry.stop_select);
    default:
      return nullptr;
  }
}

void Line(int fd, const char* text) { ::dprintf(fd, "portlab: stack: %s\n", text); }

}  // namespace

bool DescribeCode(const void* address, char* to, std::size_t room) {
  Dl_info info{};
  if (::dladdr(address, &info) == 0 || info.dli_fname == nullptr) return false;
  const auto offset =
      reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(info.dli_fbase);
  char name[256];
  if (!NameOfFunction(info.dli_fname, offset, name, sizeof(name)))
    std::snprintf(name, sizeof(name), "a function without a name");
  std::snprintf(to, room, "%s (%s+0x%llx)", name, FileName(info.dli_fname),
                static_cast<unsigned long long>(offset));
  return true;
}

void WriteDriverStack(int fd) {
  Frames frames;
  ::_Unwind_Backtrace(AddFrame, &frames);
  while (frames.count > 0 && IsOutside(frames.addresses[frames.count - 1])) --frames.count;
  bool host_told = true;  // the innermost frames are this report's own
  for (std::size_t i = 0; i < frames.count; ++i) {
    const bool host = PlaceOf(frames.addresses[i]) == Place::kHost;
    if (host && host_told) continue;
    host_told = host;
    char text[kLineBytes] = "the host";
    if (host || DescribeCode(AddressOf(frames.addresses[i]), text, sizeof(text))) Line(fd, text);
  }
  // What it left behind was found out after it had returned.
  const CallbackScope* scope = CallbackScope::Current();
  const void* callback = frames.count > 0 || scope == nullptr ? nullptr : CallbackCode(*scope);
  char text[kLineBytes];
  if (callback == nullptr || !DescribeCode(callback, text, sizeof(text))) return;
  ::dprintf(fd, "portlab: stack: %s, which has returned\n", text);
}

}  // namespace portlab
