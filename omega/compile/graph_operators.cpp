// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/graph_operators.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "omega/compile/graph_runtime.h"
#include "omega/ir/op_info.h"
#include "omega/task/loop_core.h"

namespace omega::compile {

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

void panic(const char* what) { throw std::runtime_error(std::string("panic: ") + what); }

int64_t bits_of(const Value& value) { return value.dtype() == DType::boolean ? (value.as_boolean() ? 1 : 0) : value.as_int64(); }
Value value_of(int64_t bits, Type type) { return type == Type::U1 ? Value(bits != 0) : Value(bits); }

namespace {

bool is_checked(const Call& call) { return integer_attribute(call, "checked") != 0; }

/// The number that 64 bits of a register stand for, by type.
Wide number(int64_t bits, Type type) { return ir::is_signed(type) ? static_cast<Wide>(bits) : static_cast<Wide>(static_cast<uint64_t>(bits)); }

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
    if (amount >= width) {
      return 0;
    }
    const uint64_t bits = static_cast<uint64_t>(value) << amount;
    return wrapped(Wide{bits}, type);
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

/// The cells of the range [a, b), as the runtime cuts it: by the number of iterations alone. Gives where each begins and ends.
void run_cells(Call& call) {
  const int64_t low = call.input(0).as_int64();
  const int64_t high = call.input(1).as_int64();
  std::vector<int64_t> begins;
  std::vector<int64_t> ends;
  if (low < high) {
    const uint64_t count = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
    const uint64_t size = task::loop_core::om_grid_cell(count);
    for (uint64_t at = 0; at < count; at += size) {
      begins.push_back(static_cast<int64_t>(static_cast<uint64_t>(low) + at));
      ends.push_back(static_cast<int64_t>(static_cast<uint64_t>(low) + std::min(at + size, count)));
    }
  }
  call.set(0, Value::array(std::span<const int64_t>(begins)));
  call.set(1, Value::array(std::span<const int64_t>(ends)));
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
  registry.add("omega.cells", run_cells);
  add_wide_operators(registry);
  add_array_operators(registry);
  add_runtime_operators(registry);
}

}  // namespace omega::compile
