#include "fuzz/crash/stack_frame.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

namespace portlab {
namespace {

constexpr std::array<std::string_view, 14> kSystemLibraries = {
    "libc.so", "libc-",     "libm.so",  "libpthread", "libdl.so", "librt.so", "libstdc++",
    "libc++",  "libgcc_s.", "ld-linux", "linux-vdso", "[vdso]",   "libasan.", "libubsan."};

// What is left to go by when a trace names no module.
constexpr std::array<std::string_view, 6> kHostNames = {
    "portlab::", "(anonymous namespace)::Run", "driver_", "erl_drv_", "LLVMFuzzer", "erl_errno_id"};
constexpr std::array<std::string_view, 13> kMachineryPrefixes = {
    "__asan",         "__ubsan",  "__lsan",        "__sanitizer", "__interceptor",
    "___interceptor", "__sancov", "fuzzer::",      "operator ",   "__assert",
    "__libc_",        "__GI_",    "__pthread_kill"};
constexpr std::array<std::string_view, 22> kMachineryFunctions = {
    "malloc", "calloc", "realloc", "free",    "memcpy", "memmove",     "memset", "memcmp",
    "strlen", "strcpy", "strcmp",  "strncpy", "strcat", "bcmp",        "raise",  "gsignal",
    "abort",  "_start", "main",    "clone",   "clone3", "pthread_kill"};

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::string BaseName(std::string_view path) {
  return std::string(
      path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1));
}

template <class Number>
bool ParseNumber(std::string_view text, int base, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

// "(MODULE+0xOFFSET)" and what libFuzzer and clang put behind it; taken off `text`.
void TakeModule(std::string_view& text, StackFrame& frame) {
  const std::size_t build_id = text.rfind(" (BuildId: ");
  if (build_id != std::string_view::npos) text = Trimmed(text.substr(0, build_id));
  if (!text.ends_with(')')) return;
  const std::size_t plus = text.rfind("+0x");
  const std::size_t open = text.rfind('(', plus);
  if (plus == std::string_view::npos || open == std::string_view::npos) return;
  const std::string_view digits = text.substr(plus + 3, text.size() - plus - 4);
  if (!ParseNumber(digits, 16, frame.offset)) return;
  frame.module = text.substr(open + 1, plus - open - 1);
  text = Trimmed(text.substr(0, open));
}

// "SOURCE:LINE:COLUMN" or "SOURCE:LINE"; false: it is none.
bool ParseSource(std::string_view text, StackFrame& frame) {
  std::array<int, 2> numbers = {};
  std::size_t count = 0;
  while (count < 2) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) break;
    if (!ParseNumber(text.substr(colon + 1), 10, numbers[count])) break;
    text = text.substr(0, colon);
    ++count;
  }
  if (count == 0 || text.empty()) return false;
  if (text == "<null>") return true;
  frame.source = text;
  frame.line = numbers[count - 1];
  return true;
}

void ParseFunctionAndSource(std::string_view text, StackFrame& frame) {
  if (const std::size_t at = text.rfind(" at "); at != std::string_view::npos) {
    if (ParseSource(Trimmed(text.substr(at + 4)), frame)) text = text.substr(0, at);
  } else if (const std::size_t blank = text.rfind(' '); blank != std::string_view::npos) {
    if (ParseSource(text.substr(blank + 1), frame)) text = text.substr(0, blank);
  }
  text = Trimmed(text);
  if (text != "<null>") frame.function = text;
}

bool StartsWithAny(std::string_view text, const auto& prefixes) {
  return std::ranges::any_of(prefixes, [&](auto prefix) { return text.starts_with(prefix); });
}

// Drops what stands between balanced brackets of this kind.
std::string WithoutBrackets(std::string_view text, char open, char close) {
  std::string kept;
  int depth = 0;
  for (const char c : text) {
    if (c == open) ++depth;
    if (depth == 0) kept += c;
    if (c == close && depth > 0) --depth;
  }
  return kept;
}

