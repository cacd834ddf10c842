#include "fuzz/campaign/seed_corpus.h"

#include <unistd.h>

#include <array>
#include <span>

#include "base/check.h"
#include "fuzz/campaign/files.h"
#include "fuzz/operations/text.h"

namespace portlab {
namespace {

// Longer than what is copied into one block: the driver gets a vector of several pieces.
#define PORTLAB_FORTY_BYTES "0123456789abcdefghij0123456789abcdefghij"
#define PORTLAB_LONG_PAYLOAD \
  PORTLAB_FORTY_BYTES PORTLAB_FORTY_BYTES PORTLAB_FORTY_BYTES PORTLAB_FORTY_BYTES

constexpr std::array<std::string_view, 6> kStarters = {
    "open p0 \"\"\ncommand p0 \"hello\"\nclose p0\n",
    "open p0 binary \"\"\ncontrol p0 0 \"hello\"\ncontrol p0 1 "
    "\"abcdefghijklmnopqrstuvwxyz\"\ncontrol "
    "p0 2 \"abcdefgh\"\n",
    "open p0 \"\"\npieces p0 79 \"" PORTLAB_LONG_PAYLOAD "\"\nsettle\nadvance 1000\n",
    "open p0 \"\"\nopen p1 \"\"\nsend p0 \"to the first\"\nconnect p0\nsend_close p1\nclose p0\n",
    "open p0 \"\"\ncall p0 1 \"\"\ncontrol p0 3 \"\\x01\\x02\\x03\\x04\"\nexit p0 \"normal\"\n",
    "open p0 \"\"\ncommand_list p0 \"list\"\nowner_exit p0\nopen p0 \"\"\ninfo p0\n"};

// A line each, so that they say something to all three kinds of ports.
constexpr std::array<std::string_view, 4> kProgramStarters = {
    "command p0 \"hello\"\n", "command p0 \"\"\ncommand p0 \"abcdefghijklmnopqrstuvwxyz\"\n",
    "command p0 \"\\x00\\x01\\x02\\x03\"\ncommand p0 \"help\"\ncommand p0 \"0123456789\"\n",
    "command p0 \"" PORTLAB_LONG_PAYLOAD "\"\n"};

Result<void> WriteInput(const std::string& corpus, const std::string& input) {
  return WriteFileWhole(corpus + "/" + ContentName(input), input);
}

Result<void> WriteStarters(const FuzzTarget& target, const std::string& corpus) {
  const bool driver = target.kind == TargetKind::kDriver;
  for (const std::string_view text :
       driver ? std::span<const std::string_view>(kStarters) : std::span(kProgramStarters)) {
    const auto input = EncodeText(text, target.operations_max());
    PORTLAB_CHECK(input.has_value(), "a starter is no text of operations");
    if (auto written = WriteInput(corpus, *input); !written) return written;
  }
  return {};
}

Result<void> CopySeeds(const FuzzTarget& target, const std::string& folder,
                       const std::string& corpus) {
  const auto names = FilesIn(folder);
  if (!names) return Fail(names.error());
  for (const std::string& name : *names) {
    auto content = ReadFile(folder + "/" + name);
    if (content && name.ends_with(".txt")) {
      content = EncodeText(*content, target.operations_max());
      if (!content) return Fail(Error::BadArg(folder + "/" + name + ": " + content.error().detail));
    }
    if (!content) return Fail(content.error());
    if (auto written = WriteInput(corpus, *content); !written) return written;
  }
  return {};
}

}  // namespace

Result<std::size_t> PrepareCorpus(const FuzzTarget& target, const std::string& corpus,
                                  const std::vector<std::string>& seed_folders) {
  for (const std::string& folder : seed_folders) {
    if (auto copied = CopySeeds(target, folder, corpus); !copied) return Fail(copied.error());
  }
  auto names = FilesIn(corpus);
  if (!names) return Fail(names.error());
  if (names->empty()) {
    if (auto written = WriteStarters(target, corpus); !written) return Fail(written.error());
    names = FilesIn(corpus);
    if (!names) return Fail(names.error());
  }
  return names->size();
}

bool TakeOutOfCorpus(const std::string& corpus, const std::string& input) {
  const auto names = FilesIn(corpus);
  if (!names) return false;
  bool taken = false;
  for (const std::string& name : *names) {
    const std::string path = corpus + "/" + name;
    if (ReadFile(path).value_or("") != input) continue;
    taken = ::unlink(path.c_str()) == 0 || taken;
  }
  return taken;
}

}  // namespace portlab
