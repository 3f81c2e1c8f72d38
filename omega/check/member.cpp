// SPDX-License-Identifier: Apache-2.0
// `base.name`: fields, enum members, module members, properties.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "omega/check/checker.h"
#include "omega/check/foreign_names.h"
#include "omega/check/result_type.h"
#include "omega/diag/edit_distance.h"

namespace omega::check {

using diag::Kind;

const Field* Checker::find_field(TypeId type, NameId name) {
  constexpr uint32_t few = 16;
  const StructDecl& structure = decls_.structs[types_[type].declaration];
  if (structure.field_count <= few) {
    for (const Field& field : decls_.fields_of(structure)) {
      if (field.name == name) {
        return &field;
      }
    }
    return nullptr;
  }
  const uint32_t* begin = decls_.fields_by_name.data() + structure.first_field;
  const uint32_t* end = begin + structure.field_count;
  const uint32_t* at = std::lower_bound(begin, end, name, [&](uint32_t field, NameId wanted) { return decls_.fields[field].name.index < wanted.index; });
  return at != end && decls_.fields[*at].name == name ? &decls_.fields[*at] : nullptr;
}

bool Checker::find_method(NameId name, TypeId receiver, MethodKind& kind) {
  const Symbol symbol = decls_.builtins.methods.find(name);
  if (symbol.kind == SymbolKind::None) {
    return false;
  }
  char letter = 0;
  switch (types_[receiver].kind) {
    case TypeKind::Array: letter = 'a'; break;
    case TypeKind::String: letter = 's'; break;
    case TypeKind::Bytes: letter = 'b'; break;
    case TypeKind::Mapping: letter = 'm'; break;
    case TypeKind::Result: letter = 'r'; break;
    case TypeKind::Random: letter = 'n'; break;
    default: return false;
  }
  kind = static_cast<MethodKind>(symbol.index);
  return method_names()[symbol.index].receivers.find(letter) != std::string_view::npos;
}

Value Checker::member(NodeId id, TypeId) {
  const Node& n = node(id);
  if (node(n.a).kind == NodeKind::TypeOf) {
    const TypeId type = read_type(node(n.a).a);
    if (type == kErrorType) {
      return Value::error();
    }
    const bool is_max = NameId{n.b} == decls_.builtins.max;
    const TypeInfo& info = types_[type];
    if (!is_max && NameId{n.b} != decls_.builtins.min) {
      report(Kind::UnknownMember, id, {"type(" + types_.text(type) + ")", name_text(NameId{n.b})});
      return Value::error();
    }
    if (info.kind == TypeKind::Integer) {
      BigInteger limit = BigInteger::power_of_two(info.is_signed ? info.bits - 1u : info.bits);
      limit = is_max ? limit - BigInteger(1) : info.is_signed ? -limit : BigInteger(0);
      return integer_constant(type, limit);
    }
    if (info.kind == TypeKind::Float) {
      const double largest = info.bits == 32 ? static_cast<double>(std::numeric_limits<float>::max()) : std::numeric_limits<double>::max();
      return {.kind = ValueKind::Constant, .form = ConstantForm::Float, .type = type, .bits = std::bit_cast<int64_t>(is_max ? largest : -largest)};
    }
    if (info.kind == TypeKind::Enum) {
      return Value::integer(type, is_max ? static_cast<int64_t>(decls_.enums[info.declaration].member_count) - 1 : 0);
    }
    report(Kind::UnknownMember, id, {"type(" + types_.text(type) + ")", name_text(NameId{n.b})});
    return Value::error();
  }
  const Value base = expression(n.a);
  switch (base.kind) {
    case ValueKind::Error: return base;
    case ValueKind::Module: {
      const Symbol symbol = decls_.modules[base.id].symbols.find(NameId{n.b});
      if (symbol.kind == SymbolKind::None) {
        report(Kind::UnknownMember, id, {"module `" + name_text(tree_->name(node(n.a))) + "`", name_text(NameId{n.b})});
        return Value::error();
      }
      return symbol_value(symbol, id);
    }
    case ValueKind::Type: return member_of_type(base.type, id);
    default: return member_of_value(base, id);
  }
}

Value Checker::member_of_type(TypeId type, NodeId id) {
  const Node& n = node(id);
  const NameId name{n.b};
  const TypeInfo& info = types_[type];
  if (info.kind == TypeKind::Enum) {
    const auto members = decls_.members_of(decls_.enums[info.declaration]);
    for (size_t i = 0; i < members.size(); ++i) {
      if (members[i] == name) {
        return Value::integer(type, static_cast<int64_t>(i));
      }
    }
    std::vector<std::string_view> candidates;
    for (NameId candidate : members) {
      candidates.push_back(decls_.text(candidate));
    }
    diag::Diagnostic& diagnostic = report(Kind::UnknownMember, id, {"enum `" + types_.text(type) + "`", name_text(name)});
    const std::string_view nearest = diag::nearest_name(decls_.text(name), candidates);
    if (!nearest.empty()) {
      diagnostic.with_help("did you mean `" + std::string(nearest) + "`?");
    }
    return Value::error();
  }
  diag::Diagnostic& diagnostic = report(Kind::UnknownMember, id, {"type `" + types_.text(type) + "`", name_text(name)});
  if (type == kStringType && decls_.text(name) == "concat") {
    diagnostic.with_help("strings are joined by `+`");
  }
  return Value::error();
}

Value Checker::member_of_value(Value base, NodeId id) {
  const Node& n = node(id);
  const NameId name{n.b};
  base = to_runtime(base, n.a);
  if (base.is_error()) {
    return base;
  }
  at(id);
  const TypeInfo& info = types_[base.type];
  const BuiltinNames& names = decls_.builtins;
  std::vector<std::string_view> candidates;
  switch (info.kind) {
    case TypeKind::Struct: {
      if (const Field* field = find_field(base.type, name)) {
        return field->type == kErrorType ? Value::error() : Value::of(field->type, load_field(base.id, field->offset, field->type));
      }
      for (const Field& field : decls_.fields_of(decls_.structs[info.declaration])) {
        candidates.push_back(decls_.text(field.name));
      }
      break;
    }
    case TypeKind::Array:
    case TypeKind::String:
    case TypeKind::Bytes:
      if (name == names.length) {
        return Value::of(kInt64Type, array_length(base.id));
      }
      candidates.push_back("length");
      break;
    case TypeKind::FixedArray:
      if (name == names.length) {
        return Value::integer(kInt64Type, static_cast<int64_t>(info.length));
      }
      candidates.push_back("length");
      break;
    case TypeKind::FixedBytes:
      if (name == names.length) {
        return Value::integer(kInt64Type, info.bits / 8);
      }
      break;
    case TypeKind::Mapping:
      if (name == names.length) {
        return Value::of(kInt64Type, builder_->call_runtime(ir::RuntimeFunctionId::MapLength, {base.id}));
      }
      candidates.push_back("length");
      break;
    case TypeKind::Result:
      if (name == names.ok || name == names.value || name == names.error || name == names.errors) {
        return result_property(base, name);
      }
      candidates = {"ok", "value", "error", "errors", "or"};
      break;
    default: break;
  }
  diag::Diagnostic& diagnostic = report(Kind::UnknownMember, id, {"`" + types_.text(base.type) + "`", name_text(name)});
  MethodKind method;
  if (find_method(name, base.type, method)) {
    diagnostic.with_help("it is a method: call it, `" + name_text(name) + "(...)`");
    return Value::error();
  }
  const std::string_view nearest = diag::nearest_name(decls_.text(name), candidates);
  if (const std::string_view advice = help_for_foreign_member(decls_.text(name)); !advice.empty() && info.kind != TypeKind::Struct) {
    diagnostic.with_help(std::string(advice));
  } else if (info.kind == TypeKind::Struct) {
    diagnostic.with_help(help_for_field(decls_.text(name), candidates));
  } else if (!nearest.empty()) {
    diagnostic.with_help("did you mean `" + std::string(nearest) + "`?");
  }
  return Value::error();
}

std::string Checker::help_for_field(std::string_view name, std::span<const std::string_view> fields) {
  constexpr size_t most_listed = 8;
  if (const std::string_view nearest = diag::nearest_name(name, fields); !nearest.empty()) {
    return "did you mean `" + std::string(nearest) + "`?";
  }
  std::string listed;
  for (size_t i = 0; i < std::min(fields.size(), most_listed); ++i) {
    listed += (i == 0 ? "`" : ", `") + std::string(fields[i]) + "`";
  }
  return listed.empty() ? listed : "its fields are " + listed + (fields.size() > most_listed ? ", …" : "");
}

Value Checker::result_property(Value result, NameId name) {
  const BuiltinNames& names = decls_.builtins;
  const TypeId value_type = types_[result.type].element;
  // A null Result is the error "no value".
  const Label present = builder_->new_label();
  const Label join = builder_->new_label();
  const ValueId is_object = builder_->compare(Op::Ne, result.id, builder_->const_null());
  if (name == names.ok) {
    const ValueId no = builder_->const_bool(false);
    builder_->cond_br(is_object, present, join, {}, {&no, 1});
    builder_->start_block(present);
    const ValueId ok = builder_->load(ir::Type::U1, result.id, kResultOk);
    builder_->br(join, {&ok, 1});
    builder_->start_block(join);
    return Value::of(kBoolType, builder_->block_arg(0, ir::Type::U1));
  }
  const ValueId no_value = builder_->const_string("no value");
  if (name == names.value) {
    const Label failed = builder_->new_label();
    const Label good = builder_->new_label();
    builder_->cond_br(is_object, present, failed, {}, {&no_value, 1});
    builder_->start_block(present);
    const ValueId ok = builder_->load(ir::Type::U1, result.id, kResultOk);
    const ValueId error = builder_->load(ir::Type::Ref, result.id, kResultError);
    builder_->cond_br(ok, good, failed, {}, {&error, 1});
    builder_->start_block(failed);
    builder_->panic(ir::PanicKind::ResultError, builder_->block_arg(0, ir::Type::Ref));
    builder_->start_block(good);
    return value_type == kVoidType ? Value::none() : Value::of(value_type, builder_->load(types_.ir(value_type), result.id, kResultValue));
  }
  builder_->cond_br(is_object, present, join, {}, {&no_value, 1});
  builder_->start_block(present);
  const ValueId error = builder_->load(ir::Type::Ref, result.id, kResultError);
  builder_->br(join, {&error, 1});
  builder_->start_block(join);
  const ValueId text = builder_->block_arg(0, ir::Type::Ref);
  if (name == names.error) {
    return Value::of(kStringType, text);
  }
  // errors: the list, or the one error alone, or nothing when there is a value.
  const Label has_object = builder_->new_label();
  const Label no_list = builder_->new_label();
  const Label one = builder_->new_label();
  const Label end = builder_->new_label();
  builder_->cond_br(builder_->compare(Op::Ne, result.id, builder_->const_null()), has_object, one);
  builder_->start_block(has_object);
  const ValueId list = builder_->load(ir::Type::Ref, result.id, kResultErrors);
  builder_->cond_br(builder_->compare(Op::Ne, list, builder_->const_null()), end, no_list, {&list, 1}, {});
  builder_->start_block(no_list);
  const ValueId empty = new_array(builder_->const_int(ir::Type::S64, 0), kStringType);
  builder_->cond_br(builder_->load(ir::Type::U1, result.id, kResultOk), end, one, {&empty, 1}, {});
  builder_->start_block(one);
  const ValueId single = new_array(builder_->const_int(ir::Type::S64, 0), kStringType);
  push(single, text, kStringType);
  builder_->br(end, {&single, 1});
  builder_->start_block(end);
  return Value::of(types_.array_of(kStringType), builder_->block_arg(0, ir::Type::Ref));
}

}  // namespace omega::check
