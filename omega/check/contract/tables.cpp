// SPDX-License-Identifier: Apache-2.0
// The tables of the module: types of data, events, errors, functions of other contracts, state variables.
#include <algorithm>

#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;
using ir::DataKind;

namespace {

/// A type's name as files for those outside have it: behind that of the contract that declares it.
std::string outside_name(const Program& program, DeclId type) {
  const ContractId owner = program.declarations[type].contract;
  const std::string name(program.name_of(type));
  return owner == kNone ? name : std::string(program.name_of(program.contracts[owner].declaration)) + "." + name;
}

/// An external function type as files for those outside have it.
std::string outside_function(const TypeTable& types, TypeId function) {
  auto list = [&](const std::vector<TypeId>& members) {
    std::string text;
    for (const TypeId member : members) {
      text += (text.empty() ? "" : ",") + (types[member].kind == TypeKind::ExternalFunction ? outside_function(types, member) : types.text(member));
    }
    return "(" + text + ")";
  };
  const FunctionShape& shape = types.shape(function);
  return "function " + list(shape.params) + std::string(types.promise_text(function)) + " external" +
         (shape.results.empty() ? "" : " returns " + list(shape.results));
}

}  // namespace

ir::DataTypeId ContractChecker::data_type(TypeId type) {
  if (const auto known = data_types_.find(type); known != data_types_.end()) {
    return known->second;
  }
  const Type info = types_[type];
  ir::DataType made;
  const DepthCount depth(data_depth_);
  if (data_depth_ >= ir::kMaxDataTypeDepth) {
    sink_.report(Kind::NestedTooDeeply, tree_->span(tree_->root));
    data_types_[type] = 0;
    return 0;
  }
  switch (info.kind) {
    case TypeKind::Bool: made.kind = DataKind::Bool; break;
    case TypeKind::Integer:
      made.kind = info.is_signed ? DataKind::Signed : DataKind::Unsigned;
      made.bits = info.bits;
      break;
    case TypeKind::FixedBytes:
      made.kind = DataKind::FixedBytes;
      made.bits = info.bits;
      break;
    case TypeKind::Function:
      made.kind = DataKind::Unsigned;
      made.bits = 64;
      made.name = types_.text(type);
      break;
    case TypeKind::ExternalFunction:
      made.kind = DataKind::FixedBytes;
      made.bits = 192;
      made.is_function = true;
      made.name = outside_function(types_, type);
      break;
    case TypeKind::Contract: made.name = "contract " + types_.text(type); [[fallthrough]];
    case TypeKind::Address:
      made.kind = DataKind::Address;
      made.name = type == kPayableType ? types_.text(type) : made.name;
      break;
    case TypeKind::Enum:
      made.kind = DataKind::Enum;
      made.length = info.length;
      made.name = outside_name(program_, info.declaration);
      break;
    case TypeKind::UserType: {
      const ir::DataTypeId underlying = data_type(info.element);
      made = contract_->types[underlying];
      made.name = outside_name(program_, info.declaration);
      break;
    }
    case TypeKind::String: made.kind = DataKind::String; break;
    case TypeKind::Bytes: made.kind = DataKind::Bytes; break;
    case TypeKind::Array:
    case TypeKind::FixedArray:
      made.kind = info.kind == TypeKind::Array ? DataKind::Array : DataKind::FixedArray;
      made.length = info.length;
      made.element = data_type(info.element);
      break;
    case TypeKind::Mapping:
      made.kind = DataKind::Mapping;
      made.key = data_type(info.key);
      made.element = data_type(info.element);
      break;
    case TypeKind::Struct: {
      made.kind = DataKind::Struct;
      made.name = outside_name(program_, info.declaration);
      // Fields may lead back to the struct through an array or mapping: it has its number first.
      const ir::DataTypeId id = static_cast<ir::DataTypeId>(contract_->types.size());
      data_types_[type] = id;
      contract_->types.push_back(made);
      std::vector<ir::DataField> fields_made;
      for (const StructField& field : std::vector<StructField>(fields(type).begin(), fields(type).end())) {
        fields_made.push_back({name_text(field.name), data_type(field.type), false});
      }
      contract_->types[id].first_field = static_cast<uint32_t>(contract_->fields.size());
      contract_->types[id].field_count = static_cast<uint32_t>(fields_made.size());
      contract_->fields.insert(contract_->fields.end(), fields_made.begin(), fields_made.end());
      return id;
    }
    default: made.kind = DataKind::Bool; break;  // a mistake was reported
  }
  // A recursive struct may have come to this type on the way.
  if (const auto known = data_types_.find(type); known != data_types_.end()) {
    return known->second;
  }
  const ir::DataTypeId id = static_cast<ir::DataTypeId>(contract_->types.size());
  contract_->types.push_back(std::move(made));
  data_types_[type] = id;
  return id;
}

ir::DataFields ContractChecker::data_fields(std::span<const Param> params, const std::vector<bool>* indexed) {
  std::vector<ir::DataField> made;
  made.reserve(params.size());
  for (size_t i = 0; i < params.size(); ++i) {
    made.push_back({params[i].name.valid() ? name_text(params[i].name) : std::string(), data_type(params[i].type), indexed != nullptr && (*indexed)[i],
                    params[i].location == Location::Calldata});
  }
  const ir::DataFields fields_made{static_cast<uint32_t>(contract_->fields.size()), static_cast<uint32_t>(made.size())};
  contract_->fields.insert(contract_->fields.end(), made.begin(), made.end());
  return fields_made;
}

