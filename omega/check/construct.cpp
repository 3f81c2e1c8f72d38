// SPDX-License-Identifier: Apache-2.0
// Values that are made: array literals, tuples, structs, `new`.
#include <algorithm>

#include "omega/check/checker.h"
#include "omega/diag/edit_distance.h"

namespace omega::check {

using diag::Kind;

TypeId Checker::number_type_of(const PodVector<Value>& values) {
  return std::any_of(values.begin(), values.end(), [&](const Value& value) { return value.is_value() && default_type(value) == kFloat64Type; }) ? kFloat64Type
                                                                                                                                                : kInt64Type;
}

Value Checker::array_literal(NodeId id, TypeId hint) {
  const auto items = tree_->list(node(id).b);
  const TypeInfo& wanted = types_[hint];
  const bool is_fixed = wanted.kind == TypeKind::FixedArray;
  if (is_fixed && wanted.length != items.size()) {
    report(Kind::ArrayLiteralLength, id, {std::to_string(wanted.length), std::to_string(items.size())});
    return Value::error();
  }
  TypeId element = wanted.kind == TypeKind::Array || is_fixed ? wanted.element : wanted.kind == TypeKind::Bytes ? kUint8Type : kNoType;
  PodVector<Value> values;
  if (element == kNoType) {
    bool failed = false;
    for (NodeId item : items) {
      Value value = expression(item, element);
      if (!value.is_value()) {
        // What was checked has been emitted; only a lambda waits for its types.
        value = value.kind == ValueKind::Lambda ? runtime_expression(item, element) : to_runtime(value, item);
      }
      failed = failed || value.is_error();
      values.push_back(value);
      if (value.is_error()) {
        continue;
      }
      if (element == kNoType) {
        element = value.type;
      } else {
        const TypeId common = element == kNumberType ? (value.type == kNumberType         ? kNumberType
                                                        : converts(values[0], value.type) ? value.type
                                                                                          : kNoType)
                                                     : common_type(Value::of(element, 0), value);
        if (common == kNoType) {
          report(Kind::ElementTypes, item, {value_text(value), types_.text(element == kNumberType ? number_type_of(values) : element)});
          failed = true;
        } else {
          element = common;
        }
      }
    }
    if (failed) {
      return Value::error();
    }
    if (element == kNoType) {
      report(Kind::EmptyLiteralType, id).with_help("give the variable a type: `int64[] xs = []`, or write `new int64[](0)`");
      return Value::error();
    }
    if (element == kNumberType) {
      element = number_type_of(values);
    }
  }
  const TypeInfo& info = types_[element];
  ValueId array = 0;
  if (is_fixed) {
    array = builder_->emit(Op::NewObject, ir::Type::Ref, static_cast<uint32_t>(items.size() * info.size), 0, 0, info.is_ref ? 0 : ir::kNoRefs);
  } else {
    array = new_array(builder_->const_int(ir::Type::S64, static_cast<int64_t>(items.size())), element);
  }
  for (size_t i = 0; i < items.size(); ++i) {
    ValueId value = 0;
    if (values.empty()) {
      value = operand(items[i], element);
    } else {
      const Value converted = convert(values[i], element, items[i]);
      value = converted.is_error() ? poison(element) : materialize(converted);
    }
    const ValueId at_index = builder_->const_int(ir::Type::S64, static_cast<int64_t>(i));
    builder_->emit(is_fixed ? Op::FixedSet : Op::ElementSet, ir::Type::Void, array, at_index, value);
  }
  return Value::of(is_fixed || wanted.kind == TypeKind::Bytes ? hint : types_.array_of(element), array);
}

uint32_t Checker::tuple_offset(TypeId tuple, uint32_t index) const {
  const TypeInfo& info = types_[tuple];
  uint32_t offset = 0;
  for (uint32_t i = 0; i < index; ++i) {
    const uint32_t size = types_[info.parts[i]].size;
    offset = align_field(offset, size) + size;
  }
  return index == info.part_count ? align_field(offset, 8) : align_field(offset, types_[info.parts[index]].size);
}

Value Checker::tuple_part(Value tuple, uint32_t index) {
  const TypeId type = types_[tuple.type].parts[index];
  if (tuple.kind == ValueKind::Multi) {
    return Value::of(type, tuple.id + index);
  }
  return Value::of(type, load_field(tuple.id, tuple_offset(tuple.type, index), type));
}

ValueId Checker::tuple_object(TypeId type, std::span<const ValueId> values) {
  const TypeInfo& info = types_[type];
  bool has_refs = false;
  for (TypeId part : info.components()) {
    has_refs = has_refs || types_[part].is_ref;
  }
  const ValueId object = builder_->emit(Op::NewObject, ir::Type::Ref, tuple_size(type), 0, 0, has_refs ? 0 : ir::kNoRefs);
  uint32_t offset = 0;
  for (uint32_t i = 0; i < info.part_count; ++i) {
    const uint32_t size = types_[info.parts[i]].size;
    offset = align_field(offset, size);
    store_field(object, offset, info.parts[i], values[i]);
    offset += size;
  }
  return object;
}

Value Checker::tuple_literal(NodeId id, TypeId hint) {
  const auto items = tree_->list(node(id).b);
  const TypeInfo& wanted = types_[hint];
  const bool has_hint = wanted.kind == TypeKind::Tuple && wanted.part_count == items.size();
  PodVector<TypeId> parts;
  PodVector<ValueId> values;
  bool failed = false;
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i] == 0) {
      report(Kind::TupleHole, id);
      return Value::error();
    }
    if (has_hint) {
      values.push_back(operand(items[i], wanted.parts[i]));
      continue;
    }
    const Value value = runtime_expression(items[i]);
    failed = failed || value.is_error();
    parts.push_back(value.type);
    values.push_back(value.id);
  }
  if (failed) {
    return Value::error();
  }
  const TypeId type = has_hint ? hint : types_.tuple({parts.data(), parts.size()});
  return Value::of(type, tuple_object(type, {values.data(), values.size()}));
}

