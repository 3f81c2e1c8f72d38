// SPDX-License-Identifier: Apache-2.0
// Types as they are written, and what structs hold.
#include <algorithm>

#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;
using parse::BinaryOp;
using parse::UnaryOp;

namespace {
constexpr size_t kDeepestStructs = 200;
constexpr uint32_t kDeepestConstant = 100;
constexpr uint64_t kLongestArray = uint64_t{1} << 40;
}  // namespace

TypeId ContractChecker::read_type(NodeId id) {
  const DepthCount depth(depth_);
  if (depth_ > kDeepest) {
    report(Kind::NestedTooDeeply, id);
    return kErrorType;
  }
  const Node& n = node(id);
  switch (n.kind) {
    case NodeKind::Invalid: return kErrorType;
    case NodeKind::Paren: return read_type(n.a);
    case NodeKind::Name:
    case NodeKind::Member: {
      std::vector<DeclId> found;
      const NameId name{n.kind == NodeKind::Name ? n.a : n.b};
      if (n.kind == NodeKind::Name) {
        if (scope_.contract != kNone) {
          found = members(scope_.contract, name, false);
        }
        if (found.empty()) {
          found = find_in_file(scope_.module, name).declarations;
        }
        if (found.empty()) {
          const TypeId type = elementary_type(program_.text(name));
          if (type == kErrorType) {
            report(Kind::UnknownName, id, {name_text(name)});
          }
          return type == kAddressType && (n.flags & 1) != 0 ? kPayableType : type;
        }
      } else {
        // `Contract.Type`, `file.Type`, `file.Contract.Type`
        const Node& base = node(n.a);
        const FileMeaning outer = named_in_files(n.a);
        if (outer.module != kNone) {
          found = program_.find(outer.module, name).declarations;
        } else {
          const TypeId type = read_type_or_library(n.a);
          if (type == kErrorType) {
            return type;
          }
          if (types_[type].kind == TypeKind::Contract) {
            found = members(types_[type].declaration, name, false);
          }
        }
        if (found.empty()) {
          report(Kind::UnknownMember, id, {"`" + std::string(tree_->tokens->spelled(base.token)) + "`", name_text(name)});
          return kErrorType;
        }
      }
      switch (program_.declarations[found[0]].kind) {
        case DeclKind::Contract:
          if (!names_library_ && program_.contracts[program_.declarations[found[0]].contract].kind == parse::ContractKind::Library) {
            report(Kind::NameIsNoType, id, {name_text(name)});
            return kErrorType;
          }
          [[fallthrough]];
        case DeclKind::Struct:
        case DeclKind::Enum:
        case DeclKind::UserType: return declared_type(found[0]);
        default: report(Kind::NameIsNoType, id, {name_text(name)}); return kErrorType;
      }
    }
    case NodeKind::Index:
    case NodeKind::ArrayType: {
      const TypeId element = read_type(n.a);
      if (element == kErrorType) {
        return kErrorType;
      }
      if (n.b == 0) {
        return types_.array(element);
      }
      const auto length = constant_length(n.b);
      return length ? types_.fixed_array(element, *length) : kErrorType;
    }
    case NodeKind::MappingType: {
      check_mapping_names(id);
      const NodeId key_node = tree_->rec(n.a, 0);
      const TypeId key = read_type(key_node);
      const TypeId value = read_type(tree_->rec(n.a, 2));
      if (key == kErrorType || value == kErrorType) {
        return kErrorType;
      }
      const TypeKind kind = types_[key].kind;
      if (kind == TypeKind::Function || kind == TypeKind::ExternalFunction ||
          (types_.is_reference(key) && kind != TypeKind::String && kind != TypeKind::Bytes)) {
        report(Kind::BadKeyType, key_node, {types_.text(key)});
        return kErrorType;
      }
      return types_.mapping(key, value);
    }
    case NodeKind::FunctionType: return function_type(id);
    default: report(Kind::NameIsNoType, id, {std::string(tree_->tokens->spelled(n.token))}); return kErrorType;
  }
}

TypeId ContractChecker::read_type_or_library(NodeId id) {
  const bool outside = names_library_;
  names_library_ = true;
  const TypeId type = read_type(id);
  names_library_ = outside;
  return type;
}

