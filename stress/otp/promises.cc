// What erl_driver.h and exported_symbols.txt promise.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>

#include "stress/otp/coverage.h"
#include "stress/otp/golden_steps.h"

namespace portlab {
namespace {

constexpr unsigned kRun = 1;
constexpr unsigned kMessages = 2;
constexpr const char* kItems[] = {"input", "output", "queue_size", "os_pid"};

std::string Header() {
  std::ifstream in(PORTLAB_DRIVER_HEADER);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> Matches(const std::string& text, const std::regex& pattern) {
  std::vector<std::string> names;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), none; at != none; ++at)
    names.push_back((*at)[1]);
  return names;
}

std::string DriverOf(const std::string& function) {
  return function == "erl_drv_init_ack" ? "api_probe_ack_drv" : "api_probe_drv";
}

}  // namespace

std::vector<std::string> PromisedCallbacks() {
  const std::string header = Header();
  const std::size_t begin = header.find("typedef struct erl_drv_entry {");
  const std::string entry = header.substr(begin, header.find("} ErlDrvEntry;", begin) - begin);
  return Matches(entry, std::regex(R"(\(\*([a-z_]+)\)\()"));
}

std::vector<std::string> PromisedConstants(const std::string& prefix) {
  return Matches(Header(), std::regex("#define (" + prefix + "[A-Z0-9_]+) "));
}

std::vector<std::string> PromisedTags() {
  std::vector<std::pair<int, std::string>> tags;
  const std::string header = Header();
  const std::regex pattern(R"(#define (ERL_DRV_[A-Z0-9_]+)[\s\\]+\(\(ErlDrvTermData\)([0-9]+)\))");
  for (std::sregex_iterator at(header.begin(), header.end(), pattern), none; at != none; ++at)
    tags.emplace_back(std::stoi((*at)[2]), (*at)[1]);
  std::sort(tags.begin(), tags.end());
  std::vector<std::string> names;
  for (const auto& [number, name] : tags) names.push_back(name);
  return names;
}

std::vector<std::string> PromisedWords() {
  std::vector<std::string> words = PromisedConstants("(?:ERL_DRV|PORT|DRIVER)_");
  std::erase_if(words, [](const std::string& word) {
    // Of the entry, which has rules and flags of its own; and what is taken and does nothing.
    return word.starts_with("ERL_DRV_FLAG_") || word.starts_with("ERL_DRV_EXTENDED_") ||
           word.starts_with("ERL_DRV_MIN_") || word == "PORT_CONTROL_FLAG_HEAVY";
  });
  for (const std::string& unit : Matches(Header(), std::regex(R"((ERL_DRV_[A-Z]+) = [0-9])")))
    words.push_back(unit);
  words.emplace_back("suggested_stack_size");
  return words;
}

std::vector<std::string> PromisedFunctions() {
  std::ifstream in(PORTLAB_EXPORTED_SYMBOLS);
  std::vector<std::string> names;
  for (std::string line; std::getline(in, line);) names.push_back(line);
  std::stable_partition(names.begin(), names.end(),
                        [](const std::string& name) { return name != "driver_lock_driver"; });
  return names;
}

std::vector<std::string> PromisedDdllFunctions() {
  return {"demonitor/1", "format_error/1",   "info/0",       "info/1",   "info/2",
          "load/2",      "load_driver/2",    "monitor/2",    "reload/2", "reload_driver/2",
          "try_load/3",  "loaded_drivers/0", "try_unload/2", "unload/1", "unload_driver/1"};
}

std::vector<std::string> PromisedDdllOptions() {
  std::vector<std::string> options = {"try_load {driver_options,[kill_ports]}",
                                      "try_load {reload,pending_driver}",
                                      "try_load {reload,pending}",
                                      "try_load {monitor,pending_driver}",
                                      "try_load {monitor,pending}",
                                      "try_unload kill_ports",
                                      "try_unload {monitor,pending_driver}",
                                      "try_unload {monitor,pending}"};
  for (const char* when : {"loaded", "unloaded", "unloaded_only"})
    options.push_back("monitor " + std::string(when));
  for (const char* tag : {"processes", "driver_options", "port_count", "linked_in_driver",
                          "permanent", "awaiting_load", "awaiting_unload"})
    options.push_back("info " + std::string(tag));
  return options;
}

Behaviour FunctionBehaviour(const std::string& function) {
  const std::string driver = DriverOf(function);
  const std::string options = function == "get_port_flags" ? "[binary,{line,80}]" : "[]";
  const std::string erlang =
      "load(Drivers,\"" + driver + "\"),P=open({spawn_driver,\"" + driver + "\"}," + options +
      "),[K]=port_control(P,2,\"" + function + "\"),answer(fun()->port_control(P,1,\"" + function +
      "\") end),take(K),quiet(5),[say(erlang:port_info(P,I))||I<-[input,output,queue_size,os_pid]],"
      "answer(fun()->port_command(P,\"x\",[nosuspend]) end)";
  return {function, erlang, [=](Actor& actor) {
            actor.Load(PORTLAB_DRIVERS, driver);
            const PortId port = actor.Open("{spawn_driver,\"" + driver + "\"}", options);
            const auto messages = actor.Control(port, kMessages, function);
            if (!messages) {
              actor.Say(Term::Atom("no_probe"));
              return;
            }
            actor.Answer(actor.Control(port, kRun, function));
            actor.Take(static_cast<int>(*messages->head().as_int()));
            actor.Quiet(5);
            for (const char* item : kItems) actor.Say(InfoItem(actor, port, item));
            actor.Answer(actor.runtime().PortCommand(actor.self(), port, Term::String("x"),
                                                     {.force = false, .nosuspend = true}));
          }};
}

}  // namespace portlab
