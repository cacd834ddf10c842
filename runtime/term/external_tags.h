// The tag bytes of the external term format.
//
// Threads: constants.
// Source: erl_ext_dist of the erts manual.
#pragma once

#include <cstdint>

namespace portlab::external {

inline constexpr std::uint8_t kVersion = 131;

enum Tag : std::uint8_t {
  kNewFloat = 70,
  kBitBinary = 77,
  kCompressed = 80,
  kNewPid = 88,
  kNewPort = 89,
  kNewerReference = 90,
  kSmallInteger = 97,
  kInteger = 98,
  kFloat = 99,
  kAtomLatin1 = 100,
  kPort = 102,
  kPid = 103,
  kSmallTuple = 104,
  kLargeTuple = 105,
  kNil = 106,
  kString = 107,
  kList = 108,
  kBinary = 109,
  kSmallBig = 110,
  kLargeBig = 111,
  kNewReference = 114,
  kSmallAtomLatin1 = 115,
  kMap = 116,
  kAtomUtf8 = 118,
  kSmallAtomUtf8 = 119,
  kV4Port = 120,
};

// A pid's word holds 28 bits of number and, above them, the serial.
inline constexpr int kPidNumberBits = 28;
// Larger port numbers need V4_PORT_EXT.
inline constexpr int kNewPortBits = 28;

}  // namespace portlab::external
