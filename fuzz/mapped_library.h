// Where a library under test is in memory, for whoever checks that libFuzzer's counters lie in it:
// one built without coverage fuzzes just as happily.
//
// Threads: any. Errors: none; a library that is not loaded prints nothing.
#pragma once

#include <string>

namespace portlab {

// "TARGET: driver FILE at [0x…, 0x…)" on stderr, for the loaded library whose path ends with
// `path_end`; fuzz/campaign/libfuzzer_log.h reads it.
void PrintMapping(const std::string& target, std::string path_end);

}  // namespace portlab