Value Checker::struct_value(TypeId type, std::span<const NodeId> arguments, bool may_leave_out, NodeId where) {
  if (!signatures_known(where)) {
    return Value::error();
  }
  const StructDecl& structure = decls_.structs[types_[type].declaration];
  const auto fields = decls_.fields_of(structure);
  const bool by_name = !arguments.empty() && node(arguments[0]).kind == NodeKind::NamedArg;
  if (!by_name && !(may_leave_out && arguments.empty()) && arguments.size() != fields.size()) {
    report(Kind::ArgumentCount, where, {name_text(structure.name), arguments_text(fields.size()), std::to_string(arguments.size())})
        .note(decls_.modules[structure.module].tree->span(structure.node), "declared here");
    for (NodeId argument : arguments) {
      expression(argument);
    }
    return Value::error();
  }
  PodVector<ValueId> values;
  values.resize(fields.size(), ir::kNone);
  bool failed = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Node& argument = node(arguments[i]);
    if (!by_name) {
      values[i] = fields[i].type == kErrorType ? (expression(arguments[i]), poison(kErrorType)) : operand(arguments[i], fields[i].type);
      continue;
    }
    size_t found = fields.size();
    for (size_t k = 0; k < fields.size() && argument.kind == NodeKind::NamedArg; ++k) {
      found = fields[k].name == NameId{argument.a} ? k : found;
    }
    if (found == fields.size()) {
      std::vector<std::string_view> candidates;
      for (const Field& field : fields) {
        candidates.push_back(decls_.text(field.name));
      }
      const std::string name = argument.kind == NodeKind::NamedArg ? name_text(NameId{argument.a}) : "";
      diag::Diagnostic& diagnostic = report(Kind::UnknownMember, arguments[i], {"`" + types_.text(type) + "`", name});
      diagnostic.with_help(help_for_field(name, candidates));
      failed = true;
      continue;
    }
    if (values[found] != ir::kNone) {
      report(Kind::ArgumentTwice, arguments[i], {name_text(fields[found].name)});
      failed = true;
      continue;
    }
    values[found] = operand(argument.b, fields[found].type);
  }
  for (size_t i = 0; i < fields.size() && !failed && !may_leave_out; ++i) {
    if (values[i] == ir::kNone) {
      report(Kind::ArgumentMissing, where, {name_text(fields[i].name), name_text(structure.name)})
          .with_help("write `" + name_text(structure.name) + "{...}` to leave fields at zero");
      failed = true;
    }
  }
  if (failed) {
    return Value::error();
  }
  at(where);
  const ValueId object = builder_->emit(Op::NewObject, ir::Type::Ref, structure.size, 0, 0, structure.has_refs ? 0 : ir::kNoRefs);
  for (size_t i = 0; i < fields.size(); ++i) {
    if (values[i] != ir::kNone) {
      store_field(object, fields[i].offset, fields[i].type, values[i]);
    } else if (needs_object(fields[i].type)) {
      store_field(object, fields[i].offset, fields[i].type, zero_value(fields[i].type));
    }
  }
  return Value::of(type, object);
}

Value Checker::new_expression(NodeId call_node, NodeId new_node) {
  const TypeId type = read_type(node(new_node).a);
  const auto arguments = tree_->list(node(call_node).b);
  if (type == kErrorType) {
    return Value::error();
  }
  const TypeInfo& info = types_[type];
  if (info.kind != TypeKind::Array && info.kind != TypeKind::Bytes) {
    diag::Diagnostic& diagnostic = report(Kind::NewType, new_node, {types_.text(type)});
    if (info.kind == TypeKind::Struct) {
      diagnostic.with_help("leave out `new`: `" + types_.text(type) + "(...)` with all fields, `" + types_.text(type) + "{...}` with some");
    } else if (info.kind == TypeKind::Mapping) {
      diagnostic.with_help("a mapping begins empty: `" + types_.text(type) + " m`");
    }
    return Value::error();
  }
  if (arguments.empty() || arguments.size() > 2) {
    report(Kind::ArgumentCount, call_node, {"new " + types_.text(type), "1 or 2 arguments", std::to_string(arguments.size())});
    return Value::error();
  }
  const Value given = expression(arguments[0]);
  if (is_whole_constant(given) && given.bits < 0) {
    report(Kind::LengthOutOfRange, arguments[0], {std::to_string(given.bits)});
    return Value::error();
  }
  const ValueId length = index_of(given, arguments[0]);
  at(call_node);
  const ValueId array = new_array(length, info.element);
  if (arguments.size() == 2) {
    const ValueId value = operand(arguments[1], info.element);
    builder_->call_runtime(ir::RuntimeFunctionId::ArrayFill, {array, spill(value, info.element)});
  } else {
    fill_with_zeros(array, length, info.element, call_node);
  }
  return Value::of(type, array);
}

}  // namespace omega::check
