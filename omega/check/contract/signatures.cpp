// SPDX-License-Identifier: Apache-2.0
// What callers see of functions, getters, modifiers, events and errors.
#include "omega/check/contract/contract_checker.h"

#include "omega/base/keccak.h"

namespace omega::check::contract {

using diag::Kind;

void ContractChecker::read_params(std::span<const uint32_t> nodes, std::vector<Param>& params, bool is_outside, Signature& made) {
  for (const NodeId id : nodes) {
    const Node& n = node(id);
    if (n.kind != NodeKind::Param || n.a == 0) {
      made.has_error = true;
      continue;
    }
    if (tree_->rec(n.b, 2) != 0) {
      report(Kind::ContractSpecial, id, {"indexed", "stands at arguments of events only"});
    }
    Param param;
    param.node = id;
    param.type = read_type(n.a);
    param.name = NameId{tree_->rec(n.b, 0)};
    const auto written = static_cast<parse::DataLocation>(tree_->rec(n.b, 1));
    param.location = location_of(id, param.type, written, true, Location::Memory);
    if (is_outside && param.location == Location::Storage && program_.contracts[scope_.contract].kind != parse::ContractKind::Library) {
      if (written == parse::DataLocation::Storage) {  // else it holds a mapping, which has been said
        report(Kind::ContractLocation, id, {types_.text(param.type), "cannot lie in storage here: callers are outside"});
      }
      param.type = kErrorType;
    } else if (is_outside && (param.location != Location::Storage || holds_function(param.type)) && !is_encodable(param.type, id)) {
      param.type = kErrorType;
    }
    made.has_error = made.has_error || param.type == kErrorType;
    params.push_back(param);
  }
}

const Signature& ContractChecker::signature(DeclId id) {
  if (const auto known = signatures_.find(id); known != signatures_.end()) {
    return *known->second;
  }
  auto owned = std::make_unique<Signature>();
  Signature& made = *owned;
  signatures_[id] = std::move(owned);
  const Declaration& d = program_.declarations[id];
  const ScopeSwitch there(*this, {d.module, d.contract});
  const Node& n = node(d.node);
  switch (d.kind) {
    case DeclKind::Function: {
      const parse::FunctionRecord& record = tree_->function(n);
      made.attributes = record.attributes;
      made.has_body = record.body != 0;
      made.mutability = (record.attributes & parse::kPure) != 0      ? ir::Mutability::Pure
                        : (record.attributes & parse::kView) != 0    ? ir::Mutability::View
                        : (record.attributes & parse::kPayable) != 0 ? ir::Mutability::Payable
                                                                     : ir::Mutability::NonPayable;
      const bool is_plain = record.kind == static_cast<uint32_t>(parse::FunctionKind::Plain);
      constexpr uint32_t visibilities = parse::kPublic | parse::kPrivate | parse::kInternal | parse::kExternal;
      if (d.contract != kNone && is_plain && (record.attributes & visibilities) == 0) {
        report(Kind::ContractVisibility, d.node, {std::string(program_.text(d.name))});
        made.attributes |= parse::kInternal;
      }
      if (d.contract == kNone && (record.attributes & (visibilities | parse::kVirtual)) != 0) {
        sink_.report(Kind::ContractSpecial, tree_->span(d.node),
                     {std::string(program_.text(d.name)), "stands outside of contracts, where functions have no visibility and are not `virtual`"});
        made.attributes &= ~(visibilities | parse::kVirtual);
      }
      if (d.contract == kNone && (record.override_spec != 0 || record.body == 0)) {
        const bool lacks_body = record.body == 0;
        sink_.report(lacks_body ? Kind::ContractNoBody : Kind::ContractOverridesNothing, tree_->span(d.node), {std::string(program_.text(d.name))});
      }
      if (record.type_params != 0) {
        sink_.report(Kind::ContractNotYet, tree_->span(d.node), {"a generic function"});
        made.has_error = true;
      }
      // The constructor of an abstract contract is called by those of others only.
      const bool is_inner_constructor =
          record.kind == static_cast<uint32_t>(parse::FunctionKind::Constructor) && d.contract != kNone && program_.contracts[d.contract].is_abstract;
      const bool is_interfaces = d.contract != kNone && program_.contracts[d.contract].kind == parse::ContractKind::Interface;  // whatever it says that it is
      const bool is_outside = (made.attributes & (parse::kPublic | parse::kExternal)) != 0 || (!is_plain && !is_inner_constructor) || is_interfaces;
      read_params(tree_->list(record.params), made.params, is_outside, made);
      read_params(tree_->list(record.results), made.results, is_outside, made);
      check_names_once(made);
      if (is_plain && !is_outside && made.mutability == ir::Mutability::Payable) {
        sink_.report(Kind::ContractSpecial, tree_->span(d.node),
                     {std::string(program_.text(d.name)), "is never sent value: `payable` is for public and external functions"});
      }
      if (is_outside && made.mutability == ir::Mutability::Payable && program_.contracts[d.contract].kind == parse::ContractKind::Library) {
        sink_.report(Kind::ContractSpecial, tree_->span(d.node),
                     {std::string(program_.text(d.name)), "is in a library, which is never sent value: it cannot be `payable`"});
      }
      break;
    }
    case DeclKind::Modifier:
      read_params(tree_->list(tree_->rec(n.b, 0)), made.params, false, made);
      made.attributes = tree_->rec(n.b, 1);
      made.has_body = tree_->rec(n.b, 3) != 0;
      break;
    case DeclKind::Event:
    case DeclKind::Error:
      for (const NodeId param : tree_->list(n.b)) {
        if (d.kind == DeclKind::Error && tree_->rec(node(param).b, 2) != 0) {
          report(Kind::ContractSpecial, param, {"indexed", "stands at arguments of events only"});
        }
        if (tree_->rec(node(param).b, 1) != 0) {
          report(Kind::ContractLocation, param, {std::string(program_.text(d.name)), "has no data locations: what it is given is written down"});
        }
        Param read;
        read.node = param;
        read.type = read_type(node(param).a);
        read.name = NameId{tree_->rec(node(param).b, 0)};
        read.location = types_.is_reference(read.type) ? Location::Memory : Location::None;
        if (!is_encodable(read.type, param)) {
          read.type = kErrorType;
        }
        made.has_error = made.has_error || read.type == kErrorType;
        made.params.push_back(read);
      }
      check_names_once(made);
      if (d.kind == DeclKind::Error && (program_.text(d.name) == "Error" || program_.text(d.name) == "Panic")) {
        sink_.report(Kind::ContractSpecial, tree_->span(d.node), {std::string(program_.text(d.name)), "is an error that every contract has already"});
      }
      break;
    case DeclKind::Variable: getter_signature(id, made); break;
    default: break;
  }
  return made;
}

void ContractChecker::check_names_once(const Signature& made) {
  std::unordered_set<uint32_t> names;
  for (const std::vector<Param>* list : {&made.params, &made.results}) {
    for (const Param& param : *list) {
      if (param.name.valid() && !names.insert(param.name.index).second) {
        report(Kind::DeclaredTwice, param.node, {name_text(param.name)});
      }
    }
  }
}

void ContractChecker::getter_signature(DeclId id, Signature& made) {
  const uint32_t bits = tree_->rec(node(program_.declarations[id].node).b, 1);
  made.attributes = bits;
  made.mutability = ir::Mutability::View;  // of constants too, as solc has it
  TypeId type = declared_type(id);
  for (;;) {
    const Type info = types_[type];
    if (info.kind == TypeKind::Mapping) {
      made.params.push_back({info.key, types_.is_reference(info.key) ? Location::Memory : Location::None, {}, 0});
    } else if (info.kind == TypeKind::Array || info.kind == TypeKind::FixedArray) {
      made.params.push_back({kUint256Type, Location::None, {}, 0});
    } else {
      break;
    }
    type = info.element;
  }
  auto add = [&](TypeId result, NameId name) {
    if ((bits & parse::kPublic) != 0 && holds_function(result)) {
      is_encodable(result, program_.declarations[id].node);
      result = kErrorType;
    }
    made.results.push_back({result, types_.is_reference(result) ? Location::Memory : Location::None, name, 0});
    made.has_error = made.has_error || result == kErrorType;
  };
  if (types_[type].kind == TypeKind::Struct) {
    for (const StructField& field : fields(type)) {
      const TypeKind kind = types_[field.type].kind;
      if (kind != TypeKind::Mapping && kind != TypeKind::Array && kind != TypeKind::FixedArray && !holds_mapping(field.type)) {
        add(field.type, field.name);
      }
    }
    if (made.results.empty() && (bits & parse::kPublic) != 0 && !fields(type).empty()) {
      sink_.report(Kind::ContractSpecial, tree_->span(program_.declarations[id].node),
                   {std::string(program_.name_of(id)), "cannot be `public`: all that it holds are arrays and mappings, which its getter leaves out"});
    }
  } else {
    add(type, {});
  }
}

bool ContractChecker::same_params(DeclId a, DeclId b) {
  const Signature& left = signature(a);
  const Signature& right = signature(b);
  if (left.params.size() != right.params.size()) {
    return false;
  }
  for (size_t i = 0; i < left.params.size(); ++i) {
    if (left.params[i].type != right.params[i].type) {
      return false;
    }
  }
  return true;
}

std::string ContractChecker::signature_text(DeclId id) {
  std::string text(program_.name_of(id));
  text += '(';
  if (signature(id).has_error) {
    return text + ')';
  }
  for (const Param& param : signature(id).params) {
    text += text.back() == '(' ? "" : ",";
    text += ir::canonical_name(*contract_, data_type(param.type));
  }
  return text + ')';
}

uint32_t ContractChecker::selector(DeclId id) { return base::keccak256_selector(signature_text(id)); }

Value ContractChecker::selector_value(DeclId id, NodeId where) {
  const Declaration& d = program_.declarations[id];
  const bool is_library = d.contract != kNone && program_.contracts[d.contract].kind == parse::ContractKind::Library;
  for (const Param& param : signature(id).params) {
    TypeId type = param.type;
    while (types_[type].kind == TypeKind::Array || types_[type].kind == TypeKind::FixedArray) {
      type = types_[type].element;
    }
    const TypeKind kind = types_[type].kind;
    const bool is_named = kind == TypeKind::Struct || kind == TypeKind::Enum || kind == TypeKind::Contract || kind == TypeKind::UserType;
    // Libraries write such parameters by their names and places.
    if (is_library && (is_named || param.location == Location::Storage)) {
      return not_yet(where, "the selector of a library's function with such parameters");
    }
  }
  return Value::of(fixed_bytes_type(4), builder_.const_int(ir::Type::U32, selector(id)));
}

uint32_t ContractChecker::interface_id(ContractId contract) {
  uint32_t id = 0;
  for (const DeclId member : program_.contracts[contract].members) {
    if (program_.declarations[member].kind == DeclKind::Function && program_.declarations[member].name.valid()) {
      id ^= selector(member);
    }
  }
  return id;
}

}  // namespace omega::check::contract
