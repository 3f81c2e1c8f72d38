// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/graph_operators.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "omega/ir/op_info.h"

namespace omega::compile {
namespace {

using graph::Array;
using graph::Call;
using graph::DType;
using graph::Value;
using ir::Op;
using ir::Type;
__extension__ using Wide = __int128;

int64_t integer_attribute(const Call& call, std::string_view key) {
  const graph::AttributeValue* value = call.attribute(key);
  const auto* integer = value == nullptr ? nullptr : std::get_if<int64_t>(value);
  if (integer == nullptr) {
    throw std::invalid_argument("an operator of the language lacks its attribute `" + std::string(key) + "`");
  }
  return *integer;
}

bool is_checked(const Call& call) { return integer_attribute(call, "checked") != 0; }

[[noreturn]] void panic(const char* what) { throw std::runtime_error(std::string("panic: ") + what); }

/// The number that 64 bits of a register stand for, by type.
Wide number(int64_t bits, Type type) { return ir::is_signed(type) ? static_cast<Wide>(bits) : static_cast<Wide>(static_cast<uint64_t>(bits)); }
int64_t bits_of(const Value& value) { return value.dtype() == DType::boolean ? (value.as_boolean() ? 1 : 0) : value.as_int64(); }
Value value_of(int64_t bits, Type type) { return type == Type::U1 ? Value(bits != 0) : Value(bits); }

/// Cut to the type and extended by its sign.
int64_t wrapped(Wide value, Type type) {
  const uint32_t shift = 64 - ir::bit_width(type);
  const uint64_t low = static_cast<uint64_t>(value) << shift;
  return ir::is_signed(type) ? static_cast<int64_t>(low) >> shift : static_cast<int64_t>(low >> shift);
}
bool fits(Wide value, Type type) { return number(wrapped(value, type), type) == value; }

int64_t in_range(Wide value, Type type, bool checked, const char* what) {
  if (checked && !fits(value, type)) {
    panic(what);
  }
  return wrapped(value, type);
}

int64_t power(Wide base, uint64_t exponent, Type type, bool checked) {
  Wide result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) != 0) {
      result = number(in_range(result * base, type, checked, "overflow"), type);
    }
    if (exponent > 1) {
      // A square that is needed further on and does not fit makes the result not fit, unless it is not multiplied in: it always is, by the
      // highest bit.
      base = number(in_range(base * base, type, checked, "overflow"), type);
    }
  }
  return wrapped(result, type);
}

int64_t shifted(Op op, Wide value, uint64_t amount, Type type) {
  const uint32_t width = ir::bit_width(type);
  if (op == Op::Shl) {
    return amount >= width ? 0 : wrapped(static_cast<Wide>(static_cast<uint64_t>(value) << amount), type);
  }
  return wrapped(amount >= width ? (value < 0 ? -1 : 0) : value >> amount, type);
}

bool compares(Op op, Wide a, Wide b) {
  switch (op) {
    case Op::Eq: return a == b;
    case Op::Ne: return a != b;
    case Op::Lt: return a < b;
    case Op::Le: return a <= b;
    case Op::Gt: return a > b;
    default: return a >= b;
  }
}

int64_t divided(Op op, Wide a, Wide b, Type type, bool checked) {
  if (b == 0) {
    panic("division by zero");
  }
  return op == Op::Div ? in_range(a / b, type, checked, "overflow") : wrapped(a % b, type);
}

int64_t combined(Op op, Wide a, Wide b, Type type, bool checked) {
  switch (op) {
    case Op::Add: return in_range(a + b, type, checked, "overflow");
    case Op::Sub: return in_range(a - b, type, checked, "overflow");
    case Op::Mul: return in_range(a * b, type, checked, "overflow");
    case Op::Div:
    case Op::Mod: return divided(op, a, b, type, checked);
    case Op::And: return wrapped(a & b, type);
    case Op::Or: return wrapped(a | b, type);
    case Op::Xor: return wrapped(a ^ b, type);
    case Op::Min: return wrapped(std::min(a, b), type);
    case Op::Max: return wrapped(std::max(a, b), type);
    default: throw std::invalid_argument("`omega.integer` does not know operation " + std::string(ir::op_info(op).text));
  }
}

