// What host and spawn server say to each other. Both sides come from one build and run on one
// machine: numbers are in native byte order, and a server refuses a host of another
// kSpawnProtocolVersion.
//
// The server is started by exec as  portlab-spawn-server VERSION HOST_PID  with
//   0, 1, 2  the host's
//   3        its end of a SOCK_STREAM unix socket (kSpawnSocketFd); nothing else is kept
// It is the leader of a session of its own. The host is gone when the socket reports end of file or
// the process HOST_PID has ended: then the server ends all it started (SIGTERM to their groups, 200
// ms, SIGKILL to all descendants) and exits. A server that dies itself takes its programs along:
// they ask for SIGKILL on its death.
//
// Host to server: frames. A frame is a uint32 length and that many bytes; its descriptors travel as
// SCM_RIGHTS on its first byte. The bytes are one request:
//
//   start   u8 1, u32 flags (kUseStdio …), string file, string arg0, string directory,
//           u32 n, n × string argument, u32 n, n × string "K=V"             a string is u32 length,
//           bytes, no NUL descriptors: write end of a status pipe, read end of the program's input,
//           and with kHasOutput the write end of its output
//   signal  u8 2, i32 pid, i32 signal number
//           descriptor: write end of a status pipe
//
// Server to host: only StatusRecords on the status pipe of a request, whole ones, then end of file:
//
//   start   kStarted(os pid), later, when the program has been reaped, kExited(raw wait status)
//           kStartFailed(errno) or kDirectoryFailed(errno), nothing later
//   signal  kSignalSent(errno, 0 for sent; ESRCH: not a program of ours, or reaped)
//
// End of file without the last record: the server is gone. So the status read end is simply a
// descriptor the spawn driver selects on, and nothing in the host has to sort replies.
//
// The program gets: a session of its own; descriptors 0-2, or 0-4 without use_stdio; SIGPIPE and
// SIGFPE ignored, every other signal at its default, an empty mask. Source: otp_ports.md 6.1-6.4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "launch/program_spec.h"
#include "portlab/error.h"

namespace portlab {

inline constexpr int kSpawnProtocolVersion = 1;
inline constexpr int kSpawnSocketFd = 3;
inline constexpr std::size_t kMaxSpawnFrame = 8 << 20;  // more than exec takes

struct StatusRecord {
  enum Kind : std::int32_t {
    kStarted = 1,          // value: os pid
    kStartFailed = 2,      // value: errno
    kDirectoryFailed = 3,  // value: errno of the chdir (OTP: a text on stderr and exit status 2)
    kExited = 4,           // value: raw wait status, see WaitStatus
    kSignalSent = 5,       // value: errno or 0
  };
  Kind kind;
  std::int32_t value;
};
static_assert(sizeof(StatusRecord) == 8, "smaller than PIPE_BUF: written and read in one piece");

struct SignalRequest {
  std::int32_t pid = 0;
  std::int32_t signo = 0;
};
enum class SpawnRequest : std::uint8_t { kStart = 1, kSignal = 2 };

// Payloads without the length. EINVAL: a string holds a NUL; E2BIG: over kMaxSpawnFrame.
Result<std::string> EncodeStart(const ProgramSpec& program);
std::string EncodeSignal(const SignalRequest& request);

// Exactly one of them succeeds for what the encoders made; both fail for anything else, with
// EPROTO.
Result<ProgramSpec> DecodeStart(std::string_view payload);
Result<SignalRequest> DecodeSignal(std::string_view payload);

}  // namespace portlab
