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
using portlab::PortDataLock;
using portlab::Ports;

namespace {

// The job's references: on its driver, whose code must stay until invoke and free have run, and on
// the port data lock, which both may use after the port has gone.
class JobReferences {
 public:
  JobReferences(DriverRegistry& registry, Port& port)
      : registry_(registry), driver_(*port.driver()), data_lock_(port.body().data_lock) {
    registry_.AddReference(driver_);
    if (data_lock_ != nullptr) data_lock_->AddReference();
  }
  ~JobReferences() {
    if (data_lock_ != nullptr) data_lock_->DropReference();
    registry_.DropReference(driver_);
  }
  JobReferences(const JobReferences&) = delete;
  JobReferences& operator=(const JobReferences&) = delete;

 private:
  DriverRegistry& registry_;
  Driver& driver_;
  PortDataLock* const data_lock_;
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
  job.keep_alive = std::make_shared<JobReferences>(*services.drivers, *held);
  return services.async->Submit(key, std::move(job));
}
