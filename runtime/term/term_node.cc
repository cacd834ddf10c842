#include "term/term_node.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "term/node_memory.h"

namespace portlab {
namespace {

// How many counted words the body starts with. SharedBytes is not among them: its count is the
// block's.
std::uint64_t CountedWords(const TermNode& node) {
  switch (node.kind) {
    case TermKind::kCons:
    case TermKind::kString:  // tail and owner
      return 2;
    case TermKind::kTuple:
      return node.size;
    case TermKind::kMap:
      return 2 * node.size;
    default:
      return 0;
  }
}

// Of a count of one the reference is the caller's, and only who has one can make another: no
// atomic operation is needed to drop it.
bool WasLast(TermNode* node) {
  return node->count.load(std::memory_order_acquire) == 1 ||
         node->count.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

bool DropsToZero(TermWord word) { return IsNodeWord(word) && WasLast(NodeOf(word)); }

bool HoldsNodes(const TermNode& node) {
  const TermWord* words = node.body<TermWord>();
  return std::any_of(words, words + CountedWords(node), IsNodeWord);
}

void FreeNode(TermNode* node) {
  if (node->kind == TermKind::kBinary && node->flag) node->body<SharedBytes>()->block->Release();
  NodeMemory::Release(node, node->grains);
}

// Puts a dead node on the list of the dead, which is linked through the first counted word of each,
// so that no memory is needed to free memory. Whatever dies of the loss of that word goes on the
// list before it.
void PushDead(TermNode* node, TermNode*& dead) {
  for (;;) {
    if (CountedWords(*node) == 0) {
      FreeNode(node);
      return;
    }
    TermWord* first = node->body<TermWord>();
    const TermWord child = *first;
    *first = reinterpret_cast<TermWord>(dead);
    dead = node;
    if (!DropsToZero(child)) return;
    node = NodeOf(child);
  }
}

}  // namespace

TermNode* NewNode(TermKind kind, std::uint64_t size, std::size_t body_bytes) {
  if (body_bytes > PTRDIFF_MAX - sizeof(TermNode)) throw std::bad_alloc();
  const std::size_t bytes = sizeof(TermNode) + body_bytes;
  const std::uint8_t grains = NodeMemory::GrainsOf(bytes);
  void* memory = NodeMemory::Allocate(bytes, grains);
  if (memory == nullptr) throw std::bad_alloc();
  auto* node = new (memory) TermNode(kind, size);
  node->grains = grains;
  return node;
}

void ReleaseNode(TermNode* node) {
  if (!WasLast(node)) return;
  if (!HoldsNodes(*node)) return FreeNode(node);
  TermNode* dead = nullptr;
  PushDead(node, dead);
  while (dead != nullptr) {
    TermNode* next = dead;
    const TermWord* words = next->body<TermWord>();
    dead = NodeOf(words[0]);
    for (std::uint64_t i = 1; i < CountedWords(*next); ++i) {
      if (DropsToZero(words[i])) PushDead(NodeOf(words[i]), dead);
    }
    FreeNode(next);
  }
}

TermKind KindOf(TermWord word) {
  if (IsNodeWord(word)) return NodeOf(word)->kind;
  switch (word & 0xf) {
    case kTagPid:
      return TermKind::kPid;
    case kTagPort:
      return TermKind::kPort;
    case kTagSmallInt:
      return TermKind::kInt;
    default:
      return word == kNilWord ? TermKind::kNil : TermKind::kAtom;
  }
}

RefWords ToRefWords(RefId ref) {
  RefWords out;
  out.words[0] = ref.number & 0x3ffff;
  out.words[1] = static_cast<std::uint32_t>(ref.number >> 18);
  out.words[2] = static_cast<std::uint32_t>(ref.number >> 50);
  return out;
}

RefId ToRefId(const RefWords& ref, bool* whole) {
  const auto& w = ref.words;
  if (whole != nullptr) {
    *whole = w[0] < (1U << 18) && w[2] < (1U << 14) && w[3] == 0 && w[4] == 0;
  }
  return RefId{(w[0] & 0x3ffff) | (std::uint64_t{w[1]} << 18) | (std::uint64_t{w[2]} << 50)};
}

TermView TermView::head() const {
  const TermNode& cell = node();
  if (cell.kind == TermKind::kCons) return TermView(cell.body<TermWord>()[0]);
  return TermView(SmallIntWord(cell.body<StringBody>()->data[offset]));
}

TermView TermView::tail() const {
  const TermNode& cell = node();
  if (cell.kind == TermKind::kCons) return TermView(cell.body<TermWord>()[1]);
  return offset + 1 < cell.size ? TermView(word, offset + 1) : after_string();
}

Bytes TermView::string_bytes() const {
  const TermNode& cell = node();
  return {cell.body<StringBody>()->data + offset, cell.size - offset};
}

}  // namespace portlab