void ContractChecker::check_mapping_names(NodeId mapping) {
  std::unordered_set<uint32_t> below;
  auto add_below = [&](NodeId inner) {
    for (; node(inner).kind == NodeKind::MappingType; inner = tree_->rec(node(inner).a, 2)) {
      below.insert(tree_->rec(node(inner).a, 1));
      below.insert(tree_->rec(node(inner).a, 3));
    }
  };
  const NameId names[] = {NameId{tree_->rec(node(mapping).a, 1)}, NameId{tree_->rec(node(mapping).a, 3)}};
  add_below(tree_->rec(node(mapping).a, 2));
  if (names[0].valid() && (names[0] == names[1] || below.contains(names[0].index))) {
    report(Kind::DeclaredTwice, mapping, {name_text(names[0])});
  } else if (names[1].valid() && below.contains(names[1].index)) {
    report(Kind::DeclaredTwice, mapping, {name_text(names[1])});
  }
}

TypeId ContractChecker::declared_type(DeclId id) {
  const auto [at, is_new] = declared_types_.try_emplace(id, kErrorType);
  if (!is_new) {
    return at->second;
  }
  const Declaration& d = program_.declarations[id];
  const ScopeSwitch there(*this, {d.module, d.contract});
  TypeId type = kErrorType;
  switch (d.kind) {
    case DeclKind::Contract: type = types_.contract(d.contract); break;
    case DeclKind::Struct: type = types_.structure(id); break;
    case DeclKind::Enum: {
      const auto members = tree_->list(node(d.node).b);
      if (members.empty() || members.size() > 256) {
        sink_.report(Kind::EnumSize, tree_->span(d.node), {std::to_string(members.size())});
      }
      std::unordered_set<uint32_t> names;
      for (const NodeId member : members) {
        if (!names.insert(node(member).a).second) {
          report(Kind::DeclaredTwice, member, {name_text(NameId{node(member).a})});
        }
      }
      type = types_.enumeration(id, members.size());
      break;
    }
    case DeclKind::UserType: {
      const size_t errors_before = sink_.error_count();
      const TypeId underlying = read_type(node(d.node).b);
      if (underlying == kErrorType && sink_.error_count() == errors_before) {
        sink_.report(Kind::UserTypeUnderlying, tree_->span(d.node), {std::string(program_.text(d.name))});  // it leads back here
      }
      const TypeKind kind = types_[underlying].kind;
      if (types_.is_reference(underlying) || kind == TypeKind::Contract || kind == TypeKind::Enum || kind == TypeKind::UserType || kind == TypeKind::Function ||
          kind == TypeKind::ExternalFunction) {
        sink_.report(Kind::UserTypeUnderlying, tree_->span(d.node), {types_.text(underlying)});
      } else if (underlying != kErrorType) {
        type = types_.user_type(id, underlying);
      }
      break;
    }
    case DeclKind::Variable: {
      type = read_type(node(d.node).a);
      const uint32_t bits = tree_->rec(node(d.node).b, 1);
      if ((bits & (parse::kExternal | parse::kVirtual | parse::kView | parse::kPure | parse::kPayable)) != 0) {
        sink_.report(Kind::ContractSpecial, tree_->span(d.node),
                     {std::string(program_.text(d.name)), "is a variable, which is `public`, `internal` or `private` and nothing else that functions are"});
      }
      if ((bits & parse::kTransient) != 0 && types_.is_reference(type)) {
        sink_.report(Kind::ContractTransient, tree_->span(d.node), {"`" + types_.text(type) + "` cannot be transient: such variables hold values"});
        type = kErrorType;
      }
      if ((bits & parse::kTransient) != 0 && (bits & (parse::kConstant | parse::kImmutable)) != 0) {
        sink_.report(Kind::ContractTransient, tree_->span(d.node), {"a transient variable is neither `constant` nor `immutable`"});
      } else if ((bits & parse::kTransient) != 0 && tree_->rec(node(d.node).b, 2) != 0) {
        sink_.report(Kind::ContractTransient, tree_->span(d.node), {"a transient variable is zero when a call begins: it has no value of its own"});
      }
      if ((bits & parse::kImmutable) != 0 && (types_.is_reference(type) || types_[type].kind == TypeKind::ExternalFunction)) {
        sink_.report(Kind::ContractImmutableType, tree_->span(d.node), {types_.text(type)});
        type = kErrorType;
      }
      if ((bits & parse::kConstant) != 0 && types_.is_reference(type) && type != kStringType && type != kBytesType) {
        sink_.report(Kind::ContractSpecial, tree_->span(d.node),
                     {std::string(program_.text(d.name)), "cannot be `constant`: constants are values, `string` and `bytes`"});
        type = kErrorType;
      }
      constexpr uint32_t kOfContracts = parse::kPublic | parse::kInternal | parse::kPrivate;
      if (d.contract == kNone && (bits & parse::kConstant) != 0 && ((bits & kOfContracts) != 0 || tree_->rec(node(d.node).b, 3) != 0)) {
        sink_.report(Kind::ContractSpecial, tree_->span(d.node),
                     {std::string(program_.text(d.name)), "stands outside of contracts, where constants have no visibility and override nothing"});
      }
      if (d.contract == kNone && (bits & parse::kConstant) == 0) {
        sink_.report(Kind::GlobalVariable, tree_->span(d.node), {std::string(program_.text(d.name))});
      }
      break;
    }
    default: break;
  }
  declared_types_[id] = type;
  return type;
}