void run_integer(Call& call) {
  const auto op = static_cast<Op>(integer_attribute(call, "op"));
  const auto type = static_cast<Type>(integer_attribute(call, "type"));
  const Wide a = number(bits_of(call.input(0)), type);
  if (call.input_count() == 1) {
    const Wide result = op == Op::Neg ? -a : op == Op::Not ? ~a : a < 0 ? -a : a;
    call.set(0, value_of(in_range(result, type, is_checked(call) && op != Op::Not, "overflow"), type));
    return;
  }
  const int64_t right = bits_of(call.input(1));
  if (op >= Op::Eq && op <= Op::Ge) {
    call.set(0, Value(compares(op, a, number(right, type))));
  } else if (op == Op::Pow) {
    call.set(0, value_of(power(a, static_cast<uint64_t>(right), type, is_checked(call)), type));
  } else if (op == Op::Shl || op == Op::Shr) {
    call.set(0, value_of(shifted(op, a, static_cast<uint64_t>(right), type), type));
  } else {
    call.set(0, value_of(combined(op, a, number(right, type), type, is_checked(call)), type));
  }
}

double as_double(const Value& value) { return value.dtype() == DType::float32 ? static_cast<double>(value.as_float32()) : value.as_float64(); }

/// The smaller number, as the runtime's om_fmin: a number wins over nan, -0 over 0.
double smaller(double a, double b) { return std::isnan(a) ? b : std::isnan(b) ? a : a < b || (a == b && std::signbit(a)) ? a : b; }
double larger(double a, double b) { return std::isnan(a) ? b : std::isnan(b) ? a : a > b || (a == b && !std::signbit(a)) ? a : b; }

void run_float(Call& call) {
  const auto op = static_cast<Op>(integer_attribute(call, "op"));
  const double a = as_double(call.input(0));
  const double b = as_double(call.input(1));
  // Each is exact for float32 as for float64.
  const double result = op == Op::Min ? smaller(a, b) : op == Op::Max ? larger(a, b) : std::fmod(a, b);
  call.set(0, call.input(0).dtype() == DType::float32 ? Value(static_cast<float>(result)) : Value(result));
}

void run_cast(Call& call) {
  const auto from = static_cast<Type>(integer_attribute(call, "from"));
  const auto to = static_cast<Type>(integer_attribute(call, "to"));
  const Value& input = call.input(0);
  if (ir::is_float(from)) {
    const double value = as_double(input);
    if (to == Type::F64) {
      call.set(0, Value(value));
    } else if (to == Type::F32) {
      call.set(0, Value(static_cast<float>(value)));
    } else {
      const double whole = std::trunc(value);
      if (!(whole >= -0x1p63 && whole < 0x1p64) || !fits(static_cast<Wide>(whole), to)) {
        panic("bad cast");
      }
      call.set(0, value_of(wrapped(static_cast<Wide>(whole), to), to));
    }
    return;
  }
  const Wide value = number(bits_of(input), from);
  if (to == Type::F64) {
    call.set(0, Value(ir::is_signed(from) ? static_cast<double>(static_cast<int64_t>(value)) : static_cast<double>(static_cast<uint64_t>(value))));
  } else if (to == Type::F32) {
    call.set(0, Value(ir::is_signed(from) ? static_cast<float>(static_cast<int64_t>(value)) : static_cast<float>(static_cast<uint64_t>(value))));
  } else {
    call.set(0, value_of(in_range(value, to, is_checked(call), "bad cast"), to));
  }
}

void run_bitcast(Call& call) {
  const auto to = static_cast<Type>(integer_attribute(call, "to"));
  const Value& input = call.input(0);
  const int64_t bits = input.dtype() == DType::float64   ? std::bit_cast<int64_t>(input.as_float64())
                       : input.dtype() == DType::float32 ? std::bit_cast<int32_t>(input.as_float32())
                                                         : bits_of(input);
  call.set(0, to == Type::F64   ? Value(std::bit_cast<double>(bits))
              : to == Type::F32 ? Value(std::bit_cast<float>(static_cast<int32_t>(bits)))
                                : value_of(wrapped(bits, to), to));
}

const char* panic_text(int64_t kind) {
  static constexpr const char* texts[] = {"overflow",           "division by zero",      "index out of bounds", "bad cast",
                                          "bad enum value",     "assertion failed",      "requirement failed",  "reverted",
                                          "result is an error", "negative length",       "call of null",        "aliased arrays in a parallel loop",
                                          "unreachable",        "pop of an empty array", "bad argument"};
  return kind >= 0 && static_cast<size_t>(kind) < std::size(texts) ? texts[kind] : "unknown";
}

