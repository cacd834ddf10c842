// driver_async: work for the async threads; ready_async runs in the port when it is done.
#include "base/callback_kind.h"
#include "driver_api/port_access.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::AsyncJob;
using portlab::Driver;
using portlab::DriverRegistry;
using portlab::HeldPort;
using portlab::Port;
using portlab::Ports;

namespace {

// The job's reference on its driver: the code must stay until invoke and free have run.
class DriverReference {
 public:
  DriverReference(DriverRegistry& registry, Driver& driver) : registry_(registry), driver_(driver) {
    registry_.AddReference(driver_);
  }
  ~DriverReference() { registry_.DropReference(driver_); }
  DriverReference(const DriverReference&) = delete;
  DriverReference& operator=(const DriverReference&) = delete;

 private:
  DriverRegistry& registry_;
  Driver& driver_;
};

}  // namespace

unsigned int driver_async_port_key(ErlDrvPort port) {
  ApiCall call(ApiFunction::k_driver_async_port_key);
  Port* held = HeldPort(port);
  return held == nullptr ? 0 : static_cast<unsigned int>(held->id().number);
}

long driver_async(ErlDrvPort ix, unsigned int* key, void (*async_invoke)(void*), void* async_data,
                  void (*async_free)(void*)) {
  ApiCall call(ApiFunction::k_driver_async);
  Port* held = HeldPort(ix);
  if (held == nullptr) return -1;
  Ports::Services& services = Ports::Get().services();
  AsyncJob job{};
  job.port = held->id();
  job.invoke = async_invoke;
  job.data = async_data;
  job.free = async_free;
  job.keep_alive = std::make_shared<DriverReference>(*services.drivers, *held->body().driver);
  return services.async->Submit(key, std::move(job));
}
