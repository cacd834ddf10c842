#include "reports/html/latency_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/html/escape.h"
#include "reports/summary.h"

namespace portlab::html {
namespace {

// In units of the view box.
constexpr double kWidth = 460;
constexpr double kHeight = 170;
constexpr double kLeft = 46;
constexpr double kRight = 8;
constexpr double kTop = 8;
constexpr double kBottom = 22;
// Powers of ten of a millisecond: from 10 µs to 10 s.
constexpr int kFirst = -2;
constexpr int kLast = 4;
constexpr std::size_t kSeries = 3;

class Axes {
 public:
  explicit Axes(const TimeSpan& span)
      : span_(span), length_(std::max(span.to_ms - span.from_ms, 1.0)) {}

  double X(double at_ms) const {
    const double share = std::clamp((at_ms - span_.from_ms) / length_, 0.0, 1.0);
    return kLeft + share * (kWidth - kLeft - kRight);
  }
  static double Y(double latency_ms) {
    const double power = latency_ms > 0 ? std::log10(latency_ms) : kFirst;
    const double share = std::clamp((power - kFirst) / (kLast - kFirst), 0.0, 1.0);
    return kHeight - kBottom - share * (kHeight - kTop - kBottom);
  }
  std::string Draw() const;

 private:
  const TimeSpan span_;
  const double length_;
};

// "10 µs", "1 ms", "10 s": a power of ten of a millisecond, without decimals.
std::string TickText(int power) {
  const int unit = power < 0 ? -3 : power < 3 ? 0 : 3;
  const char* name = unit < 0 ? "µs" : unit == 0 ? "ms" : "s";
  return fmt::format("{:.0f} {}", std::pow(10.0, power - unit), name);
}

std::string TimeText(double at_ms) {
  if (at_ms <= 0) return "trigger";
  return at_ms < 1000 ? fmt::format("{:.0f} ms", at_ms) : fmt::format("{:g} s", at_ms / 1000);
}

std::string Axes::Draw() const {
  std::string svg;
  for (int power = kFirst; power <= kLast; ++power) {
    const double value = std::pow(10.0, power);
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{0:.0f}\" x2=\"{1:.0f}\" y1=\"{2:.1f}\" "
        "y2=\"{2:.1f}\"/>",
        kLeft, kWidth - kRight, Y(value));
    if (power % 2 != 0) continue;
    svg += fmt::format(
        "<text class=\"tick\" x=\"{:.0f}\" y=\"{:.1f}\" font-size=\"11\" "
        "text-anchor=\"end\">{}</text>",
        kLeft - 5, Y(value) + 4, TickText(power));
  }
  const double steps[] = {50, 100, 200, 500, 1000, 2000, 5000};
  const double* fits = std::ranges::find_if(steps, [&](double step) { return length_ < 7 * step; });
  const double step = fits == std::end(steps) ? length_ / 5 : *fits;
  for (double at = 0; at <= span_.to_ms; at += step) {
    svg += fmt::format(
        "<text class=\"tick\" x=\"{:.1f}\" y=\"{:.0f}\" font-size=\"11\" "
        "text-anchor=\"{}\">{}</text>",
        X(at), kHeight - 6, at > 0 && X(at) > kWidth - 30 ? "end" : "middle", TimeText(at));
  }
  return svg + fmt::format(
                   "<line class=\"trigger\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.0f}\" "
                   "y2=\"{2:.0f}\"/>",
                   X(0), kTop, kHeight - kBottom);
}

// The age of a question that is never answered grows with the time; on this axis as a bend.
std::string OpenQuestion(const Axes& axes, const LatencySample& sample, std::size_t series) {
  std::string points;
  for (double age = 0.01; age < sample.latency_ms; age *= 1.6) {
    points += fmt::format("{:.1f},{:.1f} ", axes.X(sample.at_ms + age), Axes::Y(age));
  }
  const double x = axes.X(sample.at_ms + sample.latency_ms);
  const double y = Axes::Y(sample.latency_ms);
  points += fmt::format("{:.1f},{:.1f}", x, y);
  return fmt::format(
      "<polyline class=\"latency{0} open\" points=\"{1}\"/>"
      "<circle class=\"end{0}\" cx=\"{2:.1f}\" cy=\"{3:.1f}\" r=\"3.5\"/>",
      series, points, x, y);
}

std::string Curve(const Axes& axes, const Bystander& bystander, std::size_t series) {
  std::string points;
  std::string open;
  int count = 0;
  for (const LatencySample& sample : bystander.samples) {
    if (!sample.answered) {
      open = OpenQuestion(axes, sample, series);
      continue;
    }
    // Where its answer came: a stall climbs until then, it does not fall from its begin on.
    points += fmt::format("{:.1f},{:.1f} ", axes.X(sample.at_ms + sample.latency_ms),
                          Axes::Y(sample.latency_ms));
    ++count;
  }
  if (count < 2) return open;
  points.pop_back();
  return fmt::format("<polyline class=\"latency{}\" points=\"{}\"/>", series, points) + open;
}

std::string Figures(const Bystander& bystander) {
  return fmt::format("p50 {}, p99 {}, worst {}{}", MicrosecondsInWords(bystander.p50_ms * 1000),
                     MicrosecondsInWords(bystander.p99_ms * 1000),
                     MicrosecondsInWords(bystander.worst_ms * 1000),
                     bystander.answered ? "" : ", then silent");
}

}  // namespace

TimeSpan Widened(TimeSpan span, const Outcome& outcome) {
  for (const Bystander& bystander : outcome.bystanders) {
    for (const LatencySample& sample : bystander.samples) {
      span.from_ms = std::min(span.from_ms, sample.at_ms);
      const double end = sample.at_ms + sample.latency_ms;
      if (std::isfinite(end)) span.to_ms = std::max(span.to_ms, end);
    }
  }
  return span;
}

std::string LatencyFigure(const Outcome& outcome, const TimeSpan& span, const std::string& title) {
  const Axes axes(span);
  std::string curves;
  std::string words;
  std::string legend;
  std::size_t series = 0;
  for (const Bystander& bystander : outcome.bystanders) {
    if (bystander.samples.empty()) continue;
    const std::size_t look = series++ % kSeries;
    curves += Curve(axes, bystander, look);
    words += (words.empty() ? "" : "; ") + bystander.name + ": " + Figures(bystander);
    legend += fmt::format("<li><i class=\"line{}\"></i>{} <span class=\"soft\">{}</span></li>",
                          look, Escape(bystander.name), Figures(bystander));
  }
  if (curves.empty()) return {};
  return fmt::format(
      "<figure class=\"latency\"><figcaption>{}</figcaption><svg role=\"img\" aria-label=\"{}\" "
      "viewBox=\"0 0 {:.0f} {:.0f}\">{}{}</svg><ul>{}</ul></figure>\n",
      Escape(title), Escape(title + ". " + words), kWidth, kHeight, axes.Draw(), curves, legend);
}

}  // namespace portlab::html
