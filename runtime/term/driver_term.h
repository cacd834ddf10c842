// The interpreter of driver term specs: the ERL_DRV_* programs of erl_drv_output_term and
// erl_drv_send_term.
//
// Threads: any; the program's pointers are the driver's to keep valid during the call, and are
// followed as OTP follows them.
// Ownership: the result owns or shares everything in it.
// Errors: nullopt for a program that breaks a rule, or no memory.
// Where OTP 25 crashes (a null FLOAT, INT64 or UINT64; a BINARY whose size + offset wraps around),
// this is nullopt as well.
// Source: erl_driver(3erl) erl_drv_output_term; otp_ports.md 1.3.
#pragma once

#include <optional>
#include <span>

#include "portlab/term.h"

namespace portlab {

// Values as in erl_driver.h, ERL_DRV_NIL … ERL_DRV_MAP.
enum class DriverTermTag : TermWord {
  kNil = 1,          // ()
  kAtom = 2,         // (atom)
  kInt = 3,          // (signed)
  kPort = 4,         // (port)
  kBinary = 5,       // (ErlDrvBinary*, size, offset)
  kString = 6,       // (char*, length)
  kTuple = 7,        // (n)
  kList = 8,         // (n, the tail among them)
  kStringCons = 9,   // (char*, length); the tail is on the stack
  kPid = 10,         // (pid)
  kFloat = 11,       // (double*)
  kExt2Term = 12,    // (char*, length)
  kUint = 13,        // (unsigned)
  kBuf2Binary = 14,  // (char*, length)
  kInt64 = 15,       // (ErlDrvSInt64*)
  kUint64 = 16,      // (ErlDrvUInt64*)
  kMap = 17,         // (n pairs)
};

std::optional<Term> BuildDriverTerm(std::span<const TermWord> program);

}  // namespace portlab
