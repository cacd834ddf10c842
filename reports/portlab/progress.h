// Tells on stderr how far the work is: one line that changes on a terminal, else a line for each
// step that is done.
//
// Threads: one at a time. Errors: none: what cannot be shown is not.
#pragma once

#include <string>

namespace portlab {

class Progress {
 public:
  Progress();
  // Ends the changing line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // What is under way: only a terminal shows it.
  void Doing(const std::string& what);
  // What is done: a line that stays, but on a terminal the next Doing takes its place.
  void Done(const std::string& what);
  // A line that stays in any case.
  void Say(const std::string& what);

 private:
  void ShowOver(const std::string& what);

  const bool terminal_;
  bool line_open_ = false;
};

}  // namespace portlab
