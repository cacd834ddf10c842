// A set of words that is one word as long as it has one: links. A port has one link, to its owner;
// a process may have a million, to its ports.
//
// Open addressing with backward-shift deletion: 8 to 16 bytes for each word of a large set.
// Threads: one at a time. Ownership: its own table. Errors: std::bad_alloc from insert.
// REQUIRES: no word is 0.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace portlab {

class WordSet {
 public:
  using Word = std::uint64_t;

  WordSet() = default;
  WordSet(WordSet&& other) noexcept
      : one_(std::exchange(other.one_, 0)), table_(std::move(other.table_)) {}
  WordSet& operator=(WordSet&& other) noexcept {
    one_ = std::exchange(other.one_, 0);
    table_ = std::move(other.table_);
    return *this;
  }

  std::size_t size() const { return table_ != nullptr ? table_->size : one_ != 0; }
  bool empty() const { return size() == 0; }
  bool contains(Word word) const {
    return table_ == nullptr ? one_ == word && word != 0 : table_->At(word) == word;
  }

  // False: it was there already.
  bool insert(Word word) {
    if (table_ == nullptr) {
      if (one_ == word) return false;
      if (one_ == 0) {
        one_ = word;
        return true;
      }
      table_ = std::make_unique<Table>(kSmallest);
      table_->Insert(std::exchange(one_, 0));
    }
    if (contains(word)) return false;
    if (2 * (table_->size + 1) > table_->words.size()) Resize(2 * table_->words.size());
    table_->Insert(word);
    return true;
  }

  // False: it was not there.
  bool erase(Word word) {
    if (!contains(word)) return false;
    if (table_ == nullptr) {
      one_ = 0;
      return true;
    }
    table_->Erase(word);
    if (table_->size == 0) {
      table_ = nullptr;
    } else if (8 * table_->size < table_->words.size() && table_->words.size() > kSmallest) {
      Resize(table_->words.size() / 2);
    }
    return true;
  }

  void clear() {
    one_ = 0;
    table_ = nullptr;
  }

  // Ascending.
  std::vector<Word> Sorted() const {
    std::vector<Word> words;
    words.reserve(size());
    ForEachUnsorted([&words](Word word) { words.push_back(word); });
    std::sort(words.begin(), words.end());
    return words;
  }
  // Ascending as well; without memory for a set of one.
  template <class Visit>
  void ForEach(Visit&& visit) const {
    if (table_ == nullptr) return ForEachUnsorted(visit);
    for (const Word word : Sorted()) visit(word);
  }

 private:
  static constexpr std::size_t kSmallest = 8;

  struct Table {
    explicit Table(std::size_t capacity) : words(capacity, 0) {}
    std::size_t Home(Word word) const {
      return ((word * 0x9e3779b97f4a7c15u) >> 32) & (words.size() - 1);
    }
    // The word itself, or the gap where its search ends.
    Word At(Word word) const { return words[Place(word)]; }
    std::size_t Place(Word word) const {
      std::size_t place = Home(word);
      while (words[place] != 0 && words[place] != word) place = (place + 1) & (words.size() - 1);
      return place;
    }
    void Insert(Word word) {
      words[Place(word)] = word;
      ++size;
    }
    // Moves up what is behind the gap and may stand in it, so that no search ends too early.
    void Erase(Word word) {
      const std::size_t mask = words.size() - 1;
      std::size_t gap = Place(word);
      for (std::size_t at = (gap + 1) & mask; words[at] != 0; at = (at + 1) & mask) {
        if (((at - Home(words[at])) & mask) < ((at - gap) & mask)) continue;
        words[gap] = words[at];
        gap = at;
      }
      words[gap] = 0;
      --size;
    }
    std::vector<Word> words;
    std::size_t size = 0;
  };

  void Resize(std::size_t capacity) {
    auto larger = std::make_unique<Table>(capacity);
    for (const Word word : table_->words) {
      if (word != 0) larger->Insert(word);
    }
    table_ = std::move(larger);
  }

  template <class Visit>
  void ForEachUnsorted(Visit&& visit) const {
    if (table_ == nullptr) {
      if (one_ != 0) visit(one_);
      return;
    }
    for (const Word word : table_->words) {
      if (word != 0) visit(word);
    }
  }

  Word one_ = 0;
  std::unique_ptr<Table> table_;
};

}  // namespace portlab
