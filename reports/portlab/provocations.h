// What every port must stand, whoever wrote its driver or program: the control, and provocations.
//
// Threads: pure. Ownership: values. Units: bytes. Errors: none. Source: isolation.md 3: output and
// input floods (B6, C6), stopped programs (C8), hostile and truncated frames (G1, G2), programs
// that outlive their port (I1).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/portlab/isolate_plan.h"

namespace portlab {

inline constexpr const char* kControlRow = "control";

Operation MakeOperation(OperationKind kind, std::uint8_t port, std::uint32_t number = 0,
                        std::string bytes = {});

// `script`: how ports of this subject are opened, and nothing else.
IsolateRow ControlRow(const IsolateSubject& subject, const TrialScript& script);
std::vector<IsolateRow> Provocations(const IsolateSubject& subject, const TrialScript& script);

}  // namespace portlab
