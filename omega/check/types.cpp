// SPDX-License-Identifier: Apache-2.0
// Types as written: from nodes to TypeIds.
#include "omega/check/checker.h"

namespace omega::check {

using diag::Kind;

TypeId Checker::type_named_by(NodeId id) {
  const Node& n = node(id);
  Symbol symbol;
  switch (n.kind) {
    case NodeKind::Name: symbol = lookup(tree_->name(n)); break;
    case NodeKind::Member: {
      if (node(n.a).kind != NodeKind::Name) {
        return kNoType;
      }
      const Symbol base = lookup(tree_->name(node(n.a)));
      if (base.kind != SymbolKind::Module) {
        return kNoType;
      }
      symbol = decls_.modules[base.index].symbols.find(NameId{n.b});
      break;
    }
    case NodeKind::Index: {
      const TypeId element = type_named_by(n.a);
      if (element == kNoType || element == kErrorType) {
        return element;
      }
      if (n.b == 0) {
        return types_.array_of(element);
      }
      const uint64_t length = constant_length(n.b);
      return length == 0 ? kErrorType : types_.fixed_array(element, length);
    }
    case NodeKind::GenericType:
    case NodeKind::ArrayType:
    case NodeKind::MappingType:
    case NodeKind::FunctionType:
    case NodeKind::TupleType: return read_type(id);
    default: return kNoType;
  }
  switch (symbol.kind) {
    case SymbolKind::ElementaryType:
    case SymbolKind::TypeParameter: return symbol.index;
    case SymbolKind::Struct: return decls_.structs[symbol.index].type;
    case SymbolKind::Enum: return decls_.enums[symbol.index].type;
    case SymbolKind::UserType:
      if (resolver_ != nullptr && decls_.user_types[symbol.index].state != 2) {
        resolver_->resolve_user_type(symbol.index, tree_->full_span(id));
      }
      return decls_.user_types[symbol.index].type;
    default: return kNoType;
  }
}

uint64_t Checker::constant_length(NodeId id) {
  const Value value = expression(id);
  if (value.is_error()) {
    return 0;
  }
  if (!value.is_constant() || (value.type != kNumberType && !is_integer_type(value.type)) || value.form != ConstantForm::Integer) {
    report(Kind::LengthNotConstant, id);
    return 0;
  }
  if (value.bits <= 0 || value.bits > int64_t{1} << 32) {
    report(Kind::LengthOutOfRange, id, {std::to_string(value.bits)});
    return 0;
  }
  return static_cast<uint64_t>(value.bits);
}

TypeId Checker::read_type(NodeId id) {
  const DepthGuard guard(*this);
  if (guard.too_deep()) {
    report(Kind::NestedTooDeeply, id);
    return kErrorType;
  }
  const Node& n = node(id);
  if (n.kind == NodeKind::Name) {
    const Symbol symbol = lookup(tree_->name(n));
    if (symbol.kind == SymbolKind::ElementaryType) [[likely]] {
      return symbol.index;
    }
  }
  auto read_list = [&](std::span<const uint32_t> nodes, PodVector<TypeId>& out) {
    bool ok = true;
    for (NodeId item : nodes) {
      const Node& entry = node(item);
      const TypeId type = entry.kind == NodeKind::Param ? (entry.a == 0 ? kErrorType : read_type(entry.a)) : read_type(item);
      ok = ok && type != kErrorType;
      out.push_back(type);
    }
    return ok;
  };
  switch (n.kind) {
    case NodeKind::Invalid: return kErrorType;
    case NodeKind::ArrayType:
    case NodeKind::Index: {
      const TypeId element = read_type(n.a);
      if (n.b == 0) {
        return element == kErrorType ? kErrorType : types_.array_of(element);
      }
      const uint64_t length = constant_length(n.b);
      return element == kErrorType || length == 0 ? kErrorType : types_.fixed_array(element, length);
    }
    case NodeKind::MappingType: {
      const TypeId key = read_type(tree_->rec(n.a, 0));
      const TypeId value = read_type(tree_->rec(n.a, 2));
      if (key == kErrorType || value == kErrorType) {
        return kErrorType;
      }
      const TypeKind kind = types_[types_[key].kind == TypeKind::UserType ? types_[key].element : key].kind;
      if (kind != TypeKind::Bool && kind != TypeKind::Integer && kind != TypeKind::Float && kind != TypeKind::String && kind != TypeKind::Bytes &&
          kind != TypeKind::FixedBytes && kind != TypeKind::Address && kind != TypeKind::Enum) {
        report(Kind::BadKeyType, tree_->rec(n.a, 0), {types_.text(key)});
        return kErrorType;
      }
      return types_.mapping(key, value);
    }
    case NodeKind::FunctionType: {
      PodVector<TypeId> parameters;
      PodVector<TypeId> results;
      const bool parameters_ok = read_list(tree_->list(n.a), parameters);
      const bool ok = read_list(tree_->list(tree_->rec(n.b, 0)), results) && parameters_ok;
      return ok ? types_.function({parameters.data(), parameters.size()}, {results.data(), results.size()}) : kErrorType;
    }
    case NodeKind::Paren: return read_type(n.a);
    case NodeKind::TupleType:
    case NodeKind::Tuple: {
      PodVector<TypeId> parts;
      if (!read_list(tree_->list(n.b), parts)) {
        return kErrorType;
      }
      return types_.tuple({parts.data(), parts.size()});
    }
    case NodeKind::GenericType: {
      const auto arguments = tree_->list(n.b);
      if (node(n.a).kind != NodeKind::Name || tree_->name(node(n.a)) != decls_.builtins.result_type) {
        report(Kind::NotGeneric, id);
        return kErrorType;
      }
      if (arguments.size() != 1) {
        report(Kind::ResultTypeCount, id, {std::to_string(arguments.size())}).with_help("an error is a text: `Result.error(\"message\")`");
        return kErrorType;
      }
      const TypeId value = read_type(arguments[0]);
      return value == kErrorType ? kErrorType : types_.result_of(value);
    }
    case NodeKind::Name: {
      const Symbol symbol = lookup(tree_->name(n));
      if (symbol.kind == SymbolKind::None) {
        report_unknown(tree_->name(n), id, id == type_without_name_ ? "a type stands before the name: `int64 " + name_text(tree_->name(n)) + "`" : "");
        return kErrorType;
      }
      if (symbol.kind == SymbolKind::Contract) {
        report(Kind::ContractNotOnTarget, id, {name_text(tree_->name(n))});
        return kErrorType;
      }
      break;
    }
    default: break;
  }
  const TypeId type = type_named_by(id);
  if (type == kNoType) {
    report(Kind::NameIsNoType, id, {std::string(tree_->tokens->text.substr(tree_->full_span(id).begin, tree_->full_span(id).size()))});
    return kErrorType;
  }
  return type;
}

}  // namespace omega::check
