#include "reports/portlab/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

namespace portlab {
namespace {

// So many columns fit without a line break, which \r could not take back.
std::size_t Columns() {
  winsize size = {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2) return 79;
  return size.ws_col - 1u;
}

}  // namespace

Progress::Progress() : terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (line_open_) std::fputs("\r\033[K", stderr);
}

void Progress::ShowOver(const std::string& what) {
  std::fprintf(stderr, "\r\033[K%s", what.substr(0, Columns()).c_str());
  std::fflush(stderr);
  line_open_ = true;
}

void Progress::Doing(const std::string& what) {
  if (terminal_) ShowOver(what);
}

void Progress::Done(const std::string& what) {
  if (terminal_) {
    ShowOver(what);
  } else {
    Say(what);
  }
}

void Progress::Say(const std::string& what) {
  std::fprintf(stderr, "%sportlab: %s\n", line_open_ ? "\r\033[K" : "", what.c_str());
  line_open_ = false;
}

}  // namespace portlab
