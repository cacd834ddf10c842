#include "term/external_decoder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/container/small_vector.hpp>
#include <charconv>
#include <cstring>
#include <vector>

#include "term/byte_reader.h"
#include "term/container.h"
#include "term/external_tags.h"
#include "term/utf8.h"

namespace portlab {
namespace {

using external::Tag;

class Decoder {
 public:
  Decoder(Bytes bytes, const DecodeLimits& limits) : in_(bytes), limits_(limits) {}

  Result<DecodedTerm> Run() {
    if (in_.Number(1) != external::kVersion)
      return Fail(Error::BadArg("external term: no version byte 131"));
    do {
      if (!One() || !CloseFilled()) {
        return Fail(
            Error::BadArg("external term, byte " + std::to_string(in_.consumed()) + ": " + why_));
      }
    } while (!open_.empty());
    return DecodedTerm{std::move(values_.back()), in_.consumed()};
  }

 private:
  struct Frame {
    Container shape;
    std::size_t count;    // terms it is made of
    std::size_t missing;  // of these
  };

  bool Refuse(std::string why) {
    why_ = std::move(why);
    return false;
  }
  bool Truncated() { return Refuse("truncated"); }
  bool Push(Term term) {
    values_.push_back(std::move(term));
    return true;
  }
  template <class T>
  bool PushIf(std::optional<T> term, const char* otherwise) {
    return term ? Push(*std::move(term)) : Refuse(otherwise);
  }

  // Reads one term, or the header of one that is made of others.
  bool One() {
    const std::optional<std::uint64_t> tag = in_.Number(1);
    if (!tag) return Truncated();
    switch (*tag) {
      case Tag::kSmallInteger:
        return Integer(1);
      case Tag::kInteger:
        return Integer(4);
      case Tag::kNewFloat:
        return NewFloat();
      case Tag::kFloat:
        return TextFloat();
      case Tag::kAtomLatin1:
      case Tag::kSmallAtomLatin1:
      case Tag::kAtomUtf8:
      case Tag::kSmallAtomUtf8:
        return Atom(*tag);
      case Tag::kSmallTuple:
        return Open(Container::kTuple, in_.Number(1), 1, 0);
      case Tag::kLargeTuple:
        return Open(Container::kTuple, in_.Number(4), 1, 0);
      case Tag::kList:
        return Open(Container::kList, in_.Number(4), 1, 1);
      case Tag::kMap:
        return Open(Container::kMap, in_.Number(4), 2, 0);
      case Tag::kNil:
        return Push(Term::Nil());
      default:
        return Other(*tag);
    }
  }

  bool Other(std::uint64_t tag) {
    switch (tag) {
      case Tag::kString:
        return Blob(2, [](Bytes bytes) { return Term::String(bytes); });
      case Tag::kBinary:
        return Blob(4, [](Bytes bytes) { return Term::Binary(bytes); });
      case Tag::kSmallBig:
        return Big(in_.Number(1));
      case Tag::kLargeBig:
        return Big(in_.Number(4));
      case Tag::kPid:
      case Tag::kNewPid:
        return PidTerm(tag == Tag::kPid ? 1 : 4);
      case Tag::kPort:
        return PortTerm(4, 1);
      case Tag::kNewPort:
        return PortTerm(4, 4);
      case Tag::kV4Port:
        return PortTerm(8, 4);
      case Tag::kNewReference:
      case Tag::kNewerReference:
        return Reference(tag == Tag::kNewReference ? 1 : 4);
      case Tag::kCompressed:
        return Refuse("compressed terms (tag 80) are not decoded; send it uncompressed");
      case Tag::kBitBinary:
        return BitBinary();
      default:
        return Refuse("tag " + std::to_string(tag) + " is not one this runtime has terms for");
    }
  }

  bool Integer(std::size_t bytes) {
    const std::optional<std::uint64_t> value = in_.Number(bytes);
    if (!value) return Truncated();
    return Push(Term::Int(bytes == 4 ? static_cast<std::int32_t>(*value)
                                     : static_cast<std::int64_t>(*value)));
  }

  bool NewFloat() {
    const std::optional<std::uint64_t> bits = in_.Number(8);
    if (!bits) return Truncated();
    return PushIf(Term::Float(std::bit_cast<double>(*bits)), "the float is not finite");
  }

