// What open_port/2 makes of its two arguments, which come from a process.
//
// An input is Erlang text: the port name, and behind the first line break the options.
// Oracles: the sanitizers; options that are taken are possible ones; a refusal says why.
#include <cstdio>
#include <cstdlib>

#include "bif/open_port_options.h"
#include "term/parse.h"

namespace portlab {
namespace {

void Require(bool condition, const char* text) {
  if (condition) return;
  std::fprintf(stderr, "open_options_fuzz: FOUND: %s\n", text);
  std::abort();
}

void CheckTaken(const StartOptions& options) {
  const int packet = options.packet_bytes;
  Require(packet == 0 || packet == 1 || packet == 2 || packet == 4, "a packet size that is none");
  Require(options.line_length >= 0, "a negative length of a line");
  Require(packet == 0 || options.line_length == 0, "packet and line together");
  // A file's name may be empty; opening it fails.
  const bool file = options.name_kind == PortNameKind::kVanilla;
  Require(file || !options.command.empty(), "a port without a command");
  Require(options.command.find('\0') == std::string::npos, "a command with a NUL in it");
  Require(options.in || options.out, "a port without a direction");
  for (const auto& [name, value] : options.env) {
    Require(name.find('=') == std::string::npos, "a name of the environment with = in it");
  }
}

void Run(Bytes input) {
  const std::string_view text = AsText(input);
  const std::size_t end = std::min(text.find('\n'), text.size());
  const Result<Term> name = ParseTerm(text.substr(0, end));
  const Result<Term> options = ParseTerm(text.substr(std::min(end + 1, text.size())));
  if (!name || !options) {
    Require(!(name ? options : name).error().detail.empty(), "a refusal without a reason");
    return;
  }
  const Result<StartOptions> taken = ParseOpenPort(*name, *options);
  if (!taken) {
    Require(!taken.error().detail.empty(), "a refusal without a reason");
    return;
  }
  CheckTaken(*taken);
}

}  // namespace
}  // namespace portlab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portlab::Run(portlab::Bytes(data, size));
  return 0;
}
