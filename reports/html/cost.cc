// What it costs to open a port, and what that does to the other threads of the host.
#include <fmt/format.h>

#include <algorithm>

#include "reports/html/escape.h"
#include "reports/html/sections.h"
#include "reports/html/svg_charts.h"
#include "reports/summary.h"

namespace portlab::html {
namespace {

// The sizes that were measured, smallest first; sizes beyond the second share its mark.
std::vector<int> Sizes(const std::vector<int>& all) {
  std::vector<int> sizes = all;
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  std::erase(sizes, 0);
  return sizes;
}

int SeriesOf(const std::vector<int>& sizes, int mib) {
  return !sizes.empty() && mib > sizes.front() ? 1 : 0;
}

RangeRow& RowNamed(std::vector<RangeRow>& rows, const std::string& label) {
  for (RangeRow& row : rows) {
    if (row.label == label) return row;
  }
  return rows.emplace_back(RangeRow{label, {}, {}});
}

std::string Legend(const std::vector<int>& sizes, const char* what) {
  std::string html = "<ul class=\"legend\">";
  for (const int mib : sizes) {
    html += fmt::format("<li class=\"swatch{}\">{} of touched memory</li>", SeriesOf(sizes, mib),
                        MemoryInWords(mib));
  }
  return html + fmt::format("<li class=\"soft\">{}</li></ul>\n", what);
}

std::string CostChart(const OpeningCost& cost) {
  std::vector<int> all;
  for (const CostRow& row : cost.rows) all.push_back(row.memory_mib);
  const std::vector<int> sizes = Sizes(all);
  std::vector<RangeRow> rows;
  for (const CostRow& row : cost.rows) {
    RangeRow& line = RowNamed(rows, row.method);
    if (row.samples == 0) {
      line.remark = row.note;
    } else {
      line.marks.push_back({row.p10_us, row.p50_us, row.p90_us, SeriesOf(sizes, row.memory_mib)});
    }
  }
  return "<figure class=\"chart\">" +
         Legend(sizes, "mark: median; line: 10th to 90th percentile; logarithmic scale") +
         RangeChart(rows, "Cost of opening, by method; the table below has the same figures") +
         "</figure>\n";
}

std::string CostTable(const OpeningCost& cost) {
  std::string table =
      "<div class=\"wide\"><table><caption>Time for one opening, to its end</caption><thead><tr>"
      "<th scope=\"col\">Method</th><th scope=\"col\">Memory</th>"
      "<th scope=\"col\" class=\"number\">p10</th><th scope=\"col\" class=\"number\">p50</th>"
      "<th scope=\"col\" class=\"number\">p90</th><th scope=\"col\" class=\"number\">Samples</th>"
      "<th scope=\"col\">Note</th></tr></thead><tbody>\n";
  for (const CostRow& row : cost.rows) {
    table += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td>", Escape(row.method),
                         MemoryInWords(row.memory_mib));
    for (const double value : {row.p10_us, row.p50_us, row.p90_us}) {
      table += fmt::format("<td class=\"number\">{}</td>",
                           row.samples == 0 ? "–" : MicrosecondsInWords(value));
    }
    table +=
        fmt::format("<td class=\"number\">{}{}</td><td class=\"soft\">{}</td></tr>\n", row.samples,
                    row.batch > 1 ? fmt::format(" × {}", row.batch) : "", Escape(row.note));
  }
  return table + "</tbody></table></div>\n";
}

std::string Stalls(const OpeningCost& cost) {
  if (cost.stalls.empty()) return "";
  std::vector<int> all;
  std::vector<RangeRow> rows;
  for (const StallRow& row : cost.stalls) all.push_back(row.memory_mib);
  const std::vector<int> sizes = Sizes(all);
  std::string table =
      "<div class=\"wide\"><table><caption>Largest gap per start, as the observing thread saw it"
      "</caption><thead><tr><th scope=\"col\">While starting with</th><th scope=\"col\">The "
      "observer"
      "</th><th scope=\"col\">Memory</th><th scope=\"col\" class=\"number\">p50</th>"
      "<th scope=\"col\" class=\"number\">p90</th><th scope=\"col\" class=\"number\">Samples</th>"
      "</tr></thead><tbody>\n";
  for (const StallRow& row : cost.stalls) {
    RowNamed(rows, row.method + ", " + row.observer)
        .marks.push_back({row.p50_us, row.p50_us, row.p90_us, SeriesOf(sizes, row.memory_mib)});
    table += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"number\">{}</td>"
        "<td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
        Escape(row.method), Escape(row.observer), MemoryInWords(row.memory_mib),
        MicrosecondsInWords(row.p50_us), MicrosecondsInWords(row.p90_us), row.samples);
  }
  return "<h3>How long another thread stands still</h3>\n<p>A second thread writes to pages of the "
         "touched memory, or only reads the clock, while the first starts a program. Shown is the "
         "longest it stood still during one start. The rows named “nothing” are the machine's own "
         "noise: only what stands clear of them comes from the start.</p>\n<figure "
         "class=\"chart\">" +
         Legend(sizes, "mark: median; line: to the 90th percentile; logarithmic scale") +
         RangeChart(rows, "Stall of another thread; the table below has the same figures") +
         "</figure>\n" + table + "</tbody></table></div>\n";
}

}  // namespace

std::string CostSection(const Report& report) {
  std::string html = "<section id=\"cost\">\n<h2>The cost of opening</h2>\n";
  if (!report.cost) {
    const std::string why = report.cost_note.empty() ? "Not measured." : report.cost_note;
    return html + "<p class=\"soft\">" + Escape(why) + "</p>\n</section>\n";
  }
  html +=
      "<p>What it takes until a port of a linked-in driver is open and closed again, and until a "
      "program was started, ran and was reaped. The memory of the calling process is part of the "
      "question: <code>fork</code> copies its page tables, and every page that is written while "
      "both "
      "processes have it costs another fault.</p>\n";
  html += CostChart(*report.cost) + CostTable(*report.cost) + Stalls(*report.cost);
  html += fmt::format(
      "<p class=\"small soft\">Program started: <code>{}</code>. Order of the methods "
      "in each round: seed {}.",
      Escape(report.cost->target), report.cost->seed);
  for (const std::string& note : report.cost->notes) html += " " + Escape(note);
  return html + "</p>\n</section>\n";
}

}  // namespace portlab::html