uint32_t ContractChecker::event_index(DeclId id) {
  const auto [at, is_new] = events_.try_emplace(id, static_cast<uint32_t>(contract_->events.size()));
  if (is_new) {
    contract_->events.emplace_back();
    const Declaration& d = program_.declarations[id];
    const parse::Tree& there = program_.tree_of(d);
    std::vector<bool> indexed;
    uint32_t count = 0;
    for (const NodeId param : there.list(there.node(d.node).b)) {
      indexed.push_back(there.rec(there.node(param).b, 2) != 0);
      count += indexed.back() ? 1 : 0;
    }
    const bool is_anonymous = (there.node(d.node).flags & 1) != 0;
    if (count > (is_anonymous ? 4u : 3u)) {
      sink_.report(Kind::ContractIndexed, there.span(d.node), {std::string(program_.text(d.name)), std::to_string(count)});
    }
    const uint32_t index = at->second;
    const ir::DataFields arguments = data_fields(signature(id).params, &indexed);
    contract_->events[index] = {std::string(program_.text(d.name)), arguments, is_anonymous};
    return index;
  }
  return at->second;
}

uint32_t ContractChecker::error_index(DeclId id) {
  const auto [at, is_new] = errors_.try_emplace(id, static_cast<uint32_t>(contract_->errors.size()));
  const uint32_t index = at->second;
  if (is_new) {
    contract_->errors.emplace_back();
    const ir::DataFields arguments = data_fields(signature(id).params);
    contract_->errors[index] = {std::string(program_.name_of(id)), arguments};
  }
  return index;
}

uint32_t ContractChecker::message_error() {
  if (message_error_ == kNone) {
    message_error_ = static_cast<uint32_t>(contract_->errors.size());
    const Param message{kStringType, Location::Memory, program_.interner.intern("message"), 0};
    contract_->errors.push_back({"Error", data_fields({&message, 1})});
  }
  return message_error_;
}

uint32_t ContractChecker::external_index(DeclId id) {
  const auto [at, is_new] = externals_.try_emplace(id, static_cast<uint32_t>(contract_->externals.size()));
  const uint32_t index = at->second;
  if (is_new) {
    contract_->externals.emplace_back();
    const Signature& s = signature(id);
    ir::ExternalFunction made;
    made.name = std::string(program_.name_of(id));
    made.mutability = s.mutability;
    made.params = data_fields(s.params);
    made.results = data_fields(s.results);
    contract_->externals[index] = std::move(made);
  }
  return index;
}

uint32_t ContractChecker::creation_index(ContractId contract, NodeId where) {
  const auto [at, is_new] = creations_.try_emplace(contract, static_cast<uint32_t>(contract_->creations.size()));
  const uint32_t index = at->second;
  if (is_new) {
    contract_->creations.emplace_back();
    created_.push_back({contract, tree_->full_span(where)});
    ir::Creation made;
    made.name = std::string(program_.name_of(program_.contracts[contract].declaration));
    if (const DeclId constructor = constructor_of(contract); constructor != kNone) {
      made.is_payable = signature(constructor).mutability == ir::Mutability::Payable;
      made.params = data_fields(signature(constructor).params);
    }
    contract_->creations[index] = std::move(made);
  }
  return index;
}

uint32_t ContractChecker::external_index_of_type(TypeId type) {
  const auto [at, is_new] = externals_of_type_.try_emplace(type, static_cast<uint32_t>(contract_->externals.size()));
  const uint32_t index = at->second;
  if (is_new) {
    contract_->externals.emplace_back();
    const FunctionShape shape = types_.shape(type);
    ir::ExternalFunction made;
    made.mutability = types_.mutability(type);
    made.params = data_fields(params_of(shape.params, shape.param_locations));
    made.results = data_fields(params_of(shape.results, shape.result_locations));
    contract_->externals[index] = std::move(made);
  }
  return index;
}

void ContractChecker::lay_out_state() {
  const auto& linear = program_.contracts[self_].linear;
  std::unordered_map<uint32_t, DeclId> named;
  for (auto base = linear.rbegin(); base != linear.rend(); ++base) {
    for (const DeclId id : program_.contracts[*base].members) {
      const Declaration& d = program_.declarations[id];
      if (d.kind != DeclKind::Variable) {
        continue;
      }
      const parse::Tree& there = program_.tree_of(d);
      const uint32_t bits = there.rec(there.node(d.node).b, 1);
      if ((bits & parse::kPrivate) == 0) {
        if (const auto [same, is_new] = named.try_emplace(d.name.index, id); !is_new && program_.declarations[same->second].contract != d.contract) {
          sink_.report(Kind::DeclaredTwice, there.span(d.node), {std::string(program_.text(d.name))})
              .note(program_.span_of(same->second), "a base declares it here");
        }
      }
      const TypeId type = declared_type(id);
      if (program_.contracts[*base].kind != parse::ContractKind::Contract && (bits & parse::kConstant) == 0) {
        sink_.report(Kind::ContractInterface, there.span(d.node), {"interfaces and libraries have no state"});
        continue;
      }
      if (type == kErrorType || (bits & parse::kConstant) != 0) {
        continue;
      }
      auto add = [&](std::vector<ir::StateVariable>& table, std::unordered_map<DeclId, uint32_t>& index) {
        index[id] = static_cast<uint32_t>(table.size());
        table.push_back({std::string(program_.text(d.name)), data_type(type)});
      };
      if ((bits & parse::kImmutable) != 0) {
        add(contract_->immutables, immutable_index_);
      } else if ((bits & parse::kTransient) != 0) {
        add(contract_->transients, transient_index_);
      } else {
        add(contract_->variables, state_index_);
      }
    }
  }
}

}  // namespace omega::check::contract