std::span<const StructField> ContractChecker::fields(TypeId type) {
  if (const auto known = struct_fields_.find(type); known != struct_fields_.end()) {
    return known->second;
  }
  const DeclId id = types_[type].declaration;
  const Declaration& d = program_.declarations[id];
  const ScopeSwitch there(*this, {d.module, d.contract});
  std::vector<StructField> made;
  open_structs_.insert(type);
  std::unordered_set<uint32_t> names;
  if (tree_->list(node(d.node).b).empty()) {
    sink_.report(Kind::ContractSpecial, tree_->span(d.node), {std::string(program_.name_of(id)), "has no fields: a struct has at least one"});
  }
  for (const NodeId field : tree_->list(node(d.node).b)) {
    const NameId name{tree_->rec(node(field).b, 0)};
    if (!names.insert(name.index).second) {
      report(Kind::DeclaredTwice, field, {name_text(name)});
    }
    TypeId field_type = read_type(node(field).a);
    TypeId inner = field_type;
    while (types_[inner].kind == TypeKind::FixedArray) {
      inner = types_[inner].element;
    }
    if (types_[inner].kind == TypeKind::Struct) {
      if (open_structs_.contains(inner)) {
        report(Kind::RecursiveStruct, field, {std::string(program_.name_of(id)), name_text(name)});
        field_type = kErrorType;
      } else if (open_structs_.size() > kDeepestStructs) {
        report(Kind::NestedTooDeeply, field);
        field_type = kErrorType;
      } else {
        fields(inner);
      }
    }
    made.push_back({name, field_type});
  }
  open_structs_.erase(type);
  return struct_fields_[type] = std::move(made);
}

bool ContractChecker::holds_mapping(TypeId type) {
  switch (types_[type].kind) {
    case TypeKind::Mapping: return true;
    case TypeKind::Array:
    case TypeKind::FixedArray: return holds_mapping(types_[type].element);
    case TypeKind::Struct: {
      if (const auto known = holds_mapping_.find(type); known != holds_mapping_.end()) {
        return known->second;
      }
      holds_mapping_[type] = false;
      bool holds = false;
      for (const StructField& field : std::vector<StructField>(fields(type).begin(), fields(type).end())) {
        holds = holds || holds_mapping(field.type);
      }
      return holds_mapping_[type] = holds;
    }
    default: return false;
  }
}

bool ContractChecker::holds_function(TypeId type) {
  const auto is_of_functions = [this](TypeId one) {
    while (types_[one].kind == TypeKind::Array || types_[one].kind == TypeKind::FixedArray) {
      one = types_[one].element;
    }
    return types_[one].kind == TypeKind::Function;
  };
  std::unordered_set<TypeId> inside;
  leads_to(type, kErrorType, inside);
  return is_of_functions(type) || std::ranges::any_of(inside, [&](TypeId structure) {
           const std::vector<StructField> members(fields(structure).begin(), fields(structure).end());
           return std::ranges::any_of(members, [&](const StructField& field) { return is_of_functions(field.type); });
         });
}

