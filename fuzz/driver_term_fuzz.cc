// The programs of erl_drv_output_term, which come from drivers.
//
// An input is a list of steps: a byte that chooses the tag (some are no tags), then what the tag
// needs. Pointers are made here, to blocks of just the right size, or null: what a driver points to
// is its own affair, what the runtime makes of it is not.
// Oracles: the sanitizers; a term that is built can be printed, copied out and in again; the same
// program builds the same term.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "base/binary_block.h"
#include "term/driver_term.h"
#include "term/external_decoder.h"
#include "term/external_encoder.h"

namespace portlab {
namespace {

constexpr std::uint8_t kTags = 20;  // with two beyond the last, and zero
constexpr std::uint8_t kNullPointer = 0xff;

void Require(bool condition, const char* text) {
  if (condition) return;
  std::fprintf(stderr, "driver_term_fuzz: FOUND: %s\n", text);
  std::abort();
}

// The program, and what it points to.
class Program {
 public:
  explicit Program(Bytes input) : rest_(input) {
    while (!rest_.empty()) Step();
  }
  ~Program() {
    for (BinaryBlock* block : binaries_) block->Release();
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::span<const TermWord> words() const { return words_; }

 private:
  void Step() {
    const TermWord tag = Byte() % kTags;
    words_.push_back(tag);
    switch (static_cast<DriverTermTag>(tag)) {
      case DriverTermTag::kNil:
        return;
      case DriverTermTag::kAtom:
        return words_.push_back(Term::Atom(Byte() % 2 == 0 ? "a" : "b").word());
      case DriverTermTag::kPid:
      case DriverTermTag::kPort:
        // No more bits than pids and ports have outside of this process.
        return words_.push_back(Word() & 0xffffffff);
      case DriverTermTag::kTuple:
      case DriverTermTag::kList:
      case DriverTermTag::kMap:
        return words_.push_back(Number());
      case DriverTermTag::kFloat:
      case DriverTermTag::kInt64:
      case DriverTermTag::kUint64:
        return words_.push_back(PointerToEight());
      case DriverTermTag::kString:
      case DriverTermTag::kStringCons:
      case DriverTermTag::kExt2Term:
      case DriverTermTag::kBuf2Binary:
        return PushBuffer();
      case DriverTermTag::kBinary:
        return PushBinary();
      default:
        return words_.push_back(Word());
    }
  }

  std::uint8_t Byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t byte = rest_.front();
    rest_ = rest_.subspan(1);
    return byte;
  }
  TermWord Word() {
    TermWord word = 0;
    for (int i = 0; i < 8; ++i) word = (word << 8) | Byte();
    return word;
  }
  // Small ones mostly; a wild one after 0xff.
  TermWord Number() {
    const std::uint8_t small = Byte();
    return small == 0xff ? Word() : small;
  }
  Bytes Take(std::size_t size) {
    const Bytes taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  TermWord Keep(Bytes bytes) {
    auto block = std::make_unique<std::uint8_t[]>(bytes.size());
    if (!bytes.empty()) std::memcpy(block.get(), bytes.data(), bytes.size());
    blocks_.push_back(std::move(block));
    return reinterpret_cast<TermWord>(blocks_.back().get());
  }
  TermWord PointerToEight() {
    if (Byte() == kNullPointer) return 0;
    const TermWord value = Word();
    return Keep(Bytes(reinterpret_cast<const std::uint8_t*>(&value), sizeof(value)));
  }
  void PushBuffer() {
    const std::uint8_t length = Byte();
    if (length == kNullPointer) {
      words_.insert(words_.end(), {0, Number()});
      return;
    }
    const Bytes bytes = Take(length);
    words_.insert(words_.end(), {Keep(bytes), bytes.size()});
  }
  // Size and offset may lie outside of the block: that breaks a rule, and is the runtime's to see.
  void PushBinary() {
    const Bytes bytes = Take(Byte());
    BinaryBlock* block = BinaryBlock::Allocate(bytes.size());
    if (block == nullptr) return;
    binaries_.push_back(block);
    if (!bytes.empty()) std::memcpy(block->bytes(), bytes.data(), bytes.size());
    words_.insert(words_.end(), {reinterpret_cast<TermWord>(block->visible()), Number(), Number()});
  }

  Bytes rest_;
  std::vector<TermWord> words_;
  std::vector<std::unique_ptr<std::uint8_t[]>> blocks_;
  std::vector<BinaryBlock*> binaries_;
};

void Run(Bytes input) {
  const Program program(input);
  const std::optional<Term> term = BuildDriverTerm(program.words());
  if (!term) return;
  Require(!term->ToString().empty(), "a term without text");
  const std::optional<Term> again = BuildDriverTerm(program.words());
  Require(again && *again == *term, "a program builds different terms");
  const std::string encoded = EncodeExternal(*term);
  const Result<Term> back = DecodeExternal(AsBytes(encoded));
  Require(back && *back == *term, "a term that was built does not survive the external format");
}

}  // namespace
}  // namespace portlab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portlab::Run(portlab::Bytes(data, size));
  return 0;
}
