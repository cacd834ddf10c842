#include "term/container.h"

#include "base/check.h"

namespace portlab {

std::optional<Term> BuildContainer(Container kind, std::span<const Term> parts) {
  if (kind == Container::kTuple) return Term::Tuple(parts);
  if (kind == Container::kList) {
    PORTLAB_CHECK(!parts.empty(), "a list has a tail");
    return Term::List(parts.first(parts.size() - 1), parts.back());
  }
  if (parts.size() % 2 != 0) return std::nullopt;
  std::vector<std::pair<Term, Term>> pairs;
  pairs.reserve(parts.size() / 2);
  for (std::size_t i = 0; i < parts.size(); i += 2) pairs.emplace_back(parts[i], parts[i + 1]);
  return Term::Map(std::move(pairs));
}

}  // namespace portlab
