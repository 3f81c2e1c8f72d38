// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/exec/value.h"

#include <algorithm>
#include <stdexcept>

#include "omega/graph/ir/spelling.h"

namespace omega::graph {
namespace {

template <class T>
struct Shared final : SharedData {
  explicit Shared(T v) : value(std::move(v)) {}
  T value;
};

/// An object and what it was handed in as.
struct HostObject {
  std::shared_ptr<void> pointer;
  const std::type_info* type;
};

size_t count_of(std::span<const int64_t> shape) {
  size_t count = 1;
  for (const int64_t extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(count, static_cast<size_t>(extent), &count)) {
      throw std::invalid_argument("an array's shape must be known and fit memory");
    }
  }
  return count;
}

}  // namespace

Array::Array(DType dtype, std::span<const int64_t> shape)
    : dtype_(dtype), shape_(shape.begin(), shape.end()), count_(count_of(shape)), buffer_(count_ * element_size(dtype)), data_(buffer_.data()) {
  OMEGA_CHECK(element_size(dtype) != 0, "arrays hold boolean, int64, float32 or float64");
}

Array::Array(DType dtype, std::span<const int64_t> shape, const std::byte* elements)
    : dtype_(dtype), shape_(shape.begin(), shape.end()), count_(count_of(shape)), data_(const_cast<std::byte*>(elements)) {
  OMEGA_CHECK(element_size(dtype) != 0, "arrays hold boolean, int64, float32 or float64");
}

Value::Value(std::string value) : Value(DType::string, Kind::string, new Shared<std::string>(std::move(value))) {}
Value::Value(std::vector<Value> list) : Value(DType::list, Kind::list, new Shared<std::vector<Value>>(std::move(list))) {}
Value::Value(std::unique_ptr<Array> array) : Value{array->dtype(), Kind::array, array.release()} {}
Value Value::wrap(std::shared_ptr<void> object, const std::type_info& type) {
  return {DType::object, Kind::object, new Shared<HostObject>({std::move(object), &type})};
}

Value Value::of(const Constant& constant) {
  if (constant.dtype == DType::string) {
    return Value(constant.bytes);
  }
  if (!constant.shape.empty()) {
    auto array = std::make_unique<Array>(constant.dtype, constant.shape);
    std::memcpy(array->data(), constant.bytes.data(), constant.bytes.size());
    return Value(std::move(array));
  }
  Value value;
  value.dtype_ = constant.dtype;
  value.kind_ = Kind::scalar;
  std::memcpy(&value.payload_, constant.bytes.data(), constant.bytes.size());
  return value;
}

Value Value::array(std::span<const double> elements) {
  const int64_t shape[] = {static_cast<int64_t>(elements.size())};
  auto array = std::make_unique<Array>(DType::float64, shape);
  std::ranges::copy(elements, array->elements<double>().begin());
  return Value(std::move(array));
}

Value Value::array(std::span<const int64_t> elements) {
  const int64_t shape[] = {static_cast<int64_t>(elements.size())};
  auto array = std::make_unique<Array>(DType::int64, shape);
  std::ranges::copy(elements, array->elements<int64_t>().begin());
  return Value(std::move(array));
}

const std::string& Value::as_string() const { return static_cast<const Shared<std::string>*>(require(Kind::string).payload_.shared)->value; }
const std::vector<Value>& Value::as_list() const { return static_cast<const Shared<std::vector<Value>>*>(require(Kind::list).payload_.shared)->value; }
const std::shared_ptr<void>& Value::as_object() const { return static_cast<const Shared<HostObject>*>(require(Kind::object).payload_.shared)->value.pointer; }

void* Value::object_of(const std::type_info& type) const {
  const HostObject& object = static_cast<const Shared<HostObject>*>(require(Kind::object).payload_.shared)->value;
  if (*object.type != type || object.pointer == nullptr) {
    throw std::invalid_argument("an object of another type than the operator takes");
  }
  return object.pointer.get();
}

void Value::wrong_kind(Kind kind, DType dtype) const {
  static constexpr std::string_view kinds[] = {"nothing", "a scalar", "an array", "a string", "a list", "an object"};
  std::string message = "expected ";
  message += kinds[static_cast<size_t>(kind)];
  if (dtype != DType::any) {
    message += " of " + std::string(name_of(dtype));
  }
  throw std::invalid_argument(message + ", got " + describe());
}

size_t Value::byte_size() const {
  switch (kind_) {
    case Kind::none: return 0;
    case Kind::scalar: return element_size(dtype_);
    case Kind::array: return as_array().byte_size();
    case Kind::string: return as_string().size();
    case Kind::list: {
      size_t size = 0;
      for (const Value& each : as_list()) {
        size += each.byte_size();
      }
      return size;
    }
    case Kind::object: return sizeof(void*);
  }
  return 0;
}

std::string Value::describe() const {
  switch (kind_) {
    case Kind::none: return "nothing";
    case Kind::scalar:
      return dtype_ == DType::boolean   ? (payload_.integer != 0 ? "true" : "false")
             : dtype_ == DType::int64   ? std::to_string(payload_.integer)
             : dtype_ == DType::float32 ? spell_double(as_float32())
                                        : spell_double(payload_.real);
    case Kind::array: {
      std::string text(name_of(dtype_));
      for (size_t i = 0; i < as_array().shape().size(); ++i) {
        text += (i == 0 ? "[" : ", ") + std::to_string(as_array().shape()[i]);
      }
      return text + "]";
    }
    case Kind::string: return "\"" + as_string() + "\"";
    case Kind::list: return "a list of " + std::to_string(as_list().size());
    case Kind::object: return "an object";
  }
  return {};
}

bool operator==(const Value& a, const Value& b) {
  if (a.kind_ != b.kind_ || a.dtype() != b.dtype()) {
    return false;
  }
  switch (a.kind_) {
    case Value::Kind::none: return true;
    case Value::Kind::scalar: return std::memcmp(&a.payload_, &b.payload_, element_size(a.dtype_)) == 0;
    case Value::Kind::array:
      return std::ranges::equal(a.as_array().shape(), b.as_array().shape()) &&
             std::memcmp(a.as_array().data(), b.as_array().data(), a.as_array().byte_size()) == 0;
    case Value::Kind::string: return a.as_string() == b.as_string();
    case Value::Kind::list: return std::ranges::equal(a.as_list(), b.as_list());
    case Value::Kind::object: return a.as_object() == b.as_object();
  }
  return false;
}

}  // namespace omega::graph
