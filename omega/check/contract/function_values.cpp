// SPDX-License-Identifier: Apache-2.0
// Functions as values: a number, which a function of the module tells apart that calls what it stands for. So every target has them that has calls.
#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;

std::vector<Param> params_of(std::span<const TypeId> types, std::span<const Location> locations) {
  std::vector<Param> params;
  params.reserve(types.size());
  for (size_t i = 0; i < types.size(); ++i) {
    params.push_back({types[i], locations[i], {}, 0});
  }
  return params;
}

TypeId ContractChecker::function_type(NodeId id) {
  const Node& n = node(id);
  const uint32_t bits = tree_->rec(n.b, 1);
  const bool is_external = (bits & parse::kExternal) != 0;
  const uint32_t fitting = parse::kPure | parse::kView | (is_external ? parse::kExternal | parse::kPayable : parse::kInternal);
  if ((bits & ~fitting) != 0) {
    report(Kind::ContractSpecial, id, {"function", "as a type is `internal` or `external`, and `pure`, `view`, `payable` (`external` ones) or none of these"});
    return kErrorType;
  }
  FunctionShape shape;
  bool failed = false;
  auto read = [&](NodeId list, std::vector<TypeId>& types, std::vector<Location>& locations) {
    for (const NodeId param : tree_->list(list)) {
      const TypeId type = node(param).kind == NodeKind::Param && node(param).a != 0 ? read_type(node(param).a) : kErrorType;
      failed = failed || type == kErrorType;
      types.push_back(type);
      Location location = Location::None;
      if (type != kErrorType) {
        location = location_of(param, type, static_cast<parse::DataLocation>(tree_->rec(node(param).b, 1)), true, Location::Memory);
      }
      if (is_external && location == Location::Storage) {
        report(Kind::ContractLocation, param, {types_.text(type), "cannot be handed to another contract"});
        failed = true;
      } else if (is_external && type != kErrorType) {
        failed = !is_encodable(type, param) || failed;
        location = location == Location::None ? location : Location::Memory;
      }
      locations.push_back(location);
    }
  };
  for (const NodeId result : tree_->list(tree_->rec(n.b, 0))) {
    if (node(result).kind == NodeKind::Param && NameId{tree_->rec(node(result).b, 0)}.valid()) {
      report(Kind::ContractSpecial, result, {"function", "as a type gives its results no names"});
    }
  }
  read(n.a, shape.params, shape.param_locations);
  read(tree_->rec(n.b, 0), shape.results, shape.result_locations);
  const ir::Mutability mutability = (bits & parse::kPure) != 0      ? ir::Mutability::Pure
                                    : (bits & parse::kView) != 0    ? ir::Mutability::View
                                    : (bits & parse::kPayable) != 0 ? ir::Mutability::Payable
                                                                    : ir::Mutability::NonPayable;
  return failed ? kErrorType : types_.function(shape, mutability, is_external ? TypeKind::ExternalFunction : TypeKind::Function);
}

TypeId ContractChecker::type_as_value(const Callable& named, DeclId function) {
  const bool is_external = named.kind == Callable::Kind::External;
  const Signature& s = signature(function);
  if (s.has_error || (!is_external && !can_be_value(named, function))) {
    return kErrorType;
  }
  FunctionShape shape;
  auto add = [is_external](const Param& param, std::vector<TypeId>& types, std::vector<Location>& locations) {
    types.push_back(param.type);
    locations.push_back(is_external && param.location == Location::Calldata ? Location::Memory : param.location);
  };
  for (const Param& param : s.params) {
    add(param, shape.params, shape.param_locations);
  }
  for (const Param& result : s.results) {
    add(result, shape.results, shape.result_locations);
  }
  if (is_external) {
    return types_.function(shape, s.mutability, TypeKind::ExternalFunction);
  }
  return types_.function(shape, s.mutability == ir::Mutability::Payable ? ir::Mutability::NonPayable : s.mutability);
}

bool ContractChecker::can_be_value(const Callable& named, DeclId function) {
  return named.kind == Callable::Kind::Functions && !named.has_self && program_.declarations[function].kind == DeclKind::Function &&
         (signature(function).attributes & parse::kExternal) == 0 && !is_message_to_library(named, function);
}

DeclId ContractChecker::function_for(const Callable& named, TypeId type) {
  DeclId found = kNone;
  for (const DeclId candidate : named.candidates) {
    if (const TypeId own = type_as_value(named, candidate); own != kErrorType && types_.function_converts(own, type)) {
      if (found != kNone) {
        return kNone;
      }
      found = candidate;
    }
  }
  return found;
}

