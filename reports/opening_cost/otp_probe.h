// OTP's own open_port, measured inside a real `erl` that runs beside us and takes one sample on
// request, so that its samples lie between ours.
//
// Threads: one at a time. Ownership: the `erl` process, ended by the destructor. Units:
// microseconds. Errors: general, in words for the report: "erl not found", or what it said instead
// of a figure. Source: performance.md B2 (measure in a fresh process: the first one has a large
// heap).
#pragma once

#include <sys/types.h>

#include <string>

#include "base/unique_fd.h"
#include "portlab/error.h"

namespace portlab {

class OtpProbe {
 public:
  // `drivers` holds echo_drv.so; `program` is what is started. Returns when OTP is ready.
  static Result<OtpProbe> Start(const std::string& drivers, const std::string& program);
  OtpProbe(OtpProbe&& other) noexcept;
  OtpProbe& operator=(OtpProbe&&) = delete;
  ~OtpProbe();

  // "25"
  const std::string& release() const { return release_; }
  // The mean of kBatch times open_port and port_close.
  Result<double> DriverUs();
  // open_port until {exit_status,0}.
  Result<double> ProgramUs();

  static constexpr int kBatch = 64;

 private:
  OtpProbe() = default;
  Result<double> Ask(char what);
  // One line of its output; empty: none came in time.
  std::string ReadLine(int patience_ms);

  pid_t pid_ = -1;
  UniqueFd to_;
  UniqueFd from_;
  std::string unread_;
  std::string release_;
};

}  // namespace portlab
