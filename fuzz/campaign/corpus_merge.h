// Takes out of a corpus what adds nothing: every run of the host reads all of it, and a campaign
// that goes on after each crash reads it very often.
//
// Threads: any, one merge of a folder at a time; hosts may go on adding to the folder. Ownership:
// of the folder's files. Units: files. Errors: none; a merge that failed leaves the corpus as it
// was. What is worth keeping is written before anything is removed. Source: libFuzzer's -merge=1.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "fuzz/campaign/fuzz_target.h"

namespace portlab {

// A folder with so many files is worth it, when so many inputs cover the same.
bool IsWorthMerging(std::size_t files, std::size_t useful);

void MergeCorpus(const FuzzTarget& target, const std::string& corpus,
                 const std::function<bool()>& cancelled);

}  // namespace portlab
