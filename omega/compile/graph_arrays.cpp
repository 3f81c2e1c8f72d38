// SPDX-License-Identifier: Apache-2.0
// The language's arrays in graphs.
#include <algorithm>
#include <bit>

#include "omega/compile/graph_operators.h"
#include "omega/compile/program_array.h"
#include "omega/ir/op_info.h"

namespace omega::compile {

using graph::Array;
using graph::Call;
using graph::DType;
using graph::Value;
using ir::Type;

int64_t length_of(const Value& array) {
  if (array.dtype() == DType::object) {
    return static_cast<int64_t>(array.as_object_of<ProgramArray>().length());
  }
  if (array.dtype() == DType::string) {
    return static_cast<int64_t>(array.as_string().size());
  }
  if (array.is_array()) {
    return array.as_array().shape().empty() ? 0 : array.as_array().shape()[0];
  }
  return static_cast<int64_t>(array.as_list().size());
}

const void* identity_of(const Value& array) {
  if (length_of(array) == 0) {
    return nullptr;
  }
  return array.dtype() == DType::object   ? array.as_object().get()
         : array.dtype() == DType::string ? static_cast<const void*>(array.as_string().data())
         : array.is_array()               ? static_cast<const void*>(array.as_array().data())
                                          : array.as_list().data();
}

const Value& reference_at(const Value& array, size_t index) {
  return array.dtype() == DType::object ? array.as_object_of<ProgramArray>().references[index] : array.as_list()[index];
}

namespace {

void run_array(Call& call) {
  const int64_t length = call.input(0).as_int64();
  if (length < 0) {
    panic("negative length");
  }
  ProgramArray array{static_cast<uint32_t>(integer_attribute(call, "words")), integer_attribute(call, "references") != 0, {}, {}};
  if (array.holds_references) {
    array.references.resize(static_cast<size_t>(length), Value(std::vector<Value>{}));
  } else {
    array.words.resize(static_cast<size_t>(length) * array.words_each, 0);
  }
  call.set(0, Value::object(std::make_shared<ProgramArray>(std::move(array))));
}

/// The index of a call, checked against its array.
size_t index_in(const Value& index, const Value& array) {
  const int64_t i = index.as_int64();
  if (i < 0 || i >= length_of(array)) {
    panic("index out of bounds");
  }
  return static_cast<size_t>(i);
}

/// Of an array that was given.
Value element_of(const Array& array, size_t i, Type type) {
  if (ir::is_wide(type)) {
    return Value::array(array.elements<int64_t>().subspan(i * kLimbs, kLimbs));
  }
  switch (array.dtype()) {
    case DType::float64: return Value(array.elements<double>()[i]);
    case DType::float32: return Value(array.elements<float>()[i]);
    case DType::boolean: return Value(array.elements<uint8_t>()[i] != 0);
    default: return value_of(array.elements<int64_t>()[i], type);
  }
}

bool holds(const Array& array, Type type) {
  const bool is_wide = ir::is_wide(type);
  return array.dtype() == graph_type(type) && array.shape().size() == (is_wide ? 2u : 1u) && (!is_wide || array.shape()[1] == kLimbs);
}

Value element_of(const ProgramArray& array, size_t i, Type type) {
  if (type == Type::Ref) {
    return array.references[i];
  }
  if (ir::is_wide(type)) {
    return Value::array(std::span<const int64_t>(array.words).subspan(i * kLimbs, kLimbs));
  }
  const int64_t bits = array.words[i];
  return type == Type::F64   ? Value(std::bit_cast<double>(bits))
         : type == Type::F32 ? Value(std::bit_cast<float>(static_cast<int32_t>(bits)))
                             : value_of(bits, type);
}

void run_get(Call& call) {
  const auto type = static_cast<Type>(integer_attribute(call, "type"));
  const Value& array = call.input(0);
  const size_t index = index_in(call.input(1), array);
  if (array.dtype() == DType::object) {
    call.set(0, element_of(array.as_object_of<ProgramArray>(), index, type));
  } else if (array.dtype() == DType::string) {
    call.set(0, Value(static_cast<int64_t>(static_cast<uint8_t>(array.as_string()[index]))));
  } else if (array.is_list()) {
    call.set(0, array.as_list()[index]);
  } else if (!holds(array.as_array(), type)) {
    throw std::invalid_argument("the function takes an array of " + ir::type_name(type) + ", not " + array.describe());
  } else {
    call.set(0, element_of(array.as_array(), index, type));
  }
}

void run_set(Call& call) {
  if (call.input(0).dtype() != DType::object) {
    throw std::runtime_error("the function writes an array that it was given: such arrays are shared and may only be read");
  }
  const size_t index = index_in(call.input(1), call.input(0));
  ProgramArray& array = call.input(0).as_object_of<ProgramArray>();
  const Value& value = call.input(2);
  if (array.holds_references) {
    array.references[index] = value;
  } else if (array.words_each == kLimbs) {
    std::ranges::copy(value.as_array().elements<int64_t>().first(kLimbs), array.words.begin() + static_cast<ptrdiff_t>(index * kLimbs));
  } else {
    array.words[index] = value.dtype() == DType::float64   ? std::bit_cast<int64_t>(value.as_float64())
                         : value.dtype() == DType::float32 ? std::bit_cast<int32_t>(value.as_float32())
                                                           : bits_of(value);
  }
}

}  // namespace

void add_array_operators(graph::OperatorRegistry& registry) {
  registry.add("omega.array", run_array);
  registry.add("omega.length", [](Call& call) { call.set(0, Value(length_of(call.input(0)))); });
  registry.add("omega.index", [](Call& call) { static_cast<void>(index_in(call.input(0), call.input(1))); });
  registry.add("omega.get", run_get);
  registry.add("omega.set", run_set);
  registry.add("omega.null", [](Call& call) { call.set(0, Value(std::vector<Value>{})); });
}

}  // namespace omega::compile
