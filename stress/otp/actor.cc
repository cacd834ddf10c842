#include "stress/otp/actor.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/check.h"
#include "base/order.h"
#include "term/parse.h"

namespace portlab {
namespace {

constexpr Nanos kPatience = 10'000 * kMillisecond;

}  // namespace

Actor::Actor(Runtime& runtime, std::string& transcript)
    : runtime_(runtime), transcript_(transcript), process_(runtime.processes()) {
  process_->set_trap_exit(true);
}

Term Actor::Read(std::string_view text) {
  auto term = ParseTerm(text);
  PORTLAB_CHECK(term.has_value(), "a behaviour contains a wrong term");
  return *term;
}

PortId Actor::Open(std::string_view name, std::string_view options) {
  auto port = runtime_.OpenPort(self(), Read(name), Read(options));
  if (!port) Say(Term::Tuple({Term::Atom("error"), Term::Atom(port.error().Reason())}));
  return port.value_or(PortId{});
}

PortId Actor::Sh(std::string_view script, std::string_view options) {
  const Term arguments = Term::List({Term::String("-c"), Term::String(script)});
  const Term all = Term::List({Term::Tuple({Term::Atom("args"), arguments})}, Read(options));
  return Open(R"({spawn_executable,"/bin/sh"})", all.ToString());
}

void Actor::Load(const std::string& directory, const std::string& driver) {
  const auto loaded = runtime_.ddll().LoadDriver(directory, driver);
  if (loaded) return;
  Say(Term::Tuple({Term::Atom("error"), Term::String(loaded.error().ToString())}));
}

void Actor::Say(const Term& term) { transcript_ += term.ToString() + "\n"; }

void Actor::Take(int count) {
  for (int i = 0; i < count; ++i) {
    const auto message = process_->ReceiveUntil(MonotonicNow() + kPatience);
    Say(message ? *message : Term::Atom("nothing"));
  }
}

void Actor::Quiet(int milliseconds) {
  const auto message = process_->ReceiveUntil(MonotonicNow() + milliseconds * kMillisecond);
  if (message) Say(Term::Tuple({Term::Atom("unexpected"), *message}));
}

void Actor::Files(const std::string& directory) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) paths.push_back(entry);
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    Say(Term::Tuple({Term::String(path.filename().string()), Term::String(bytes)}));
  }
}

void Actor::Adler(std::string_view bytes) {
  constexpr std::uint32_t kModulus = 65521;
  std::uint32_t low = 1;
  std::uint32_t high = 0;
  for (const char byte : bytes) {
    low = (low + static_cast<std::uint8_t>(byte)) % kModulus;
    high = (high + low) % kModulus;
  }
  Say(Term::Tuple({Term::Uint(bytes.size()), Term::Uint((std::uint64_t{high} << 16) | low)}));
}

void Actor::Bang(PortId port, const Term& what) {
  runtime_.Send(self(), port, Term::Tuple({Term::Of(pid()), what}));
}

}  // namespace portlab
