// Text on its way into HTML. Everything that a report holds passes through here: names, output of
// drivers and programs, sanitizer reports.
//
// Threads: any. Errors: none. REQUIRES of its input: UTF-8 (json_writer.h sees to that).
#pragma once

#include <string>
#include <string_view>

namespace portlab::html {

// Safe as an element's text and within a quoted attribute; control characters are made visible.
std::string Escape(std::string_view text);
// A fragment identifier or class made of [a-z0-9_-]; different texts may become the same.
std::string Identifier(std::string_view text);

}  // namespace portlab::html
