// SPDX-License-Identifier: Apache-2.0
// Value: what flows through a graph while it runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

#include "omega/base/check.h"
#include "omega/graph/exec/buffer.h"
#include "omega/graph/ir/graph.h"

namespace omega::graph {

/// What several Values may share. Counted atomically.
struct SharedData {
  std::atomic<uint32_t> references{1};
  SharedData() = default;
  SharedData(const SharedData&) = delete;
  SharedData& operator=(const SharedData&) = delete;
  virtual ~SharedData() = default;
};

/// A dense array, last dimension fastest, of boolean (one byte each), int64, float32 or float64.
class Array final : public SharedData {
 public:
  Array(DType dtype, std::span<const int64_t> shape);
  /// Elements in somebody's memory, aligned for their type, which must outlive this. Nobody writes them through it: it is not Value::is_own_array().
  Array(DType dtype, std::span<const int64_t> shape, const std::byte* elements);

  [[nodiscard]] DType dtype() const { return dtype_; }
  [[nodiscard]] std::span<const int64_t> shape() const { return shape_; }
  /// Number of elements.
  [[nodiscard]] size_t count() const { return count_; }
  [[nodiscard]] size_t byte_size() const { return count_ * element_size(dtype_); }
  [[nodiscard]] std::byte* data() const { return data_; }
  template <class T>
  [[nodiscard]] std::span<T> elements() const {
    return {reinterpret_cast<T*>(data_), count_};
  }
  /// Whether the memory is the array's own.
  [[nodiscard]] bool owns_memory() const { return data_ == buffer_.data(); }

 private:
  DType dtype_;
  std::vector<int64_t> shape_;
  size_t count_;
  Buffer buffer_;
  std::byte* data_;
};

/// A scalar, array, string, list of values, or an object of the host program; nothing when default-made. Sixteen bytes, all zero when it
/// holds nothing. Copies share. A Value is for one thread at a time; values that share data may be used by several threads as long as none
/// writes.
class Value {
 public:
  Value() = default;
  explicit Value(bool value) : dtype_(DType::boolean), kind_(Kind::scalar) { payload_.integer = value ? 1 : 0; }
  explicit Value(int64_t value) : dtype_(DType::int64), kind_(Kind::scalar) { payload_.integer = value; }
  explicit Value(float value) : dtype_(DType::float32), kind_(Kind::scalar) { std::memcpy(&payload_.integer, &value, sizeof value); }
  explicit Value(double value) : dtype_(DType::float64), kind_(Kind::scalar) { payload_.real = value; }
  explicit Value(std::string value);
  explicit Value(std::vector<Value> list);
  /// Takes over one reference.
  explicit Value(std::unique_ptr<Array> array);
  /// A thing that only operators look into.
  template <class T>
  static Value object(std::shared_ptr<T> object) {
    return wrap(std::move(object), typeid(T));
  }
  /// The data of a constant, which must be valid.
  static Value of(const Constant& constant);
  /// A one-dimensional array of copies.
  static Value array(std::span<const double> elements);
  static Value array(std::span<const int64_t> elements);

  Value(const Value& other) : dtype_(other.dtype_), kind_(other.kind_), payload_(other.payload_) {
    if (is_shared()) {
      payload_.shared->references.fetch_add(1, std::memory_order_relaxed);
    }
  }
  Value(Value&& other) noexcept : dtype_(other.dtype_), kind_(std::exchange(other.kind_, Kind::none)), payload_(other.payload_) {}
  Value& operator=(Value other) noexcept {
    std::swap(dtype_, other.dtype_);
    std::swap(kind_, other.kind_);
    std::swap(payload_, other.payload_);
    return *this;
  }
  ~Value() {
    if (is_shared() && payload_.shared->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete payload_.shared;
    }
  }

  [[nodiscard]] bool has_value() const { return kind_ != Kind::none; }
  /// Type of the value, or of an array's elements; token when it holds nothing.
  [[nodiscard]] DType dtype() const { return kind_ == Kind::none ? DType::token : dtype_; }
  [[nodiscard]] bool is_scalar() const { return kind_ == Kind::scalar; }
  [[nodiscard]] bool is_array() const { return kind_ == Kind::array; }
  [[nodiscard]] bool is_list() const { return kind_ == Kind::list; }
  /// Whether no other Value shares this one's data.
  [[nodiscard]] bool is_unique() const { return is_shared() && payload_.shared->references.load(std::memory_order_acquire) == 1; }

  // Each throws std::invalid_argument, naming what was asked for and what is there, when the value is another thing.
  [[nodiscard]] bool as_boolean() const { return require(Kind::scalar, DType::boolean).payload_.integer != 0; }
  [[nodiscard]] int64_t as_int64() const { return require(Kind::scalar, DType::int64).payload_.integer; }
  [[nodiscard]] double as_float64() const { return require(Kind::scalar, DType::float64).payload_.real; }
  [[nodiscard]] float as_float32() const {
    float value;
    std::memcpy(&value, &require(Kind::scalar, DType::float32).payload_.integer, sizeof value);
    return value;
  }
  [[nodiscard]] const Array& as_array() const { return *static_cast<const Array*>(require(Kind::array).payload_.shared); }
  [[nodiscard]] const std::string& as_string() const;
  [[nodiscard]] const std::vector<Value>& as_list() const;
  [[nodiscard]] const std::shared_ptr<void>& as_object() const;
  /// The object, where it is one that was handed in as a T.
  template <class T>
  [[nodiscard]] T& as_object_of() const {
    return *static_cast<T*>(object_of(typeid(T)));
  }
  /// Whether this is an array that nobody else holds, so that it may be written.
  [[nodiscard]] bool is_own_array() const { return is_array() && is_unique() && as_array().owns_memory(); }
  /// The bytes of a scalar of element_size() bytes.
  [[nodiscard]] const void* scalar_bytes() const { return &payload_; }

  /// Bytes of data, those of lists' elements included.
  [[nodiscard]] size_t byte_size() const;
  /// "3.5", "float64[1000]", "\"text\"".
  [[nodiscard]] std::string describe() const;
  /// Same type, shape and bits; objects by identity.
  friend bool operator==(const Value& a, const Value& b);

 private:
  enum class Kind : uint8_t { none, scalar, array, string, list, object };

  Value(DType dtype, Kind kind, SharedData* shared) : dtype_(dtype), kind_(kind) { payload_.shared = shared; }
  [[nodiscard]] bool is_shared() const { return kind_ >= Kind::array; }
  const Value& require(Kind kind, DType dtype = DType::any) const {
    if (kind_ != kind || (dtype != DType::any && dtype_ != dtype)) [[unlikely]] {
      wrong_kind(kind, dtype);
    }
    return *this;
  }
  static Value wrap(std::shared_ptr<void> object, const std::type_info& type);
  [[nodiscard]] void* object_of(const std::type_info& type) const;
  [[noreturn]] void wrong_kind(Kind kind, DType dtype) const;

  DType dtype_ = DType::token;
  Kind kind_ = Kind::none;
  union Payload {
    int64_t integer;
    double real;
    SharedData* shared;
  } payload_{0};
};
static_assert(sizeof(Value) == 16);

}  // namespace omega::graph
