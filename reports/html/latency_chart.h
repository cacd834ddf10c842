// How long the bystanders of a trial had to wait, over the time around the trigger: one small
// inline SVG a trial. A frozen scheduler shows as a latency that grows, although nothing died.
//
// Threads: any. Errors: none. Units: milliseconds. The vertical axis is logarithmic and always the
// same; the horizontal one is the caller's, so that trials can be compared. A point lies where its
// answer came. What never got an answer is drawn dashed, up to how long it had waited at the end.
#pragma once

#include <string>
#include <vector>

#include "faulty_drivers/trial/outcome.h"

namespace portlab::html {

struct TimeSpan {
  double from_ms = 0;
  double to_ms = 0;
};

// What it takes to show all of these; widened by what is there already.
TimeSpan Widened(TimeSpan span, const Outcome& outcome);

// A figure: the drawing, and under it each bystander's name with its figures. Empty: there is
// nothing to draw.
std::string LatencyFigure(const Outcome& outcome, const TimeSpan& span, const std::string& title);

}  // namespace portlab::html
