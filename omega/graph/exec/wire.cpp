// SPDX-License-Identifier: Apache-2.0
// A value is a tag, a type, and: a scalar's 8 bytes; an array's rank, extents and elements; a string's or list's length and contents.
#include "omega/graph/exec/wire.h"

#include <stdexcept>

namespace omega::graph {
namespace {

enum class Tag : uint64_t { none, scalar, array, string, list };
constexpr size_t kMaxDepth = 64;

size_t padded(size_t size) { return (size + 7) / 8 * 8; }

void put(std::byte*& at, uint64_t word) {
  std::memcpy(at, &word, 8);
  at += 8;
}
void put(std::byte*& at, const void* data, size_t size) {
  if (size > 0) {
    std::memcpy(at, data, size);
  }
  at += padded(size);
}
uint64_t get(const std::byte*& at) {
  uint64_t word;
  std::memcpy(&word, at, 8);
  at += 8;
  return word;
}

size_t size_of(const Value& value, size_t depth) {
  if (depth > kMaxDepth) {
    throw std::invalid_argument("lists are nested too deep to be sent to a process");
  }
  if (!value.has_value()) {
    return 8;
  }
  if (value.is_scalar()) {
    return 24;
  }
  if (value.is_array()) {
    return 24 + 8 * value.as_array().shape().size() + padded(value.as_array().byte_size());
  }
  if (value.dtype() == DType::string) {
    return 16 + padded(value.as_string().size());
  }
  if (!value.is_list()) {
    throw std::invalid_argument("an object of the host program cannot be sent to a process");
  }
  size_t size = 16;
  for (const Value& each : value.as_list()) {
    size += size_of(each, depth + 1);
  }
  return size;
}

}  // namespace

size_t wire_size(const Value& value) { return size_of(value, 0); }

void write_value(const Value& value, std::byte*& at) {
  if (!value.has_value()) {
    put(at, static_cast<uint64_t>(Tag::none));
  } else if (value.is_scalar()) {
    put(at, static_cast<uint64_t>(Tag::scalar));
    put(at, static_cast<uint64_t>(value.dtype()));
    put(at, value.scalar_bytes(), 8);
  } else if (value.is_array()) {
    const Array& array = value.as_array();
    put(at, static_cast<uint64_t>(Tag::array));
    put(at, static_cast<uint64_t>(array.dtype()));
    put(at, array.shape().size());
    put(at, array.shape().data(), 8 * array.shape().size());
    put(at, array.data(), array.byte_size());
  } else if (value.dtype() == DType::string) {
    put(at, static_cast<uint64_t>(Tag::string));
    put(at, value.as_string().size());
    put(at, value.as_string().data(), value.as_string().size());
  } else {
    put(at, static_cast<uint64_t>(Tag::list));
    put(at, value.as_list().size());
    for (const Value& each : value.as_list()) {
      write_value(each, at);
    }
  }
}

Value read_value(const std::byte*& at) {
  switch (static_cast<Tag>(get(at))) {
    case Tag::none: return {};
    case Tag::scalar: {
      Constant constant{static_cast<DType>(get(at)), {}, {}};
      constant.bytes.assign(reinterpret_cast<const char*>(at), element_size(constant.dtype));
      at += 8;
      return Value::of(constant);
    }
    case Tag::array: {
      const auto dtype = static_cast<DType>(get(at));
      std::vector<int64_t> shape(get(at));
      for (int64_t& extent : shape) {
        extent = static_cast<int64_t>(get(at));
      }
      auto array = std::make_unique<Array>(dtype, shape);
      std::memcpy(array->data(), at, array->byte_size());
      at += padded(array->byte_size());
      return Value(std::move(array));
    }
    case Tag::string: {
      const size_t size = get(at);
      std::string text(reinterpret_cast<const char*>(at), size);
      at += padded(size);
      return Value(std::move(text));
    }
    case Tag::list: {
      std::vector<Value> list(get(at));
      for (Value& each : list) {
        each = read_value(at);
      }
      return Value(std::move(list));
    }
  }
  OMEGA_UNREACHABLE("a value's bytes have an unknown tag");
}

}  // namespace omega::graph
