// SPDX-License-Identifier: Apache-2.0
// parallel_sort: sorts by merging, the same order at every thread count.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <span>
#include <utility>

#include "omega/task/fork_join.h"

namespace omega::task {

namespace sort_detail {

/// Runs of fewer elements are sorted, and merged, on one thread.
inline constexpr size_t leaf = 4096;

/// Room for as many elements as a span has, filled by moving them there.
template <class T>
class Buffer {
 public:
  explicit Buffer(std::span<T> values) : size_(values.size()), memory_(std::allocator<T>().allocate(values.size())) {
    try {
      std::uninitialized_move(values.begin(), values.end(), memory_);
    } catch (...) {
      std::allocator<T>().deallocate(memory_, size_);
      throw;
    }
  }
  ~Buffer() {
    std::destroy_n(memory_, size_);
    std::allocator<T>().deallocate(memory_, size_);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  [[nodiscard]] T* data() const { return memory_; }

 private:
  size_t size_;
  T* memory_;
};

/// Merges two sorted runs into `out`, those of the left run first among equals.
template <class T, class Less>
void merge(Worker& worker, std::span<T> left, std::span<T> right, T* out, Less& less) {
  if (left.size() + right.size() <= leaf * 2) {
    std::merge(std::make_move_iterator(left.begin()), std::make_move_iterator(left.end()), std::make_move_iterator(right.begin()),
               std::make_move_iterator(right.end()), out, less);
    return;
  }
  size_t l;
  size_t r;
  if (left.size() >= right.size()) {
    l = left.size() / 2;
    r = static_cast<size_t>(std::lower_bound(right.begin(), right.end(), left[l], less) - right.begin());
  } else {
    r = right.size() / 2;
    l = static_cast<size_t>(std::upper_bound(left.begin(), left.end(), right[r], less) - left.begin());
  }
  fork_join(
      worker, [&] { merge(*current_worker(), left.first(l), right.first(r), out, less); },
      [&] { merge(*current_worker(), left.subspan(l), right.subspan(r), out + l + r, less); });
}

/// Sorts `values`; the result stands in `buffer` if `to_buffer`. Both hold valid elements of any value where the result does not stand.
template <bool stable, class T, class Less>
void sort(Worker& worker, std::span<T> values, std::span<T> buffer, bool to_buffer, Less& less) {
  if (values.size() <= leaf) {
    if constexpr (stable) {
      std::stable_sort(values.begin(), values.end(), less);
    } else {
      std::sort(values.begin(), values.end(), less);
    }
    if (to_buffer) {
      std::move(values.begin(), values.end(), buffer.begin());
    }
    return;
  }
  const size_t middle = values.size() / 2;
  fork_join(
      worker, [&] { sort<stable>(*current_worker(), values.first(middle), buffer.first(middle), !to_buffer, less); },
      [&] { sort<stable>(*current_worker(), values.subspan(middle), buffer.subspan(middle), !to_buffer, less); });
  const std::span<T> from = to_buffer ? values : buffer;
  merge(worker, from.first(middle), from.subspan(middle), to_buffer ? buffer.data() : values.data(), less);
}

template <bool stable, class T, class Less>
void start(Scheduler& scheduler, std::span<T> values, Less& less) {
  if (values.size() <= leaf) {
    if constexpr (stable) {
      std::stable_sort(values.begin(), values.end(), less);
    } else {
      std::sort(values.begin(), values.end(), less);
    }
    return;
  }
  const Attachment attachment(scheduler);
  // The elements sort their way back from the buffer.
  const Buffer<T> buffer(values);
  sort<stable>(attachment.worker(), std::span<T>(buffer.data(), values.size()), values, true, less);
}

}  // namespace sort_detail

/// Sorts `values`, which must be movable, by `less`, a strict weak order. Where equal elements can be told apart, their order depends on
/// the values alone, never on threads. Takes memory for as many elements. If `less` throws, so does this, and the values are unspecified.
template <class T, class Less = std::less<>>
void parallel_sort(Scheduler& scheduler, std::span<T> values, Less less = {}) {
  sort_detail::start<false>(scheduler, values, less);
}
/// The same in the scheduler in which the calling thread works, else the global one.
template <class T, class Less = std::less<>>
void parallel_sort(std::span<T> values, Less less = {}) {
  sort_detail::start<false>(Scheduler::current(), values, less);
}

/// The same, but equal elements keep their order.
template <class T, class Less = std::less<>>
void parallel_stable_sort(Scheduler& scheduler, std::span<T> values, Less less = {}) {
  sort_detail::start<true>(scheduler, values, less);
}
/// The same in the scheduler in which the calling thread works, else the global one.
template <class T, class Less = std::less<>>
void parallel_stable_sort(std::span<T> values, Less less = {}) {
  sort_detail::start<true>(Scheduler::current(), values, less);
}

}  // namespace omega::task
