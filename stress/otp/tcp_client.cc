#include "stress/otp/tcp_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

namespace portlab {
namespace {

constexpr int kPatienceMs = 10'000;

// Readable, or ended, in time.
bool Await(int fd) {
  pollfd ready = {fd, POLLIN, 0};
  return ::poll(&ready, 1, kPatienceMs) == 1;
}

}  // namespace

TcpClient::TcpClient(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!fd) return;
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
  socket_ = std::move(fd);
}

std::string TcpClient::Receive(std::size_t size) {
  std::string bytes;
  char buffer[65536];
  while (socket_ && bytes.size() < size && Await(socket_.get())) {
    const ssize_t got =
        ::recv(socket_.get(), buffer, std::min(sizeof buffer, size - bytes.size()), 0);
    if (got <= 0) break;
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
  return bytes;
}

bool TcpClient::AtEnd() {
  char byte;
  return socket_ && Await(socket_.get()) && ::recv(socket_.get(), &byte, 1, 0) == 0;
}

}  // namespace portlab
