#include "reports/portlab/program_options.h"

#include <CLI/CLI.hpp>

namespace portlab {
namespace {

constexpr const char* kLineLength = "1024";  // of --line alone: what is longer comes in pieces

}  // namespace

PacketFraming ProgramOptions::framing() const {
  if (line > 0) return {0, line};
  return {stream ? 0 : packet, 0};
}

void ProgramOptions::set_framing(const PacketFraming& framing) {
  line = framing.line_length;
  stream = framing.line_length == 0 && framing.packet_bytes == 0;
  if (framing.packet_bytes > 0) packet = framing.packet_bytes;
}

CLI::Option* AddProgramOptions(CLI::App& app, ProgramOptions& options) {
  auto* program = app.add_option("--program", options.program, "a program instead of a driver");
  auto* packet = app.add_option_function<int>(
                        "--packet",
                        [&options](const int& bytes) {
                          options.packet = bytes;
                          options.packet_given = true;
                        },
                        "its packets have a length of so many bytes: 1, 2 or 4 (default 4)")
                     ->check(CLI::IsMember({1, 2, 4}));
  auto* line = app.add_option("--line", options.line,
                              "it speaks lines, of so many bytes at most (default 1024)")
                   ->expected(0, 1)
                   ->default_str(kLineLength)
                   ->check(CLI::Range(1, 1 << 20));
  auto* stream = app.add_flag("--stream", options.stream, "it speaks a stream of bytes");
  packet->excludes(line)->excludes(stream);
  line->excludes(stream);
  auto* arg = app.add_option("--arg", options.args, "an argument of the program; repeatable")
                  ->take_all()
                  ->expected(1)
                  ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  for (auto* other : {packet, line, stream, arg}) other->needs(program);
  return program;
}

std::string FramingInWords(const PacketFraming& framing) {
  if (framing == PacketFraming{}) return {};
  if (framing.line_length > 0) return " --line=" + std::to_string(framing.line_length);
  if (framing.packet_bytes == 0) return " --stream";
  return " --packet " + std::to_string(framing.packet_bytes);
}

}  // namespace portlab
