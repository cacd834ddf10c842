// Big integers to text and back.
//
// Threads: pure.
// Units: magnitudes are little-endian bytes, as in the external format.
// Errors: nullopt for text that is no number in that base. Decimal conversion takes quadratic time,
// so magnitudes above kMaxDecimalBytes are written in base 16, and longer decimal text is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portlab/term.h"

namespace portlab {

inline constexpr std::size_t kMaxDecimalBytes = std::size_t{16} << 10;

// Decimal, or "16#…" for what is too large for that.
std::string MagnitudeToText(Bytes magnitude);
// REQUIRES: 2 <= base <= 36.
std::optional<std::vector<std::uint8_t>> TextToMagnitude(std::string_view digits, unsigned base);

}  // namespace portlab
