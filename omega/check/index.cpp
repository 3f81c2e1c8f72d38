// SPDX-License-Identifier: Apache-2.0
// `base[i]` and slices.
#include "omega/check/checker.h"

namespace omega::check {

using diag::Kind;

ValueId Checker::index_value(NodeId id) { return index_of(expression(id), id); }

ValueId Checker::index_of(Value value, NodeId id) {
  if (value.is_error()) {
    return poison(kInt64Type);
  }
  if (value.is_constant() && value.type == kNumberType) {
    value = convert(value, kInt64Type, id);
    return value.is_error() ? poison(kInt64Type) : materialize(value);
  }
  value = to_runtime(value, id);
  if (value.is_error()) {
    return poison(kInt64Type);
  }
  if (value.type == kInt64Type) [[likely]] {
    return value.id;
  }
  const TypeInfo& info = types_[value.type];
  if (info.kind != TypeKind::Integer) {
    mismatch(kInt64Type, value, id);
    return poison(kInt64Type);
  }
  at(id);
  return builder_->cast(ir::Type::S64, value.id, ir::kChecked);
}

ValueId Checker::element_index(NodeId index, NodeId base) {
  const Value value = expression(index);
  return value.is_constant() && is_negative(value, index, base) ? poison(kInt64Type) : index_of(value, index);
}

bool Checker::is_negative(Value constant, NodeId index, NodeId base) {
  if (!is_whole_constant(constant) || constant.bits >= 0) {
    return false;
  }
  const std::string digits = std::to_string(constant.bits);
  const Node& named = node(base);
  const std::string array = named.kind == NodeKind::Name ? name_text(tree_->name(named)) : "xs";
  report(Kind::NegativeIndex, index, {digits}).with_help("what is counted from the end is written `" + array + ".length - " + digits.substr(1) + "`");
  return true;
}

bool Checker::is_whole_constant(Value value) const {
  return value.is_constant() && value.form == ConstantForm::Integer && (value.type == kNumberType || is_integer_type(value.type));
}

ValueId Checker::bounded_index(NodeId index, uint64_t length, NodeId where) {
  const Value value = expression(index);
  if (is_whole_constant(value)) {
    if (value.bits < 0 || static_cast<uint64_t>(value.bits) >= length) {
      report(Kind::IndexOutOfBounds, index, {std::to_string(value.bits), std::to_string(length)});
      return poison(kInt64Type);
    }
    return builder_->const_int(ir::Type::S64, value.bits);
  }
  const ValueId at_index = index_of(value, index);
  at(where);
  builder_->emit(Op::CheckBound, ir::Type::Void, at_index, static_cast<uint32_t>(length));
  return at_index;
}

Value Checker::index(NodeId id) {
  const Node& n = node(id);
  if (n.b == 0) {
    const TypeId type = read_type(id);
    return type == kErrorType ? Value::error() : Value::of_type(type);
  }
  if (node(n.b).kind == NodeKind::Range) {
    const Node& range = node(n.b);
    return slice_of(expression(n.a), range.a, range.b, (range.flags & 1) != 0, id);
  }
  Value base = expression(n.a);
  if (base.kind == ValueKind::Type) {
    const TypeId type = read_type(id);
    return type == kErrorType ? Value::error() : Value::of_type(type);
  }
  base = to_runtime(base, n.a);
  if (base.is_error()) {
    expression(n.b);
    return base;
  }
  const TypeInfo& info = types_[base.type];
  switch (info.kind) {
    case TypeKind::Array:
    case TypeKind::Bytes:
    case TypeKind::String: {
      const ValueId at_index = element_index(n.b, n.a);
      at(id);
      builder_->emit(Op::CheckIndex, ir::Type::Void, at_index, base.id);
      const TypeId element = info.kind == TypeKind::String ? kUint8Type : info.element;
      return Value::of(element, element_get(base.id, at_index, element));
    }
    case TypeKind::FixedArray: {
      const ValueId at_index = bounded_index(n.b, info.length, id);
      return Value::of(info.element, builder_->emit(Op::FixedGet, types_.ir(info.element), base.id, at_index));
    }
    case TypeKind::Mapping: {
      const ValueId key = operand(n.b, info.key);
      at(id);
      return load({.kind = Place::Kind::Entry, .type = info.element, .base = base.id, .index = spill(key, info.key), .container = base.type});
    }
    case TypeKind::Tuple: {
      const Value constant = expression(n.b);
      if (constant.is_error()) {
        return constant;
      }
      if (!constant.is_constant() || constant.form != ConstantForm::Integer || constant.bits < 0 || constant.bits >= static_cast<int64_t>(info.part_count)) {
        report(Kind::TupleIndex, n.b, {std::to_string(info.part_count)});
        return Value::error();
      }
      return tuple_part(base, static_cast<uint32_t>(constant.bits));
    }
    case TypeKind::FixedBytes: {
      const ValueId at_index = bounded_index(n.b, info.bits / 8u, id);
      const ValueId from_right = builder_->binary(Op::Sub, ir::Type::S64, builder_->const_int(ir::Type::S64, info.bits / 8 - 1), at_index);
      const ValueId amount = builder_->binary(Op::Shl, ir::Type::S64, from_right, builder_->const_int(ir::Type::S64, 3));
      return Value::of(fixed_bytes_type(1), builder_->cast(ir::Type::U8, builder_->binary(Op::Shr, info.ir, base.id, amount)));
    }
    default:
      expression(n.b);
      report(Kind::NotIndexable, id, {types_.text(base.type)});
      return Value::error();
  }
}

Value Checker::slice(NodeId id) {
  const Node& n = node(id);
  return slice_of(expression(n.a), tree_->rec(n.b, 0), tree_->rec(n.b, 1), false, id);
}

Value Checker::slice_of(Value base, NodeId low, NodeId high, bool inclusive, NodeId where) {
  base = to_runtime(base, node(where).a);
  if (base.is_error()) {
    return base;
  }
  const TypeInfo& info = types_[base.type];
  if (info.kind != TypeKind::Array && info.kind != TypeKind::String && info.kind != TypeKind::Bytes) {
    diag::Diagnostic& diagnostic = report(Kind::NotSliceable, where, {types_.text(base.type)});
    if (info.kind == TypeKind::FixedArray) {
      diagnostic.with_help("an array whose length is not part of its type can: `let xs = new " + types_.text(info.element) + "[](n)`");
    }
    return Value::error();
  }
  const NodeId named = node(where).a;
  const ValueId from = low == 0 ? builder_->const_int(ir::Type::S64, 0) : element_index(low, named);
  ValueId to = high == 0 ? array_length(base.id) : element_index(high, named);
  at(where);
  if (inclusive) {
    to = builder_->binary(Op::Add, ir::Type::S64, to, builder_->const_int(ir::Type::S64, 1), ir::kChecked);
  }
  if (info.kind == TypeKind::String) {
    return Value::of(base.type, builder_->call_runtime(ir::RuntimeFunctionId::StringSlice, {base.id, from, to}));
  }
  const ValueId size = builder_->const_int(ir::Type::U32, types_[info.element].size);
  return Value::of(base.type, builder_->call_runtime(ir::RuntimeFunctionId::ArraySlice, {base.id, from, to, size}));
}

}  // namespace omega::check