  // 31 characters, what printf("%.20e") writes, filled up with zero bytes.
  bool TextFloat() {
    const std::optional<Bytes> field = in_.Take(31);
    if (!field) return Truncated();
    std::string_view text = AsText(*field);
    text = text.substr(0, text.find('\0'));
    double value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size()) {
      return Refuse("the float's text is no number");
    }
    return PushIf(Term::Float(value), "the float is not finite");
  }

  // The name behind an atom tag, as UTF-8.
  std::optional<std::string> AtomName(std::uint64_t tag) {
    const bool latin1 = tag == Tag::kAtomLatin1 || tag == Tag::kSmallAtomLatin1;
    const bool small = tag == Tag::kSmallAtomLatin1 || tag == Tag::kSmallAtomUtf8;
    const std::optional<std::uint64_t> length = in_.Number(small ? 1 : 2);
    const std::optional<Bytes> bytes = length ? in_.Take(*length) : std::nullopt;
    if (!bytes) {
      Truncated();
      return std::nullopt;
    }
    std::string name = latin1 ? Latin1ToUtf8(AsText(*bytes)) : std::string(AsText(*bytes));
    if (!latin1 && !Utf8Length(name)) {
      Refuse("the atom is not UTF-8");
      return std::nullopt;
    }
    return name;
  }

  bool Atom(std::uint64_t tag) {
    const std::optional<std::string> name = AtomName(tag);
    if (!name) return false;
    return PushIf(Term::TryAtom(*name),
                  "the atom is longer than 255 characters, or the atom table is full");
  }

  template <class Make>
  bool Blob(std::size_t length_bytes, Make make) {
    const std::optional<std::uint64_t> length = in_.Number(length_bytes);
    const std::optional<Bytes> bytes = length ? in_.Take(*length) : std::nullopt;
    return bytes ? Push(make(*bytes)) : Truncated();
  }

  bool Big(std::optional<std::uint64_t> length) {
    const std::optional<std::uint64_t> sign = in_.Number(1);
    const std::optional<Bytes> magnitude = length ? in_.Take(*length) : std::nullopt;
    if (!sign || !magnitude) return Truncated();
    if (magnitude->size() > limits_.max_integer_bytes) {
      return Refuse("an integer of " + std::to_string(magnitude->size()) + " bytes; the limit is " +
                    std::to_string(limits_.max_integer_bytes));
    }
    return Push(Term::Big(*sign != 0, *magnitude));
  }

  bool BitBinary() {
    const std::optional<std::uint64_t> length = in_.Number(4);
    const std::optional<std::uint64_t> bits = in_.Number(1);
    const std::optional<Bytes> bytes = length ? in_.Take(*length) : std::nullopt;
    if (!bits || !bytes) return Truncated();
    if (*bits != 8) return Refuse("bit strings are not decoded, only whole bytes");
    return Push(Term::Binary(*bytes));
  }

  // The node of a pid, port or reference must be ours: that of the processes, that of the ports, or
  // either of them where a reference stands.
  enum class Whose { kProcesses, kPorts, kEither };
  bool OurNode(Whose whose) {
    const std::optional<std::uint64_t> tag = in_.Number(1);
    if (!tag) return Truncated();
    constexpr std::array kAtoms{Tag::kAtomLatin1, Tag::kSmallAtomLatin1, Tag::kAtomUtf8,
                                Tag::kSmallAtomUtf8};
    if (std::find(kAtoms.begin(), kAtoms.end(), *tag) == kAtoms.end()) {
      return Refuse("the node is not an atom");
    }
    const std::optional<std::string> name = AtomName(*tag);
    if (!name) return false;
    const NodeIdentity& node = limits_.node;
    const bool two_nodes = !node.ports_name.empty();
    if (two_nodes && whose != Whose::kProcesses && *name == node.ports_name) {
      creation_ = node.ports_creation;
      return true;
    }
    if ((!two_nodes || whose != Whose::kPorts) && *name == node.name) {
      creation_ = node.creation;
      return true;
    }
    const std::string& known = two_nodes && whose == Whose::kPorts ? node.ports_name : node.name;
    return Refuse("a pid, port or reference of '" + *name + "'; only those of '" + known +
                  "' are known here");
  }