Value ContractChecker::function_value(const Callable& named, TypeId type, NodeId where) {
  const DeclId chosen = function_for(named, type);
  if (named.kind == Callable::Kind::External) {
    const ir::Type wide = types_.ir(type);
    const ValueId address = builder_.binary(Op::Shl, wide, builder_.cast(wide, named.self.id), builder_.const_int(ir::Type::U256, 32));
    return Value::of(type, builder_.binary(Op::Or, wide, address, builder_.const_int(wide, selector(chosen))));
  }
  const DeclId target = named.is_exact ? chosen : most_derived(chosen);
  if (named.is_exact && !signature(target).has_body) {
    return fail(Kind::ContractNoBody, where, {name_text(named.name)});
  }
  function_of(target);
  const auto [number, is_new] = function_numbers_.try_emplace(target, static_cast<uint32_t>(function_numbers_.size()) + 1);
  if (is_new) {
    callers_[types_.shape_of(type)].targets.push_back(target);
  }
  return Value::of(type, builder_.const_int(types_.ir(type), number->second));
}

Value ContractChecker::call_function_value(const Value& callee, NodeId id, std::span<const NodeId> arguments) {
  const FunctionShape shape = types_.shape(callee.type);
  const std::vector<Param> params = params_of(shape.params, shape.param_locations);
  const std::vector<Param> results = params_of(shape.results, shape.result_locations);
  if (!open_constants_.empty()) {
    return fail(Kind::NotConstant, id);
  }
  if (!expect_count(arguments, params.size(), id, types_.text(callee.type))) {
    return Value::error();
  }
  const std::vector<ValueId> words = converted(params, evaluate(arguments), id, arguments, Use::Keep);
  if (words.size() != params.size()) {
    return Value::error();
  }
  at(id);
  note_access(access_of(types_.mutability(callee.type)), id);
  std::vector<ValueId> all{callee.id};
  all.insert(all.end(), words.begin(), words.end());
  Caller& caller = callers_[types_.shape_of(callee.type)];
  if (caller.id == kNone) {
    caller.asked_by = function_;
    caller.id = reserve_function("call " + types_.text(callee.type));
    ir::Function& f = module_.functions[caller.id];
    f.params.push_back(types_.ir(callee.type));
    for (const Param& param : params) {
      f.params.push_back(types_.ir(param.type));
    }
    for (const Param& result : results) {
      f.results.push_back(types_.ir(result.type));
    }
  }
  return results_of(builder_.call(caller.id, results.empty() ? ir::Type::Void : types_.ir(results[0].type), all), results, 0);
}

Value ContractChecker::address_of_function(const Value& function) {
  const ir::Type wide = types_.ir(function.type);
  const ValueId shifted = builder_.binary(Op::Shr, wide, function.id, builder_.const_int(ir::Type::U256, 32));
  return Value::of(kAddressType, builder_.cast(types_.ir(kAddressType), shifted));
}

Value ContractChecker::selector_of_function(const Value& function) {
  const TypeId bytes4 = fixed_bytes_type(4);
  return Value::of(bytes4, builder_.cast(types_.ir(bytes4), function.id));
}

Value ContractChecker::call_external_value(const Callable& callee, NodeId id, std::span<const NodeId> arguments) {
  const TypeId type = callee.self.type;
  const FunctionShape shape = types_.shape(type);
  if (!expect_count(arguments, shape.params.size(), id, types_.text(type))) {
    return Value::error();
  }
  const std::vector<Value> values = evaluate(arguments);
  Message message{external_index_of_type(type), address_of_function(callee.self).id, {}, {}, types_.mutability(type), types_.text(type)};
  message.selector = selector_of_function(callee.self).id;
  message.params = params_of(shape.params, shape.param_locations);
  message.results = params_of(shape.results, shape.result_locations);
  return send_message(message, callee, values, arguments, id);
}

void ContractChecker::make_callers() {
  for (auto& [type, caller] : callers_) {
    if (caller.id == kNone) {
      continue;
    }
    const FunctionShape shape = types_.shape(type);
    std::vector<Param> params = params_of(shape.params, shape.param_locations);
    params.insert(params.begin(), {type, Location::None, {}, 0});
    const std::vector<Param> results = params_of(shape.results, shape.result_locations);
    begin_function(caller.id, caller.asked_by, params, results);
    for (const DeclId target : caller.targets) {
      const Label is_it = builder_.new_label();
      const Label next = builder_.new_label();
      const ValueId number = builder_.const_int(types_.ir(type), function_numbers_[target]);
      builder_.cond_br(builder_.compare(Op::Eq, builder_.param(0), number), is_it, next);
      builder_.start_block(is_it);
      std::vector<ValueId> values;
      for (uint32_t i = 1; i < params.size(); ++i) {
        values.push_back(builder_.param(i));
      }
      const ValueId made = builder_.call(function_of(target), results.empty() ? ir::Type::Void : types_.ir(results[0].type), values);
      values.clear();
      for (uint32_t i = 0; i < results.size(); ++i) {
        values.push_back(i == 0 ? made : builder_.result(made, i, types_.ir(results[i].type)));
      }
      builder_.ret(values);
      builder_.start_block(next);
    }
    builder_.panic(ir::PanicKind::NullCall);
    module_.functions[caller.id] = builder_.finish();
  }
}

}  // namespace omega::check::contract
