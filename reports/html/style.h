// The style sheet of the report: light and dark by the reader's preference, narrow screens, paper.
// Threads: any. Every colour has a name, so that the charts follow the scheme, too.
#pragma once

#include <string_view>

namespace portlab::html {

std::string_view StyleSheet();

}  // namespace portlab::html
