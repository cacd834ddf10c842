#include "reports/portlab/cost_run.h"

#include <unistd.h>

#include "launch/supervised_child.h"
#include "reports/json_writer.h"

namespace portlab {
namespace {

constexpr Nanos kTimeLimit = 45'000 * kMillisecond;

std::string LastLine(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

Result<OpeningCost> MeasureOpeningCost(const Installation& installation,
                                       const std::function<bool()>& cancelled) {
  SupervisedSpec spec;
  spec.file = installation.bin + "/portlab-opening-cost";
  if (::access(spec.file.c_str(), X_OK) != 0) {
    return Fail(Error::General("Not measured: " + spec.file + " was not built."));
  }
  const std::string tiny = installation.programs + "/tiny_program";
  spec.args = {"--drivers", installation.drivers + "/plain", "--program",
               ::access(tiny.c_str(), X_OK) == 0 ? tiny : "/bin/true"};
  spec.time_limit = kTimeLimit;
  BecomeSubreaper();
  const auto end = RunSupervised(spec, cancelled);
  if (!end) return Fail(Error::General("Not measured: " + end.error().ToString()));
  if (end->cause != SupervisedEnd::kExited || !end->status.exited(0)) {
    const std::string how = end->cause == SupervisedEnd::kTimeLimit     ? "took too long"
                            : end->cause == SupervisedEnd::kStartFailed ? "could not be started"
                                                                        : end->status.ToString();
    const std::string said = LastLine(end->stderr_tail);
    return Fail(Error::General("Not measured: portlab-opening-cost " + how +
                               (said.empty() ? "." : ", and said: " + said)));
  }
  const auto json = ParseJson(end->stdout_text);
  auto cost = json ? CostFromJson(*json) : Result<OpeningCost>(Fail(json.error()));
  if (!cost) return Fail(Error::General("Not measured: " + cost.error().detail));
  return cost;
}

}  // namespace portlab
