#include "term/external_encoder.h"

#include <bit>
#include <cstring>
#include <limits>

#include "base/check.h"
#include "term/external_tags.h"
#include "term/term_node.h"
#include "term/utf8.h"

namespace portlab {
namespace {

using external::Tag;

class Encoder {
 public:
  explicit Encoder(const NodeIdentity& node) : node_(node) {}

  std::string Run(const Term& term) {
    out_.push_back(static_cast<char>(external::kVersion));
    Put(TermView(term));
    while (!open_.empty()) {
      const Step step = open_.back();
      open_.pop_back();
      if (step.cells_of_list) {
        Cells(step.view);
      } else {
        Put(step.view);
      }
    }
    return std::move(out_);
  }

 private:
  struct Step {
    TermView view;
    bool cells_of_list = false;  // the elements and tail of a list whose header is written
  };

  template <int kBytes>
  void Number(std::uint64_t value) {
    for (int shift = 8 * (kBytes - 1); shift >= 0; shift -= 8) {
      out_.push_back(static_cast<char>(value >> shift));
    }
  }
  void Put(Tag tag) { Number<1>(tag); }
  void Length32(std::size_t length) {
    PORTLAB_CHECK(length <= std::numeric_limits<std::uint32_t>::max(),
                  "the external format has no lengths above 32 bits");
    Number<4>(length);
  }

  void Put(TermView view) {
    const Term& term = AsTerm(view);
    switch (view.kind()) {
      case TermKind::kNil:
        return Put(Tag::kNil);
      case TermKind::kAtom:
        return Atom(term.atom_name());
      case TermKind::kInt:
        return Integer(SmallIntValue(view.word));
      case TermKind::kBig:
        return Big(term.big_negative(), term.big_magnitude());
      case TermKind::kFloat:
        Put(Tag::kNewFloat);
        return Number<8>(std::bit_cast<std::uint64_t>(term.as_float()));
      case TermKind::kPid:
        return PutPid(term.as_pid());
      case TermKind::kPort:
        return PutPort(term.as_port());
      case TermKind::kRef:
        return Reference(*view.node().body<RefWords>());
      case TermKind::kBinary:
        Put(Tag::kBinary);
        Length32(term.binary().size());
        out_.append(AsText(term.binary()));
        return;
      case TermKind::kString:
      case TermKind::kCons:
        return List(view);
      case TermKind::kTuple:
        return Tuple(view.node());
      case TermKind::kMap:
        return Map(view.node());
    }
  }

  void Atom(std::string_view utf8) {
    if (const std::optional<std::string> latin1 = Utf8ToLatin1(utf8)) {
      Put(Tag::kAtomLatin1);
      Number<2>(latin1->size());
      out_ += *latin1;
      return;
    }
    const bool small = utf8.size() <= 255;
    Put(small ? Tag::kSmallAtomUtf8 : Tag::kAtomUtf8);
    small ? Number<1>(utf8.size()) : Number<2>(utf8.size());
    out_ += utf8;
  }

  void Integer(std::int64_t value) {
    if (value >= 0 && value <= 255) {
      Put(Tag::kSmallInteger);
      Number<1>(static_cast<std::uint64_t>(value));
    } else if (value >= std::numeric_limits<std::int32_t>::min() &&
               value <= std::numeric_limits<std::int32_t>::max()) {
      Put(Tag::kInteger);
      Number<4>(static_cast<std::uint64_t>(value));
    } else {
      std::uint8_t magnitude[8];
      std::size_t count = 0;
      for (auto rest = static_cast<std::uint64_t>(value < 0 ? -value : value); rest != 0;
           rest >>= 8) {
        magnitude[count++] = static_cast<std::uint8_t>(rest);
      }
      Big(value < 0, Bytes(magnitude, count));
    }
  }

  void Big(bool negative, Bytes magnitude) {
    const bool small = magnitude.size() <= 255;
    Put(small ? Tag::kSmallBig : Tag::kLargeBig);
    small ? Number<1>(magnitude.size()) : Length32(magnitude.size());
    Number<1>(negative ? 1 : 0);
    out_.append(AsText(magnitude));
  }

  bool OfPortsNode(bool made_here) const { return made_here && !node_.ports_name.empty(); }
  void NodeName(bool made_here) { Atom(OfPortsNode(made_here) ? node_.ports_name : node_.name); }
  void Creation(bool made_here) {
    Number<4>(OfPortsNode(made_here) ? node_.ports_creation : node_.creation);
  }

  void PutPid(Pid pid) {
    constexpr std::uint64_t kNumber = (std::uint64_t{1} << external::kPidNumberBits) - 1;
    Put(Tag::kNewPid);
    Atom(node_.name);
    Number<4>(pid.number & kNumber);
    Number<4>(pid.number >> external::kPidNumberBits);
    Number<4>(node_.creation);
  }

  void PutPort(PortId port) {
    const bool wide = port.number >> external::kNewPortBits != 0;
    Put(wide ? Tag::kV4Port : Tag::kNewPort);
    NodeName(true);
    wide ? Number<8>(port.number) : Number<4>(port.number);
    Creation(true);
  }

  void Reference(const RefWords& ref) {
    std::size_t count = ref.words.size();
    while (count > 3 && ref.words[count - 1] == 0) --count;
    bool made_here = false;
    ToRefId(ref, &made_here);
    Put(Tag::kNewerReference);
    Number<2>(count);
    NodeName(made_here);
    Creation(made_here);
    for (std::size_t i = 0; i < count; ++i) Number<4>(ref.words[i]);
  }

  // STRING_EXT is for proper lists of at most 65535 bytes, however they are kept in memory.
  void List(TermView list) {
    std::string bytes;
    std::size_t length = 0;
    bool all_bytes = true;
    TermView rest = list;
    for (; IsCell(rest); rest = rest.tail(), ++length) {
      const TermView head = rest.head();
      all_bytes = all_bytes && length < 65535 && head.kind() == TermKind::kInt &&
                  SmallIntValue(head.word) >= 0 && SmallIntValue(head.word) <= 255;
      if (all_bytes) bytes.push_back(static_cast<char>(SmallIntValue(head.word)));
    }
    if (all_bytes && rest.kind() == TermKind::kNil) {
      Put(Tag::kString);
      Number<2>(bytes.size());
      out_ += bytes;
      return;
    }
    Put(Tag::kList);
    Length32(length);
    open_.push_back({list, true});
  }

  void Cells(TermView rest) {
    if (!IsCell(rest)) return Put(rest);
    open_.push_back({rest.tail(), true});
    open_.push_back({rest.head()});
  }

  void Tuple(const TermNode& node) {
    const bool small = node.size <= 255;
    Put(small ? Tag::kSmallTuple : Tag::kLargeTuple);
    small ? Number<1>(node.size) : Length32(node.size);
    Words(node.body<TermWord>(), node.size);
  }

  void Map(const TermNode& node) {
    Put(Tag::kMap);
    Length32(node.size);
    Words(node.body<TermWord>(), 2 * node.size);
  }

  void Words(const TermWord* words, std::size_t count) {
    while (count-- > 0) open_.push_back({TermView(words[count])});
  }

  const NodeIdentity& node_;
  std::string out_;
  std::vector<Step> open_;
};

}  // namespace

std::string EncodeExternal(const Term& term, const NodeIdentity& node) {
  return Encoder(node).Run(term);
}

}  // namespace portlab
