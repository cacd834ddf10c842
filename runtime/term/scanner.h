// Cuts Erlang text into tokens; everything that is not made of other terms comes out as a term.
//
// Threads: one.
// Ownership: borrows the text.
// Errors: a token of kind kError; error() says what was wrong there.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "portlab/term.h"

namespace portlab {

enum class TokenKind {
  kEnd,
  kError,
  kTerm,
  kOpenList,
  kCloseList,
  kOpenTuple,
  kOpenMap,
  kCloseBrace,
  kComma,
  kBar,
  kArrow
};

struct Token {
  TokenKind kind;
  Term term = {};
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text), rest_(text) {}

  Token Next();
  std::size_t position() const {
    return text_.size() - rest_.size();
  }  // bytes, behind the last token
  const std::string& error() const { return error_; }

 private:
  Token Wrong(std::string what);
  Token Made(std::optional<Term> term, const char* otherwise);
  bool Accept(std::string_view prefix);
  void SkipSpace();

  Token Word();
  Token QuotedAtom();
  Token Number();
  Token Float(std::string_view literal);
  Token Based(std::string_view sign, std::string_view base);
  Token Character();
  Token String();
  Token Binary();
  Token Identity(std::string_view prefix);
  std::optional<std::u32string> Quoted(char quote);
  std::optional<char32_t> Escape();
  std::optional<char32_t> HexEscape();
  bool BinarySegment(std::string& bytes);
  std::string_view TakeDigits();
  std::optional<std::uint64_t> TakeNumber();

  std::string_view text_;
  std::string_view rest_;
  std::string error_;
};

}  // namespace portlab
