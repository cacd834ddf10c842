// What the parent of a host brings along to learn of its end: the page that survives it, and the
// environment in which sanitizers say what they found.
//
// Threads: the page is read while the host writes. Ownership: one descriptor and one mapping.
// Errors: an errno, with what could not be had. Source: isolation.md 5.1, 5.2.
#pragma once

#include <string>
#include <vector>

#include "base/black_box.h"
#include "base/unique_fd.h"
#include "faulty_drivers/trial/host_end.h"
#include "portlab/error.h"

namespace portlab {

// The page the host writes to and this process reads, whatever becomes of the host.
class SharedBlackBox {
 public:
  static Result<SharedBlackBox> Make();
  SharedBlackBox(SharedBlackBox&& other) noexcept;
  SharedBlackBox& operator=(SharedBlackBox&&) = delete;
  ~SharedBlackBox();

  int fd() const { return fd_.get(); }
  LastWords Read() const;

 private:
  SharedBlackBox() = default;
  UniqueFd fd_;
  const BlackBox* page_ = nullptr;
};

// Replaces what the caller's own environment says: expectations hold for exactly these. Reports go
// to stderr.
std::vector<std::string> SanitizerEnvironment();

}  // namespace portlab
