#include "reports/html/svg_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/html/escape.h"

namespace portlab::html {
namespace {

// In units of the chart's view box.
constexpr double kWidth = 1040;
constexpr double kLabels = 270;
constexpr double kRight = 96;  // room for the value right of the last mark
constexpr double kRowHeight = 20;
constexpr double kGap = 10;
constexpr double kTop = 26;

// A logarithmic axis over whole decades.
struct Axis {
  int first = 0;  // power of ten at the left edge
  int last = 1;

  double At(double value) const {
    const double power = value > 0 ? std::log10(value) : first;
    const double share = (power - first) / (last - first);
    return kLabels + std::clamp(share, 0.0, 1.0) * (kWidth - kLabels - kRight);
  }
};

Axis AxisFor(const std::vector<RangeRow>& rows) {
  double low = 0;
  double high = 0;
  for (const RangeRow& row : rows) {
    for (const RangeMark& mark : row.marks) {
      for (const double value : {mark.low, mark.mid, mark.high}) {
        if (!(value > 0) || !std::isfinite(value)) continue;
        low = low == 0 ? value : std::min(low, value);
        high = std::max(high, value);
      }
    }
  }
  if (high == 0) return {0, 1};
  Axis axis{static_cast<int>(std::floor(std::log10(low))),
            static_cast<int>(std::ceil(std::log10(high)))};
  if (axis.last <= axis.first) axis.last = axis.first + 1;
  return axis;
}

// The unit that leaves the fewest digits: 0.1 µs, 10 µs, 1 ms.
std::string TickText(int power) {
  const int unit = power < 3 ? 0 : power < 6 ? 3 : 6;
  const char* name = unit == 0 ? "µs" : unit == 3 ? "ms" : "s";
  return fmt::format("{:g} {}", std::pow(10.0, power - unit), name);
}

std::string DrawAxis(const Axis& axis, double height) {
  std::string svg;
  for (int power = axis.first; power <= axis.last; ++power) {
    const double value = std::pow(10.0, power);
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2:.1f}\"/>"
        "<text class=\"tick\" x=\"{0:.1f}\" y=\"14\" font-size=\"12\" "
        "text-anchor=\"middle\">{3}</text>",
        axis.At(value), kTop - 6, height - 4, Escape(TickText(power)));
  }
  return svg;
}

std::string DrawMark(const Axis& axis, const RangeMark& mark, double y) {
  const double mid = axis.At(mark.mid);
  const double end = axis.At(mark.high);
  std::string svg = fmt::format(
      "<line class=\"range{0}\" stroke-width=\"3\" stroke-linecap=\"round\" x1=\"{1:.1f}\" "
      "x2=\"{2:.1f}\" y1=\"{3:.1f}\" y2=\"{3:.1f}\" opacity=\".45\"/>",
      mark.series, axis.At(mark.low), end, y);
  svg += mark.series == 0
             ? fmt::format("<circle class=\"mark0\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\"/>", mid, y)
             : fmt::format(
                   "<rect class=\"mark1\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"9\" "
                   "height=\"9\"/>",
                   mid - 4.5, y - 4.5);
  svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"12.5\">{}</text>",
                     std::max(end, mid + 5) + 9, y + 4.5, Escape(MicrosecondsInWords(mark.mid)));
  return svg;
}

std::string Opening(double width, double height, const std::string& text, bool stretch) {
  return fmt::format("<svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {:.0f} {:.0f}\"{}>",
                     Escape(text), width, height, stretch ? " preserveAspectRatio=\"none\"" : "");
}

}  // namespace

std::string GapBar(double value, double full, bool silent, const std::string& text) {
  const double share = silent || !(full > 0) ? 100 : std::clamp(100 * value / full, 0.0, 100.0);
  return Opening(100, 8, text, true) +
         fmt::format(
             "<rect class=\"track\" width=\"100\" height=\"8\"/>"
             "<rect class=\"{}\" width=\"{:.1f}\" height=\"8\"/></svg>",
             silent ? "silent" : "gap", silent ? 100 : std::max(share, 0.8));
}

std::string ShareBar(const VerdictCounts& counts, const std::string& text) {
  std::string svg = Opening(100, 12, text, true);
  svg += "<rect class=\"track\" width=\"100\" height=\"12\"/>";
  double x = 0;
  const auto add = [&](const char* verdict, int count) {
    if (count == 0 || counts.tried == 0) return;
    const double width = 100.0 * count / counts.tried;
    svg += fmt::format("<rect class=\"bar-{}\" x=\"{:.2f}\" width=\"{:.2f}\" height=\"12\"/>",
                       verdict, x, width - 0.3);
    x += width;
  };
  add("host_down", counts.host_down);
  add("degraded", counts.degraded);
  add("contained", counts.contained);
  add("clean", counts.clean);
  return svg + "</svg>";
}

std::string RangeChart(const std::vector<RangeRow>& rows, const std::string& text) {
  const Axis axis = AxisFor(rows);
  double height = kTop + 6;
  for (const RangeRow& row : rows) {
    height += kRowHeight * static_cast<double>(std::max<std::size_t>(row.marks.size(), 1)) + kGap;
  }
  std::string svg = Opening(kWidth, height, text, false) + DrawAxis(axis, height);
  double y = kTop;
  for (const RangeRow& row : rows) {
    const double lines = static_cast<double>(std::max<std::size_t>(row.marks.size(), 1));
    svg += fmt::format("<text x=\"0\" y=\"{:.1f}\" font-size=\"14\">{}</text>",
                       y + kRowHeight * lines / 2 + 5, Escape(row.label));
    if (row.marks.empty()) {
      svg += fmt::format("<text class=\"tick\" x=\"{}\" y=\"{:.1f}\" font-size=\"13\">{}</text>",
                         kLabels + 8, y + kRowHeight / 2 + 5, Escape(row.remark));
    }
    for (const RangeMark& mark : row.marks) {
      svg += DrawMark(axis, mark, y + kRowHeight / 2);
      y += kRowHeight;
    }
    y += (row.marks.empty() ? kRowHeight : 0) + kGap;
  }
  return svg + "</svg>";
}

}  // namespace portlab::html
