#include "bridge/bridge_server.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/order.h"
#include "framing/packet.h"
#include "term/external_decoder.h"
#include "term/external_encoder.h"
#include "term/known_atoms.h"

namespace portlab {
namespace {

// False: nobody reads any more.
bool WriteAll(int fd, std::string_view bytes) {
  const OutsideOrder outside;
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

ssize_t ReadSome(int fd, std::span<std::uint8_t> buffer) {
  const OutsideOrder outside;
  for (;;) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count >= 0 || errno != EINTR) return count;
  }
}

}  // namespace

BridgeServer::BridgeServer(ProcessTable& processes, Ddll& ddll, Connection connection)
    : processes_(processes),
      ddll_(ddll),
      connection_(std::move(connection)),
      node_(std::make_shared<const NodeIdentity>(connection_.node)) {
  writer_ = OrderedThread("bridge writer", [this] { WriteLoop(); });
}

BridgeServer::~BridgeServer() {
  {
    MutexLock lock(mutex_);
    closing_ = true;
    more_.NotifyAll();
  }
  writer_.Join();
}

std::shared_ptr<const NodeIdentity> BridgeServer::node() {
  MutexLock lock(mutex_);
  return node_;
}

void BridgeServer::SetIdentity(const BridgeFrame& frame) {
  NodeIdentity identity = connection_.node;
  identity.name = frame.body;
  identity.creation = frame.creation;
  auto shared = std::make_shared<const NodeIdentity>(std::move(identity));
  MutexLock lock(mutex_);
  node_ = std::move(shared);
}

void BridgeServer::OnMessage(Pid to, const Term& message) {
  Write(MessageFrame(to, message, *node()));
}

void BridgeServer::OnExitSignal(Pid to, const Term& from, const Term& reason, bool from_link) {
  Write(ExitFrame(to, from, reason, from_link, *node()));
}

void BridgeServer::OnReply(Pid client, std::int64_t id, const Result<Term>& answer) {
  Write(ReplyFrame(client, id, answer, *node()));
}

void BridgeServer::Write(std::string frame) {
  const auto header = EncodePacketHeader(PacketHeaderSize::k4, frame.size());
  if (!header) return;  // 2 GiB of message: there is no frame for it
  MutexLock lock(mutex_);
  outgoing_.append(AsText(header->bytes()));
  outgoing_.append(frame);
  more_.NotifyAll();
}

void BridgeServer::WriteLoop() {
  for (;;) {
    std::string bytes;
    {
      MutexLock lock(mutex_);
      while (outgoing_.empty() && !closing_) more_.Wait(mutex_);
      if (outgoing_.empty()) return;
      bytes.swap(outgoing_);
    }
    if (!WriteAll(connection_.out_fd, bytes)) {
      MutexLock lock(mutex_);
      outgoing_.clear();
    }
  }
}

ClientMirror& BridgeServer::MirrorOf(Pid client) {
  std::shared_ptr<ClientMirror>& mirror = mirrors_[client];
  if (mirror == nullptr) {
    ReplySink& replies = *this;
    mirror = std::make_shared<ClientMirror>(ddll_, replies);
    mirror->Start(processes_, client, *this);
  }
  return *mirror;
}

Result<bool> BridgeServer::Handle(const std::string& bytes) {
  DecodeLimits limits;
  limits.node = *node();
  const Result<BridgeFrame> frame = DecodeBridgeFrame(AsBytes(bytes), limits.node);
  if (!frame) return Fail(frame.error());
  switch (frame->kind) {
    case BridgeFrame::Kind::kMirror:
      MirrorOf(frame->client);
      break;
    case BridgeFrame::Kind::kRequest: {
      Result<Term> request = DecodeExternal(AsBytes(frame->body), limits);
      if (!request) request.error().fixed_reason = "undecodable";
      MirrorOf(frame->client).Ask(frame->id, std::move(request));
      break;
    }
    case BridgeFrame::Kind::kDown: {
      const auto mirror = mirrors_.extract(frame->client);
      if (mirror.empty()) break;
      const Result<Term> reason = DecodeExternal(AsBytes(frame->body), limits);
      mirror.mapped()->End(reason.value_or(Term::Atom("undecodable")));
      break;
    }
    case BridgeFrame::Kind::kIdentity:
      SetIdentity(*frame);
      break;
    case BridgeFrame::Kind::kStop:
      return false;
  }
  return true;
}

Result<void> BridgeServer::ReadFrames() {
  PacketDecoder packets(PacketHeaderSize::k4);
  std::array<std::uint8_t, 64 * 1024> buffer;
  for (;;) {
    const ssize_t count = ReadSome(connection_.in_fd, buffer);
    if (count == 0) return {};
    if (count < 0) return Fail(Error::Errno(errno, "reading from the node"));
    packets.Feed({buffer.data(), static_cast<std::size_t>(count)});
    for (;;) {
      const auto packet = packets.Next();
      if (!packet) return Fail(packet.error());
      if (!*packet) break;
      const Result<bool> more = Handle(**packet);
      if (!more) return Fail(more.error());
      if (!*more) return {};
    }
  }
}

Result<void> BridgeServer::Serve(const Term& about) {
  Write(EncodeExternal(Term::Tuple({Term::Atom("ready"), about}), *node()));
  Result<void> served = ReadFrames();
  for (auto& [pid, mirror] : mirrors_) mirror->End(Known().normal);
  mirrors_.clear();
  return served;
}

}  // namespace portlab
