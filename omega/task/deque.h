// SPDX-License-Identifier: Apache-2.0
// Deque: the work-stealing queue of one worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "omega/task/platform.h"

namespace omega::task {

/// The deque of Chase and Lev ("Dynamic circular work-stealing deque", SPAA 2005) with the memory orders of Lê, Pop, Cohen and Zappa
/// Nardelli
/// ("Correct and efficient work-stealing for weak memory models", PPoPP 2013). The owner pushes and pops at the bottom, any thread steals
/// at the top. Holds pointers; null means none. Two changes to the paper's text: `bottom` is always stored with release, in place of a
/// release fence in push (free on x86-64, and understood by ThreadSanitizer), and the owner remembers the last top it saw, so that a push
/// does not read the line that thieves write.
template <class T, class Platform = SystemPlatform>
class Deque {
 public:
  /// `capacity`, a power of two, is room to begin with; it doubles when it runs out.
  explicit Deque(size_t capacity = 256) : rings_(std::make_unique<Ring>(capacity)) { ring_.store(rings_.get(), std::memory_order_relaxed); }
  Deque(const Deque&) = delete;
  Deque& operator=(const Deque&) = delete;

  /// Adds at the bottom. Owner only. Throws std::bad_alloc, having added nothing, when it must grow and cannot.
  void push(T* item) {
    const int64_t bottom = bottom_.load(std::memory_order_relaxed);
    Ring* ring = ring_.load(std::memory_order_relaxed);
    if (bottom - top_seen_ >= ring->capacity()) [[unlikely]] {
      ring = make_room(ring, bottom);
    }
    ring->put(bottom, item);
    bottom_.store(bottom + 1, std::memory_order_release);
  }

  /// Takes what was pushed last, or null. Owner only.
  T* pop() noexcept {
    const int64_t bottom = bottom_.load(std::memory_order_relaxed) - 1;
    Ring* const ring = ring_.load(std::memory_order_relaxed);
    bottom_.store(bottom, std::memory_order_release);
    // Either a thief sees the smaller bottom, or this thread sees the thief's top.
    Platform::full_fence();
    int64_t top = top_.load(std::memory_order_relaxed);
    if (top < bottom) [[likely]] {
      return ring->get(bottom);
    }
    T* item = nullptr;
    if (top == bottom) {
      // The last one: whoever moves top has it.
      item = ring->get(bottom);
      if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst, std::memory_order_relaxed)) {
        item = nullptr;
      }
    }
    bottom_.store(bottom + 1, std::memory_order_release);
    return item;
  }

  /// What pop() would take, as long as nobody steals it: a pointer to what may be gone. Owner only.
  [[nodiscard]] T* peek() const noexcept {
    const int64_t bottom = bottom_.load(std::memory_order_relaxed);
    return bottom > top_seen_ ? ring_.load(std::memory_order_relaxed)->get(bottom - 1) : nullptr;
  }

  /// Takes what was pushed first, or null. Any thread. Null also when another thread was quicker; `lost_race` then turns true.
  T* steal(bool& lost_race) noexcept {
    int64_t top = top_.load(std::memory_order_acquire);
    Platform::full_fence();
    const int64_t bottom = bottom_.load(std::memory_order_acquire);
    if (top >= bottom) {
      return nullptr;
    }
    T* const item = ring_.load(std::memory_order_acquire)->get(top);
    if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst, std::memory_order_relaxed)) {
      lost_race = true;
      return nullptr;
    }
    return item;
  }

  /// Whether there was nothing to take a moment ago. Any thread.
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

  /// How many there were a moment ago. Any thread; exact for the owner while nobody steals.
  [[nodiscard]] size_t size() const noexcept {
    const int64_t bottom = bottom_.load(std::memory_order_relaxed);
    const int64_t top = top_.load(std::memory_order_relaxed);
    return bottom > top ? static_cast<size_t>(bottom - top) : 0;
  }

 private:
  using Index = typename Platform::template Atomic<int64_t>;

  /// Item i stands at i modulo the capacity. Replaced rings live on: a thief may still read them.
  class Ring {
   public:
    explicit Ring(size_t capacity) : mask_(static_cast<int64_t>(capacity) - 1), items_(new Item[capacity]) {}
    /// Keeps the smaller ring that this one replaces.
    void keep(std::unique_ptr<Ring> previous) { previous_ = std::move(previous); }
    [[nodiscard]] int64_t capacity() const { return mask_ + 1; }
    [[nodiscard]] T* get(int64_t i) const { return items_[static_cast<size_t>(i & mask_)].load(std::memory_order_relaxed); }
    void put(int64_t i, T* item) { items_[static_cast<size_t>(i & mask_)].store(item, std::memory_order_relaxed); }

   private:
    using Item = typename Platform::template Atomic<T*>;
    int64_t mask_;
    std::unique_ptr<Item[]> items_;
    std::unique_ptr<Ring> previous_;
  };

  [[gnu::noinline]] Ring* make_room(Ring* ring, int64_t bottom) {
    top_seen_ = top_.load(std::memory_order_acquire);
    if (bottom - top_seen_ < ring->capacity()) {
      return ring;
    }
    auto larger = std::make_unique<Ring>(static_cast<size_t>(ring->capacity()) * 2);
    for (int64_t i = top_seen_; i < bottom; ++i) {
      larger->put(i, ring->get(i));
    }
    larger->keep(std::move(rings_));
    rings_ = std::move(larger);
    ring_.store(rings_.get(), std::memory_order_release);
    return rings_.get();
  }

  // The owner's line.
  alignas(64) Index bottom_{0};
  typename Platform::template Atomic<Ring*> ring_{nullptr};
  int64_t top_seen_ = 0;
  std::unique_ptr<Ring> rings_;
  // The thieves' line.
  alignas(64) Index top_{0};
};

}  // namespace omega::task
