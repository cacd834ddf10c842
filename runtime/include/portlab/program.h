// Programs beyond what OTP offers: options of open_port and operations of port_control for ports of
// {spawn,_} and {spawn_executable,_}. All are off unless asked for; a program that uses none is
// treated as OTP treats it, except that it does not survive the host.
//
//   option                         what it does
//   {exit_status,full}             {exit_status,Status}, sent when the process ends, also while
//   another
//                                  process holds its output: then
//                                  {exit_status,Status,pipe_still_open}. Status: {exited,N}
//                                  {signaled,Signal,CoreDumped} {timeout} {oom} {rlimit,cpu|fsize}
//                                  {killed_by_us,idle_timeout|asked}
//   {stderr,separate}              what it writes to stderr comes as {Port,{stderr,Data}}, unframed
//   {window,Bytes}                 so many bytes of output are read; kProgramCredit lets more come
//   {packet_max,Bytes}             a longer announced packet ends the port with packet_too_long
//   {queue_max,Bytes}              a command that makes more wait ends the port with queue_limit
//   {timeout,Ms}                   the program is ended so long after its start
//   {idle_timeout,Ms}              the program is ended when nothing came or went for so long
//   {start_timeout,Ms}             open_port fails with etimedout when exec has not happened by
//   then {kill_at,[owner_exit|port_close]}   ended, with all its descendants, when the owner exits;
//   when
//                                  the port ends otherwise
//   contained                      it can be ended with all its descendants (kProgramEnd); implied
//   by
//                                  the timeouts and kill_at. Costs one small process beside it.
//   {grace,Ms}                     between SIGTERM and SIGKILL when it is ended; 500
//   pty, {pty,{Rows,Columns}}      its stdin, stdout and stderr are a terminal, and control it
//   {rlimit,[{Name,Value}]}        as core cpu data fsize memlock nofile nproc stack: setrlimit(2)
//   {cgroup,Limits}                contained in a cgroup (v2) of its own, which is killed whole
//                                  behind the grace period. Limits: [] or {memory_max,Bytes},
//                                  {pids_max,N}. open_port fails where the host may not: enosys (no
//                                  cgroup v2), eacces, eperm, erofs, eopnotsupp (the host's own
//                                  group does not hand this controller on); stderr says which file
//   {uid,N} {gid,N} {nice,N} {umask,N}
//   {signals,default}              SIGPIPE and SIGFPE are at their default, not ignored
//
// That not all of its processes could be ended is said as {Port,{unkilled,N}}, and on the host's
// stderr.
//
// Threads: constants. Errors: port_control is badarg for a program that was not opened for the
// operation. Source: ours; isolation.md 1.
#pragma once

#include <cstdint>

namespace portlab {

// Operations of port_control; numbers are big-endian. The reply is [].
inline constexpr std::uint32_t kProgramCredit = 0x706c'0001;      // <<Bytes:32>>; with window
inline constexpr std::uint32_t kProgramCloseInput = 0x706c'0002;  // <<>>: end of file on its stdin,
                                                                  // behind what is queued
inline constexpr std::uint32_t kProgramSignal = 0x706c'0003;      // <<Signal:8>>; contained
inline constexpr std::uint32_t kProgramEnd = 0x706c'0004;         // <<>>; contained
inline constexpr std::uint32_t kProgramWindowSize = 0x706c'0005;  // <<Rows:16,Columns:16>>; pty

}  // namespace portlab
