// What locks, conditions and threads of the driver API have in common: a name for people, and that
// running out of memory is a null pointer, not an exception.
#pragma once

#include <new>
#include <string>
#include <utility>

namespace portlab {

// A driver may pass NULL for the name; asking for it then gives "unknown", as on OTP.
inline std::string NameOrUnknown(const char* name) { return name == nullptr ? "unknown" : name; }

template <class T, class... Args>
T* NewOrNull(Args&&... args) {
  try {
    return new T(std::forward<Args>(args)...);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace portlab