  // After OurNode.
  bool OurCreation(std::size_t bytes) {
    const std::optional<std::uint64_t> creation = in_.Number(bytes);
    if (!creation) return Truncated();
    if (creation_ == 0 || *creation == 0 || *creation == creation_) return true;
    return Refuse("a pid, port or reference of an earlier life of '" + limits_.node.name + "'");
  }

  bool PidTerm(std::size_t creation_bytes) {
    if (!OurNode(Whose::kProcesses)) return false;
    const std::optional<std::uint64_t> number = in_.Number(4);
    const std::optional<std::uint64_t> serial = in_.Number(4);
    if (!number || !serial) return Truncated();
    if (!OurCreation(creation_bytes)) return false;
    if ((*number | *serial) >> external::kPidNumberBits != 0)
      return Refuse("the pid's number is too large");
    return Push(Term::Of(Pid{(*serial << external::kPidNumberBits) | *number}));
  }

  bool PortTerm(std::size_t number_bytes, std::size_t creation_bytes) {
    if (!OurNode(Whose::kPorts)) return false;
    const std::optional<std::uint64_t> number = in_.Number(number_bytes);
    if (!number) return Truncated();
    if (!OurCreation(creation_bytes)) return false;
    if (*number >= PortId::kNone) return Refuse("the port's number is too large");
    return Push(Term::Of(PortId{*number}));
  }

  bool Reference(std::size_t creation_bytes) {
    const std::optional<std::uint64_t> count = in_.Number(2);
    if (!count) return Truncated();
    std::array<std::uint32_t, 5> words{};
    if (*count == 0 || *count > words.size()) return Refuse("a reference has 1 to 5 words");
    if (!OurNode(Whose::kEither) || !OurCreation(creation_bytes)) return false;
    for (std::size_t i = 0; i < *count; ++i) {
      const std::optional<std::uint64_t> word = in_.Number(4);
      if (!word) return Truncated();
      words[i] = static_cast<std::uint32_t>(*word);
    }
    return Push(Term::OfReferenceWords(words));
  }

  // A term of `items` times `terms_each` terms, plus `more`. Every one of them takes a byte at
  // least, which is what bounds the memory a hostile header can ask for.
  bool Open(Container shape, std::optional<std::uint64_t> items, std::size_t terms_each,
            std::size_t more) {
    if (!items) return Truncated();
    const std::uint64_t count = *items * terms_each + more;
    if (count > in_.remaining()) {
      return Refuse(std::to_string(count) + " terms announced, " + std::to_string(in_.remaining()) +
                    " bytes left");
    }
    if (count != 0 && open_.size() >= limits_.max_depth) {
      return Refuse("nested deeper than " + std::to_string(limits_.max_depth));
    }
    open_.push_back({shape, count, count});
    // Nothing was read for it: CloseFilled must not count the header as an element.
    opened_ = true;
    return true;
  }

  // After a term: builds whatever it completes, and what that completes in turn.
  bool CloseFilled() {
    if (!opened_ && !open_.empty()) --open_.back().missing;
    opened_ = false;
    while (!open_.empty() && open_.back().missing == 0) {
      const Frame frame = open_.back();
      open_.pop_back();
      const std::span<const Term> parts = std::span(values_).last(frame.count);
      std::optional<Term> term = BuildContainer(frame.shape, parts);
      if (!term) return Refuse("a map with a key twice");
      values_.resize(values_.size() - frame.count);
      values_.push_back(*std::move(term));
      if (!open_.empty()) --open_.back().missing;
    }
    return true;
  }

  ByteReader in_;
  const DecodeLimits& limits_;
  boost::container::small_vector<Term, 4> values_;  // most terms are one alone
  std::vector<Frame> open_;
  bool opened_ = false;
  std::uint32_t creation_ = 0;  // of the node OurNode has seen
  std::string why_;
};

}  // namespace

Result<DecodedTerm> DecodeExternalPrefix(Bytes bytes, const DecodeLimits& limits) {
  return Decoder(bytes, limits).Run();
}

Result<Term> DecodeExternal(Bytes bytes, const DecodeLimits& limits) {
  Result<DecodedTerm> decoded = DecodeExternalPrefix(bytes, limits);
  if (!decoded) return Fail(std::move(decoded.error()));
  return std::move(decoded->term);
}

}  // namespace portlab
