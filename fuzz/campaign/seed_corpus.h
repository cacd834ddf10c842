// What a campaign begins with: the user's seeds, and, for an empty corpus, a few sequences of
// operations that any driver or program can be tried with.
//
// A seed named *.txt is operations as text. Threads: one at a time. Ownership: the user's folders
// are only read; files are copied. Errors: errno, naming the folder or file. Source:
// fuzzing.md 5.3.
#pragma once

#include <string>
#include <vector>

#include "fuzz/campaign/fuzz_target.h"
#include "portlab/error.h"

namespace portlab {

// The number of inputs that `corpus` has then.
Result<std::size_t> PrepareCorpus(const FuzzTarget& target, const std::string& corpus,
                                  const std::vector<std::string>& seed_folders);

// Removes the file with this content, if there is one: an input that a driver dies of would end
// every run while the corpus is read. False: there is none.
bool TakeOutOfCorpus(const std::string& corpus, const std::string& input);

}  // namespace portlab
