// A TCP client on the loopback interface, as simple as gen_tcp with {active,false}.
// Threads: one. Ownership: the socket. Errors: a failed connect or an end of patience (10 s) is an
// empty answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/unique_fd.h"

namespace portlab {

class TcpClient {
 public:
  explicit TcpClient(std::uint16_t port);

  // Exactly `size` bytes, or what came before the end.
  std::string Receive(std::size_t size);
  // True: the other side closed, and nothing is left.
  bool AtEnd();

 private:
  UniqueFd socket_;
};

}  // namespace portlab
