#include "faulty_drivers/trial/judge.h"

namespace portlab {
namespace {

void Set(Outcome& outcome, Verdict verdict, std::string key, std::string what) {
  outcome.verdict = verdict;
  outcome.key = std::move(key);
  outcome.what = std::move(what);
}

std::string Mebibytes(std::int64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

std::string PortEnded(const Observations& seen) {
  if (seen.exit_status) return "{exit_status," + std::to_string(*seen.exit_status) + "}";
  return seen.exit_reason.empty() ? "nothing" : "EXIT " + seen.exit_reason;
}

// What the host keeps although the port is closed. Less than kRetainedMax of memory is noise; the
// rest is counted exactly.
bool JudgeRetained(const Retained& kept, Outcome& outcome) {
  struct Counted {
    int count;
    const char* key;
    const char* noun;
  };
  const Counted counted[] = {{kept.port_count, "degraded:ports", "ports"},
                             {kept.fds, "degraded:fds", "file descriptors"},
                             {kept.threads, "degraded:threads", "threads"},
                             {kept.driver_blocks, "degraded:blocks", "blocks of driver memory"},
                             {kept.binaries, "degraded:binaries", "driver binaries"}};
  for (const Counted& one : counted) {
    if (one.count == 0) continue;
    Set(outcome, Verdict::kDegraded, one.key,
        one.count > 0 ? "the host keeps " + std::to_string(one.count) + " " + one.noun +
                            " after the port was closed"
                      : "the host lost " + std::to_string(-one.count) + " " + one.noun +
                            " that are not the port's");
    return true;
  }
  return false;
}

bool JudgeDegraded(const Observations& seen, Outcome& outcome) {
  const Retained& kept = seen.retained;
  if (seen.port_lingers) {
    Set(outcome, Verdict::kDegraded, "degraded:ports",
        "the port cannot be closed: what is in its queue is never taken out");
    return true;
  }
  if (seen.stuck_schedulers > 0 || seen.owner_stuck) {
    Set(outcome, Verdict::kDegraded, "degraded:stuck",
        seen.stuck_schedulers > 0
            ? std::to_string(seen.stuck_schedulers) +
                  " of the host's scheduler threads never came back from a callback"
            : "the port can be neither used nor closed");
    return true;
  }
  if (kept.memory_bytes > kRetainedMax) {
    Set(outcome, Verdict::kDegraded, "degraded:memory",
        "the host keeps " + Mebibytes(kept.memory_bytes) + " after the port was closed");
    return true;
  }
  if (seen.mailbox_peak_bytes > kMailboxMax) {
    Set(outcome, Verdict::kDegraded, "degraded:flood",
        "the port put " + Mebibytes(seen.mailbox_peak_bytes) +
            " of messages into its owner's mailbox");
    return true;
  }
  if (JudgeRetained(kept, outcome)) return true;
  if (!seen.drift.empty()) {
    const Drift& first = seen.drift.front();
    Set(outcome, Verdict::kDegraded, "degraded:drift:" + first.what,
        "the host is not what it was: " + first.sentence);
    return true;
  }
  for (const Bystander& bystander : seen.bystanders) {
    if (bystander.answered) continue;
    Set(outcome, Verdict::kDegraded, "degraded:bystander",
        "the bystander '" + bystander.name + "' no longer answers");
    return true;
  }
  return false;
}

}  // namespace

void Judge(const Observations& seen, Outcome& outcome) {
  outcome.port_ended = PortEnded(seen);
  if (JudgeDegraded(seen, outcome)) return;
  if (seen.exit_status) {
    Set(outcome, Verdict::kContained, "contained:exit_status:" + std::to_string(*seen.exit_status),
        "the program ended; its port told its owner, and the host is as before");
  } else if (seen.port_ended) {
    Set(outcome, Verdict::kContained, "contained:closed:" + seen.exit_reason,
        "the port was closed with reason " + seen.exit_reason + ", and the host is as before");
  } else if (!seen.answered) {
    Set(outcome, Verdict::kContained, "contained:unresponsive",
        "the port never answered again; closing it left the host as before");
  } else if (seen.program_growth_bytes > kRetainedMax) {
    Set(outcome, Verdict::kContained, "contained:closed",
        "the program grew by " + Mebibytes(seen.program_growth_bytes) +
            ", which went with it when its port was closed");
  } else if (seen.outlives_port) {
    Set(outcome, Verdict::kContained, "contained:outlives_port",
        "the program lives on although its port is closed; it ends with the host");
  } else if (seen.fired_inside) {
    Set(outcome, Verdict::kContained, "contained:inside",
        "the program did its fault and went on; nothing of it reached the host");
  } else {
    Set(outcome, Verdict::kClean, "clean", "nothing happened");
  }
}

}  // namespace portlab
