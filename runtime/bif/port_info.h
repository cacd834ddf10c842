// port_info/1,2 and what erlang:system_info says of ports.
// Threads: the body of `self` for PortInfo; any for the others. Errors: none: a closed port is the
// atom undefined. Source: erlang(3erl) port_info/1, system_info(port_limit | port_count);
// otp_ports.md 3.5.
#pragma once

#include "bif/port_request.h"

namespace portlab {

// A step: the list of {Item,Value} port_info/1 gives, or undefined.
class PortInfo {
 public:
  PortInfo(Process& self, PortId port);
  std::optional<Result<Term>> operator()();

 private:
  PortRequest request_;
};

// One item of PortInfo's list: {Item,Value}; nullopt: no such item.
std::optional<Term> PortInfoItem(const Term& info, std::string_view item);

}  // namespace portlab
