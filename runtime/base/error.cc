#include "portlab/error.h"

#include <array>
#include <cstring>

namespace portlab {
namespace {

constexpr const char* kUnknown = "unknown";

// Indexed by errno value. These are Linux' numbers; the names are those OTP 25 answers for each of
// them (measured with a driver whose start fails with every number in turn).
#if !defined(__linux__)
#error "the table below holds Linux' errno numbers"
#endif
constexpr std::array kNames = std::to_array<const char*>({
    kUnknown,
    "eperm",
    "enoent",
    "esrch",
    "eintr",
    "eio",
    "enxio",
    "e2big",
    "enoexec",
    "ebadf",
    "echild",
    "eagain",
    "enomem",
    "eacces",
    "efault",
    "enotblk",
    "ebusy",
    "eexist",
    "exdev",
    "enodev",
    "enotdir",
    "eisdir",
    "einval",
    "enfile",
    "emfile",
    "enotty",
    "etxtbsy",
    "efbig",
    "enospc",
    "espipe",
    "erofs",
    "emlink",
    "epipe",
    "edom",
    "erange",
    "edeadlk",
    "enametoolong",
    "enolck",
    "enosys",
    "enotempty",
    "eloop",
    kUnknown,
    "enomsg",
    "eidrm",
    "echrng",
    "el2nsync",
    "el3hlt",
    "el3rst",
    "elnrng",
    "eunatch",
    "enocsi",
    "el2hlt",
    "ebade",
    "ebadr",
    "exfull",
    "enoano",
    "ebadrqc",
    "ebadslt",
    kUnknown,
    "ebfont",
    "enostr",
    "enodata",
    "etime",
    "enosr",
    "enonet",
    "enopkg",
    "eremote",
    "enolink",
    "eadv",
    "esrmnt",
    "ecomm",
    "eproto",
    "emultihop",
    "edotdot",
    "ebadmsg",
    "eoverflow",
    "enotuniq",
    "ebadfd",
    "eremchg",
    "elibacc",
    "elibbad",
    "elibscn",
    "elibmax",
    "elibexec",
    "eilseq",
    kUnknown,
    kUnknown,
    "eusers",
    "enotsock",
    "edestaddrreq",
    "emsgsize",
    "eprototype",
    "enoprotoopt",
    "eprotonosupport",
    "esocktnosupport",
    "enotsup",
    "epfnosupport",
    "eafnosupport",
    "eaddrinuse",
    "eaddrnotavail",
    "enetdown",
    "enetunreach",
    "enetreset",
    "econnaborted",
    "econnreset",
    "enobufs",
    "eisconn",
    "enotconn",
    "eshutdown",
    "etoomanyrefs",
    "etimedout",
    "econnrefused",
    "ehostdown",
    "ehostunreach",
    "ealready",
    "einprogress",
    "estale",
    "euclean",
    "enotnam",
    "enavail",
    kUnknown,
    "eremoteio",
    "edquot",
});

}  // namespace

const char* ErrnoName(int error_number) {
  if (error_number < 0) return kUnknown;
  const auto index = static_cast<std::size_t>(error_number);
  return index < kNames.size() ? kNames[index] : kUnknown;
}

std::string Error::Reason() const {
  switch (type) {
    case ErrorType::kGeneral:
      return "einval";
    case ErrorType::kErrno:
      return ErrnoName(error_number);
    case ErrorType::kBadArg:
    case ErrorType::kBadOpt:
      return fixed_reason.empty() ? "badarg" : std::string(fixed_reason);
  }
  return "einval";
}

std::string Error::ToString() const {
  std::string text = Reason();
  if (!detail.empty()) text.append(": ").append(detail);
  if (type != ErrorType::kErrno) return text;
  // The number is then all there is to go by.
  if (std::strcmp(ErrnoName(error_number), kUnknown) == 0) {
    text.append(" (errno ").append(std::to_string(error_number)).append(")");
  }
  return text;
}

}  // namespace portlab
