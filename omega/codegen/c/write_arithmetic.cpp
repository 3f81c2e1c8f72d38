// SPDX-License-Identifier: Apache-2.0
// Arithmetic, comparisons and conversions as C expressions.
#include "omega/codegen/c/function_writer.h"
#include "omega/codegen/c/types.h"
#include "omega/ir/op_info.h"

namespace omega::codegen::c {

using ir::Inst;
using ir::Op;
using ir::Type;

namespace {

std::string checked_flag(const Inst& in) { return (in.flags & ir::kChecked) != 0 ? "1" : "0"; }

bool is_constant(const Inst& in, int64_t value) { return in.op == Op::Const && ir::const_value(in) == value; }

}  // namespace

void FunctionWriter::arithmetic(uint32_t i) {
  const Inst& in = inst(i);
  if (in.op == Op::Cast || in.op == Op::Bitcast) {
    const Type from = type_of(in.a);
    const bool pure = in.op == Op::Bitcast || ((in.flags & ir::kChecked) == 0 && !(ir::is_float(from) && ir::is_integer(in.type)));
    return define(i, in.op == Op::Cast ? cast(in) : bitcast(in), pure);
  }
  if (in.op >= Op::Eq && in.op <= Op::Ge) {
    return define(i, comparison(in), true);
  }
  if (in.op == Op::Select) {
    return define(i, "(" + expr(in.a) + " ? " + expr(in.b) + " : " + expr(in.c) + ")", true);
  }
  const bool pure = (ir::op_info(in.op).effects & ir::kMayPanic) == 0 || ir::is_removable(in);
  define(i, ir::is_float(in.type) ? float_arithmetic(in) : ir::is_wide(in.type) ? wide_arithmetic(in) : narrow_arithmetic(in), pure);
}

std::string FunctionWriter::cut(Type type, const std::string& text) const {
  const uint32_t bits = ir::bit_width(type);
  const std::string c(c_type(type));
  if (bits == 8 || bits == 16 || bits == 32 || bits == 64) {
    return "((" + c + ")" + text + ")";
  }
  return "((" + c + ")" + (ir::is_signed(type) ? "omc_sign_extend(" : "omc_zero_extend(") + "(uint64_t)" + text + ", " + std::to_string(bits) + "))";
}

std::string FunctionWriter::amount(ValueId v) const { return ir::is_wide(type_of(v)) ? "omc_wide_amount(" + expr(v) + ")" : as_u64(v); }

std::string FunctionWriter::integer_sum(const Inst& in) const {
  const Type t = in.type;
  const bool sign = ir::is_signed(t);
  const uint32_t bits = ir::bit_width(t);
  const char* name = in.op == Op::Add ? "add" : in.op == Op::Sub ? "sub" : "mul";
  const char* symbol = in.op == Op::Add ? " + " : in.op == Op::Sub ? " - " : " * ";
  if ((in.flags & ir::kChecked) == 0) {
    return cut(t, "(" + as_u64(in.a) + symbol + as_u64(in.b) + ")");
  }
  const std::string suffix = sign || bits < 64 ? "_s64(" : "_u64(";
  const std::string arguments = bits == 64 ? expr(in.a) + ", " + expr(in.b) : as_s64(in.a) + ", " + as_s64(in.b);
  std::string full = "omc_" + std::string(name) + suffix + arguments + ", " + place() + ")";
  if (bits == 64) {
    return full;
  }
  const std::string plain = as_s64(in.a) + symbol + as_s64(in.b);
  return "((" + std::string(c_type(t)) + ")omc_fit(" + (bits < 32 ? plain : full) + ", " + integer_literal(Type::S64, smallest(t)) + ", " +
         integer_literal(Type::S64, largest(t)) + ", " + place() + "))";
}

std::string FunctionWriter::narrow_arithmetic(const Inst& in) const {
  const Type t = in.type;
  const bool sign = ir::is_signed(t);
  const bool checked = (in.flags & ir::kChecked) != 0;
  const std::string c(c_type(t));
  const char* suffix = sign ? "_s64(" : "_u64(";
  auto both = [&](const char* name) {
    return "omc_" + std::string(name) + suffix + (sign ? as_s64(in.a) : as_u64(in.a)) + ", " + (sign ? as_s64(in.b) : as_u64(in.b));
  };
  /// A 64-bit result brought to the type: checked ones must fit.
  auto fitted = [&](const std::string& text) {
    if (ir::bit_width(t) == 64) {
      return text;
    }
    if (!checked) {
      return cut(t, text);
    }
    return "((" + c + ")omc_fit(" + text + ", " + integer_literal(Type::S64, smallest(t)) + ", " + integer_literal(Type::S64, largest(t)) + ", " + place() +
           "))";
  };
  switch (in.op) {
    case Op::Add:
    case Op::Sub:
    case Op::Mul: return integer_sum(in);
    case Op::Div: return sign ? fitted(both("div") + ", " + checked_flag(in) + ", " + place() + ")") : "((" + c + ")" + both("div") + ", " + place() + "))";
    case Op::Mod: return "((" + c + ")" + both("mod") + ", " + place() + "))";
    case Op::Pow:
      return "((" + c + ")" + "omc_pow((int64_t)" + expr(in.a) + ", " + amount(in.b) + ", " + runtime_type(t) + ", " + checked_flag(in) + ", " + place() + "))";
    case Op::Neg:
      if (!checked) {
        return cut(t, "(0 - " + as_u64(in.a) + ")");
      }
      return ir::bit_width(t) == 64 && !sign ? "omc_sub_u64(0, " + expr(in.a) + ", " + place() + ")"
                                             : fitted("omc_sub_s64(0, " + as_s64(in.a) + ", " + place() + ")");
    case Op::Abs: return sign ? fitted("omc_abs_s64(" + as_s64(in.a) + ", " + checked_flag(in) + ", " + place() + ")") : expr(in.a);
    case Op::Not: return t == Type::U1 ? "((uint8_t)!" + expr(in.a) + ")" : cut(t, "(~" + as_u64(in.a) + ")");
    case Op::And: return "((" + c + ")(" + expr(in.a) + " & " + expr(in.b) + "))";
    case Op::Or: return "((" + c + ")(" + expr(in.a) + " | " + expr(in.b) + "))";
    case Op::Xor: return "((" + c + ")(" + expr(in.a) + " ^ " + expr(in.b) + "))";
    case Op::Shl: return cut(t, "omc_shl(" + as_u64(in.a) + ", " + amount(in.b) + ", " + std::to_string(ir::bit_width(t)) + ")");
    case Op::Shr: return "((" + c + ")omc_shr" + (sign ? "_s64(" + as_s64(in.a) : "_u64(" + as_u64(in.a)) + ", " + amount(in.b) + "))";
    case Op::Min: return "((" + c + ")" + both("min") + "))";
    default: return "((" + c + ")" + both("max") + "))";
  }
}

std::string FunctionWriter::wide_arithmetic(const Inst& in) const {
  const std::string type = runtime_type(in.type);
  const std::string tail = ", " + type + ", " + checked_flag(in) + ", " + place() + ")";
  const std::string a = expr(in.a);
  auto two = [&](const char* name) { return "omc_wide_" + std::string(name) + "(" + a + ", " + expr(in.b); };
  switch (in.op) {
    case Op::Add: return two("add") + tail;
    case Op::Sub: return two("sub") + tail;
    case Op::Mul: return two("mul") + tail;
    case Op::Div: return two("div") + tail;
    case Op::Mod: return two("mod") + ", " + type + ", " + place() + ")";
    case Op::Pow: return "omc_wide_pow(" + a + ", " + (ir::is_wide(type_of(in.b)) ? expr(in.b) : "omc_wide_from_u64(" + as_u64(in.b) + ")") + tail;
    case Op::Neg: return "omc_wide_neg(" + a + tail;
    case Op::Abs: return "omc_wide_abs(" + a + tail;
    case Op::Not: return "omc_wide_not(" + a + ", " + type + ")";
    case Op::And: return two("and") + ")";
    case Op::Or: return two("or") + ")";
    case Op::Xor: return two("xor") + ")";
    case Op::Shl: return "omc_wide_shl(" + a + ", " + amount(in.b) + ", " + type + ")";
    case Op::Shr: return "omc_wide_shr(" + a + ", " + amount(in.b) + ", " + type + ")";
    case Op::Min: return two("min") + ", " + type + ")";
    default: return two("max") + ", " + type + ")";
  }
}

std::string FunctionWriter::float_arithmetic(const Inst& in) const {
  const bool single = in.type == Type::F32;
  const std::string suffix = single ? "_f32(" : "_f64(";
  const std::string a = expr(in.a);
  auto by_runtime = [&](const char* name, bool two) {
    const std::string text = std::string(name) + "(" + a + (two ? ", " + expr(in.b) : "") + ")";
    return single ? "((float)" + text + ")" : text;
  };
  switch (in.op) {
    case Op::Add: return "(" + a + " + " + expr(in.b) + ")";
    case Op::Sub: return "(" + a + " - " + expr(in.b) + ")";
    case Op::Mul: return "(" + a + " * " + expr(in.b) + ")";
    case Op::Div: return "(" + a + " / " + expr(in.b) + ")";
    case Op::Mod: return by_runtime("om_fmod", true);
    case Op::Min: return by_runtime("om_fmin", true);
    case Op::Max: return by_runtime("om_fmax", true);
    case Op::Sqrt: return by_runtime("om_sqrt", false);
    case Op::Neg: return "omc_neg" + suffix + a + ")";
    default: return "omc_abs" + suffix + a + ")";
  }
}

std::string FunctionWriter::comparison(const Inst& in) const {
  static constexpr const char* symbols[] = {" == ", " != ", " < ", " <= ", " > ", " >= "};
  const Type t = type_of(in.a);
  const char* symbol = symbols[static_cast<uint32_t>(in.op) - static_cast<uint32_t>(Op::Eq)];
  if (ir::is_wide(t)) {
    return "(omc_wide_cmp(" + expr(in.a) + ", " + expr(in.b) + ", " + runtime_type(t) + ")" + symbol + "0)";
  }
  if (ir::is_integer(t)) {
    // What is true or false for every value of the type is said so: compilers warn otherwise.
    const bool includes_equal = in.op == Op::Eq || in.op == Op::Le || in.op == Op::Ge;
    if (in.a == in.b || expr(in.a) == expr(in.b)) {
      return includes_equal ? "1" : "0";
    }
    const uint32_t bits = ir::bit_width(t);
    const int64_t low = bits == 64 ? (ir::is_signed(t) ? INT64_MIN : 0) : smallest(t);
    const int64_t high = bits == 64 ? (ir::is_signed(t) ? INT64_MAX : -1) : largest(t);
    const Inst &a = inst(in.a), &b = inst(in.b);
    if ((is_constant(b, low) && in.op == Op::Ge) || (is_constant(b, high) && in.op == Op::Le) || (is_constant(a, low) && in.op == Op::Le) ||
        (is_constant(a, high) && in.op == Op::Ge)) {
      return "1";
    }
    if ((is_constant(b, low) && in.op == Op::Lt) || (is_constant(b, high) && in.op == Op::Gt) || (is_constant(a, low) && in.op == Op::Gt) ||
        (is_constant(a, high) && in.op == Op::Lt)) {
      return "0";
    }
  }
  return "(" + expr(in.a) + symbol + expr(in.b) + ")";
}

std::string FunctionWriter::cast(const Inst& in) const {
  const Type from = type_of(in.a), to = in.type;
  const std::string a = expr(in.a);
  const std::string c(c_type(to));
  const bool sign = ir::is_signed(from);
  if (ir::is_float(from)) {
    if (ir::is_float(to)) {
      return "((" + c + ")" + a + ")";
    }
    if (ir::is_wide(to)) {
      return "omc_wide_from_f64(" + a + ", " + runtime_type(to) + ", " + place() + ")";
    }
    const bool full = ir::bit_width(to) == 64;
    const std::string low = full ? (ir::is_signed(to) ? "INT64_MIN" : "0") : integer_literal(Type::S64, smallest(to));
    const std::string high = full ? "INT64_MAX" : integer_literal(Type::S64, largest(to));
    return "((" + c + ")omc_f64_to_int(" + a + ", " + low + ", " + high + ", " + runtime_type(to) + ", " + place() + "))";
  }
  if (ir::is_float(to)) {
    if (ir::is_wide(from)) {
      return "((" + c + ")omc_wide_to_f64(" + a + ", " + runtime_type(from) + "))";
    }
    return sign || ir::bit_width(from) < 64 ? "((" + c + ")(int64_t)" + a + ")"
                                            : std::string(to == Type::F32 ? "omc_u64_to_f32(" : "omc_u64_to_f64(") + a + ")";
  }
  const std::string checked = checked_flag(in);
  if (ir::is_wide(from) || ir::is_wide(to)) {
    if (!ir::is_wide(to)) {
      const Type middle = ir::is_signed(to) ? Type::S256 : Type::U256;
      static_cast<void>(middle);
      return "((" + c + ")omc_wide_convert(" + a + ", " + runtime_type(from) + ", " + runtime_type(to) + ", " + checked + ", " + place() + ").limb[0])";
    }
    if (ir::is_wide(from)) {
      return "omc_wide_convert(" + a + ", " + runtime_type(from) + ", " + runtime_type(to) + ", " + checked + ", " + place() + ")";
    }
    std::string widened = sign ? "omc_wide_from_s64(" + a + ")" : "omc_wide_from_u64(" + as_u64(in.a) + ")";
    if (!sign || ir::is_signed(to)) {
      return widened;
    }
    return "omc_wide_convert(" + widened + ", " + runtime_type(Type::S256) + ", " + runtime_type(to) + ", " + checked + ", " + place() + ")";
  }
  const uint32_t from_bits = ir::bit_width(from), to_bits = ir::bit_width(to);
  const bool fits = ir::is_signed(to) == sign ? to_bits >= from_bits : ir::is_signed(to) && to_bits > from_bits;
  if (fits || (in.flags & ir::kChecked) == 0) {
    return fits ? "((" + c + ")" + a + ")" : cut(to, a);
  }
  if (!sign) {
    const std::string high = to_bits == 64 ? "(uint64_t)INT64_MAX" : integer_literal(Type::U64, largest(to));
    return "((" + c + ")omc_cast_u64(" + a + ", " + high + ", " + place() + "))";
  }
  const std::string low = to_bits == 64 ? "0" : integer_literal(Type::S64, smallest(to));
  const std::string high = to_bits == 64 ? "INT64_MAX" : integer_literal(Type::S64, largest(to));
  return "((" + c + ")omc_cast_s64(" + a + ", " + low + ", " + high + ", " + place() + "))";
}

std::string FunctionWriter::bitcast(const Inst& in) const {
  const Type from = type_of(in.a), to = in.type;
  std::string a = expr(in.a);
  if (from == to) {
    return a;
  }
  if (ir::is_wide(to)) {
    return "omc_wide_convert(" + a + ", " + runtime_type(from) + ", " + runtime_type(to) + ", 0, 0)";
  }
  // Through the bits as an unsigned integer.
  const std::string bits = from == Type::F64   ? "omc_double_bits(" + a + ")"
                           : from == Type::F32 ? "omc_float_bits(" + a + ")"
                           : from == Type::Ref ? "(uint64_t)(uintptr_t)" + a
                                               : "(uint64_t)" + a;
  switch (to) {
    case Type::F64: return "omc_double(" + bits + ")";
    case Type::F32: return "omc_float((uint32_t)" + bits + ")";
    case Type::Ref: return "((void *)(uintptr_t)" + bits + ")";
    default: return cut(to, "(" + bits + ")");
  }
}

}  // namespace omega::codegen::c
