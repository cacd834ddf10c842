// Identities of processes and ports, and the words a driver sees them as.
//
// An immediate term is one machine word, tagged in its low bits as OTP's are (measured on OTP 25:
// NIL is 0x3b), so that ErlDrvTermData values can be compared by a driver and passed back in.
// Threads: values. Source: erl_driver(3erl), otp_ports.md 1.1 and 4.2.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace portlab {

using TermWord = std::uint64_t;

inline constexpr TermWord kTagPid = 0x3;       // low 4 bits
inline constexpr TermWord kTagPort = 0x7;      // low 4 bits
inline constexpr TermWord kTagAtom = 0x0b;     // low 6 bits
inline constexpr TermWord kTagSmallInt = 0xf;  // low 4 bits
inline constexpr TermWord kNilWord = 0x3b;     // the whole word

// A local process: 28 bits of number, as OTP prints it: <0.N.0>. Zero is no process.
struct Pid {
  std::uint64_t number = 0;
  auto operator<=>(const Pid&) const = default;
  explicit operator bool() const { return number != 0; }
  TermWord word() const { return (number << 4) | kTagPid; }
  static Pid FromWord(TermWord word) { return Pid{word >> 4}; }
  static bool IsPid(TermWord word) { return (word & 0xf) == kTagPid; }
};

// A local port: 28 bits of slot and generation, printed #Port<0.N>. `kNone` is no port: 0 is a
// valid number (the first).
struct PortId {
  static constexpr std::uint64_t kNone = ~std::uint64_t{0} >> 8;
  std::uint64_t number = kNone;
  auto operator<=>(const PortId&) const = default;
  explicit operator bool() const { return number != kNone; }
  TermWord word() const { return (number << 4) | kTagPort; }
  static PortId FromWord(TermWord word) { return PortId{word >> 4}; }
  static bool IsPort(TermWord word) { return (word & 0xf) == kTagPort; }
};

// A local reference: unique over the life of the runtime, printed #Ref<0.0.0.N>.
struct RefId {
  std::uint64_t number = 0;
  auto operator<=>(const RefId&) const = default;
  explicit operator bool() const { return number != 0; }
};

}  // namespace portlab

template <>
struct std::hash<portlab::Pid> {
  std::size_t operator()(portlab::Pid id) const noexcept {
    return std::hash<std::uint64_t>{}(id.number);
  }
};
template <>
struct std::hash<portlab::PortId> {
  std::size_t operator()(portlab::PortId id) const noexcept {
    return std::hash<std::uint64_t>{}(id.number);
  }
};
template <>
struct std::hash<portlab::RefId> {
  std::size_t operator()(portlab::RefId id) const noexcept {
    return std::hash<std::uint64_t>{}(id.number);
  }
};
