#include "framing/io_vector.h"

#include <cstring>
#include <memory>
#include <new>

#include "term/iodata.h"

namespace portlab {
namespace {

constexpr std::size_t kAlwaysCopied = 64;  // bytes; a binary up to this size
constexpr std::size_t kCopiedIfMany =
    255;  // bytes; a binary up to this size, when there would be many pieces
constexpr std::size_t kManyPieces = 16;

struct ReleaseBlock {
  void operator()(BinaryBlock* block) const { block->Release(); }
};
using OwnedBlock = std::unique_ptr<BinaryBlock, ReleaseBlock>;

// Joins neighbouring copied parts to runs, for both halves of the work: counting, then building.
class Cutter : public IodataVisitor {
 public:
  explicit Cutter(std::size_t copy_limit) : copy_limit_(copy_limit) {}

  void OnBytes(Bytes bytes) final {
    if (bytes.empty()) return;
    in_run_ ? ExtendRun(bytes) : StartRun(bytes);
    in_run_ = true;
  }
  void OnBinary(const Term& binary) final {
    const Bytes bytes = binary.binary();
    if (bytes.size() <= copy_limit_ || binary.binary_block() == nullptr) return OnBytes(bytes);
    in_run_ = false;
    Share(binary);
  }

 protected:
  ~Cutter() = default;
  virtual void StartRun(Bytes bytes) = 0;
  virtual void ExtendRun(Bytes bytes) = 0;
  virtual void Share(const Term& binary) = 0;

 private:
  std::size_t copy_limit_;
  bool in_run_ = false;
};

class Counter final : public Cutter {
 public:
  using Cutter::Cutter;
  std::size_t pieces = 0;
  std::size_t copied_bytes = 0;

 private:
  void StartRun(Bytes bytes) override {
    ++pieces;
    copied_bytes += bytes.size();
  }
  void ExtendRun(Bytes bytes) override { copied_bytes += bytes.size(); }
  void Share(const Term&) override { ++pieces; }
};

class Builder final : public Cutter {
 public:
  Builder(std::size_t copy_limit, BinaryBlock* common, IoPieces& pieces)
      : Cutter(copy_limit), common_(common), pieces_(pieces) {}

 private:
  void StartRun(Bytes bytes) override {
    Add(*common_, filled_, 0);
    ExtendRun(bytes);
  }
  void ExtendRun(Bytes bytes) override {
    std::memcpy(common_->bytes() + filled_, bytes.data(), bytes.size());
    filled_ += bytes.size();
    pieces_.back().size += bytes.size();
  }
  void Share(const Term& binary) override {
    Add(*binary.binary_block(), binary.binary_offset(), binary.binary().size());
  }
  void Add(BinaryBlock& block, std::size_t offset, std::size_t size) {
    pieces_.push_back({&block, offset, size});
    block.AddRef();
  }

  BinaryBlock* common_;
  IoPieces& pieces_;
  std::size_t filled_ = 0;
};

}  // namespace

IoVector& IoVector::operator=(IoVector&& other) noexcept {
  pieces_.swap(other.pieces_);
  return *this;
}

IoVector::~IoVector() {
  for (const IoPiece& piece : pieces_) {
    if (piece.block != nullptr) piece.block->Release();
  }
}

std::size_t IoVector::total_bytes() const {
  std::size_t total = 0;
  for (const IoPiece& piece : pieces_) total += piece.size;
  return total;
}

std::optional<IoVector> PackIodata(const Term& iodata) {
  if (iodata.is(TermKind::kBinary) && iodata.binary().size() > kAlwaysCopied &&
      iodata.binary_block() != nullptr) {
    // One binary, as most output is: nothing to count first.
    IoVector one;
    one.pieces_.push_back({iodata.binary_block(), iodata.binary_offset(), iodata.binary().size()});
    iodata.binary_block()->AddRef();
    return one;
  }
  std::size_t copy_limit = kAlwaysCopied;
  Counter natural(copy_limit);
  if (!VisitIodata(iodata, natural)) return std::nullopt;
  std::size_t copied_bytes = natural.copied_bytes;
  if (natural.pieces >= kManyPieces) {
    copy_limit = kCopiedIfMany;
    Counter packed(copy_limit);
    VisitIodata(iodata, packed);
    copied_bytes = packed.copied_bytes;
  }
  OwnedBlock common(copied_bytes == 0 ? nullptr : BinaryBlock::Allocate(copied_bytes));
  if (copied_bytes != 0 && common == nullptr) throw std::bad_alloc();

  IoVector out;
  out.pieces_.reserve(natural.pieces);  // packing only ever makes fewer
  Builder builder(copy_limit, common.get(), out.pieces_);
  VisitIodata(iodata, builder);
  if (iodata.is(TermKind::kBinary) && out.pieces_.empty()) out.pieces_.push_back({nullptr, 0, 0});
  return out;
}

}  // namespace portlab
