// Conversions between Latin-1, UTF-8 and code points: atom names and printed text.
//
// Threads: pure functions.
// Errors: nullopt for what is not valid UTF-8 (overlong forms and surrogates are not).
// Source: RFC 3629; erl_ext_dist(3erl) ATOM_EXT, ATOM_UTF8_EXT.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace portlab {

std::string Latin1ToUtf8(std::string_view latin1);
// Nullopt: a character above 255, or not UTF-8.
std::optional<std::string> Utf8ToLatin1(std::string_view utf8);
// The number of characters; nullopt: not UTF-8.
std::optional<std::size_t> Utf8Length(std::string_view utf8);
void AppendUtf8(char32_t code_point, std::string& out);
// The Latin-1 characters of an atom that needs no quotes, as OTP 25 has them.
bool StartsBareAtom(char32_t code_point);
bool ContinuesBareAtom(char32_t code_point);
// Takes the first character off `utf8`. Nullopt: not UTF-8, or empty; `utf8` is then unchanged.
std::optional<char32_t> PopUtf8(std::string_view& utf8);

}  // namespace portlab
