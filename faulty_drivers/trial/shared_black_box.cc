#include "faulty_drivers/trial/shared_black_box.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace portlab {

Result<SharedBlackBox> SharedBlackBox::Make() {
  SharedBlackBox box;
  box.fd_.Reset(::memfd_create("black_box", MFD_CLOEXEC));
  if (!box.fd_ || ::ftruncate(box.fd_.get(), sizeof(BlackBox)) != 0) {
    return Fail(Error::Errno(errno, "no memory page for the black box"));
  }
  void* page = ::mmap(nullptr, sizeof(BlackBox), PROT_READ, MAP_SHARED, box.fd_.get(), 0);
  if (page == MAP_FAILED) return Fail(Error::Errno(errno, "the black box cannot be mapped"));
  box.page_ = static_cast<const BlackBox*>(page);
  return box;
}

SharedBlackBox::SharedBlackBox(SharedBlackBox&& other) noexcept
    : fd_(std::move(other.fd_)), page_(std::exchange(other.page_, nullptr)) {}

SharedBlackBox::~SharedBlackBox() {
  if (page_ != nullptr) ::munmap(const_cast<BlackBox*>(page_), sizeof(BlackBox));
}

LastWords SharedBlackBox::Read() const {
  LastWords words;
  words.goodbye = page_->goodbye.load() == BlackBox::kGoodbye;
  words.phase = static_cast<TrialPhase>(page_->phase.load());
  words.in_callback = page_->InsideCallback();
  words.callback = static_cast<CallbackKind>(page_->callback.load());
  words.api_call = page_->api_call.load();
  words.port = page_->port.load();
  words.triggered_at = page_->triggered_at.load();
  words.message.assign(page_->message, ::strnlen(page_->message, sizeof(page_->message)));
  return words;
}

std::vector<std::string> SanitizerEnvironment() {
  const std::string exit_code = "exitcode=" + std::to_string(kExitSanitizer);
  return {"ASAN_OPTIONS=" + exit_code +
              ":handle_abort=1:abort_on_error=0:detect_leaks=1:quarantine_size_mb=1",
          "LSAN_OPTIONS=" + exit_code,
          "UBSAN_OPTIONS=" + exit_code + ":halt_on_error=1:print_stacktrace=1:report_error_type=1",
          "TSAN_OPTIONS=" + exit_code + ":halt_on_error=1"};
}

}  // namespace portlab