bool IsMachinery(const StackFrame& frame) {
  return StartsWithAny(frame.function, kMachineryPrefixes) ||
         std::ranges::find(kMachineryFunctions, frame.function) != kMachineryFunctions.end() ||
         frame.source.find("compiler-rt") != std::string::npos ||
         frame.source.find("/sysdeps/") != std::string::npos;
}

}  // namespace

const char kStackTraceFormat[] = "    #%n %p in %f at %s:%l:%c (%m+%o)";

std::optional<StackFrame> ParseStackFrame(std::string_view line) {
  line = Trimmed(line);
  if (!line.starts_with('#')) return std::nullopt;
  const std::size_t blank = line.find(' ');
  int number = 0;
  if (blank == std::string_view::npos || !ParseNumber(line.substr(1, blank - 1), 10, number)) {
    return std::nullopt;
  }
  StackFrame frame;
  std::string_view rest = Trimmed(line.substr(blank));
  if (rest.starts_with("0x")) rest = rest.substr(std::min(rest.find(' '), rest.size()));
  rest = Trimmed(rest);
  TakeModule(rest, frame);
  // A frame without a symbol is "in  at :0:0" or nothing at all.
  if (rest.starts_with("in ")) {
    rest.remove_prefix(3);
    if (rest.starts_with("at ")) rest.remove_prefix(rest.size());
    ParseFunctionAndSource(rest, frame);
  } else if (rest == "in") {
    rest = {};
  }
  return frame;
}

FrameOwner OwnerOf(const StackFrame& frame, const TracedModules& modules) {
  const std::string module = BaseName(frame.module);
  const bool in_user = !modules.user.empty() && module == BaseName(modules.user);
  if (in_user && !modules.whole_program) return FrameOwner::kUser;
  if (StartsWithAny(module, kSystemLibraries)) return FrameOwner::kMachinery;
  const bool in_host =
      module.empty() || module == BaseName(modules.host) || module.starts_with("portlab-host");
  if (!in_host && !in_user) return FrameOwner::kUser;
  // The user's own, where there is no host above it.
  const bool users_main = modules.whole_program && frame.function == "main";
  if (!users_main && IsMachinery(frame)) return FrameOwner::kMachinery;
  if (in_user || users_main) return FrameOwner::kUser;
  if (!module.empty()) return FrameOwner::kHost;
  return StartsWithAny(frame.function, kHostNames) ? FrameOwner::kHost : FrameOwner::kUser;
}

std::string StableName(const StackFrame& frame) {
  if (frame.function.empty()) {
    std::array<char, 17> digits = {};
    const auto end = std::to_chars(digits.begin(), digits.end(), frame.offset, 16).ptr;
    const std::string module = frame.module.empty() ? "?" : BaseName(frame.module);
    return module + "+0x" + std::string(digits.data(), end);
  }
  std::string name = frame.function;
  for (const std::string_view hidden : {"(anonymous namespace)::"}) {
    for (std::size_t at; (at = name.find(hidden)) != std::string::npos;)
      name.erase(at, hidden.size());
  }
  name = WithoutBrackets(WithoutBrackets(WithoutBrackets(name, '(', ')'), '<', '>'), '[', ']');
  // "$_0", "{lambda#2}" and ".isra.0", ".cold", ".llvm.123"
  for (const std::string_view numbered : {"$_", "#"}) {
    for (std::size_t at = 0; (at = name.find(numbered, at)) != std::string::npos;) {
      at += numbered.size();
      while (at < name.size() && name[at] >= '0' && name[at] <= '9') name.erase(at, 1);
    }
  }
  name = name.substr(0, name.find('.'));
  return std::string(Trimmed(name));
}

std::string FrameInWords(const StackFrame& frame) {
  std::string words = StableName(frame);
  if (!frame.source.empty()) {
    words += " " + BaseName(frame.source) + ":" + std::to_string(frame.line);
  } else if (!frame.function.empty() && !frame.module.empty()) {
    words += " (" + BaseName(frame.module) + ")";
  }
  return words;
}

}  // namespace portlab
