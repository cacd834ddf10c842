// erl_ddll:info/0, info/1, info/2, loaded_drivers/0 and format_error/1.
#include <array>
#include <deque>

#include "ddll/ddll_arguments.h"
#include "ddll/linked_in.h"
#include "driver/load_error.h"
#include "portlab/ddll.h"

namespace portlab {
namespace {

constexpr std::array<std::string_view, 7> kTags = {
    "processes", "driver_options", "port_count",     "linked_in_driver",
    "permanent", "awaiting_load",  "awaiting_unload"};

// [{Pid,Count}]; the process that came last is the last.
Term CountByProcess(const LoadedDriver& driver, std::uint8_t waiting) {
  std::deque<std::pair<Pid, std::int64_t>> counts;
  for (auto use = driver.uses.rbegin(); use != driver.uses.rend(); ++use) {
    const bool counts_here = waiting == 0 ? use->waiting == 0 : (use->waiting & waiting) != 0;
    if (!counts_here || !use->process) continue;
    auto found = counts.begin();
    while (found != counts.end() && found->first != use->process) ++found;
    if (found == counts.end()) found = counts.insert(counts.begin(), {use->process, 0});
    ++found->second;
  }
  std::vector<Term> list;
  for (const auto& [pid, count] : counts)
    list.push_back(Term::Tuple({Term::Of(pid), Term::Int(count)}));
  return Term::List(list);
}

Term OptionsOf(const LoadedDriver& driver) {
  if (!driver.kill_ports) return Term::Nil();
  return Term::List({Term::Atom("kill_ports")});
}

// Nullopt: no such tag.
std::optional<Term> Item(const LoadedDriver& driver, std::string_view tag) {
  const bool linked_in = driver.state == LoadState::kLinkedIn;
  const bool permanent = driver.state == LoadState::kPermanent;
  if (tag == "linked_in_driver") return Term::Bool(linked_in);
  if (tag == "permanent") return Term::Bool(permanent);
  bool known = false;
  for (const std::string_view each : kTags) known = known || tag == each;
  if (!known) return std::nullopt;
  if (linked_in) return Term::Atom("linked_in_driver");
  if (tag == "driver_options") return OptionsOf(driver);
  if (permanent) return Term::Atom("permanent");
  if (tag == "processes") return CountByProcess(driver, 0);
  if (tag == "awaiting_load") return CountByProcess(driver, kAwaitsLoad);
  if (tag == "awaiting_unload") return CountByProcess(driver, kAwaitsUnload | kAwaitsUnloadOnly);
  return Term::Int(driver.driver == nullptr ? 0 : driver.driver->port_count.load());
}

Term Items(const LoadedDriver& driver) {
  std::vector<Term> items;
  for (const std::string_view tag : kTags)
    items.push_back(Term::Tuple({Term::Atom(tag), *Item(driver, tag)}));
  return Term::List(items);
}

Result<LoadedDriver> Described(const DriverRegistry& registry, const Term& name) {
  auto text = DriverName(name);
  if (!text) return Fail(text.error());
  if (IsLinkedInName(*text)) {
    LoadedDriver linked_in;
    linked_in.state = LoadState::kLinkedIn;
    return linked_in;
  }
  auto driver = registry.Describe(*text);
  if (!driver) return Fail(Error::BadArg("no driver '" + *text + "' is loaded"));
  return *std::move(driver);
}

}  // namespace

Result<Term> Ddll::Info(const Term& name, const Term& tag) const {
  const auto driver = Described(registry_, name);
  if (!driver) return Fail(driver.error());
  auto item = tag.is(TermKind::kAtom) ? Item(*driver, tag.atom_name()) : std::nullopt;
  if (!item) return Fail(Error::BadArg(tag.ToString() + ": erl_ddll:info/2 has no such item"));
  return *std::move(item);
}

Result<Term> Ddll::Info(const Term& name) const {
  const auto driver = Described(registry_, name);
  if (!driver) return Fail(driver.error());
  return Items(*driver);
}

Term Ddll::Info() const {
  std::vector<Term> all;
  for (const LoadedDriver& driver : registry_.DescribeAll()) {
    if (driver.state == LoadState::kLinkedIn) continue;
    all.push_back(Term::Tuple({Term::String(driver.name), Items(driver)}));
  }
  return Term::List(all);
}

Term Ddll::LoadedDrivers() const {
  std::vector<Term> names;
  for (const std::string_view name : kLinkedInNames) names.push_back(Term::String(name));
  for (const LoadedDriver& driver : registry_.DescribeAll())
    names.push_back(Term::String(driver.name));
  return Term::Tuple({Term::Atom("ok"), Term::List(names)});
}

Result<Term> Ddll::FormatError(const Term& what) {
  const Error unknown = Error::BadArg(what.ToString() + ": no reason of erl_ddll's");
  if (what.is(TermKind::kAtom)) {
    const std::string_view text = LoadErrorText(what.atom_name());
    if (text.empty()) return Fail(unknown);
    return Term::String(text);
  }
  if (!what.is_tagged("open_error", 2)) return Fail(unknown);
  const auto number = what.tuple()[1].as_int();
  if (!number) return Fail(unknown);
  if (*number == 0) return Term::String("No error");
  return Term::String(OpenErrorText(*number).value_or("Unknown dlload error"));
}

}  // namespace portlab
