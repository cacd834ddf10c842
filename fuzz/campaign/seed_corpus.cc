#include "fuzz/campaign/seed_corpus.h"

#include <unistd.h>

#include <array>

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

Result<void> WriteStarters(const std::string& corpus) {
  for (const std::string_view text : kStarters) {
    const auto operations = ParseOperations(text);
    PORTLAB_CHECK(operations.has_value(), "a starter is no text of operations");
    const std::string input = EncodeOperations(*operations);
    const std::string path = corpus + "/" + ContentName(input);
    if (auto written = WriteFileWhole(path, input); !written) return written;
  }
  return {};
}

}  // namespace

Result<std::size_t> PrepareCorpus(const std::string& corpus,
                                  const std::vector<std::string>& seed_folders) {
  for (const std::string& folder : seed_folders) {
    const auto names = FilesIn(folder);
    if (!names) return Fail(names.error());
    for (const std::string& name : *names) {
      const auto content = ReadFile(folder + "/" + name);
      if (!content) return Fail(content.error());
      const std::string path = corpus + "/" + ContentName(*content);
      if (auto written = WriteFileWhole(path, *content); !written) return Fail(written.error());
    }
  }
  auto names = FilesIn(corpus);
  if (!names) return Fail(names.error());
  if (names->empty()) {
    if (auto written = WriteStarters(corpus); !written) return Fail(written.error());
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
