// A queue in one block of memory, for a mailbox: taken from the front nearly always, from the
// middle when a receive is selective.
//
// Threads: one at a time. Ownership: its elements. Errors: std::bad_alloc from push_back, which
// then has changed nothing. T: default-constructible; a place without an element holds T{}.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace portlab {

template <class T>
class Ring {
 public:
  Ring() = default;
  Ring(Ring&& other) noexcept { swap(other); }
  Ring& operator=(Ring&& other) noexcept {
    Ring taken(std::move(other));
    swap(taken);
    return *this;
  }
  void swap(Ring& other) noexcept {
    std::swap(places_, other.places_);
    std::swap(capacity_, other.capacity_);
    std::swap(head_, other.head_);
    std::swap(size_, other.size_);
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // From the front. REQUIRES: index < size().
  T& operator[](std::size_t index) { return places_[(head_ + index) & (capacity_ - 1)]; }
  const T& operator[](std::size_t index) const {
    return places_[(head_ + index) & (capacity_ - 1)];
  }

  void push_back(T element) {
    if (size_ == capacity_) Grow();
    places_[(head_ + size_) & (capacity_ - 1)] = std::move(element);
    ++size_;
  }

  // What a flood needed is not kept.
  void clear() {
    for (; size_ > 0; --size_) {
      places_[head_] = T{};
      head_ = (head_ + 1) & (capacity_ - 1);
    }
    if (capacity_ > kKept) Ring().swap(*this);
  }

  // Takes one out; those before it move up. REQUIRES: index < size().
  T Take(std::size_t index) {
    T taken = std::move((*this)[index]);
    for (; index > 0; --index) (*this)[index] = std::move((*this)[index - 1]);
    places_[head_] = T{};
    head_ = (head_ + 1) & (capacity_ - 1);
    --size_;
    // What a flood needed is not kept.
    if (size_ == 0 && capacity_ > kKept) Ring().swap(*this);
    return taken;
  }

 private:
  static constexpr std::size_t kSmallest = 8;
  static constexpr std::size_t kKept = 1024;

  void Grow() {
    const std::size_t capacity = capacity_ == 0 ? kSmallest : 2 * capacity_;
    auto places = std::make_unique<T[]>(capacity);
    for (std::size_t i = 0; i < size_; ++i) places[i] = std::move((*this)[i]);
    places_ = std::move(places);
    capacity_ = capacity;
    head_ = 0;
  }

  std::unique_ptr<T[]> places_;
  std::size_t capacity_ = 0;  // a power of two
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace portlab
