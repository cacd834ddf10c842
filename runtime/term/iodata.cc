#include "term/iodata.h"

#include "term/term_node.h"

namespace portlab {
namespace {

class Walk {
 public:
  explicit Walk(IodataVisitor& visitor) : visitor_(visitor) {}

  bool Run(TermView start) {
    for (TermView view = start;;) {
      if (!Part(view)) return false;
      if (open_.empty()) return true;
      view = open_.back();
      open_.pop_back();
    }
  }

 private:
  // A whole list up to the first list inside it, which is then walked before the rest.
  bool Part(TermView view) {
    while (IsCell(view)) {
      if (view.kind() == TermKind::kString) {
        visitor_.OnBytes(view.string_bytes());
        view = view.after_string();
        continue;
      }
      const TermView head = view.head();
      view = view.tail();
      if (IsCell(head)) {
        open_.push_back(view);
        open_.push_back(head);
        return true;
      }
      if (!Leaf(head) && !OneByte(head)) return false;
    }
    return Leaf(view);
  }

  bool Leaf(TermView view) {
    if (view.kind() == TermKind::kNil) return true;
    if (view.kind() != TermKind::kBinary) return false;
    visitor_.OnBinary(AsTerm(view));
    return true;
  }

  bool OneByte(TermView view) {
    if (view.kind() != TermKind::kInt) return false;
    const std::int64_t value = SmallIntValue(view.word);
    if (value < 0 || value > 255) return false;
    const auto byte = static_cast<std::uint8_t>(value);
    visitor_.OnBytes({&byte, 1});
    return true;
  }

  IodataVisitor& visitor_;
  std::vector<TermView> open_;
};

class Flattener final : public IodataVisitor {
 public:
  void OnBytes(Bytes list_bytes) override { out.append(AsText(list_bytes)); }
  void OnBinary(const Term& binary) override { out.append(AsText(binary.binary())); }

  std::string out;
};

}  // namespace

bool VisitIodata(const Term& term, IodataVisitor& visitor) {
  return Walk(visitor).Run(TermView(term));
}

std::optional<std::string> FlattenIodata(const Term& term) {
  Flattener flattener;
  if (!VisitIodata(term, flattener)) return std::nullopt;
  return std::move(flattener.out);
}

}  // namespace portlab
