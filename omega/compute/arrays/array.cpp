// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/arrays/array.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <stdexcept>

#include "omega/base/large_memory.h"
#include "omega/compute/arrays/strided.h"

namespace omega::compute {

std::string_view name_of(ElementType type) {
  switch (type) {
    case ElementType::boolean: return "bool";
    case ElementType::uint8: return "uint8";
    case ElementType::int32: return "int32";
    case ElementType::int64: return "int64";
    case ElementType::float32: return "float32";
    case ElementType::float64: return "float64";
  }
  return "?";
}

Shape::Shape(std::span<const int64_t> extents) {
  if (extents.size() > kMaxRank) {
    throw std::invalid_argument("an array of " + std::to_string(extents.size()) + " dimensions; at most " + std::to_string(kMaxRank) + " are supported");
  }
  int64_t count = 1;
  for (const int64_t extent : extents) {
    if (extent < 0) {
      throw std::invalid_argument("a dimension of " + std::to_string(extent) + " elements");
    }
    if (__builtin_mul_overflow(count, std::max<int64_t>(extent, 1), &count) || count > kMostElements) {
      throw std::invalid_argument("an array of more elements than memory has addresses");
    }
    extents_[rank_++] = extent;
  }
}

int64_t Shape::count() const {
  int64_t count = 1;
  for (const int64_t extent : extents()) {
    count *= extent;
  }
  return count;
}

std::string Shape::describe() const {
  std::string text = "(";
  for (size_t i = 0; i < rank_; ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(extents_[i]);
  }
  return text + (rank_ == 1 ? ",)" : ")");
}

bool operator==(const Shape& a, const Shape& b) { return std::ranges::equal(a.extents(), b.extents()); }

std::array<int64_t, kMaxRank> contiguous_strides(ElementType type, const Shape& shape) {
  std::array<int64_t, kMaxRank> strides{};
  auto stride = static_cast<int64_t>(size_of(type));
  for (size_t i = shape.rank(); i-- > 0;) {
    strides[i] = stride;
    stride *= std::max<int64_t>(shape[i], 1);
  }
  return strides;
}

Array::Array(ElementType type, const Shape& shape) {
  constexpr size_t kAlignment = 64;
  const size_t bytes = static_cast<size_t>(shape.count()) * size_of(type);
  void* const memory = std::aligned_alloc(kAlignment, (bytes + 2 * kAlignment - 1) / kAlignment * kAlignment);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  owner_ = std::shared_ptr<void>(memory, std::free);
  if (bytes >= base::large_size) {
    base::prefer_huge_pages(memory, bytes);
  }
  view_ = {static_cast<std::byte*>(memory), type, shape, contiguous_strides(type, shape)};
}

void copy_elements(const ArrayView& from, MutableArrayView to) {
  if (!(from.shape == to.shape)) {
    throw std::invalid_argument("an array of shape " + from.shape.describe() + " cannot be copied to one of shape " + to.shape.describe());
  }
  if (from.count() == 0) {
    return;
  }
  const Rows<const std::byte> sources(from);
  const Rows<std::byte> targets(to);
  visit_element(from.type, [&]<class From>(std::type_identity<From>) {
    visit_element(to.type, [&]<class To>(std::type_identity<To>) {
      const bool to_boolean = to.type == ElementType::boolean;
      for (int64_t i = 0; i < sources.count(); ++i) {
        const std::byte* source = sources.row(i);
        std::byte* target = targets.row(i);
        if (std::is_same_v<From, To> && !to_boolean && sources.stride() == sizeof(From) && targets.stride() == sizeof(To)) {
          std::memcpy(target, source, static_cast<size_t>(sources.columns()) * sizeof(From));
          continue;
        }
        for (int64_t k = 0; k < sources.columns(); ++k, source += sources.stride(), target += targets.stride()) {
          const From value = load_element<From>(source);
          store_element(target, to_boolean ? static_cast<To>(value != From{0}) : static_cast<To>(value));
        }
      }
    });
  });
}

Array contiguous_copy(const ArrayView& from, ElementType type) {
  Array copy(type, from.shape);
  copy_elements(from, copy.mutable_view());
  return copy;
}

}  // namespace omega::compute
