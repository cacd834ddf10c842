// Runs the inputs of a corpus through a fuzz target, once each, without libFuzzer: any compiler,
// any sanitizer.
//
//   control_fuzz_replay FOLDER|FILE... [--driver=FILE]
//
// Folders are read with their subfolders, in order of name. Where the target reads text
// (InputFromText), a file named *.txt is text. Every input gets a heap block of just
// its size, so that a read past its end is seen.
// Errors: exit status 1 when there is not one input: a corpus that is not found must not pass; 2
// for a text that is none.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
// Targets without a driver have none.
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace portlab {
// The input that a text stands for; false: `error` says what is wrong with it. Only targets whose
// inputs have a text form have it.
__attribute__((weak)) bool InputFromText(const std::string& text, std::string& input,
                                         std::string& error);
}  // namespace portlab

namespace {

namespace fs = std::filesystem;

constexpr int kBadInput = 2;

std::vector<fs::path> InputsIn(const fs::path& path) {
  std::vector<fs::path> files;
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  } else if (fs::is_regular_file(path)) {
    files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The bytes of the input.
std::size_t Replay(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (portlab::InputFromText != nullptr && file.extension() == ".txt") {
    const std::string text = std::move(bytes);
    std::string error;
    if (!portlab::InputFromText(text, bytes, error)) {
      std::fprintf(stderr, "%s: %s\n", file.c_str(), error.c_str());
      std::exit(kBadInput);
    }
  }
  const auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), exact.get());
  LLVMFuzzerTestOneInput(exact.get(), bytes.size());
  return bytes.size();
}

}  // namespace

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  std::size_t inputs = 0;
  std::size_t bytes = 0;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with("--")) continue;
    for (const fs::path& file : InputsIn(argv[i])) {
      bytes += Replay(file);
      ++inputs;
    }
  }
  std::printf("replayed %zu inputs, %zu bytes\n", inputs, bytes);
  if (inputs == 0) {
    std::fprintf(stderr, "no input was replayed: is the path of the corpus right?\n");
    return 1;
  }
  return 0;
}
