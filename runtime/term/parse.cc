#include "term/parse.h"

#include <vector>

#include "term/container.h"
#include "term/scanner.h"

namespace portlab {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : scanner_(text) {}

  Result<Term> Run() {
    do {
      if (!Start() || !Continue()) {
        const std::string where = "Erlang text, byte " + std::to_string(scanner_.position());
        return Fail(
            Error::BadArg(where + ": " + (scanner_.error().empty() ? why_ : scanner_.error())));
      }
    } while (!done_);
    return std::move(values_.back());
  }

 private:
  struct Frame {
    Container shape;
    std::size_t first;      // index of its first part among the values
    bool has_tail = false;  // a bar was read
  };

  bool Refuse(const char* why) {
    why_ = why;
    return false;
  }

  // Reads up to the end of the next complete term, opening what stands before it.
  bool Start() {
    for (;;) {
      Token token = scanner_.Next();
      switch (token.kind) {
        case TokenKind::kTerm:
          values_.push_back(std::move(token.term));
          return true;
        case TokenKind::kOpenList:
          open_.push_back({Container::kList, values_.size()});
          break;
        case TokenKind::kOpenTuple:
          open_.push_back({Container::kTuple, values_.size()});
          break;
        case TokenKind::kOpenMap:
          open_.push_back({Container::kMap, values_.size()});
          break;
        case TokenKind::kCloseList:
        case TokenKind::kCloseBrace:
          // Only right behind its opening: [], {}, #{}.
          if (separator_ || open_.empty() || open_.back().first != values_.size())
            return Refuse("expected a term");
          return Close(token.kind);
        default:
          return Refuse("expected a term");
      }
      separator_ = false;
    }
  }

  // Reads what may follow a complete term, up to the next separator or the end of the text.
  bool Continue() {
    for (;;) {
      const TokenKind token = scanner_.Next().kind;
      if (open_.empty()) {
        done_ = true;
        return token == TokenKind::kEnd || Refuse("expected the end");
      }
      if (token == TokenKind::kCloseList || token == TokenKind::kCloseBrace) {
        if (!Close(token)) return false;
        continue;
      }
      separator_ = true;
      return Separator(token);
    }
  }

  bool Separator(TokenKind token) {
    Frame& frame = open_.back();
    const bool key_alone = frame.shape == Container::kMap && Parts(frame) % 2 != 0;
    if (key_alone) return token == TokenKind::kArrow || Refuse("expected =>");
    if (token == TokenKind::kComma && !frame.has_tail) return true;
    if (token == TokenKind::kBar && frame.shape == Container::kList && !frame.has_tail) {
      frame.has_tail = true;
      return true;
    }
    return Refuse("expected a separator or the end of the list, tuple or map");
  }

  std::size_t Parts(const Frame& frame) const { return values_.size() - frame.first; }

  bool Close(TokenKind closer) {
    const Frame frame = open_.back();
    if ((frame.shape == Container::kList) != (closer == TokenKind::kCloseList))
      return Refuse("closed by the wrong bracket");
    std::optional<Term> term = Build(frame, std::span(values_).subspan(frame.first));
    if (!term) return Refuse("a map with a key twice, or a key without a value");
    open_.pop_back();
    values_.resize(frame.first);
    values_.push_back(*std::move(term));
    return true;
  }

  static std::optional<Term> Build(const Frame& frame, std::span<const Term> parts) {
    // Only a list that was written with a bar has its tail among the parts.
    if (frame.shape == Container::kList && !frame.has_tail) return Term::List(parts);
    return BuildContainer(frame.shape, parts);
  }

  Scanner scanner_;
  std::vector<Term> values_;
  std::vector<Frame> open_;
  bool separator_ = false;  // the last token was one, so a closing bracket may not follow
  bool done_ = false;
  const char* why_ = "";
};

}  // namespace

Result<Term> ParseTerm(std::string_view text) { return Parser(text).Run(); }

}  // namespace portlab
