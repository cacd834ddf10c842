// Dynamic libraries a driver opens itself. Unlike OTP, which always answers "Unspecified dynamic
// library error", driver_dl_error tells what the calling thread's last failed call said. Source:
// otp_ports.md 1.4, "Dynamic linking"; dlopen(3).
#include <dlfcn.h>
#include <erl_driver.h>

#include <cstdio>
#include <new>
#include <string>

#include "driver_api/api_call.h"

using portlab::ApiCall;
using portlab::ApiFunction;

namespace {

thread_local char last_error[512] = "no error";

void SetError(const char* text) {
  std::snprintf(last_error, sizeof(last_error), "%s", text == nullptr ? "unknown error" : text);
}

}  // namespace

void* driver_dl_open(char* path) {
  ApiCall call(ApiFunction::k_driver_dl_open);
  if (path == nullptr) portlab::StopHost("driver_dl_open: the path must not be NULL");
  try {
    void* library = ::dlopen((std::string(path) + ".so").c_str(), RTLD_NOW);
    if (library == nullptr) SetError(::dlerror());
    return library;
  } catch (const std::bad_alloc&) {
    SetError("no memory");
    return nullptr;
  }
}

void* driver_dl_sym(void* handle, char* name) {
  ApiCall call(ApiFunction::k_driver_dl_sym);
  ::dlerror();
  void* symbol = ::dlsym(handle, name);
  if (symbol == nullptr) SetError(::dlerror());
  return symbol;
}

int driver_dl_close(void* handle) {
  ApiCall call(ApiFunction::k_driver_dl_close);
  const int result = ::dlclose(handle);
  if (result != 0) SetError(::dlerror());
  return result;
}

char* driver_dl_error(void) {
  ApiCall call(ApiFunction::k_driver_dl_error);
  return last_error;
}
