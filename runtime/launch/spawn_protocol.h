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
//   start   u8 1, u32 flags (kUseStdio …), the strings and numbers of ProgramSpec as EncodeStart
//           writes them; a string is u32 length, bytes, no NUL.
//           descriptors: write end of a status channel, read end of the program's input, then, as
//           the flags say, the write ends of its output and of its errors
//   signal  u8 2, i32 pid, i32 signal number
//           descriptor: write end of a status channel
//
// Server to host: only StatusRecords on the status channel of a request, whole ones, then end of
// file:
//
//   start   kStarted(os pid), later, when the program has been reaped, kExited(raw wait status)
//           kStartFailed(errno), kDirectoryFailed(errno) or kCgroupFailed(errno), nothing later
//   signal  kSignalSent(errno, 0 for sent; ESRCH: not a program of ours, or reaped)
//
// End of file without the last record: the server is gone. So the status end is simply a descriptor
// the spawn driver selects on, and nothing in the host has to sort replies.
//
// A contained program (kContained) is handed on, whole, to a keeper: a server of its own that the
// server starts for it, which holds only this program and adopts all that descends from it. Its
// status channel is a socket, and takes requests (KeeperRequest) from the host: signal it; end it
// with all its descendants, which is SIGTERM to their groups, the grace period, then SIGKILL in
// rounds until none is left, then kEnded(how many could not be ended). A keeper ends when nothing
// is left to keep.
//
// The program gets: a session of its own; descriptors 0-2, or 0-4 without use_stdio; SIGPIPE and
// SIGFPE ignored (unless its limits say otherwise), every other signal at its default, an empty
// mask. Source: otp_ports.md 6.1-6.4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "launch/program_spec.h"
#include "portlab/error.h"

namespace portlab {

inline constexpr int kSpawnProtocolVersion = 3;
inline constexpr int kSpawnSocketFd = 3;
inline constexpr std::size_t kMaxSpawnFrame = 8 << 20;  // more than exec takes

struct StatusRecord {
  enum Kind : std::int32_t {
    kStarted = 1,          // value: os pid
    kStartFailed = 2,      // value: errno
    kDirectoryFailed = 3,  // value: errno of the chdir (OTP: a text on stderr and exit status 2)
    kExited = 4,           // value: raw wait status, see WaitStatus
    kSignalSent = 5,       // value: errno or 0
    kEnded = 6,            // value: processes that are still there
    kCgroupFailed = 7,     // value: errno; as kStartFailed
    kOutOfMemory = 8,      // value: 1 if the program's cgroup ran out of it, else 0; before kExited
  };
  Kind kind;
  std::int32_t value;
};
static_assert(sizeof(StatusRecord) == 8, "smaller than PIPE_BUF: written and read in one piece");

// From the host to a keeper, on the status channel of its program.
struct KeeperRequest {
  enum Kind : std::int32_t {
    kSignal = 1,  // value: the signal, to the program's group
    kEnd = 2,     // value: unused
  };
  Kind kind;
  std::int32_t value;
};

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