bool ContractChecker::leads_to(TypeId from, TypeId to, std::unordered_set<TypeId>& seen) {
  const Type type = types_[from];
  if (type.kind == TypeKind::Array || type.kind == TypeKind::FixedArray) {
    return type.element == to || leads_to(type.element, to, seen);
  }
  if (type.kind != TypeKind::Struct || !seen.insert(from).second) {
    return false;
  }
  for (const StructField& field : std::vector<StructField>(fields(from).begin(), fields(from).end())) {
    if (field.type == to || leads_to(field.type, to, seen)) {
      return true;
    }
  }
  return false;
}

bool ContractChecker::is_recursive(TypeId type) {
  while (types_[type].kind == TypeKind::Array || types_[type].kind == TypeKind::FixedArray) {
    type = types_[type].element;
  }
  if (types_[type].kind != TypeKind::Struct) {
    return false;
  }
  if (const auto known = recursive_.find(type); known != recursive_.end()) {
    return known->second;
  }
  std::unordered_set<TypeId> seen;
  bool found = leads_to(type, type, seen);
  // A struct inside may be recursive without leading back here.
  const std::vector<TypeId> inner(seen.begin(), seen.end());
  for (size_t i = 0; i < inner.size() && !found; ++i) {
    std::unordered_set<TypeId> seen_there;
    found = leads_to(inner[i], inner[i], seen_there);
  }
  return recursive_[type] = found;
}

bool ContractChecker::is_encodable(TypeId type, NodeId where) {
  if (type == kErrorType) {
    return false;
  }
  if (holds_mapping(type)) {
    report(Kind::ContractLocation, where, {types_.text(type), "holds a mapping and lies in storage only"});
    return false;
  }
  if (holds_function(type)) {
    report(Kind::ContractLocation, where, {types_.text(type), "holds a function, which only this contract knows, and cannot be encoded"});
    return false;
  }
  if (is_recursive(type)) {
    report(Kind::ContractLocation, where, {types_.text(type), "contains itself and cannot be encoded"});
    return false;
  }
  return true;
}

std::optional<ContractChecker::ConstantNumber> ContractChecker::constant_number(NodeId id, uint32_t depth) {
  const Node& n = node(id);
  if (depth > kDeepestConstant) {
    return std::nullopt;
  }
  switch (n.kind) {
    case NodeKind::IntLiteral:
    case NodeKind::DecimalLiteral:
    case NodeKind::UnitLiteral: {
      const Value value = number_literal(id);
      return value.kind == ValueKind::Number ? std::optional(ConstantNumber{numbers_[value.id], kNumberType}) : std::nullopt;
    }
    case NodeKind::Paren: return constant_number(n.a, depth + 1);
    case NodeKind::Unary: {
      const UnaryOp op = static_cast<UnaryOp>(n.flags);
      auto operand = op == UnaryOp::Negate || op == UnaryOp::BitNot ? constant_number(n.a, depth + 1) : std::nullopt;
      if (!operand || (op == UnaryOp::BitNot && !operand->value.is_integer())) {
        return std::nullopt;
      }
      operand->value.numerator = op == UnaryOp::Negate ? -operand->value.numerator : -operand->value.numerator - BigInteger(1);
      return constant_of_type(std::move(operand->value), operand->type);
    }
    case NodeKind::Binary: {
      const BinaryOp op = static_cast<BinaryOp>(n.flags);
      const auto left = constant_number(n.a, depth + 1);
      const auto right = left ? constant_number(n.b, depth + 1) : std::nullopt;
      if (!right) {
        return std::nullopt;
      }
      const Value operands[] = {constant_operand(*left), constant_operand(*right)};
      const bool keeps_left = op == BinaryOp::Shl || op == BinaryOp::Shr || op == BinaryOp::Pow;
      TypeId type = kNumberType;
      if (left->type != kNumberType || right->type != kNumberType) {
        type = keeps_left ? left->type : common_type(operands[0], operands[1]);
      }
      const Value value = type == kErrorType ? Value::error() : fold(op, number(left->value), number(right->value), id);
      return value.kind == ValueKind::Number ? constant_of_type(numbers_[value.id], type) : std::nullopt;
    }
    case NodeKind::Name: {
      std::vector<DeclId> found;
      if (scope_.contract != kNone) {
        found = members(scope_.contract, NameId{n.a}, false);
      }
      if (found.empty()) {
        found = program_.find(scope_.module, NameId{n.a}).declarations;
      }
      if (found.empty() || program_.declarations[found[0]].kind != DeclKind::Variable) {
        return std::nullopt;
      }
      const Declaration& d = program_.declarations[found[0]];
      const parse::Tree& there = program_.tree_of(d);
      const uint32_t record = there.node(d.node).b;
      if ((there.rec(record, 1) & parse::kConstant) == 0 || there.rec(record, 2) == 0) {
        return std::nullopt;
      }
      const ScopeSwitch at_declaration(*this, {d.module, d.contract});
      const TypeId type = declared_type(found[0]);
      auto value = types_[type].kind == TypeKind::Integer ? constant_number(there.rec(record, 2), depth + 1) : std::nullopt;
      return value ? constant_of_type(std::move(value->value), type) : std::nullopt;
    }
    default: return std::nullopt;
  }
}

