// The options that say which program a command is about, and how its port is opened: the same in
// every command that takes one.
//
// Threads: the main thread. Ownership: CLI11 writes into the struct, which must outlive the parse.
// Units: bytes. Errors: CLI11's, for what is no such option.
#pragma once

#include <string>
#include <vector>

#include "fuzz/operations/packets.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace portlab {

struct ProgramOptions {
  std::string program;  // empty: the command is about a driver
  std::vector<std::string> args;
  int packet = PacketFraming{}.packet_bytes;
  int line = 0;
  bool stream = false;
  bool packet_given = false;

  bool framing_given() const { return stream || line > 0 || packet_given; }
  PacketFraming framing() const;
  void set_framing(const PacketFraming& framing);
};

// Returns --program itself, for what else goes with it or not at all.
CLI::Option* AddProgramOptions(CLI::App& app, ProgramOptions& options);

// As words of a shell, with a blank before each; without --program itself, and without what need
// not be said.
std::string FramingInWords(const PacketFraming& framing);

}  // namespace portlab
