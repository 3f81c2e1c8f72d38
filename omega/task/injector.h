// SPDX-License-Identifier: Apache-2.0
// Injector: the queue through which work enters a scheduler from outside, first in, first out.
#pragma once

#include <cstddef>
#include <cstdint>

#include "omega/task/platform.h"

namespace omega::task {

/// A linked queue of any number of producers and consumers. Item is linked by its member `Atomic<Item*> next`, so that nothing is
/// allocated; it belongs to the queue from push() until it is taken. A push never waits (two exchanges); of several consumers one takes at
/// a time and the others go elsewhere. The linking is Vyukov's intrusive queue: an exchange of the newest item, then the link from the one
/// before.
template <class Item, class Platform = SystemPlatform>
class Injector {
 public:
  Injector() { stub_.next.store(nullptr, std::memory_order_relaxed); }
  Injector(const Injector&) = delete;
  Injector& operator=(const Injector&) = delete;

  /// Adds at the end. Any thread.
  void push(Item* item) noexcept {
    size_.fetch_add(1, std::memory_order_seq_cst);
    link(item);
  }

  /// Takes the oldest item. Null when there is none, when another thread takes right now, or when the oldest is still being pushed:
  /// while empty() is false, trying again succeeds. Any thread.
  Item* take() noexcept {
    if (empty() || !consumer_.try_lock()) {
      return nullptr;
    }
    Item* const item = take_locked();
    consumer_.unlock();
    if (item != nullptr) {
      size_.fetch_sub(1, std::memory_order_relaxed);
    }
    return item;
  }

  /// Whether no push had begun, of what has not been taken, a moment ago. Any thread.
  [[nodiscard]] bool empty() const noexcept { return size_.load(std::memory_order_relaxed) <= 0; }
  /// How many items there were a moment ago. Any thread.
  [[nodiscard]] size_t size() const noexcept {
    const int64_t size = size_.load(std::memory_order_relaxed);
    return size > 0 ? static_cast<size_t>(size) : 0;
  }

 private:
  void link(Item* item) noexcept {
    item->next.store(nullptr, std::memory_order_relaxed);
    Item* const before = newest_.exchange(item, std::memory_order_acq_rel);
    before->next.store(item, std::memory_order_release);
  }

  Item* take_locked() noexcept {
    Item* oldest = oldest_;
    Item* next = oldest->next.load(std::memory_order_acquire);
    if (oldest == &stub_) {
      if (next == nullptr) {
        return nullptr;
      }
      oldest_ = oldest = next;
      next = oldest->next.load(std::memory_order_acquire);
    }
    if (next == nullptr) {
      if (newest_.load(std::memory_order_acquire) != oldest) {
        return nullptr;  // its successor is between the two exchanges of a push
      }
      link(&stub_);  // the last item cannot leave without a successor
      next = oldest->next.load(std::memory_order_acquire);
      if (next == nullptr) {
        return nullptr;
      }
    }
    oldest_ = next;
    return oldest;
  }

  alignas(64) typename Platform::template Atomic<Item*> newest_{&stub_};
  typename Platform::template Atomic<int64_t> size_{0};
  alignas(64) BasicMutex<Platform> consumer_;
  Item* oldest_ = &stub_;
  Item stub_;
};

}  // namespace omega::task
