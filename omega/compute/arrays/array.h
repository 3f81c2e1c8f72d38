// SPDX-License-Identifier: Apache-2.0
// Dense arrays: views of anybody's memory, and arrays that own theirs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace omega::compute {

/// Type of an array's elements. A boolean is a byte that is 0 or 1.
enum class ElementType : uint8_t { boolean, uint8, int32, int64, float32, float64 };
inline constexpr uint32_t kElementTypeCount = 6;
/// NumPy's name: "bool", "uint8", …
std::string_view name_of(ElementType type);
/// Bytes of one element.
constexpr size_t size_of(ElementType type) {
  return type == ElementType::boolean || type == ElementType::uint8 ? 1 : type == ElementType::int32 || type == ElementType::float32 ? 4 : 8;
}
/// The type of a C++ number.
template <class T>
constexpr ElementType element_type_of();
template <>
constexpr ElementType element_type_of<bool>() {
  return ElementType::boolean;
}
template <>
constexpr ElementType element_type_of<uint8_t>() {
  return ElementType::uint8;
}
template <>
constexpr ElementType element_type_of<int32_t>() {
  return ElementType::int32;
}
template <>
constexpr ElementType element_type_of<int64_t>() {
  return ElementType::int64;
}
template <>
constexpr ElementType element_type_of<float>() {
  return ElementType::float32;
}
template <>
constexpr ElementType element_type_of<double>() {
  return ElementType::float64;
}

inline constexpr size_t kMaxRank = 8;

/// Elements that an array has at most, of any type: their bytes are counted in 64 bits with a sign, and so are those of a packed row for each element.
inline constexpr int64_t kMostElements = int64_t{1} << 59;

/// Extents of an array, outermost first; empty for a scalar.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> extents) : Shape(std::span<const int64_t>(extents.begin(), extents.size())) {}
  /// Throws std::invalid_argument for more than kMaxRank extents, a negative one, or more than kMostElements elements.
  explicit Shape(std::span<const int64_t> extents);

  [[nodiscard]] size_t rank() const { return rank_; }
  [[nodiscard]] int64_t operator[](size_t i) const { return extents_[i]; }
  [[nodiscard]] std::span<const int64_t> extents() const { return {extents_.data(), rank_}; }
  /// Number of elements: 1 for a scalar, 0 when an extent is.
  [[nodiscard]] int64_t count() const;
  /// "(10, 100, 50)", as Python writes it: "(3,)", "()".
  [[nodiscard]] std::string describe() const;
  friend bool operator==(const Shape& a, const Shape& b);

 private:
  std::array<int64_t, kMaxRank> extents_{};
  size_t rank_ = 0;
};

/// Elements in somebody's memory, which must outlive the view. Strides are in bytes and may be negative or 0. `Byte` is std::byte or const
/// std::byte. A value; reading the same memory from several threads is safe.
template <class Byte>
struct BasicArrayView {
  Byte* data = nullptr;
  ElementType type = ElementType::float64;
  Shape shape;
  std::array<int64_t, kMaxRank> strides{};

  [[nodiscard]] size_t rank() const { return shape.rank(); }
  [[nodiscard]] int64_t count() const { return shape.count(); }
  /// Whether the elements lie one behind the other, the last index fastest.
  [[nodiscard]] bool is_contiguous() const {
    int64_t expected = static_cast<int64_t>(size_of(type));
    for (size_t i = rank(); i-- > 0;) {
      if (shape[i] != 1 && strides[i] != expected && count() != 0) {
        return false;
      }
      expected *= shape[i];
    }
    return true;
  }
  /// The first element, for a contiguous view of T.
  template <class T>
  [[nodiscard]] auto* as() const {
    using Element = std::conditional_t<std::is_const_v<Byte>, const T, T>;
    return reinterpret_cast<Element*>(data);
  }
  /// The same, read only.
  operator BasicArrayView<const std::byte>() const  // NOLINT(google-explicit-constructor)
    requires(!std::is_const_v<Byte>)
  {
    return {data, type, shape, strides};
  }
};
using ArrayView = BasicArrayView<const std::byte>;
using MutableArrayView = BasicArrayView<std::byte>;

/// Strides [bytes] of contiguous elements.
std::array<int64_t, kMaxRank> contiguous_strides(ElementType type, const Shape& shape);
/// A view of contiguous numbers.
template <class T>
ArrayView view_of(const T* data, const Shape& shape) {
  return {reinterpret_cast<const std::byte*>(data), element_type_of<T>(), shape, contiguous_strides(element_type_of<T>(), shape)};
}
template <class T>
MutableArrayView mutable_view_of(T* data, const Shape& shape) {
  return {reinterpret_cast<std::byte*>(data), element_type_of<T>(), shape, contiguous_strides(element_type_of<T>(), shape)};
}

/// A contiguous array that owns its memory (64-byte aligned, readable for 64 bytes behind its end), or shares that of a foreign owner.
/// Copies share the elements.
class Array {
 public:
  Array() = default;
  /// Elements are not initialised. Throws std::bad_alloc.
  Array(ElementType type, const Shape& shape);
  /// Elements of a foreign owner, kept alive as long as this is.
  Array(MutableArrayView view, std::shared_ptr<void> owner) : view_(view), owner_(std::move(owner)) {}

  [[nodiscard]] ElementType type() const { return view_.type; }
  [[nodiscard]] const Shape& shape() const { return view_.shape; }
  [[nodiscard]] ArrayView view() const { return view_; }
  [[nodiscard]] MutableArrayView mutable_view() { return view_; }
  template <class T>
  [[nodiscard]] T* as() {
    return view_.as<T>();
  }
  template <class T>
  [[nodiscard]] const T* as() const {
    return view_.as<T>();
  }
  /// What keeps the memory.
  [[nodiscard]] const std::shared_ptr<void>& owner() const { return owner_; }

 private:
  MutableArrayView view_;
  std::shared_ptr<void> owner_;
};

/// Writes all elements of `from` to those of `to`, as C++ converts the types, except that a number that is not 0 becomes true. Any strides; the elements must
/// not overlap. Throws std::invalid_argument when the shapes differ.
void copy_elements(const ArrayView& from, MutableArrayView to);
/// The elements as contiguous ones of `type`, in new memory.
Array contiguous_copy(const ArrayView& from, ElementType type);

}  // namespace omega::compute
