#include "reports/html_writer.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "reports/html/escape.h"
#include "reports/sample_report.h"

namespace portlab {
namespace {

std::string Sample() { return WriteHtml(SampleReport()); }

// Walks the tags and tells what is wrong with their nesting; empty: nothing.
std::string Unbalanced(const std::string& page) {
  static const std::set<std::string> kVoid = {"meta", "br", "col", "wbr"};
  static const std::regex kTag(R"(<(/?)([a-z][a-z0-9]*)((?:[^<>"]|"[^"<]*")*?)(/?)>|<)");
  std::vector<std::string> open;
  // A style sheet is text up to its end tag.
  std::string text = std::regex_replace(page, std::regex("<!doctype html>"), "");
  const auto style = text.find("<style>") + 7;
  text.erase(style, text.find("</style>") - style);
  for (std::sregex_iterator tag(text.begin(), text.end(), kTag), end; tag != end; ++tag) {
    const std::string name = (*tag)[2];
    if (name.empty()) return "a '<' that starts no tag at " + std::to_string(tag->position());
    if (kVoid.count(name) != 0 || (*tag)[4] == "/") continue;
    if ((*tag)[1] != "/") {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return "</" + name + "> closes " + (open.empty() ? "nothing" : open.back());
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> is never closed";
}

Report HostileReport() {
  static const std::string kHostile = "\"><script>alert('x')</script>&\x1b[31m";
  Report report = SampleReport();
  for (FaultFacts& fault : report.faults) fault.title = fault.driver = fault.program = kHostile;
  report.faults[0].name = kHostile;
  report.cost->rows[0].method = report.cost->target = kHostile;
  report.cost->stalls[0].method = kHostile;
  report.machine.cpu = report.settings.command = report.made_at = kHostile;
  for (TrialRecord& trial : report.trials) {
    if (trial.entry == "null_write") trial.entry = kHostile;
    trial.expected = {kHostile};
    Outcome& outcome = *trial.outcome;
    outcome.key = outcome.what = outcome.port_ended = outcome.stderr_tail = kHostile;
    outcome.how_host_ended = outcome.last_callback = outcome.last_api_call = kHostile;
    outcome.sanitizer_report = outcome.bystanders[0].name = kHostile;
    outcome.drift = {{kHostile, kHostile}};
  }
  report.flavours[2] = {Flavour::kAsan, false, kHostile};
  return report;
}

TEST(HtmlWriterTest, WalkerFindsWhatIsWrong) {
  const std::string style = "<style></style>";
  EXPECT_EQ(Unbalanced(style + "<p>a<br>b</p>"), "");
  EXPECT_NE(Unbalanced(style + "<p><b></p></b>"), "");
  EXPECT_NE(Unbalanced(style + "<p>"), "");
  EXPECT_NE(Unbalanced(style + "<p>1 < 2</p>"), "");
}

TEST(HtmlWriterTest, SampleIsWellFormed) { EXPECT_EQ(Unbalanced(Sample()), ""); }

TEST(HtmlWriterTest, NothingIsLoadedAndNothingRuns) {
  const std::string page = Sample();
  EXPECT_FALSE(std::regex_search(page, std::regex("https?:|src=|url\\(|@import|<link|<iframe")));
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_FALSE(std::regex_search(page, std::regex("<[^>]* on[a-z]+=")));
}

TEST(HtmlWriterTest, HostileTextStaysText) {
  const std::string page = WriteHtml(HostileReport());
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find('\x1b'), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;alert(&#39;x&#39;)"), std::string::npos);
  EXPECT_EQ(Unbalanced(page), "");
}

TEST(HtmlWriterTest, SaysTheHeadlineAndEveryVerdictInWords) {
  const std::string page = Sample();
  EXPECT_NE(page.find("4 of 7 faults took the host down as linked-in drivers; 0 of 8 as programs."),
            std::string::npos);
  for (const char* word : {"✕ host_down</span>", "▲ degraded</span>", "✓ contained</span>",
                           "○ clean</span>", "prefers-color-scheme: dark", "@media print"}) {
    EXPECT_NE(page.find(word), std::string::npos) << word;
  }
}

TEST(HtmlWriterTest, ShowsTheCommandOfOneTrial) {
  EXPECT_NE(Sample().find("./lab report --fault abort --mode in_vm"), std::string::npos);
}

TEST(HtmlWriterTest, UnmetExpectationIsMarked) {
  Report report = SampleReport();
  EXPECT_EQ(WriteHtml(report).find("not as expected"), std::string::npos);
  report.trials[0].met = false;
  const std::string page = WriteHtml(report);
  EXPECT_NE(page.find("not as expected"), std::string::npos);
  EXPECT_NE(page.find("1 of 42 trials did not do what the catalogue says."), std::string::npos);
}

TEST(HtmlWriterTest, FaultsAreGroupedByClassWithTheirCounts) {
  const std::string page = Sample();
  const auto memory = page.find("A · Memory");
  const auto state = page.find("F · State of the process");
  const auto programs = page.find("I · Programs only");
  const auto harmless = page.find("Harmless, for comparison");
  EXPECT_LT(memory, page.find(">heap_overflow</a>"));
  EXPECT_LT(page.find(">heap_overflow</a>"), state);
  EXPECT_LT(state, programs);
  EXPECT_LT(programs, harmless);
  EXPECT_NE(harmless, std::string::npos);
  EXPECT_NE(page.find("as linked-in drivers: 2 host down</span>"), std::string::npos);
}

TEST(HtmlWriterTest, ModeThatAFaultDoesNotHaveIsAnEmptyCellAndNoCard) {
  const std::string page = Sample();
  EXPECT_NE(page.find("<td class=\"absent\">–</td>"), std::string::npos);
  const auto section = page.find("id=\"fault-pipe_holder\"");
  ASSERT_NE(section, std::string::npos);
  EXPECT_EQ(page.substr(section, page.find("</section>", section) - section).find("card in_vm"),
            std::string::npos);
}

// The curves of the degraded trial in the in_vm card, one of the program beside it, nowhere else.
TEST(HtmlWriterTest, LatencyIsDrawnWhereTheHostWasDegradedAndForItsProgram) {
  const std::string page = Sample();
  const auto figures = [&](const std::string& fault) {
    const auto begin = page.find("id=\"fault-" + fault + "\"");
    const std::string section = page.substr(begin, page.find("</section>", begin) - begin);
    int count = 0;
    for (auto at = section.find("<figure"); at != std::string::npos;
         at = section.find("<figure", at + 1)) {
      ++count;
    }
    return count;
  };
  EXPECT_EQ(figures("infinite_loop"), 2);
  EXPECT_EQ(figures("umask"), 3);
  EXPECT_EQ(figures("abort"), 0);
  EXPECT_EQ(figures("echo"), 0);
  EXPECT_NE(page.find("<polyline class=\"latency1 open\""), std::string::npos)
      << "what nobody answered is drawn";
  EXPECT_NE(page.find("then silent"), std::string::npos);
}

TEST(HtmlWriterTest, DriftAndWhatCouldNotBeGuardedAreTold) {
  const std::string page = Sample();
  EXPECT_NE(page.find("the umask: from 0022 to 0777"), std::string::npos);
  EXPECT_NE(page.find("12 blocks"), std::string::npos);
}

TEST(HtmlWriterTest, ReportWithoutCostOrTrialsIsAPage) {
  Report report = SampleReport();
  report.cost.reset();
  report.cost_note = "left out: --no-cost";
  report.trials[0].outcome.reset();
  report.trials[0].error = "no such host";
  std::string page = WriteHtml(report);
  EXPECT_EQ(Unbalanced(page), "");
  EXPECT_NE(page.find("left out: --no-cost"), std::string::npos);
  EXPECT_NE(page.find("no such host"), std::string::npos);
  EXPECT_EQ(Unbalanced(WriteHtml(Report{})), "");
}

TEST(EscapeTest, EveryMarkupCharacter) {
  EXPECT_EQ(html::Escape("<a b=\"c\">&'"), "&lt;a b=&quot;c&quot;&gt;&amp;&#39;");
  EXPECT_EQ(html::Escape("a\nb"), "a\nb");
  EXPECT_EQ(html::Escape(std::string_view("\0\x7f", 2)), "␀␡");
}

TEST(EscapeTest, IdentifierHasNothingElse) {
  EXPECT_EQ(html::Identifier("Null_write \"x"), "null_write--x");
}

}  // namespace
}  // namespace portlab