/// An array that the program made: elements as 64 bits of a register.
struct ProgramArray {
  Type element;
  std::vector<int64_t> bits;
};

int64_t length_of(const Value& array) {
  if (array.dtype() == DType::object) {
    return static_cast<int64_t>(array.as_object_of<ProgramArray>().bits.size());
  }
  return array.is_array() ? static_cast<int64_t>(array.as_array().count()) : array.as_list().empty() ? 0 : static_cast<int64_t>(array.as_list().size());
}

void run_array(Call& call) {
  const int64_t length = call.input(0).as_int64();
  if (length < 0) {
    panic("negative length");
  }
  call.set(0, Value::object(std::make_shared<ProgramArray>(ProgramArray{Type::Void, std::vector<int64_t>(static_cast<size_t>(length), 0)})));
}

void run_index(Call& call) {
  const int64_t index = call.input(0).as_int64();
  if (index < 0 || index >= length_of(call.input(1))) {
    panic("index out of bounds");
  }
}

Value element_of(const Array& array, size_t i, Type type) {
  switch (array.dtype()) {
    case DType::float64: return Value(array.elements<double>()[i]);
    case DType::float32: return Value(array.elements<float>()[i]);
    case DType::boolean: return Value(array.elements<uint8_t>()[i] != 0);
    default: return value_of(array.elements<int64_t>()[i], type);
  }
}

void run_get(Call& call) {
  const auto type = static_cast<Type>(integer_attribute(call, "type"));
  const int64_t index = call.input(1).as_int64();
  const Value& array = call.input(0);
  if (index < 0 || index >= length_of(array)) {
    panic("index out of bounds");
  }
  if (array.is_array()) {
    const Value element = element_of(array.as_array(), static_cast<size_t>(index), type);
    if (element.dtype() != graph_type(type)) {
      throw std::invalid_argument("the function takes an array of " + std::string(name_of(graph_type(type))) + ", not " + array.describe());
    }
    call.set(0, element);
    return;
  }
  const int64_t bits = array.as_object_of<ProgramArray>().bits[static_cast<size_t>(index)];
  call.set(0, type == Type::F64   ? Value(std::bit_cast<double>(bits))
              : type == Type::F32 ? Value(std::bit_cast<float>(static_cast<int32_t>(bits)))
                                  : value_of(bits, type));
}

void run_set(Call& call) {
  const int64_t index = call.input(1).as_int64();
  if (call.input(0).dtype() != DType::object) {
    throw std::runtime_error("the function writes an array that it was given: such arrays are shared and may only be read");
  }
  ProgramArray& array = call.input(0).as_object_of<ProgramArray>();
  if (index < 0 || static_cast<size_t>(index) >= array.bits.size()) {
    panic("index out of bounds");
  }
  const Value& value = call.input(2);
  array.bits[static_cast<size_t>(index)] = value.dtype() == DType::float64   ? std::bit_cast<int64_t>(value.as_float64())
                                           : value.dtype() == DType::float32 ? std::bit_cast<int32_t>(value.as_float32())
                                                                             : bits_of(value);
}

}  // namespace

DType graph_type(Type type) {
  return type == Type::U1    ? DType::boolean
         : type == Type::F64 ? DType::float64
         : type == Type::F32 ? DType::float32
         : type == Type::Ref ? DType::any
                             : DType::int64;
}

void add_language_operators(graph::OperatorRegistry& registry) {
  registry.add("omega.integer", run_integer);
  registry.add("omega.float", run_float);
  registry.add("omega.cast", run_cast);
  registry.add("omega.bitcast", run_bitcast);
  registry.add("omega.check", [](Call& call) {
    if (!call.input(0).as_boolean()) {
      panic(panic_text(integer_attribute(call, "kind")));
    }
  });
  registry.add("omega.panic", [](Call& call) { panic(panic_text(integer_attribute(call, "kind"))); });
  registry.add("omega.array", run_array);
  registry.add("omega.length", [](Call& call) { call.set(0, Value(length_of(call.input(0)))); });
  registry.add("omega.index", run_index);
  registry.add("omega.get", run_get);
  registry.add("omega.set", run_set);
}

}  // namespace omega::compile
