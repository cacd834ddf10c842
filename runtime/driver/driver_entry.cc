#include "driver/driver_entry.h"

#include "driver/load_error.h"

namespace portlab {
namespace {

constexpr std::size_t kNameBytesMax = 255;

// OTP 25 takes any 2.x, and 3.x up to its own minor.
bool VersionIsAccepted(int major, int minor) {
  if (major == ERL_DRV_MIN_REQUIRED_MAJOR_VERSION_ON_LOAD) return true;
  return major == ERL_DRV_EXTENDED_MAJOR_VERSION && minor <= ERL_DRV_EXTENDED_MINOR_VERSION;
}

}  // namespace

Result<DriverEntry> DriverEntry::Copy(const ErlDrvEntry& entry, std::string_view requested_name) {
  if (entry.extended_marker != static_cast<int>(ERL_DRV_EXTENDED_MARKER)) {
    return Fail(
        LoadError("driver_incorrect_version",
                  "the entry has no extended marker; build the driver against this erl_driver.h"));
  }
  if (!VersionIsAccepted(entry.major_version, entry.minor_version)) {
    return Fail(LoadError(
        "driver_incorrect_version",
        "the driver was built for driver API " + std::to_string(entry.major_version) + "." +
            std::to_string(entry.minor_version) + "; 2.x and 3.0 to 3.3 load here"));
  }
  if (requested_name.size() > kNameBytesMax) {
    return Fail(LoadError("driver_name_to_long", "a driver's name has at most 255 bytes"));
  }
  if (entry.driver_name == nullptr || requested_name != entry.driver_name) {
    return Fail(LoadError(
        "bad_driver_name",
        "the entry names itself '" + std::string(entry.driver_name ? entry.driver_name : "") +
            "', the file was asked for as '" + std::string(requested_name) + "'"));
  }
  return CopyUnchecked(entry);
}

DriverEntry DriverEntry::CopyUnchecked(const ErlDrvEntry& entry) {
  DriverEntry copy;
  copy.name = entry.driver_name == nullptr ? "" : entry.driver_name;
  copy.major = entry.major_version;
  copy.minor = entry.minor_version;
  copy.flags = entry.driver_flags;
  copy.init = entry.init;
  copy.start = entry.start;
  copy.stop = entry.stop;
  copy.output = entry.output;
  copy.ready_input = entry.ready_input;
  copy.ready_output = entry.ready_output;
  copy.finish = entry.finish;
  copy.control = entry.control;
  copy.timeout = entry.timeout;
  copy.outputv = entry.outputv;
  copy.ready_async = entry.ready_async;
  copy.flush = entry.flush;
  copy.call = entry.call;
  copy.process_exit = entry.process_exit;
  copy.stop_select = entry.stop_select;
  // emergency_close came with 3.2; an older entry may be shorter.
  if (copy.major == 3 && copy.minor >= 2) copy.emergency_close = entry.emergency_close;
  return copy;
}

}  // namespace portlab
