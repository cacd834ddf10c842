// A table for a terminal: columns as wide as their widest cell, two blanks between them.
// Threads: one at a time. Errors: none; a row with fewer cells than the head is filled up.
#pragma once

#include <string>
#include <vector>

namespace portlab {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> head) { Add(std::move(head)); }
  void Add(std::vector<std::string> row);
  // Ends with a line break.
  std::string ToString() const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;
};

}  // namespace portlab
