// The drivers that are part of every OTP emulator. Nobody may load one of these names, whether this
// runtime has such a driver or not.
// Threads: constants. Source: erl_ddll:loaded_drivers() of a fresh OTP 25 (without SCTP).
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace portlab {

inline constexpr std::array<std::string_view, 4> kLinkedInNames = {"tcp_inet", "udp_inet",
                                                                   "ram_file_drv", "tty_sl"};

inline bool IsLinkedInName(std::string_view name) {
  return std::find(kLinkedInNames.begin(), kLinkedInNames.end(), name) != kLinkedInNames.end();
}

}  // namespace portlab
