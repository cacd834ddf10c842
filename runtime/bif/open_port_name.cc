#include "bif/open_port_name.h"

#include <algorithm>
#include <limits>

#include "term/term_text.h"

namespace portlab {
namespace {

constexpr const char* kKnown =
    "a port name is {spawn,Command}, {spawn_driver,Command}, {spawn_executable,File}, "
    "{fd,In,Out}, or a file's name";

Error BadName(const Term& name, std::string_view why) {
  return Error::BadArg(name.ToString() + ": " + std::string(why));
}

// No descriptor is that large: the fd driver refuses it, with einval.
int Descriptor(std::int64_t number) {
  return static_cast<int>(std::clamp<std::int64_t>(number, -1, std::numeric_limits<int>::max()));
}

Result<void> ParseDescriptors(const Term& name, StartOptions& out) {
  const auto in = name.tuple()[1].as_int();
  const auto to = name.tuple()[2].as_int();
  if (!in || !to) return Fail(BadName(name, "descriptors are integers"));
  out.name_kind = PortNameKind::kFd;
  out.fd_in = Descriptor(*in);
  out.fd_out = Descriptor(*to);
  out.command = std::to_string(*in) + "/" + std::to_string(*to);
  return {};
}

}  // namespace

Result<void> ParsePortName(const Term& name, StartOptions& out) {
  if (name.is_tagged("fd", 3)) return ParseDescriptors(name, out);
  if (name.is_tagged("spawn", 2)) {
    out.name_kind = PortNameKind::kSpawn;
  } else if (name.is_tagged("spawn_driver", 2)) {
    out.name_kind = PortNameKind::kSpawnDriver;
  } else if (name.is_tagged("spawn_executable", 2)) {
    out.name_kind = PortNameKind::kSpawnExecutable;
  } else if (const auto file = Latin1Text(name)) {
    out.name_kind = PortNameKind::kVanilla;
    out.command = *file;
    return {};
  } else {
    return Fail(BadName(name, kKnown));
  }
  const auto text = TextOf(name.tuple()[1]);
  if (!text || text->empty()) {
    return Fail(BadName(name, "the command is a non-empty string without NUL"));
  }
  out.command = *text;
  return {};
}

}  // namespace portlab
