#include "fuzz/campaign/doctor.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "driver/elf_file.h"

namespace portlab {
namespace {

constexpr bool kFatal = true;
constexpr bool kGuardable = false;

// Runtimes other than that of the host: two of them in one process end it.
void ExamineRuntimes(const ElfFile& elf, Diagnosis& diagnosis) {
  const auto add = [&](const char* rule, const char* text) {
    diagnosis.problems.push_back({rule, text, kFatal});
  };
  if (elf.needs_library("libasan.")) {
    add("gcc-asan",
        "it was built with gcc's AddressSanitizer, which cannot be in one process with "
        "clang's; build it with clang");
  }
  if (elf.needs_library("libclang_rt.asan")) {
    add("shared-asan", "it brings an AddressSanitizer of its own; leave out -shared-libasan");
  }
  if (elf.asks_for_prefix("__tsan_")) {
    add("tsan", "it was built with ThreadSanitizer; fuzzing uses AddressSanitizer");
  }
  if (elf.asks_for_prefix("__msan_")) {
    add("msan", "it was built with MemorySanitizer; fuzzing uses AddressSanitizer");
  }
  if (elf.asks_for("__sanitizer_cov_trace_pc_guard_init") ||
      elf.asks_for("__sanitizer_cov_trace_pc_guard")) {
    add("trace-pc-guard",
        "its coverage is of the kind trace-pc-guard, which libFuzzer no longer "
        "reads; use -fsanitize=fuzzer-no-link");
  }
  if (elf.asks_for("__sanitizer_cov_trace_pc")) {
    add("trace-pc",
        "its coverage is gcc's trace-pc, which libFuzzer does not read; build it with "
        "clang and -fsanitize=fuzzer-no-link");
  }
  if (elf.defined.contains("LLVMFuzzerTestOneInput") ||
      elf.defined.contains("LLVMFuzzerRunDriver")) {
    add("own-fuzzer",
        "it has a fuzzer of its own inside; use -fsanitize=fuzzer-no-link, not "
        "-fsanitize=fuzzer");
  }
}

void ExamineInstrumentation(const ElfFile& elf, Diagnosis& diagnosis) {
  const bool counters = elf.has_section("__sancov_cntrs");
  const bool pc_table = elf.has_section("__sancov_pcs");
  diagnosis.has_coverage = counters && pc_table;
  diagnosis.has_asan = elf.asks_for("__asan_init") && !elf.needs_library("libasan.");
  if (counters && !pc_table) {
    diagnosis.problems.push_back({"no-pc-table",
                                  "its coverage has no table of addresses (section __sancov_pcs), "
                                  "and libFuzzer ends at once; use -fsanitize=fuzzer-no-link",
                                  kFatal});
  } else if (!counters) {
    diagnosis.problems.push_back({"no-coverage",
                                  "it is not instrumented with libFuzzer's coverage (no section "
                                  "__sancov_cntrs): the fuzzer would work blindly",
                                  kGuardable});
  }
  if (!diagnosis.has_asan) {
    diagnosis.problems.push_back({"no-asan",
                                  "it is not instrumented with clang's AddressSanitizer (it asks "
                                  "for no __asan_init): wrong reads and writes would go unseen",
                                  kGuardable});
  } else if (!elf.asks_for_prefix("__ubsan_")) {
    diagnosis.warnings.push_back(
        "it is built without UndefinedBehaviorSanitizer (-fsanitize="
        "undefined): overflows and bad shifts go unseen");
  }
  if (!elf.has_section(".debug_info")) {
    diagnosis.warnings.push_back("it has no debug information (-g): findings will name no lines");
  }
}

// What the host looks for in the library.
bool ExamineEntry(TargetKind kind, const ElfFile& elf, Diagnosis& diagnosis) {
  if (kind == TargetKind::kLibrary) {
    if (elf.defined.contains("port_main")) return true;
    diagnosis.problems.push_back({"no-port-main",
                                  "it exports no int port_main(int in, int out); without one, name "
                                  "the program itself: --program PROGRAM",
                                  kFatal});
    return false;
  }
  if (elf.defined.contains("driver_init") || elf.defined.contains("_driver_init")) return true;
  diagnosis.problems.push_back({"no-driver-init",
                                "it exports no driver_init; a driver has DRIVER_INIT(name) { "
                                "return &entry; }, and a program is fuzzed with --program",
                                kFatal});
  return false;
}

// A sanitizer in the program itself, or in a library it asks for.
Diagnosis ExamineProgram(const std::string& path) {
  Diagnosis diagnosis;
  const Result<ElfFile> elf = ReadElfFile(path, ElfKind::kAny);
  // Scripts are programs, too.
  if (!elf) return diagnosis;
  diagnosis.has_asan = elf->asks_for("__asan_init") || elf->defined.contains("__asan_init");
  return diagnosis;
}

}  // namespace

bool Diagnosis::fatal() const {
  return std::ranges::any_of(problems, [](const Problem& problem) { return problem.fatal; });
}

Diagnosis Examine(TargetKind kind, const std::string& path) {
  if (kind == TargetKind::kProgram) return ExamineProgram(path);
  Diagnosis diagnosis;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    diagnosis.problems.push_back({"not-a-file", path + " is a folder", kFatal});
    return diagnosis;
  }
  const Result<ElfFile> elf = ReadElfFile(path);
  if (!elf) {
    diagnosis.problems.push_back({"not-a-driver", elf.error().detail, kFatal});
    return diagnosis;
  }
  if (!ExamineEntry(kind, *elf, diagnosis)) return diagnosis;
  ExamineRuntimes(*elf, diagnosis);
  if (!diagnosis.fatal()) ExamineInstrumentation(*elf, diagnosis);
  return diagnosis;
}

std::optional<TargetKind> ProgramKindOf(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
  const Result<ElfFile> elf = ReadElfFile(path);
  // Compilers make libraries executable, too; only a program names its interpreter.
  const bool library = elf && !elf->has_section(".interp") &&
                       (path.ends_with(".so") || elf->defined.contains("port_main"));
  if (library) return TargetKind::kLibrary;
  if (::access(path.c_str(), X_OK) == 0) return TargetKind::kProgram;
  return std::nullopt;
}

std::string CompileLine(TargetKind kind, const std::string& path) {
  const std::string name = std::filesystem::path(path).stem().string();
  const std::string header = kind == TargetKind::kDriver ? "-I FOLDER-OF-erl_driver.h " : "";
  return "clang-19 -O1 -g -fno-omit-frame-pointer -fPIC -shared "
         "-fsanitize=address,undefined,fuzzer-no-link -Wl,-z,nodelete " +
         header + name + ".c -o " + name + ".so";
}

std::string RefusalText(TargetKind kind, const std::string& path, const Diagnosis& diagnosis) {
  std::string text = "portlab: " + path + " is not fit for fuzzing:\n";
  for (const Diagnosis::Problem& problem : diagnosis.problems) {
    text += "  [" + problem.rule + "] " + problem.text + "\n";
  }
  text += "compile it with:\n  " + CompileLine(kind, path) + "\n";
  if (diagnosis.fatal()) return text;
  if (kind == TargetKind::kLibrary) {
    text +=
        "or fuzz the program itself: --program PROGRAM takes any that can be started, without "
        "feedback about the code that runs, so it finds less\n";
  } else {
    text +=
        "or run it as it is with --guarded: guard pages around the driver's memory instead of "
        "AddressSanitizer, and without feedback about the code that runs, so it finds less\n";
  }
  return text;
}

}  // namespace portlab
