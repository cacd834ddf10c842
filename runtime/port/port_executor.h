// Carries out one signal at a port, and everything a port does to itself: start, flush, stop, exit
// signals. All under the port's lock; every driver callback of a port is called from here.
//
// Threads: REQUIRES the port's lock, held by the calling thread. Ownership: borrows the port for
// the call. Source: driver_entry(3erl); otp_ports.md 2.2 to 2.4, 3.4.
#pragma once

#include "port/port.h"
#include "port/ports.h"

namespace portlab {

class PortExecutor {
 public:
  PortExecutor(Ports& ports, Port& port) : ports_(ports), port_(port), body_(port.body()) {}

  // ---- Life (port_life.cc) ----
  Result<void> Start(const StartOptions& options);
  void Opened();  // links the owner; REQUIRES start succeeded
  // A close request or an exit signal: links are told now; the driver is flushed first unless
  // `kill`.
  void Close(const Term& reason, bool kill);
  // Ends the port now: queue dropped, stop called. What driver_failure_* and a drained queue do.
  void Terminate(const Term& reason);
  // After a callback: a closing port whose queue has drained is terminated.
  void AfterCallback();
  // driver_failure_eof: {Port,eof} for a port opened with eof, else close with reason normal.
  void EndOfFile();
  void InitAck(ErlDrvData result);
  void CancelTimer();

  // ---- Signals (port_signals.cc) ----
  Result<Term> Execute(PortSignal& signal);

  // ---- Messages to the owner (port_output.cc) ----
  // {Port,{data,D}}, split into lines when the port is line oriented. `data` may be no bytes: null.
  void DeliverBytes(Bytes header, Bytes data);
  // {Port,{data,D}} of a term already made; bytes for the input counter.
  void DeliverData(Term data, std::size_t bytes);
  // {Port,What} to the owner.
  bool Deliver(Term what);
  Term DataTerm(Bytes header, Bytes data) const;
  // Data goes out as binaries; as lists otherwise.
  bool SendsBinaries() const;

  // What a driver sees of a monitor: comparable, and enough to find it again.
  static ErlDrvMonitor MonitorOf(RefId reference, Pid pid);

  Ports& ports() { return ports_; }
  Port& port() { return port_; }
  PortBody& body() { return body_; }
  const DriverEntry& entry() const { return port_.driver()->entry; }

 private:
  Result<Term> Command(PortSignal& signal);
  void OutputFlat(const PortSignal& signal);
  void OutputVector(const PortSignal& signal);
  Result<Term> Control(PortSignal& signal);
  Result<Term> ControlReply(ErlDrvSSizeT length, char* reply, char* own_buffer, int flags);
  Result<Term> Call(PortSignal& signal);
  Result<Term> Connect(PortSignal& signal);
  Result<Term> CloseSignal(PortSignal& signal);
  void ExitSignal(const PortSignal& signal);
  void BadSignal();
  void ProcessExit(const PortSignal& signal);
  void Event(const PortEvent& event);
  void FdEvent(const PortEvent& event, bool input);
  void Timeout(std::uint64_t serial);
  void AsyncDone(void* payload);
  void Link(Pid from);
  void Monitor(Pid from, RefId reference);
  Term Info() const;
  std::vector<Term> Monitored() const;
  std::vector<Term> Watchers() const;
  void TellLinksAndWatchers(const Term& reason);
  void Abandon();
  void DropQueue();
  bool Monitors(RefId reference) const;
  bool InStart() const;
  void DeliverLines(Bytes header);
  void FlushLine();
  bool Dead() const { return !port_.Lives(); }

  Ports& ports_;
  Port& port_;
  PortBody& body_;
};

// fds whose driver wants stop_select: called without a port, as OTP does.
void CallStopSelect(Driver& driver, int fd);

}  // namespace portlab
