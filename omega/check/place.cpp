// SPDX-License-Identifier: Apache-2.0
// Places: what stands left of `=`, and memory as fields, elements and entries.
#include "omega/check/checker.h"

namespace omega::check {

using diag::Kind;
using ir::RuntimeFunctionId;

Place Checker::place(NodeId id) {
  const DepthGuard guard(*this);
  if (guard.too_deep()) {
    report_at(Kind::NestedTooDeeply, tree_->span(id));
    return {};
  }
  const Node& n = node(id);
  switch (n.kind) {
    case NodeKind::Paren: return place(n.a);
    case NodeKind::Invalid: return {};
    case NodeKind::Name: {
      const NameId name = tree_->name(n);
      const Symbol symbol = lookup(name);
      if (symbol.kind == SymbolKind::Local) {
        const TypeId type = locals_[symbol.index].type;
        return {.kind = type == kErrorType ? Place::Kind::None : Place::Kind::Local, .type = type, .local = symbol.index};
      }
      if (symbol.kind == SymbolKind::None) {
        report_unknown(name, id, "declare it first: `let " + name_text(name) + " = ...`");
      } else if (symbol.kind != SymbolKind::Alias) {
        report(symbol.kind == SymbolKind::Constant || symbol.kind == SymbolKind::BuiltinConstant ? Kind::ConstantWrite : Kind::NotAssignable, id,
               {name_text(name)});
      }
      return {};
    }
    case NodeKind::Member: {
      const Value base = object(n.a);
      if (base.is_error()) {
        return {};
      }
      if (base.is_value() && types_[base.type].kind == TypeKind::Struct) {
        if (const Field* field = find_field(base.type, NameId{n.b})) {
          return {.kind = Place::Kind::Field, .type = field->type, .base = base.id, .offset = field->offset};
        }
        member_of_value(base, id);  // reports the unknown field
        return {};
      }
      report(Kind::NotAssignable, id, {name_text(NameId{n.b})});
      return {};
    }
    case NodeKind::Index: {
      const Value base = n.b == 0 ? Value::error() : object(n.a);
      if (base.is_error()) {
        if (n.b != 0) {
          expression(n.b);
        } else {
          report(Kind::NotAssignable, id, {"a type"});
        }
        return {};
      }
      const TypeInfo& info = types_[base.type];
      switch (info.kind) {
        case TypeKind::Array:
        case TypeKind::Bytes: {
          if (node(n.b).kind == NodeKind::Range) {
            break;
          }
          const ValueId at_index = element_index(n.b, n.a);
          at(id);
          builder_->emit(Op::CheckIndex, ir::Type::Void, at_index, base.id);
          return {.kind = Place::Kind::Element, .type = info.element, .base = base.id, .index = at_index};
        }
        case TypeKind::FixedArray: {
          if (node(n.b).kind == NodeKind::Range) {
            break;
          }
          const ValueId at_index = bounded_index(n.b, info.length, id);
          return {.kind = Place::Kind::Fixed, .type = info.element, .base = base.id, .index = at_index};
        }
        case TypeKind::Mapping: {
          const ValueId key = operand(n.b, info.key);
          at(id);
          return {.kind = Place::Kind::Entry, .type = info.element, .base = base.id, .index = spill(key, info.key), .container = base.type};
        }
        case TypeKind::String: report(Kind::StringsAreImmutable, id).with_help("work on `bytes(s)` and make a string of it with `string(b)`"); return {};
        default: break;
      }
      if (node(n.b).kind == NodeKind::Range) {
        report(Kind::NotAssignable, id, {"a slice"}).with_help("assign element by element: `@ i in a..<b { xs[i] = ... }`");
      } else {
        report(Kind::NotAssignable, id, {value_text(base)});
      }
      return {};
    }
    default: break;
  }
  const Value value = expression(id);
  if (!value.is_error()) {
    report(Kind::NotAssignable, id, {"this expression"});
  }
  return {};
}

Value Checker::load(const Place& from) {
  switch (from.kind) {
    case Place::Kind::None: return Value::error();
    case Place::Kind::Local: return read_local(from.local);
    case Place::Kind::Field: return Value::of(from.type, load_field(from.base, from.offset, from.type));
    case Place::Kind::Element: return Value::of(from.type, builder_->emit(Op::ElementGet, types_.ir(from.type), from.base, from.index));
    case Place::Kind::Fixed: return Value::of(from.type, builder_->emit(Op::FixedGet, types_.ir(from.type), from.base, from.index));
    case Place::Kind::Entry: {
      const TypeInfo& info = types_[from.type];
      const ValueId size = builder_->const_int(ir::Type::U32, info.size);
      const ValueId address = builder_->call_runtime(RuntimeFunctionId::MapGet, {from.base, from.index, size});
      const ValueId value = builder_->load(info.ir, address, 0);
      if (!needs_object(from.type)) {
        return Value::of(from.type, value);
      }
      // Absent: a fresh zero value, not kept.
      const Label absent = builder_->new_label();
      const Label join = builder_->new_label();
      builder_->cond_br(builder_->compare(Op::Ne, value, builder_->const_null()), join, absent, {&value, 1}, {});
      builder_->start_block(absent);
      const ValueId fresh = zero_value(from.type);
      builder_->br(join, {&fresh, 1});
      builder_->start_block(join);
      return Value::of(from.type, builder_->block_arg(0, ir::Type::Ref));
    }
  }
  return Value::error();
}

void Checker::store(const Place& to, ValueId value, NodeId where) {
  switch (to.kind) {
    case Place::Kind::None: break;
    case Place::Kind::Local:
      if (note_write(to.local, where)) {
        builder_->set(locals_[to.local].storage, value);
      }
      break;
    case Place::Kind::Field: store_field(to.base, to.offset, to.type, value); break;
    case Place::Kind::Element: builder_->emit(Op::ElementSet, ir::Type::Void, to.base, to.index, value); break;
    case Place::Kind::Fixed: builder_->emit(Op::FixedSet, ir::Type::Void, to.base, to.index, value); break;
    case Place::Kind::Entry: builder_->call_runtime(RuntimeFunctionId::MapSet, {to.base, to.index, spill(value, to.type)}); break;
  }
}

Value Checker::object(NodeId id) {
  NodeId inner = id;
  while (node(inner).kind == NodeKind::Paren) {
    inner = node(inner).a;
  }
  const Node& n = node(inner);
  if (n.kind == NodeKind::Index && n.b != 0 && node(n.b).kind != NodeKind::Range && type_named_by(n.a) == kNoType) {
    const Place from = place(inner);
    if (from.kind != Place::Kind::Entry || !needs_object(from.type)) {
      return load(from);
    }
    const ValueId address = builder_->call_runtime(RuntimeFunctionId::MapSlot, {from.base, from.index});
    const ValueId value = builder_->load(ir::Type::Ref, address, 0);
    const Label absent = builder_->new_label();
    const Label join = builder_->new_label();
    builder_->cond_br(builder_->compare(Op::Ne, value, builder_->const_null()), join, absent, {&value, 1}, {});
    builder_->start_block(absent);
    const ValueId fresh = zero_value(from.type);
    builder_->store(address, 0, fresh);
    builder_->br(join, {&fresh, 1});
    builder_->start_block(join);
    return Value::of(from.type, builder_->block_arg(0, ir::Type::Ref));
  }
  if (n.kind == NodeKind::Member) {
    // `m[k].field[i] = v` must reach the entry too.
    const Node& base = node(n.a);
    if (base.kind == NodeKind::Index || base.kind == NodeKind::Member) {
      const Value outer = object(n.a);
      if (!outer.is_value()) {
        return outer.is_error() ? outer : to_runtime(expression(inner), inner);
      }
      return to_runtime(member_of_value(outer, inner), inner);
    }
  }
  return to_runtime(expression(inner), inner);
}

void Checker::store_field(ValueId object, uint32_t offset, TypeId, ValueId value) { builder_->store(object, offset, value); }

ValueId Checker::load_field(ValueId object, uint32_t offset, TypeId type) { return builder_->load(types_.ir(type), object, offset); }

ValueId Checker::element_get(ValueId array, ValueId index, TypeId element) { return builder_->emit(Op::ElementGet, types_.ir(element), array, index); }

void Checker::element_set(ValueId array, ValueId index, ValueId value) { builder_->emit(Op::ElementSet, ir::Type::Void, array, index, value); }

ValueId Checker::spill(ValueId value, TypeId type) {
  const ValueId address = stack_object(std::max(types_[type].size, 8u));
  builder_->store(address, 0, value);
  return address;
}

ValueId Checker::new_array(ValueId length, TypeId element) {
  const TypeInfo& info = types_[element];
  return builder_->emit(Op::ArrayNew, ir::Type::Ref, length, info.size, 0, info.is_ref ? 0 : ir::kNoRefs);
}

void Checker::push(ValueId array, ValueId value, TypeId element) {
  const TypeInfo& info = types_[element];
  if (info.is_ref) {
    builder_->call_runtime(RuntimeFunctionId::ArrayPushRef, {array, value});
  } else if (ir::is_integer(info.ir) && info.size == 8) {
    builder_->call_runtime(ir::is_signed(info.ir) ? RuntimeFunctionId::ArrayPushS64 : RuntimeFunctionId::ArrayPushU64,
                           {array, builder_->cast(ir::is_signed(info.ir) ? ir::Type::S64 : ir::Type::U64, value)});
  } else if (info.ir == ir::Type::U8) {
    builder_->call_runtime(RuntimeFunctionId::ArrayPushU8, {array, builder_->cast(ir::Type::U32, value)});
  } else {
    builder_->call_runtime(RuntimeFunctionId::ArrayPush, {array, spill(value, element)});
  }
}

ValueId Checker::new_map(TypeId mapping) {
  const TypeInfo& info = types_[mapping];
  const TypeInfo& key = types_[types_[info.key].kind == TypeKind::UserType ? types_[info.key].element : info.key];
  const TypeInfo& value = types_[info.element];
  uint32_t kind = 1;  // OM_KEY_SCALAR
  if (key.kind == TypeKind::String || key.kind == TypeKind::Bytes) {
    kind = 2;
  } else if (key.kind == TypeKind::Float) {
    kind = key.bits == 64 ? 3 : 4;
  }
  auto number = [&](uint32_t n) { return builder_->const_int(ir::Type::U32, n); };
  const ValueId arguments[] = {number(kind), number(key.size), number(value.size), number(value.is_ref ? 1 : 0)};
  return builder_->call_runtime(RuntimeFunctionId::MapNew, arguments);
}

bool Checker::needs_object(TypeId type) const {
  const TypeInfo& info = types_[type];
  switch (info.kind) {
    case TypeKind::Array:
    case TypeKind::Bytes:
    case TypeKind::FixedArray:
    case TypeKind::Mapping:
    case TypeKind::Struct:
    case TypeKind::Tuple:
    case TypeKind::Random: return true;
    case TypeKind::UserType: return needs_object(info.element);
    default: return false;
  }
}

ValueId Checker::zero_value(TypeId type) {
  const TypeInfo& info = types_[type];
  switch (info.kind) {
    case TypeKind::Float: return info.bits == 32 ? builder_->const_f32(0) : builder_->const_f64(0);
    case TypeKind::Array: return new_array(builder_->const_int(ir::Type::S64, 0), info.element);
    case TypeKind::Bytes: return new_array(builder_->const_int(ir::Type::S64, 0), kUint8Type);
    case TypeKind::Mapping: return new_map(type);
    case TypeKind::UserType: return zero_value(info.element);
    case TypeKind::Random: {
      const ValueId state = builder_->emit(Op::NewObject, ir::Type::Ref, 32, 0, 0, ir::kNoRefs);
      builder_->call_runtime(RuntimeFunctionId::RandomSeed, {state, builder_->const_int(ir::Type::U64, 0)});
      return state;
    }
    case TypeKind::FixedArray: {
      const TypeInfo& element = types_[info.element];
      const ValueId block =
          builder_->emit(Op::NewObject, ir::Type::Ref, static_cast<uint32_t>(info.length * element.size), 0, 0, element.is_ref ? 0 : ir::kNoRefs);
      if (needs_object(info.element)) {
        const ValueId first = builder_->const_int(ir::Type::S64, 0);
        const CountedLoop loop = begin_counted_loop(first, builder_->const_int(ir::Type::S64, static_cast<int64_t>(info.length)), 0);
        const ValueId zero = zero_value(info.element);
        builder_->emit(Op::FixedSet, ir::Type::Void, block, builder_->get(loop.iv), zero);
        end_counted_loop(loop);
      }
      return block;
    }
    case TypeKind::Tuple: {
      PodVector<ValueId> parts;
      for (TypeId part : info.components()) {
        parts.push_back(zero_value(part));
      }
      return tuple_object(type, {parts.data(), parts.size()});
    }
    case TypeKind::Struct: {
      const StructDecl& structure = decls_.structs[info.declaration];
      const ValueId object = builder_->emit(Op::NewObject, ir::Type::Ref, structure.size, 0, 0, structure.has_refs ? 0 : ir::kNoRefs);
      for (const Field& field : decls_.fields_of(structure)) {
        if (needs_object(field.type)) {
          store_field(object, field.offset, field.type, zero_value(field.type));
        }
      }
      return object;
    }
    default: return poison(type);
  }
}

void Checker::fill_with_zeros(ValueId array, ValueId length, TypeId element, NodeId where) {
  if (!needs_object(element)) {
    return;
  }
  const CountedLoop loop = begin_counted_loop(builder_->const_int(ir::Type::S64, 0), length, where);
  const ValueId zero = zero_value(element);
  element_set(array, builder_->get(loop.iv), zero);
  end_counted_loop(loop);
}

}  // namespace omega::check
