#include "driver/load_error.h"

#include <algorithm>
#include <vector>

#include "base/mutex.h"

namespace portlab {
namespace {

constexpr std::int64_t kFirstOpenError = -10;

struct ReasonText {
  std::string_view reason;
  std::string_view text;
};
// The texts are OTP's to the letter, slips and all: test suites compare them.
constexpr ReasonText kReasonTexts[] = {
    {"inconsistent",
     "Driver name and/or driver options are inconsistent with currently loaded driver"},
    {"linked_in_driver", "Driver is statically linked and cannot be loaded/unloaded"},
    {"permanent", "DDLL driver is permanent an cannot be unloaded/loaded"},
    {"not_loaded", "DDLL driver is not loaded"},
    {"not_loaded_by_this_process", "DDLL driver was not loaded by this process"},
    {"not_pending", "DDLL load not pending for this driver name"},
    {"already_loaded", "DDLL driver is already loaded successfully"},
    {"pending_reload", "Driver reloading is already pending"},
    {"pending_process",
     "Driver is loaded by others when attempting option {reload, pending_driver}"},
    {"driver_incorrect_version", "Driver compiled with incorrect version of erl_driver.h"},
    {"bad_driver_name", "Bad driver name"},
    {"driver_init_failed", "Driver init failed"},
    {"no_driver_init", "No driver init in dynamic library"},
    {"driver_name_to_long", "Driver name to long"},
};

// The distinct texts of this process's failed opens, in the order they came.
class OpenErrorTexts {
 public:
  std::int64_t NumberOf(std::string_view text) {
    MutexLock lock(mutex_);
    auto found = std::find(texts_.begin(), texts_.end(), text);
    if (found == texts_.end()) found = texts_.insert(texts_.end(), std::string(text));
    return kFirstOpenError - (found - texts_.begin());
  }
  std::optional<std::string> TextOf(std::int64_t number) {
    MutexLock lock(mutex_);
    const std::int64_t index = kFirstOpenError - number;
    if (index < 0 || index >= static_cast<std::int64_t>(texts_.size())) return std::nullopt;
    return texts_[static_cast<std::size_t>(index)];
  }

 private:
  Mutex mutex_;
  std::vector<std::string> texts_ GUARDED_BY(mutex_);
};

OpenErrorTexts& Texts() {
  static auto& texts = *new OpenErrorTexts;
  return texts;
}

}  // namespace

Error LoadError(std::string_view reason, std::string detail) {
  Error error = Error::BadArg(std::move(detail));
  error.fixed_reason = reason;
  return error;
}

Error OpenError(std::string_view text, const std::string& file, std::string_view remedy) {
  Error error =
      LoadError("open_error", std::string(text.empty() ? file : text) + std::string(remedy));
  // dlopen names the file first; the number is of what follows.
  if (text.starts_with(file + ": ")) text.remove_prefix(file.size() + 2);
  error.error_number = static_cast<int>(Texts().NumberOf(text));
  return error;
}

std::optional<std::string> OpenErrorText(std::int64_t number) { return Texts().TextOf(number); }

std::string_view LoadErrorText(std::string_view reason) {
  for (const ReasonText& entry : kReasonTexts) {
    if (entry.reason == reason) return entry.text;
  }
  return {};
}

Term LoadErrorTerm(const Error& error) {
  Term reason = Term::Atom(error.Reason());
  if (!reason.is_atom("open_error")) return reason;
  return Term::Tuple({std::move(reason), Term::Int(error.error_number)});
}

Term NoticeTerm(std::string_view tag, RefId reference, Term name, Term what) {
  return Term::Tuple({Term::Atom(tag), Term::Of(reference), Term::Atom("driver"), std::move(name),
                      std::move(what)});
}

}  // namespace portlab
