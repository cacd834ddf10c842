// A bridge server on a thread of its own, and the node's side of its two pipes: frames are sent and
// read as text.
// Threads: the test's. Ownership: owns the runtime, the server and the pipes.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>
#include <thread>

#include "base/unique_fd.h"
#include "bridge/bridge_server.h"
#include "framing/packet.h"
#include "portlab/runtime.h"
#include "term/external_decoder.h"
#include "term/external_encoder.h"
#include "term/parse.h"

namespace portlab {

class BridgeServerTest : public testing::Test {
 protected:
  BridgeServerTest() : runtime_(Options()) {
    Open(node_reads_, host_writes_);
    Open(host_reads_, node_writes_);
    server_.emplace(runtime_.processes(), runtime_.ddll(),
                    BridgeServer::Connection{host_reads_.get(), host_writes_.get(), kNode});
    thread_ = std::thread([this] { served_ = server_->Serve(Term::Atom("about")); });
    EXPECT_EQ(Next(), "{ready,about}");
  }
  ~BridgeServerTest() override {
    End();
    EXPECT_TRUE(runtime_.Stop(10'000 * kMillisecond));
  }

  static RuntimeOptions Options() {
    RuntimeOptions options;
    options.limits.scheduler_threads = 2;
    options.spawn_server = PORTLAB_SPAWN_SERVER_PATH;
    return options;
  }
  static void Open(UniqueFd& read, UniqueFd& write) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    read.Reset(ends[0]);
    write.Reset(ends[1]);
  }

  // The node goes away. What Serve said.
  Result<void> End() {
    node_writes_.Reset();
    if (thread_.joinable()) thread_.join();
    return served_;
  }

  void SendBytes(std::string_view bytes) {
    ASSERT_EQ(::write(node_writes_.get(), bytes.data(), bytes.size()),
              static_cast<ssize_t>(bytes.size()));
  }
  void SendFrame(const std::string& frame) {
    const auto header = EncodePacketHeader(PacketHeaderSize::k4, frame.size());
    SendBytes(std::string(AsText(header->bytes())) + frame);
  }
  void Send(const Term& term) { SendFrame(EncodeExternal(term, kNode)); }
  void Send(std::string_view text) { Send(*ParseTerm(text)); }
  void Ask(Pid client, int id, const Term& request) {
    Send(Term::Tuple({Term::Atom("request"), Term::Of(client), Term::Int(id),
                      Term::Binary(EncodeExternal(request, kNode))}));
  }
  void Ask(Pid client, int id, std::string_view request) { Ask(client, id, *ParseTerm(request)); }
  void Down(Pid client, std::string_view reason) {
    Send(Term::Tuple({Term::Atom("down"), Term::Of(client),
                      Term::Binary(EncodeExternal(*ParseTerm(reason), kNode))}));
  }

  // The next frame; "nothing" when none comes.
  std::string Next(int milliseconds = 20'000) {
    const auto frame = NextTerm(milliseconds);
    return frame ? frame->ToString() : "nothing";
  }
  std::optional<Term> NextTerm(int milliseconds = 20'000) {
    for (;;) {
      const auto packet = packets_.Next();
      if (packet && *packet) {
        DecodeLimits limits;
        limits.node = kNode;
        return DecodeExternal(AsBytes(**packet), limits).value_or(Term::Atom("undecodable"));
      }
      pollfd one{node_reads_.get(), POLLIN, 0};
      if (::poll(&one, 1, milliseconds) <= 0) return std::nullopt;
      std::array<std::uint8_t, 4096> buffer;
      const ssize_t count = ::read(node_reads_.get(), buffer.data(), buffer.size());
      if (count <= 0) return std::nullopt;
      packets_.Feed({buffer.data(), static_cast<std::size_t>(count)});
    }
  }
  // The number of a port that client opens, linked to it.
  std::uint64_t OpenEcho(Pid client) {
    Ask(client, 1,
        Term::Tuple({Term::Atom("try_load"), Term::String(PORTLAB_DRIVERS), Term::Atom("echo_drv"),
                     Term::Nil()}));
    EXPECT_TRUE(NextTerm().has_value());
    return OpenPort(client, "{open_port,{spawn_driver,\"echo_drv\"},[]}");
  }
  std::uint64_t OpenPort(Pid client, std::string_view request) {
    Ask(client, 2, request);
    const auto opened = NextTerm();
    if (!opened || !opened->is_tagged("reply", 4) || !opened->tuple()[3].is_tagged("ok", 2)) {
      ADD_FAILURE() << (opened ? opened->ToString() : "nothing");
      return 0;
    }
    return opened->tuple()[3].tuple()[1].as_port().number;
  }

  // Whose the clients are, and the ports.
  inline static const NodeIdentity kNode{"client@test", 3, "portlab@test", 7};

  Runtime runtime_;
  UniqueFd node_reads_, host_writes_, host_reads_, node_writes_;
  PacketDecoder packets_{PacketHeaderSize::k4};
  std::optional<BridgeServer> server_;
  Result<void> served_;
  std::thread thread_;
};

}  // namespace portlab
