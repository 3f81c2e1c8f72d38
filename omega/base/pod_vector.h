// SPDX-License-Identifier: Apache-2.0
// PodVector: a growing array of trivially copyable values that never fills new room, grows by realloc, and may lie in an arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <new>
#include <type_traits>
#include <utility>

#include "omega/base/check.h"
#include "omega/base/large_memory.h"

namespace omega::base {

/// Like std::vector for trivially copyable T, but resize() leaves new values uninitialised and large arrays lie on huge pages
/// (large_memory.h). Values may also be lent to it: until it grows, it then reads and writes them where they are and
/// frees nothing. Not thread-safe.
template <class T>
class PodVector {
  static_assert(std::is_trivially_copyable_v<T>, "PodVector moves values as bytes");

 public:
  using value_type = T;

  PodVector() = default;
  explicit PodVector(size_t size) { resize(size); }
  PodVector(std::initializer_list<T> values) { append(values.begin(), values.size()); }
  PodVector(const PodVector& other) { append(other.data_, other.size_); }
  PodVector(PodVector&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)), capacity_(std::exchange(other.capacity_, 0)) {}
  PodVector& operator=(const PodVector& other) {
    if (this != &other) {
      size_ = 0;
      append(other.data_, other.size_);
    }
    return *this;
  }
  PodVector& operator=(PodVector&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~PodVector() { release(); }

  /// An array of the `size` values at `data`, which it does not own: they must outlive it, or its first growth.
  static PodVector lent(T* data, size_t size) {
    PodVector made;
    made.data_ = data;
    made.size_ = size;
    return made;
  }

  [[nodiscard]] size_t size() const { return size_; }
  /// Values there is room for; 0 also where the values are lent.
  [[nodiscard]] size_t capacity() const { return capacity_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  const T* begin() const { return data_; }
  T* end() { return data_ + size_; }
  const T* end() const { return data_ + size_; }

  T& operator[](size_t i) {
    OMEGA_DCHECK(i < size_, "index past the end");
    return data_[i];
  }
  const T& operator[](size_t i) const {
    OMEGA_DCHECK(i < size_, "index past the end");
    return data_[i];
  }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }

  /// Makes room for `capacity` values in all.
  void reserve(size_t capacity) {
    if (capacity > capacity_) {
      reallocate(capacity);
    }
  }

  /// Changes the size; values that appear are not initialised.
  void resize(size_t size) {
    if (size > capacity_) {
      grow_to(size);
    }
    size_ = size;
  }

  /// Changes the size; values that appear are copies of `fill`.
  void resize(size_t size, const T& fill) {
    const T value = fill;
    const size_t old_size = size_;
    resize(size);
    for (size_t i = old_size; i < size; ++i) {
      data_[i] = value;
    }
  }

  void push_back(const T& value) {
    if (size_ >= capacity_) [[unlikely]] {
      const T copy = value;
      grow_to(size_ + 1);
      data_[size_++] = copy;
      return;
    }
    data_[size_++] = value;
  }

  /// push_back where reserve() has made room already.
  void push_back_unchecked(const T& value) {
    OMEGA_DCHECK(size_ < capacity_, "push_back_unchecked without room");
    data_[size_++] = value;
  }

  /// Appends `count` values that are not initialised, where reserve() has made room already; gives the first of them.
  T* extend_unchecked(size_t count) {
    OMEGA_DCHECK(count <= capacity_ - size_, "extend_unchecked without room");
    T* const first = data_ + size_;
    size_ += count;
    return first;
  }

  /// Appends `count` values; they must not lie in this array.
  void append(const T* values, size_t count) {
    if (count == 0) {
      return;
    }
    if (size_ + count > capacity_) {
      grow_to(size_ + count);
    }
    std::memcpy(static_cast<void*>(data_ + size_), values, count * sizeof(T));
    size_ += count;
  }

  void pop_back() {
    OMEGA_DCHECK(size_ > 0, "pop_back of an empty array");
    --size_;
  }
  void clear() { size_ = 0; }

  /// Gives unused room back to the system.
  void shrink_to_fit() {
    if (size_ == 0) {
      release();
      data_ = nullptr;
      capacity_ = 0;
    } else if (size_ < capacity_) {
      reallocate(size_);
    }
  }

  friend bool operator==(const PodVector& a, const PodVector& b) {
    if (a.size_ != b.size_) {
      return false;
    }
    for (size_t i = 0; i < a.size_; ++i) {
      if (!(a.data_[i] == b.data_[i])) {
        return false;
      }
    }
    return true;
  }

 private:
  [[gnu::noinline]] void grow_to(size_t needed) {
    const size_t doubled = capacity_ < 8 ? 16 : capacity_ * 2;
    reallocate(needed > doubled ? needed : doubled);
  }

  void reallocate(size_t capacity) {
    if (capacity > PTRDIFF_MAX / sizeof(T)) {
      throw std::bad_alloc();
    }
    void* memory = reallocate_memory(capacity_ == 0 ? nullptr : static_cast<void*>(data_), capacity_ * sizeof(T), capacity * sizeof(T));
    if (memory == nullptr) {
      throw std::bad_alloc();
    }
    if (capacity_ == 0 && size_ != 0) {
      std::memcpy(memory, static_cast<const void*>(data_), (size_ < capacity ? size_ : capacity) * sizeof(T));
    }
    data_ = static_cast<T*>(memory);
    capacity_ = capacity;
  }

  void release() {
    if (capacity_ != 0) {
      release_memory(data_);
    }
  }

  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;  ///< 0 with values: they are lent
};

}  // namespace omega::base
