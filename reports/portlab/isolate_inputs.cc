#include "reports/portlab/isolate_inputs.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "driver/elf_file.h"
#include "fuzz/campaign/files.h"
#include "fuzz/campaign/findings_store.h"

namespace portlab {
namespace {

namespace fs = std::filesystem;

// A name that a shell takes as one word.
std::string RowName(const std::string& kind, const std::string& name) {
  std::string row = kind + "-" + name;
  for (char& c : row) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_';
    if (!plain) c = '_';
  }
  return row;
}

std::string AddressSanitizerOf(const ElfFile& elf, Flavour flavour) {
  if (elf.needs_library("libasan.")) {
    return "it was built with gcc's AddressSanitizer, and the asan host has clang's; build it with "
           "clang and -fsanitize=address";
  }
  if (elf.asks_for_prefix("__tsan_") || elf.asks_for_prefix("__msan_")) {
    return "it was built with ThreadSanitizer or MemorySanitizer, and no host has those; build it "
           "without, or with clang's AddressSanitizer and --flavour asan";
  }
  const bool needs = elf.asks_for_prefix("__asan_") || elf.asks_for_prefix("__ubsan_") ||
                     elf.asks_for_prefix("__sanitizer_");
  if (needs && flavour != Flavour::kAsan) {
    return "it was built with a sanitizer that this host does not have; use --flavour asan";
  }
  return {};
}

std::string FolderOfFindings(const std::string& folder) {
  std::error_code ignored;
  const std::string findings = folder + "/findings";
  return fs::is_directory(findings, ignored) ? findings : folder;
}

// Their names, in order.
Result<std::vector<std::string>> FindingsIn(const std::string& folder) {
  std::error_code error;
  const std::string findings = FolderOfFindings(folder);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(findings, error)) {
    const std::string name = entry.path().filename().string();
    std::error_code ignored;
    const bool whole = fs::is_regular_file(entry.path() / "input", ignored);
    if (whole && !name.starts_with('.')) names.push_back(name);
  }
  if (error) {
    errno = error.value();
    return Fail(FileError("read the folder", findings));
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

Result<IsolateInput> ReadInput(const std::string& file) {
  auto content = ReadFile(file);
  if (!content) return Fail(content.error());
  IsolateInput input;
  input.name = RowName("input", fs::path(file).filename().string());
  input.origin = file;
  input.content = *std::move(content);
  input.is_text = file.ends_with(".txt");
  return input;
}

Result<std::vector<IsolateInput>> ReadFindings(const std::string& folder) {
  const auto names = FindingsIn(folder);
  if (!names) return Fail(names.error());
  std::vector<IsolateInput> inputs;
  for (const std::string& name : *names) {
    const std::string of_finding = FolderOfFindings(folder) + "/" + name;
    auto input = ReadInput(of_finding + "/input");
    if (!input) return Fail(input.error());
    input->name = RowName("finding", name);
    input->is_finding = true;
    if (const auto stored = ReadStoredFinding(of_finding)) {
      input->start_args = stored->target.start_args;
    }
    inputs.push_back(*std::move(input));
  }
  return inputs;
}

std::optional<FuzzTarget> ProgramOfFindings(const std::string& folder) {
  const auto names = FindingsIn(folder);
  if (!names || names->empty()) return std::nullopt;
  auto stored = ReadStoredFinding(FolderOfFindings(folder) + "/" + names->front());
  if (!stored || stored->target.kind == TargetKind::kDriver) return std::nullopt;
  return std::move(stored->target);
}

std::string WhyNotLoadable(const std::string& driver, Flavour flavour) {
  std::error_code ignored;
  if (!fs::exists(driver, ignored)) return "there is no such file";
  if (fs::is_directory(driver, ignored)) return "it is a folder; name the driver's .so";
  const Result<ElfFile> elf = ReadElfFile(driver);
  if (!elf) return elf.error().detail;
  if (!elf->defined.contains("driver_init") && !elf->defined.contains("_driver_init")) {
    return "it exports no driver_init; a driver has DRIVER_INIT(name) { return &entry; }, and a "
           "program is tried with --program";
  }
  return AddressSanitizerOf(*elf, flavour);
}

std::string WhyNotRunnable(const std::string& program) {
  std::error_code ignored;
  if (!fs::exists(program, ignored)) return "there is no such file";
  if (fs::is_directory(program, ignored)) return "it is a folder; name the program";
  if (::access(program.c_str(), X_OK) != 0) {
    return std::string("it cannot be run: ") + std::strerror(errno);
  }
  return {};
}

}  // namespace portlab
