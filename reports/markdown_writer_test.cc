#include "reports/markdown_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "reports/sample_report.h"

namespace portlab {
namespace {

// The cells of a table row: bars that are not escaped, less the first.
long Cells(const std::string& line) {
  long bars = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
  }
  return bars - 1;
}

TEST(MarkdownWriterTest, MatrixHasARowForEachFault) {
  const std::string text = WriteMarkdown(SampleReport());
  EXPECT_NE(text.find("| fault | in_vm, plain | in_vm, guarded | in_vm, asan | program, plain | "
                      "program, asan |"),
            std::string::npos);
  EXPECT_NE(text.find("| null\\_write | host_down, host\\_down:signal:SIGSEGV |"),
            std::string::npos);
}

TEST(MarkdownWriterTest, EveryTableHasRowsOfOneLength) {
  std::istringstream text(WriteMarkdown(SampleReport()));
  long width = 0;
  int tables = 0;
  for (std::string line; std::getline(text, line);) {
    if (line.empty() || line[0] != '|') {
      width = 0;
      continue;
    }
    if (width == 0) {
      width = Cells(line);
      ++tables;
    }
    EXPECT_EQ(Cells(line), width) << line;
  }
  EXPECT_EQ(tables, 1 + 7 + 9 + 2) << "counts, classes, faults, cost";
}

TEST(MarkdownWriterTest, HostileTextStaysInItsCell) {
  Report report = SampleReport();
  const std::string plain = WriteMarkdown(report);
  report.trials[0].outcome->port_ended = "a | b\n# <script> `c`";
  const std::string text = WriteMarkdown(report);
  EXPECT_NE(text.find("a \\| b \\# &lt;script\\> \\`c\\`"), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'),
            std::count(plain.begin(), plain.end(), '\n'));
}

TEST(MarkdownWriterTest, CountsAreByModeAndHost) {
  const std::string text = WriteMarkdown(SampleReport());
  EXPECT_NE(text.find("| in_vm | plain | 7 | 4 | 3 | 0 | 0 |"), std::string::npos);
  EXPECT_NE(text.find("| in_vm | guarded | 2 | 1 | 1 | 0 | 0 |"), std::string::npos);
  EXPECT_NE(text.find("| program | plain | 8 | 0 | 0 | 8 | 0 |"), std::string::npos);
  EXPECT_EQ(text.find("| program | guarded |"), std::string::npos);
}

TEST(MarkdownWriterTest, LatencyAndDriftAreNumbersAndSentences) {
  const std::string text = WriteMarkdown(SampleReport());
  EXPECT_NE(text.find("echo port 1.2 ms (p50 "), std::string::npos);
  EXPECT_NE(text.find("the worst gap was 180 ms, of the pipe port"), std::string::npos);
  EXPECT_NE(text.find("changed: umask: the umask: from 0022 to 0777"), std::string::npos);
}

TEST(MarkdownWriterTest, FlavourThatIsNotBuiltIsSaid) {
  Report report = SampleReport();
  report.flavours[2] = {Flavour::kAsan, false, "bin/portlab-host-asan is missing"};
  const std::string text = WriteMarkdown(report);
  EXPECT_NE(text.find("The asan host was not built: bin/portlab-host-asan is missing"),
            std::string::npos);
  EXPECT_NE(text.find("in_vm, asan (not built)"), std::string::npos);
}

}  // namespace
}  // namespace portlab
