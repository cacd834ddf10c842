// How a call into portlab fails: the error types of OTP's open_port (-1 … -4) and the reason atoms
// of its port BIFs.
//
// This is one of three error languages, never mixed: Result<T> for calls that can fail, Outcome
// (faulty_drivers/trial) for what untrusted code did, PORTLAB_CHECK for portlab's own bugs.
// Threads: values. Source: erlang(3erl) open_port/2; otp_ports.md 2.3 and 3.2.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace portlab {

enum class ErrorType {
  kGeneral = -1,  // a driver's start said ERL_DRV_ERROR_GENERAL: reason einval
  kErrno = -2,    // errno says why: reason is its lower-case name, e.g. enoent
  kBadArg = -3,   // reason badarg, or system_limit, notsup, … as `reason` says
  kBadOpt =
      -4,  // an option is wrong: reason badarg as well (OTP maps it so), kept apart for the message
};

struct Error {
  ErrorType type = ErrorType::kGeneral;
  int error_number = 0;           // with kErrno
  std::string_view fixed_reason;  // with kBadArg/kBadOpt; a literal
  std::string detail;             // for people: what was wrong, and the remedy where there is one

  static Error General(std::string detail = {}) {
    return {ErrorType::kGeneral, 0, {}, std::move(detail)};
  }
  static Error Errno(int number, std::string detail = {}) {
    return {ErrorType::kErrno, number, {}, std::move(detail)};
  }
  static Error BadArg(std::string detail = {}) {
    return {ErrorType::kBadArg, 0, "badarg", std::move(detail)};
  }
  static Error BadOpt(std::string detail = {}) {
    return {ErrorType::kBadOpt, 0, "badarg", std::move(detail)};
  }
  static Error SystemLimit(std::string detail = {}) {
    return {ErrorType::kBadArg, 0, "system_limit", std::move(detail)};
  }
  static Error NotSup(std::string detail = {}) {
    return {ErrorType::kBadArg, 0, "notsup", std::move(detail)};
  }

  // The reason atom a process would see: badarg, einval, system_limit, enoent …
  std::string Reason() const;
  // "enoent: /no/such/file: …" for people.
  std::string ToString() const;
};

// OTP's erl_errno_id: the lower-case name of an errno value, "unknown" for 0 and for what it does
// not map (41, 58, 85, 86, 120, and everything from 125 up, on Linux).
const char* ErrnoName(int error_number);

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> Fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace portlab
