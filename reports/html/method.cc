// How it was measured, and on what.
#include <fmt/format.h>

#include "reports/html/escape.h"
#include "reports/html/sections.h"
#include "reports/summary.h"

namespace portlab::html {

namespace {

std::string SubjectMethod(const Report& report) {
  return fmt::format(
      "<section id=\"method\">\n<h2>How to read this</h2>\n"
      "<p>Every trial had a host process of its own, supervised from outside. In the host lived "
      "the "
      "ports of {}, and bystanders: ports and a process that went on asking and answering. The "
      "control sent a few harmless commands; the inputs are those that were given or that a "
      "campaign found; the provocations are what every port must stand. After each the host was "
      "watched for up to {}, and what it held before is compared with what it held after its ports "
      "were closed.</p>\n"
      "<p>No outcome is expected, as nothing is known about {}: a verdict tells what one run on "
      "this "
      "machine did. A program that was killed or stopped, or that lives on when its port is "
      "closed, "
      "is contained as long as the host is as before; it never outlives its trial.</p>\n"
      "</section>\n",
      Escape(report.subject), MillisecondsInWords(report.settings.patience_ms),
      Escape(report.subject));
}

}  // namespace

std::string MethodSection(const Report& report) {
  if (!report.subject.empty()) return SubjectMethod(report);
  std::string html = "<section id=\"method\">\n<h2>How to read this</h2>\n";
  html += fmt::format(
      "<p>Every trial had a host process of its own, supervised from outside. In the host lived "
      "the "
      "port with the fault, and bystanders: ports and a process that went on asking and answering. "
      "The fault was armed and fired, and the host was watched for another {}. What the host held "
      "before the port was opened is compared with what it held after the port was closed.</p>\n",
      MillisecondsInWords(report.settings.patience_ms));
  html +=
      "<p><strong>contained</strong>: the faulty port is gone, and host, other ports and resources "
      "are as before. <strong>degraded</strong>: the host lives, but something is stuck, leaked or "
      "changed. <strong>host_down</strong>: the host ended; an exit status of 0 counts, too. "
      "<strong>clean</strong>: nothing happened, which is what every trial must say whose trigger "
      "stays off. The first cause decides: what follows from it does not change the verdict.</p>\n"
      "<p>Each outcome has a key, and the catalogue names the keys that each fault may have: "
      "several "
      "in a plain host where more than one end is possible, exactly one under a sanitizer. An "
      "outcome "
      "with another key makes the command fail.</p>\n"
      "<p>A <strong>guarded</strong> host is the plain one, with an inaccessible page at either "
      "end "
      "of "
      "every block that a driver allocates, and freed blocks kept inaccessible: an overflow or a "
      "use "
      "after free ends it where it happens, in a driver as it was delivered. The asan host needs "
      "the "
      "driver compiled for it.</p>\n"
      "<p>Programs are always built without sanitizers. A sanitizer sees code that was compiled "
      "for "
      "it; without one a wild write may go unseen, or show up much later in a place that is not to "
      "blame. A verdict tells what one run on this machine did, not what must happen "
      "everywhere.</p>"
      "\n</section>\n";
  return html;
}

std::string MachineSection(const Report& report) {
  const MachineFacts& machine = report.machine;
  std::string html = "<section id=\"machine\">\n<h2>The machine</h2>\n<dl class=\"pairs\">\n";
  const auto pair = [&](const char* name, const std::string& value) {
    html += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, value.empty() ? "–" : Escape(value));
  };
  pair("Kernel", machine.kernel);
  pair("Processor", fmt::format("{}, {} {} usable", machine.cpu, machine.cores,
                                machine.cores == 1 ? "core" : "cores"));
  pair("Memory", BytesInWords(machine.memory_bytes));
  pair("Compiler", machine.compiler);
  pair("C library", machine.libc);
  pair("portlab", machine.portlab);
  pair("Made", report.made_at + " UTC, in " + MillisecondsInWords(report.duration_ms));
  return html + "</dl>\n<p>The same report again:</p>\n<pre class=\"command\">" +
         Escape(report.settings.command) + "</pre>\n</section>\n";
}

}  // namespace portlab::html
