// One program of a port as a long-lived child, talked to without a port: packets in, answers out,
// and how it ended.
//
// It is started by the spawn server, as every program is, so it and all it started end with this
// process, SIGKILL included. When a packet was handed over, Exchange waits until the program has
// read all of it and sleeps: then it is done with it, whether it answers or not. Its stderr goes on
// to ours, but for a sanitizer's report: that means that it is dying, however long the report
// takes, and whoever asks for it may keep it to himself.
//
// Threads: one. Ownership: the program and its descriptors. Units: Nanos of real time. Errors: what
// keeps this process from working at all (no server, no program) ends it with `refuse`.
// Source: fuzzing.md 5.7; otp_ports.md 6.1-6.4.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/order.h"
#include "base/unique_fd.h"
#include "fuzz/answers.h"
#include "launch/spawn_client.h"
#include "launch/wait_status.h"

namespace portlab {

class ProgramChild {
 public:
  struct Options {
    ProgramSpec program;
    PacketFraming framing;
    std::string spawn_server;
    Nanos patience = 0;  // how long one packet may take
    std::size_t memory_bytes = 0;
    std::function<void(const std::string&)> refuse;  // does not return
  };
  enum class Event {
    kResting,       // done with the packet
    kEnded,         // status() says how
    kTimeout,       // the patience is over
    kBadFrame,      // what it answered would end its port
    kMemory,        // it holds more than memory_bytes
    kClosedOutput,  // it lives, but nobody hears it any more
  };

  explicit ProgramChild(Options options);
  ~ProgramChild();
  ProgramChild(const ProgramChild&) = delete;
  ProgramChild& operator=(const ProgramChild&) = delete;

  bool runs() const { return pid_ > 0; }
  void Start();  // REQUIRES: !runs()
  Event Exchange(std::string_view bytes);
  // Ends its input and waits for its end; nullopt: it had to be killed.
  std::optional<WaitStatus> Close(Nanos patience);
  void Kill();

  Answers& answers() { return answers_; }
  WaitStatus status() const { return status_; }
  // What a sanitizer reported of the one that runs or ended last. What was not taken when the next
  // one starts goes to stderr as well.
  std::string TakeReport() { return std::exchange(report_, {}); }

 private:
  bool Write(std::string_view& bytes);
  // Reads what is there, and takes notice of its end.
  void Listen(Nanos wait, bool until_writable);
  void ReadOutput();
  void ReadErrors();
  void KeepReport(std::string_view text);
  void ReadStatus();
  bool Rests();
  std::optional<Event> EventSoFar(Nanos begin);
  void AwaitEnd(Nanos deadline);
  void Forget();

  const Options options_;
  UniqueFd errors_;  // what the server and its programs have as stderr
  SpawnClient client_;
  ProgramPipes pipes_;
  pid_t pid_ = 0;
  UniqueFd proc_stat_;
  Answers answers_;
  WaitStatus status_;
  bool ended_ = false;
  bool dying_ = false;  // a sanitizer has begun to report
  bool bad_frame_ = false;
  bool too_large_ = false;
  std::size_t errors_shown_ = 0;
  std::string errors_tail_;
  std::string report_;
};

}  // namespace portlab
