// A runtime and a process that asks erl_ddll, with arguments and answers as text: "D1" and "D2" in
// a path stand for the folders of the two generations of ddll_drv (testing/ddll_drv.c); in answers
// references are numbered in the order they came, ports are P, this process is Self.
// Threads: the test's. Ownership: owns the runtime.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "portlab/runtime.h"
#include "term/parse.h"

namespace portlab {

class DdllTest : public testing::Test {
 protected:
  enum Operation : std::uint32_t { kGeneration = 1, kLock, kAsync };

  DdllTest() : runtime_(Options()), self_(runtime_.processes()) { self_->set_trap_exit(true); }
  ~DdllTest() override {
    for (const PortId port : runtime_.Ports()) (void)runtime_.PortClose(*self_, port);
  }
  static RuntimeOptions Options() {
    RuntimeOptions options;
    options.limits.scheduler_threads = 2;
    return options;
  }

  static Term Read(const std::string& text) { return *ParseTerm(text); }
  static Term Folder(const std::string& path) {
    const std::string folders = std::string(PORTLAB_DRIVERS) + "/generation_";
    std::string whole = path;
    if (path.starts_with("D")) whole = folders + path.substr(1);
    return Term::String(whole);
  }

  std::string Load(Process& by, const std::string& path, const std::string& options = "[]",
                   const std::string& name = "ddll_drv") {
    return Text(runtime_.ddll().TryLoad(by, Folder(path), Read(name), Read(options)));
  }
  std::string Load(const std::string& path, const std::string& options = "[]",
                   const std::string& name = "ddll_drv") {
    return Load(*self_, path, options, name);
  }
  std::string Unload(Process& by, const std::string& options = "[]") {
    return Text(runtime_.ddll().TryUnload(by, Term::Atom("ddll_drv"), Read(options)));
  }
  std::string Unload(const std::string& options = "[]") { return Unload(*self_, options); }
  std::string Monitor(const std::string& item) {
    return Text(runtime_.ddll().MonitorDriver(*self_, Term::Atom("driver"), Read(item)));
  }
  std::string Info(const std::string& tag, const std::string& name = "ddll_drv") {
    return Text(runtime_.ddll().Info(Read(name), Term::Atom(tag)));
  }
  // "P", or why not.
  std::string Open() {
    auto port = runtime_.OpenPort(*self_, "{spawn_driver,\"ddll_drv\"}", "[]");
    if (!port) return port.error().Reason();
    port_ = *port;
    return "P";
  }
  std::string Control(Operation operation) {
    return Text(runtime_.PortControl(*self_, port_, operation, {}));
  }
  void Close() { (void)runtime_.PortClose(*self_, port_); }
  // The next message; "nothing" after a while without one.
  std::string Next(Nanos patience = 5000 * kMillisecond) {
    auto message = self_->ReceiveUntil(MonotonicNow() + patience);
    return message ? Text(*message) : "nothing";
  }
  std::string Quiet() { return Next(20 * kMillisecond); }

  std::string Text(const Result<Term>& answer) {
    return answer ? Text(*answer) : answer.error().Reason();
  }
  std::string Text(const Term& term) {
    std::string text = Replace(term.ToString(), "#Port<", "P");
    text = Replace(text, Term::Of(self_->pid()).ToString(), "Self", true);
    return Replace(text, "#Ref<", "R");
  }

  Runtime runtime_;
  ThreadProcess self_;
  PortId port_;

 private:
  // Replaces what starts with `start`, up to its '>'; references get numbers.
  std::string Replace(std::string text, const std::string& start, const std::string& by,
                      bool whole = false) {
    for (std::size_t at = 0; (at = text.find(start, at)) != std::string::npos; at += by.size()) {
      const std::size_t size = whole ? start.size() : text.find('>', at) + 1 - at;
      std::string name = by;
      if (by == "R") name += std::to_string(NumberOf(text.substr(at, size)));
      text.replace(at, size, name);
    }
    return text;
  }
  std::size_t NumberOf(const std::string& reference) {
    return references_.emplace(reference, references_.size() + 1).first->second;
  }
  std::map<std::string, std::size_t> references_;
};

}  // namespace portlab