Value ContractChecker::constant_operand(const ConstantNumber& constant) {
  return constant.type == kNumberType ? number(constant.value) : Value::of(constant.type, ir::kNone);
}

std::optional<ContractChecker::ConstantNumber> ContractChecker::constant_of_type(Rational value, TypeId type) {
  if (type == kNumberType) {
    return ConstantNumber{std::move(value), type};
  }
  // Division of integers leaves the remainder out.
  BigInteger quotient;
  BigInteger rest;
  BigInteger::divide(value.numerator, value.denominator, quotient, rest);
  const Value whole = number({std::move(quotient)});
  return number_fits(whole, type) ? std::optional(ConstantNumber{numbers_[whole.id], type}) : std::nullopt;
}

std::optional<uint64_t> ContractChecker::constant_length(NodeId id) {
  const auto found = constant_number(id, 0);
  if (!found || !found->value.is_integer()) {
    report(Kind::LengthNotConstant, id);
    return std::nullopt;
  }
  const BigInteger& length = found->value.numerator;
  if (length.is_negative() || length.is_zero() || !length.fits_int64() || static_cast<uint64_t>(length.to_int64()) > kLongestArray) {
    report(Kind::LengthOutOfRange, id, {length.text()});
    return std::nullopt;
  }
  return static_cast<uint64_t>(length.to_int64());
}

Location ContractChecker::location_of(NodeId declaration, TypeId type, parse::DataLocation written, bool is_needed, Location otherwise) {
  const bool is_reference = types_.is_reference(type);
  if (!is_reference) {
    if (written != parse::DataLocation::None && type != kErrorType) {
      report(Kind::ContractLocation, declaration, {types_.text(type), "has no data location"});
    }
    return Location::None;
  }
  Location location = otherwise;
  switch (written) {
    case parse::DataLocation::Memory: location = Location::Memory; break;
    case parse::DataLocation::Storage: location = Location::Storage; break;
    case parse::DataLocation::Calldata: location = Location::Calldata; break;
    case parse::DataLocation::None:
      if (is_needed) {
        report(Kind::ContractLocation, declaration, {types_.text(type), "needs a data location: `memory`, `calldata` or `storage`"});
      }
      break;
  }
  if (location != Location::Storage && types_[type].kind == TypeKind::FixedArray && types_[type].length > kLongestInMemory) {
    report(Kind::LengthOutOfRange, declaration, {std::to_string(types_[type].length)});
  }
  if (location != Location::Storage && holds_mapping(type)) {
    report(Kind::ContractLocation, declaration, {types_.text(type), "holds a mapping and lies in storage only"});
    return Location::Storage;
  }
  return location;
}

}  // namespace omega::check::contract
