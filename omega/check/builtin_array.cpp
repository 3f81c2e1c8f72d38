// SPDX-License-Identifier: Apache-2.0
// Methods of arrays, bytes and mappings; sorting; shallow copies.
#include "omega/check/builtin_values.h"

namespace omega::check {
namespace {

using ir::Type;

/// The runtime's om_order of an element type; 0: it has no order of its own.
uint32_t sort_order(Checker& checker, TypeId type) {
  enum : uint32_t { kI64 = 1, kU64, kF64, kString, kI32, kU32, kF32, kI16, kU16, kI8, kU8, kWideSigned, kWideUnsigned };
  type = underlying_type(checker, type);
  const TypeInfo& info = checker.info(type);
  switch (info.kind) {
    case TypeKind::String:
    case TypeKind::Bytes: return kString;
    case TypeKind::Float: return type == kFloat32Type ? kF32 : kF64;
    case TypeKind::Bool:
    case TypeKind::Enum:
    case TypeKind::Integer:
    case TypeKind::FixedBytes:
    case TypeKind::Address: break;
    default: return 0;
  }
  const bool is_signed = ir::is_signed(info.ir);
  switch (info.size) {
    case 1: return is_signed ? kI8 : kU8;
    case 2: return is_signed ? kI16 : kU16;
    case 4: return is_signed ? kI32 : kU32;
    case 8: return is_signed ? kI64 : kU64;
    default: return is_signed ? kWideSigned : kWideUnsigned;
  }
}

uint32_t array_flags(Checker& checker, TypeId element) { return checker.info(element).is_ref ? 1 : 0; }

TypeId element_of(Checker& checker, TypeId array) { return array == kBytesType ? kUint8Type : checker.info(array).element; }

/// A closure `code(closure, x, y)` over the addresses of two elements: 1 when x goes before y.
ValueId comparison_closure(Checker& checker, TypeId element, NodeId comparison) {
  // A function value is evaluated once, here; a lambda's body becomes the closure's.
  const Value function = checker.expression(comparison);
  if (function.is_error()) {
    return checker.poison(kStringType);
  }
  const bool is_object = function.kind == ValueKind::Runtime;
  const uint32_t mark = checker.open_scope();
  uint32_t held = 0;
  if (is_object) {
    held = checker.declare_value(NameId{}, function.type, checker.node(comparison).token, function.id);
  }
  const Type params[] = {Type::Ref, Type::Ref, Type::Ref};
  const Type results[] = {Type::S32};
  checker.begin_closure("compare", params, results, comparison);
  ir::FunctionBuilder& builder = checker.builder();
  const Value arguments[] = {Value::of(element, checker.load_field(builder.param(1), 0, element)),
                             Value::of(element, checker.load_field(builder.param(2), 0, element))};
  Value before = checker.apply(is_object ? checker.read_local(held) : function, comparison, arguments, kBoolType);
  if (!before.is_error() && !checker.converts(before, kBoolType)) {
    checker.report(diag::Kind::PatternNeedsBool, comparison, {checker.value_text(before)});
    before = Value::error();
  }
  const ValueId decided = before.is_error() ? builder.const_bool(false) : checker.materialize(checker.convert(before, kBoolType, comparison));
  builder.ret(builder.cast(Type::S32, decided));
  const ValueId closure = checker.end_closure();
  checker.close_scope(mark);
  return closure;
}

/// Does the array hold the value? By bytes where bytes decide equality, else one by one.
Value contains(Checker& checker, ValueId array, TypeId element, NodeId what, NodeId where) {
  const ValueId wanted = checker.operand(what, element);
  ir::FunctionBuilder& builder = checker.builder();
  checker.at(where);
  switch (checker.info(underlying_type(checker, element)).kind) {
    case TypeKind::Bool:
    case TypeKind::Integer:
    case TypeKind::Enum:
    case TypeKind::FixedBytes:
    case TypeKind::Address: {
      const ValueId at = runtime_call(checker, RuntimeFunctionId::ArrayFind, {array, checker.spill(wanted, element)});
      return Value::of(kBoolType, builder.compare(Op::Ge, at, const_s64(checker, 0)));
    }
    case TypeKind::Float:
    case TypeKind::String:
    case TypeKind::Bytes: break;
    default:
      return wrong_argument(checker, "contains", "an array of numbers, bools, enums or strings", Value::of(checker.types().array_of(element), array), where);
  }
  const ir::SlotId found = builder.add_slot(Type::U1);
  builder.set(found, builder.const_bool(false));
  const CountedLoop loop = checker.begin_counted_loop(const_s64(checker, 0), checker.array_length(array), where);
  const ValueId value = checker.element_get(array, builder.get(loop.iv), element);
  const Value same = checker.binary_values(parse::BinaryOp::Eq, Value::of(element, value), Value::of(element, wanted), where);
  const Label hit = builder.new_label();
  builder.cond_br(checker.materialize(same), hit, loop.latch);
  builder.start_block(hit);
  builder.set(found, builder.const_bool(true));
  builder.br(loop.exit);
  checker.end_counted_loop(loop);
  return Value::of(kBoolType, builder.get(found));
}

Value pop(Checker& checker, ValueId array, TypeId element) {
  const ValueId place = checker.stack_object(element_size(checker, element));
  runtime_call(checker, RuntimeFunctionId::ArrayPop, {array, place});
  return Value::of(element, checker.load_field(place, 0, element));
}

/// A fresh block with the same fields or elements.
ValueId copy_block(Checker& checker, Value value, NodeId where) {
  ir::FunctionBuilder& builder = checker.builder();
  const TypeInfo& info = checker.info(value.type);
  const ValueId from = value.id;
  if (info.kind == TypeKind::Struct) {
    const Declarations& declarations = checker.declarations();
    const StructDecl& declaration = declarations.structs[info.declaration];
    const ValueId to = builder.emit(Op::NewObject, Type::Ref, declaration.size, 0, 0, declaration.has_refs ? 0 : ir::kNoRefs);
    for (const Field& field : declarations.fields_of(declaration)) {
      checker.store_field(to, field.offset, field.type, checker.load_field(from, field.offset, field.type));
    }
    return to;
  }
  const TypeInfo& element = checker.info(info.element);
  const uint32_t bytes = static_cast<uint32_t>(info.length * element.size);
  const ValueId to = builder.emit(Op::NewObject, Type::Ref, bytes, 0, 0, element.is_ref ? 0 : ir::kNoRefs);
  const CountedLoop loop = checker.begin_counted_loop(const_s64(checker, 0), const_s64(checker, static_cast<int64_t>(info.length)), where);
  const ValueId index = builder.get(loop.iv);
  builder.emit(Op::FixedSet, Type::Void, to, index, builder.binary(Op::FixedGet, element.ir, from, index));
  checker.end_counted_loop(loop);
  return to;
}

}  // namespace

Value sort_array(Checker& checker, Value array, NodeId comparison, NodeId where) {
  const TypeKind kind = checker.info(array.type).kind;
  if (kind != TypeKind::Array && kind != TypeKind::Bytes) {
    return wrong_argument(checker, "sort", "an array", array, where);
  }
  const ValueId id = checker.materialize(array);
  const TypeId element = element_of(checker, array.type);
  if (comparison != 0) {
    const ValueId closure = comparison_closure(checker, element, comparison);
    checker.at(where);
    runtime_call(checker, RuntimeFunctionId::ArraySortBy, {id, closure});
    return Value::none();
  }
  const uint32_t order = sort_order(checker, element);
  if (order == 0) {
    checker.report(diag::Kind::BuiltinArgumentType, where, {"sort", "elements with an order of their own", "`" + checker.type_text(element) + "`"})
        .with_help("say which goes first: `sort(xs, (a, b) => a.key < b.key)`");
    return Value::error();
  }
  checker.at(where);
  runtime_call(checker, RuntimeFunctionId::ArraySort, {id, const_u32(checker, order)});
  return Value::none();
}

Value copy_value(Checker& checker, Value value, NodeId where) {
  const TypeInfo& info = checker.info(value.type);
  checker.at(where);
  switch (info.kind) {
    case TypeKind::Array:
    case TypeKind::Bytes: {
      const TypeId element = element_of(checker, value.type);
      return Value::of(value.type, runtime_call(checker, RuntimeFunctionId::ArrayCopy,
                                                {checker.materialize(value), const_u32(checker, element_size(checker, element)),
                                                 const_u32(checker, array_flags(checker, element))}));
    }
    case TypeKind::Mapping: return Value::of(value.type, runtime_call(checker, RuntimeFunctionId::MapCopy, {checker.materialize(value)}));
    case TypeKind::Struct:
    case TypeKind::FixedArray: return Value::of(value.type, copy_block(checker, value, where));
    case TypeKind::Random: {
      ir::FunctionBuilder& builder = checker.builder();
      const ValueId to = builder.emit(Op::NewObject, Type::Ref, 32, 0, 0, ir::kNoRefs);
      for (uint32_t offset = 0; offset < 32; offset += 8) {
        builder.store(to, offset, builder.load(Type::U64, value.id, offset));
      }
      return Value::of(value.type, to);
    }
    default: return value;
  }
}

Value check_array_method(Checker& checker, MethodKind kind, const CallSite& site) {
  const std::string_view name = method_names()[static_cast<uint32_t>(kind)].name;
  const ValueId array = checker.materialize(site.receiver);
  const TypeId type = site.receiver.type;
  if (kind == MethodKind::Copy) {
    return check_argument_count(checker, site, name, 0, 0) ? copy_value(checker, Value::of(type, array), site.node) : Value::error();
  }
  if (checker.info(type).kind == TypeKind::FixedArray) {
    checker.report(diag::Kind::BuiltinNoMethod, site.node, {checker.type_text(type), std::string(name)}).with_help("fixed arrays have `copy()` alone");
    return Value::error();
  }
  const TypeId element = element_of(checker, type);
  const uint32_t least = kind == MethodKind::Pop || kind == MethodKind::Reverse || kind == MethodKind::Sort ? 0 : 1;
  const uint32_t most = kind == MethodKind::Slice ? 2 : kind == MethodKind::Sort ? 1 : least;
  if (!check_argument_count(checker, site, name, least, most)) {
    return Value::error();
  }
  switch (kind) {
    case MethodKind::Push: {
      const ValueId value = checker.operand(site.arguments[0], element);
      checker.at(site.node);
      checker.push(array, value, element);
      return Value::none();
    }
    case MethodKind::Pop: checker.at(site.node); return pop(checker, array, element);
    case MethodKind::Slice: {
      const ValueId from = checker.operand(site.arguments[0], kInt64Type);
      const ValueId to = site.arguments.size() > 1 ? checker.operand(site.arguments[1], kInt64Type) : checker.array_length(array);
      checker.at(site.node);
      return Value::of(type, runtime_call(checker, RuntimeFunctionId::ArraySlice, {array, from, to, const_u32(checker, element_size(checker, element))}));
    }
    case MethodKind::Fill: {
      const ValueId value = checker.operand(site.arguments[0], element);
      checker.at(site.node);
      runtime_call(checker, RuntimeFunctionId::ArrayFill, {array, checker.spill(value, element)});
      return Value::none();
    }
    case MethodKind::Reverse:
      checker.at(site.node);
      runtime_call(checker, RuntimeFunctionId::ArrayReverse, {array});
      return Value::none();
    case MethodKind::Sort: return sort_array(checker, Value::of(type, array), site.arguments.empty() ? 0 : site.arguments[0], site.node);
    case MethodKind::Append: {
      const ValueId other = checker.operand(site.arguments[0], type);
      checker.at(site.node);
      runtime_call(checker, RuntimeFunctionId::ArrayAppend, {array, other});
      return Value::none();
    }
    case MethodKind::Contains: return contains(checker, array, element, site.arguments[0], site.node);
    default: return Value::error();
  }
}

Value check_mapping_method(Checker& checker, MethodKind kind, const CallSite& site) {
  const std::string_view name = method_names()[static_cast<uint32_t>(kind)].name;
  const uint32_t arguments = kind == MethodKind::Contains || kind == MethodKind::Remove ? 1 : 0;
  if (!check_argument_count(checker, site, name, arguments, arguments)) {
    return Value::error();
  }
  const ValueId map = checker.materialize(site.receiver);
  const TypeInfo& info = checker.info(site.receiver.type);
  ir::FunctionBuilder& builder = checker.builder();
  if (arguments == 1) {
    const ValueId key = checker.spill(checker.operand(site.arguments[0], info.key), info.key);
    checker.at(site.node);
    if (kind == MethodKind::Remove) {
      return Value::of(kBoolType, runtime_call(checker, RuntimeFunctionId::MapDelete, {map, key}));
    }
    return Value::of(kBoolType, builder.compare(Op::Ne, runtime_call(checker, RuntimeFunctionId::MapFind, {map, key}), builder.const_null()));
  }
  checker.at(site.node);
  switch (kind) {
    case MethodKind::Keys: return Value::of(checker.types().array_of(info.key), runtime_call(checker, RuntimeFunctionId::MapKeys, {map}));
    case MethodKind::Values: return Value::of(checker.types().array_of(info.element), runtime_call(checker, RuntimeFunctionId::MapValues, {map}));
    case MethodKind::Copy: return Value::of(site.receiver.type, runtime_call(checker, RuntimeFunctionId::MapCopy, {map}));
    default: return Value::error();
  }
}

}  // namespace omega::check
