// SPDX-License-Identifier: Apache-2.0
// Instructions of a function as operations.
#include <algorithm>
#include <bit>

#include "omega/compile/function_converter.h"
#include "omega/compile/graph_operators.h"
#include "omega/graph/trace/functions.h"
#include "omega/graph/trace/transforms.h"
#include "omega/ir/op_info.h"

namespace omega::compile {

using graph::Attribute;
using graph::ElementOp;
using graph::Tracer;
using ir::Inst;
using ir::Op;
using ir::Type;
using ir::ValueId;

namespace {

Attribute attribute(const char* key, auto value) { return {key, static_cast<int64_t>(value)}; }

Tracer element(ElementOp op, const std::vector<Tracer>& inputs) {
  return graph::TracerContext::current().record(graph::OpType::call, graph::element_op_info(op).name, inputs, 1)[0];
}

/// The element operator that does the same.
std::optional<ElementOp> element_op(const Inst& inst, Type type) {
  const bool is_float = ir::is_float(type);
  const bool wraps = type == Type::S64 && (inst.flags & ir::kChecked) == 0;
  const bool is_number = is_float || (ir::is_integer(type) && type != Type::U1 && type != Type::U64);
  switch (inst.op) {
    case Op::Add: return is_float || wraps ? std::optional(ElementOp::add) : std::nullopt;
    case Op::Sub: return is_float || wraps ? std::optional(ElementOp::sub) : std::nullopt;
    case Op::Mul: return is_float || wraps ? std::optional(ElementOp::mul) : std::nullopt;
    case Op::Div: return is_float ? std::optional(ElementOp::div) : std::nullopt;
    case Op::Neg: return is_float || wraps ? std::optional(ElementOp::neg) : std::nullopt;
    case Op::Abs: return is_float ? std::optional(ElementOp::abs) : std::nullopt;
    case Op::Sqrt: return ElementOp::sqrt;
    case Op::Not: return type == Type::U1 ? std::optional(ElementOp::logical_not) : std::nullopt;
    case Op::And: return type == Type::U1 ? std::optional(ElementOp::logical_and) : std::nullopt;
    case Op::Or: return type == Type::U1 ? std::optional(ElementOp::logical_or) : std::nullopt;
    case Op::Min: return type == Type::S64 ? std::optional(ElementOp::minimum) : std::nullopt;
    case Op::Max: return type == Type::S64 ? std::optional(ElementOp::maximum) : std::nullopt;
    case Op::Eq: return is_number ? std::optional(ElementOp::equal) : std::nullopt;
    case Op::Ne: return is_number ? std::optional(ElementOp::not_equal) : std::nullopt;
    case Op::Lt: return is_number ? std::optional(ElementOp::less) : std::nullopt;
    case Op::Le: return is_number ? std::optional(ElementOp::less_equal) : std::nullopt;
    case Op::Gt: return is_number ? std::optional(ElementOp::greater) : std::nullopt;
    case Op::Ge: return is_number ? std::optional(ElementOp::greater_equal) : std::nullopt;
    default: return std::nullopt;
  }
}

}  // namespace

void FunctionConverter::convert_instruction(ValueId v, Values& values) {
  const Inst& inst = f_.insts[v];
  if (convert_memory(v, values) || convert_array(v, values)) {
    return;
  }
  switch (inst.op) {
    case Op::Const:
    case Op::ConstWide:
    case Op::ConstFloat:
    case Op::ConstString: convert_constant(v, values); return;
    case Op::Select: {
      const auto chosen = [&](ValueId id) { return [&, id] { return value(id, values); }; };
      const bool is_number = inst.type != Type::Ref && inst.type != Type::U1 && !ir::is_wide(inst.type);
      values[v].value = is_number ? element(ElementOp::select, {value(inst.a, values), value(inst.b, values), value(inst.c, values)})
                                  : graph::cond(value(inst.a, values), chosen(inst.b), chosen(inst.c));
      return;
    }
    case Op::Cast: convert_cast(v, values); return;
    case Op::Bitcast:
      if (inst.type == Type::Ref || type_of(inst.a) == Type::Ref) {
        unsupported("an address as a number");
      }
      values[v].value = emit("omega.bitcast", {value(inst.a, values)}, 1, 0, {attribute("from", type_of(inst.a)), attribute("to", inst.type)})[0];
      return;
    case Op::CheckThat: static_cast<void>(emit("omega.check", {value(inst.a, values)}, 1, graph::kImpure, {attribute("kind", inst.c)})); return;
    case Op::Call: convert_call(v, values); return;
    case Op::Result: return;  // set by its call
    default: convert_arithmetic(v, values);
  }
}

void FunctionConverter::convert_constant(ValueId v, Values& values) {
  const Inst& inst = f_.insts[v];
  if (inst.op == Op::ConstString) {
    values[v].value = Tracer(f_.strings[inst.a]);
  } else if (inst.op == Op::ConstFloat) {
    values[v].value = inst.type == Type::F32 ? Tracer(std::bit_cast<float>(inst.b)) : Tracer(std::bit_cast<double>(ir::const_value(inst)));
  } else if (inst.op == Op::ConstWide) {
    WideLimbs limbs;
    for (size_t i = 0; i < limbs.size(); ++i) {
      const uint32_t* words = f_.extra.data() + inst.a + 2 * i;
      limbs[i] = static_cast<uint64_t>(words[1]) << 32 | words[0];
    }
    values[v].value = wide_value(limbs);
  } else if (ir::is_wide(inst.type)) {
    const int64_t low = ir::const_value(inst);
    const uint64_t rest = ir::is_signed(inst.type) && low < 0 ? ~uint64_t{0} : 0;
    values[v].value = wide_value({static_cast<uint64_t>(low), rest, rest, rest});
  } else if (inst.type == Type::Ref) {
    values[v].value = zero_of(Type::Ref);
  } else {
    values[v].value = inst.type == Type::U1 ? Tracer(ir::const_value(inst) != 0) : Tracer(ir::const_value(inst));
  }
}

void FunctionConverter::convert_call(ValueId v, Values& values) {
  const Inst& inst = f_.insts[v];
  const ir::Function& callee = context_.module.functions[inst.a];
  // Arrays may be written by whoever gets them.
  const bool shares = std::ranges::any_of(f_.args(inst), [&](uint32_t id) { return type_of(id) == Type::Ref; });
  const std::vector<Tracer> results = emit("omega:" + std::string(callee.name), values_of(f_.args(inst), values), std::max<size_t>(callee.results.size(), 1),
                                           shares ? graph::kImpure | graph::kOrdered : graph::kImpure);
  for (uint32_t i = 0; i < results.size(); ++i) {
    values[v + i].value = results[i];
  }
}

/// Arrays; false when the instruction is about something else.
bool FunctionConverter::convert_array(ValueId v, Values& values) {
  const Inst& inst = f_.insts[v];
  // Where nothing writes, reads need no order.
  const uint8_t read_flags = writes_arrays_ ? graph::kImpure | graph::kOrdered : 0;
  switch (inst.op) {
    case Op::ArrayNew: {
      const bool holds_references = (inst.flags & ir::kNoRefs) == 0;
      if (inst.b > 32 || (holds_references && inst.b != 8)) {
        unsupported("an array of structures");
      }
      values[v].value = emit("omega.array", {value(inst.a, values)}, 1, graph::kImpure,
                             {attribute("words", inst.b > 8 ? kLimbs : 1), attribute("references", holds_references)})[0];
      return true;
    }
    case Op::ArrayLength: values[v].value = emit("omega.length", {value(inst.a, values)}, 1, 0)[0]; return true;
    case Op::CheckIndex: static_cast<void>(emit("omega.index", {value(inst.a, values), value(inst.b, values)}, 1, graph::kImpure)); return true;
    case Op::ElementGet:
      values[v].value = emit("omega.get", {value(inst.a, values), value(inst.b, values)}, 1, read_flags, {attribute("type", inst.type)})[0];
      return true;
    case Op::ElementSet:
      static_cast<void>(emit("omega.set", {value(inst.a, values), value(inst.b, values), value(inst.c, values)}, 1, graph::kImpure | graph::kOrdered));
      return true;
    default: return false;
  }
}

void FunctionConverter::convert_cast(ValueId v, Values& values) {
  const Inst& inst = f_.insts[v];
  const Type from = type_of(inst.a);
  if (from == Type::S64 && inst.type == Type::F64) {
    values[v].value = element(ElementOp::to_float64, {value(inst.a, values)});
    return;
  }
  const bool checked = (inst.flags & ir::kChecked) != 0 || (ir::is_float(from) && ir::is_integer(inst.type));
  const char* callee = ir::is_wide(from) || ir::is_wide(inst.type) ? "omega.wide_cast" : "omega.cast";
  values[v].value = emit(callee, {value(inst.a, values)}, 1, checked ? graph::kImpure : 0,
                         {attribute("from", from), attribute("to", inst.type), attribute("checked", checked)})[0];
}

void FunctionConverter::convert_arithmetic(ValueId v, Values& values) {
  const Inst& inst = f_.insts[v];
  if (inst.op < Op::Add || inst.op > Op::Ge) {
    unsupported("`" + std::string(ir::op_info(inst.op).text) + "` has no operation in graphs");
  }
  const Type type = type_of(inst.a);
  if (type == Type::Ref) {
    unsupported("a comparison of references");
  }
  std::vector<Tracer> operands{value(inst.a, values)};
  const bool is_unary = ir::op_info(inst.op).roles[1] == ir::Role::None;
  if (!is_unary) {
    operands.push_back(value(inst.b, values));
  }
  if (const auto op = ir::is_wide(type) ? std::nullopt : element_op(inst, type)) {
    values[v].value = element(*op, operands);
    return;
  }
  if (ir::is_float(type)) {
    values[v].value = emit("omega.float", operands, 1, 0, {attribute("op", inst.op)})[0];
    return;
  }
  // The amount of a shift and the exponent of a power have types of their own.
  const Type second = is_unary ? type : type_of(inst.b);
  const bool is_wide = ir::is_wide(type) || ir::is_wide(second);
  const bool checked = (inst.flags & ir::kChecked) != 0;
  const bool may_panic = checked || inst.op == Op::Div || inst.op == Op::Mod;
  std::vector<Attribute> attributes{attribute("op", inst.op), attribute("type", type), attribute("checked", checked)};
  if (is_wide) {
    attributes.push_back(attribute("second", second));
  }
  values[v].value = emit(is_wide ? "omega.wide" : "omega.integer", operands, 1, may_panic ? graph::kImpure : 0, attributes)[0];
}

}  // namespace omega::compile
