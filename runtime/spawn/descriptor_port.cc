#include "spawn/descriptor_port.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "base/order.h"

namespace portlab {
namespace {

constexpr std::size_t kJobBytes = 64 * 1024;

// One piece of the queue, for an async thread to write.
struct WriteJob {
  int fd = -1;
  std::string bytes;
  std::size_t written = 0;
  int error = 0;

  static void Run(void* data) {
    WriteJob& job = *static_cast<WriteJob*>(data);
    const OutsideOrder outside;  // it may take as long as the reader likes
    while (job.written < job.bytes.size() && job.error == 0) {
      const ssize_t done =
          ::write(job.fd, job.bytes.data() + job.written, job.bytes.size() - job.written);
      if (done >= 0) {
        job.written += static_cast<std::size_t>(done);
      } else if (errno == EAGAIN) {  // somebody else made it non-blocking
        pollfd ready = {job.fd, POLLOUT, 0};
        ::poll(&ready, 1, -1);
      } else if (errno != EINTR) {
        job.error = errno;
      }
    }
  }
  static void Free(void* data) { delete static_cast<WriteJob*>(data); }
};

bool IsPipeOrSocket(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

}  // namespace

DescriptorPort::DescriptorPort(ErlDrvPort port, const StartOptions& options,
                               const ChannelLimits& limits, int in, int out, AtStop at_stop)
    : port_(port), channel_(port, options, limits), in_(in), out_(out), at_stop_(at_stop) {
  Order::EnterRealWorld();
  if (in_ >= 0) driver_select(port_, PortChannel::EventOf(in_), ERL_DRV_READ | ERL_DRV_USE, 1);
  if (out_ < 0) return;
  driver_select(port_, PortChannel::EventOf(out_), ERL_DRV_WRITE | ERL_DRV_USE, 1);
  driver_select(port_, PortChannel::EventOf(out_), ERL_DRV_WRITE, 0);
  const int flags = ::fcntl(out_, F_GETFL);
  if (flags < 0 || (flags & O_NONBLOCK) != 0) return;
  // The flag is not the descriptor's but of the open file behind it: what the host was started with
  // belongs to others as well, who do not expect it.
  may_block_ = out_ <= STDERR_FILENO || !IsPipeOrSocket(out_);
  if (may_block_) return;
  made_non_blocking_ = ::fcntl(out_, F_SETFL, flags | O_NONBLOCK) == 0;
}

DescriptorPort::~DescriptorPort() { Order::LeaveRealWorld(); }

void DescriptorPort::Stop() {
  if (made_non_blocking_) ::fcntl(out_, F_SETFL, ::fcntl(out_, F_GETFL) & ~O_NONBLOCK);
  const int use = at_stop_ == AtStop::kClose ? ERL_DRV_USE : ERL_DRV_USE_NO_CALLBACK;
  for (const int fd : {in_, out_}) {
    if (fd < 0) continue;
    driver_select(port_, PortChannel::EventOf(fd), ERL_DRV_READ | ERL_DRV_WRITE | use, 0);
    if (in_ == out_) return;
  }
}

void DescriptorPort::Read() {
  if (channel_.Read(in_) != PortChannel::Step::kEndOfFile) return;
  driver_select(port_, PortChannel::EventOf(in_), ERL_DRV_READ, 0);
  driver_failure_eof(port_);
}

void DescriptorPort::Output(ErlIOVec& vector) {
  if (out_ < 0 || !may_block_) {
    channel_.Write(out_, vector);
    return;
  }
  if (channel_.Frame(vector) == PortChannel::Step::kPortEnded) return;
  channel_.Queue(vector, 0);
  WriteLater();
}

void DescriptorPort::WriteLater() {
  int pieces = 0;
  const SysIOVec* queue = driver_peekq(port_, &pieces);
  if (writing_ || queue == nullptr) return;
  auto job = std::make_unique<WriteJob>();
  job->fd = out_;
  for (int i = 0; i < pieces && job->bytes.size() < kJobBytes; ++i) {
    job->bytes.append(queue[i].iov_base, std::min(queue[i].iov_len, kJobBytes - job->bytes.size()));
  }
  writing_ = true;
  unsigned int key = driver_async_port_key(port_);
  driver_async(port_, &key, WriteJob::Run, job.release(), WriteJob::Free);
}

void DescriptorPort::LaterWritten(ErlDrvThreadData data) {
  const std::unique_ptr<WriteJob> job(reinterpret_cast<WriteJob*>(data));
  writing_ = false;
  if (job->error != 0) {
    driver_failure_posix(port_, job->error);
    return;
  }
  channel_.Written(job->written);
  WriteLater();
}

ErlDrvEntry DescriptorPort::EntryFor(char* name, ErlDrvData (*start)(ErlDrvPort, char*)) {
  ErlDrvEntry entry{};
  entry.start = start;
  entry.stop = [](ErlDrvData data) {
    Of(data).Stop();
    delete &Of(data);
  };
  entry.outputv = [](ErlDrvData data, ErlIOVec* vector) { Of(data).Output(*vector); };
  entry.ready_input = [](ErlDrvData data, ErlDrvEvent) { Of(data).Read(); };
  entry.ready_output = [](ErlDrvData data, ErlDrvEvent event) {
    Of(data).channel_.WriteQueue(PortChannel::FdOf(event));
  };
  entry.ready_async = [](ErlDrvData data, ErlDrvThreadData job) { Of(data).LaterWritten(job); };
  entry.flush = [](ErlDrvData) {};  // a closing port waits for its queue by itself
  entry.stop_select = [](ErlDrvEvent event, void*) { ::close(PortChannel::FdOf(event)); };
  entry.driver_name = name;
  entry.extended_marker = static_cast<int>(ERL_DRV_EXTENDED_MARKER);
  entry.major_version = ERL_DRV_EXTENDED_MAJOR_VERSION;
  entry.minor_version = ERL_DRV_EXTENDED_MINOR_VERSION;
  entry.driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING;
  return entry;
}

}  // namespace portlab
