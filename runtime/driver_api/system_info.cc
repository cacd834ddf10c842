#include "driver_api/system_info.h"

#include <erl_driver.h>

#include <cstddef>

#include "base/black_box.h"
#include "base/mutex.h"
#include "driver_api/api_call.h"

namespace portlab {
namespace {

constexpr int kNifMajorVersion = 2;
constexpr int kNifMinorVersion = 16;

Mutex mutex;

// Never destroyed: a driver keeps the pointers to the two strings.
SystemInfo& Stored() REQUIRES(mutex) {
  static auto* info = new SystemInfo;
  return *info;
}

// A driver built against an older header passes the size of an older struct, which ended with one
// of these fields.
#define PORTLAB_SIZE_UP_TO(field) (offsetof(ErlDrvSysInfo, field) + sizeof(ErlDrvSysInfo::field))
constexpr std::size_t kOldest = PORTLAB_SIZE_UP_TO(smp_support);
constexpr std::size_t kWithThreads = PORTLAB_SIZE_UP_TO(scheduler_threads);
constexpr std::size_t kWithNif = PORTLAB_SIZE_UP_TO(nif_minor_version);
constexpr std::size_t kWithDirty = PORTLAB_SIZE_UP_TO(dirty_scheduler_support);
#undef PORTLAB_SIZE_UP_TO

}  // namespace

void SetSystemInfo(const SystemInfo& info) {
  const MutexLock lock(mutex);
  Stored() = info;
}

}  // namespace portlab

void driver_system_info(ErlDrvSysInfo* info, size_t size) {
  portlab::ApiCall call(portlab::ApiFunction::k_driver_system_info);
  if (info == nullptr) portlab::StopHost("driver_system_info: the struct must not be NULL");
  if (size < portlab::kOldest) portlab::StopHost("driver_system_info: the size is too small");
  const portlab::MutexLock lock(portlab::mutex);
  portlab::SystemInfo& stored = portlab::Stored();
  info->driver_major_version = ERL_DRV_EXTENDED_MAJOR_VERSION;
  info->driver_minor_version = ERL_DRV_EXTENDED_MINOR_VERSION;
  info->erts_version = stored.erts_version.data();
  info->otp_release = stored.otp_release.data();
  info->thread_support = 1;
  info->smp_support = 1;
  if (size >= portlab::kWithThreads) {
    info->async_threads = stored.async_threads;
    info->scheduler_threads = stored.scheduler_threads;
  }
  if (size >= portlab::kWithNif) {
    info->nif_major_version = portlab::kNifMajorVersion;
    info->nif_minor_version = portlab::kNifMinorVersion;
  }
  if (size >= portlab::kWithDirty) info->dirty_scheduler_support = 1;
}
