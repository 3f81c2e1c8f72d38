// SPDX-License-Identifier: Apache-2.0
// Calls of functions, conversions written as calls, structs and arrays that are made.
#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;

Value ContractChecker::call(NodeId id) {
  const Node& n = node(id);
  const auto arguments = tree_->list(n.b);
  NodeId callee_node = n.a;
  while (node(callee_node).kind == NodeKind::Paren) {
    callee_node = node(callee_node).a;
  }
  if (node(callee_node).kind == NodeKind::New) {
    const TypeId type = read_type(node(callee_node).a);
    if (type == kErrorType || types_[type].kind != TypeKind::Contract) {
      return new_expression(id, type, arguments);
    }
  }
  const Value callee = expression(callee_node);
  switch (callee.kind) {
    case ValueKind::Error:
      for (const NodeId argument : arguments) {
        expression(node(argument).kind == NodeKind::NamedArg ? node(argument).b : argument);
      }
      return callee;
    case ValueKind::Callable: return call_callable(callables_[callee.id], id, arguments);
    case ValueKind::Type:
      if (types_[callee.type].kind == TypeKind::Struct) {
        return make_struct(callee.type, id, arguments);
      }
      if (arguments.size() != 1 || node(arguments[0]).kind == NodeKind::NamedArg) {
        return fail(Kind::ArgumentCount, id, {types_.text(callee.type), "1 argument", std::to_string(arguments.size())});
      }
      {
        const Value value = rvalue(arguments[0]);
        at(id);
        return convert_explicit(value, callee.type, id);
      }
    case ValueKind::Event: return fail(Kind::ContractEvent, id, {name_text(callables_[callee.id].name)});
    case ValueKind::ErrorName: return fail(Kind::ErrorOutsideRevert, id);
    default: break;
  }
  const Value value = callee.is_data() ? load(callee, callee_node) : callee;
  if (value.kind == ValueKind::Runtime && types_[value.type].kind == TypeKind::Function) {
    return call_function_value(value, id, arguments);
  }
  if (value.kind == ValueKind::Runtime && types_[value.type].kind == TypeKind::ExternalFunction) {
    return call_callable(callable_of_value(value), id, arguments);
  }
  return fail(Kind::NotCallable, callee_node, {value_text(callee)});
}

Value ContractChecker::make_struct(TypeId type, NodeId id, std::span<const NodeId> arguments) {
  std::vector<Param> params;
  for (const StructField& field : fields(type)) {
    if (field.type == kErrorType) {
      return Value::error();
    }
    params.push_back({field.type, types_.is_reference(field.type) ? Location::Memory : Location::None, field.name, 0});
  }
  if (holds_mapping(type)) {
    return fail(Kind::ContractLocation, id, {types_.text(type), "holds a mapping and lies in storage only"});
  }
  const auto order = match_names(arguments, params, id, types_.text(type));
  if (!order) {
    return Value::error();
  }
  const std::vector<Value> values = evaluate(*order);
  const std::vector<ValueId> words = converted(params, values, id, *order, Use::Keep);
  if (words.size() != params.size()) {
    return Value::error();
  }
  at(id);
  bool has_refs = false;
  for (const Param& param : params) {
    has_refs = has_refs || param.location == Location::Memory;
  }
  const ValueId made = builder_.emit(Op::NewObject, ir::Type::Ref, static_cast<uint32_t>(32 * words.size()), 0, 0, has_refs ? 0 : ir::kNoRefs);
  for (uint32_t i = 0; i < words.size(); ++i) {
    builder_.store(made, 32 * i, words[i]);
  }
  return Value::of(type, made, Location::Memory);
}

Value ContractChecker::new_expression(NodeId id, TypeId type, std::span<const NodeId> arguments) {
  if (type == kErrorType) {
    return Value::error();
  }
  const TypeKind kind = types_[type].kind;
  if (kind != TypeKind::Array && kind != TypeKind::Bytes && kind != TypeKind::String) {
    return fail(Kind::NewType, id, {types_.text(type)});
  }
  if (holds_mapping(type)) {
    return fail(Kind::ContractLocation, id, {types_.text(type), "holds a mapping and lies in storage only"});
  }
  if (!expect_count(arguments, 1, id, "new " + types_.text(type))) {
    return Value::error();
  }
  const ValueId length = operand(arguments[0], kUint256Type);
  at(id);
  return Value::of(type, new_array(type, length), Location::Memory);
}

Value ContractChecker::new_contract(TypeId type, NodeId id) {
  const ContractDecl& contract = program_.contracts[types_[type].declaration];
  if (contract.kind != parse::ContractKind::Contract || contract.is_abstract) {
    return fail(Kind::NewType, id, {types_.text(type)});
  }
  Callable made;
  made.kind = Callable::Kind::Create;
  made.self = Value::of_type(type);
  return callable(std::move(made));
}

Value ContractChecker::create_contract(const Callable& callee, NodeId id, std::span<const NodeId> arguments) {
  const TypeId type = callee.self.type;
  const DeclId constructor = constructor_of(types_[type].declaration);
  std::vector<Param> params;
  if (constructor != kNone) {
    if (signature(constructor).has_error) {
      return Value::error();
    }
    params = signature(constructor).params;
  }
  for (Param& param : params) {
    param.location = location_for_caller(param, true);
  }
  const std::string name = "new " + types_.text(type);
  const auto order = match_names(arguments, params, id, name);
  if (!order) {
    return Value::error();
  }
  if (callee.value != ir::kNone && (constructor == kNone || signature(constructor).mutability != ir::Mutability::Payable)) {
    return fail(Kind::ContractNotPayable, id, {name});
  }
  const std::vector<ValueId> args = converted(params, evaluate(*order), id, *order, Use::Consume);
  if (args.size() != params.size()) {
    return Value::error();
  }
  at(id);
  note_access(Access::Write, id);
  std::vector<uint32_t> all{callee.value, callee.salt};
  all.insert(all.end(), args.begin(), args.end());
  const bool is_try = id == try_call_;
  const uint32_t row = creation_index(types_[type].declaration, id);
  const ir::Type address = types_.ir(type);
  const ValueId made =
      builder_.emit(Op::Create, is_try ? ir::Type::U1 : address, row, builder_.add_extra(all), static_cast<uint32_t>(all.size()), is_try ? ir::kTry : 0);
  if (!is_try) {
    return Value::of(type, made);
  }
  std::vector<Value> parts{Value::of(kBoolType, made), Value::of(type, builder_.result(made, 1, address))};
  parts.push_back(Value::of(kBytesType, builder_.result(made, 2, ir::Type::Ref), Location::Memory));
  return list_value(ValueKind::Tuple, std::move(parts));
}

bool ContractChecker::expect_count(std::span<const NodeId> arguments, size_t count, NodeId where, std::string_view name) {
  if (arguments.size() == count && !has_names(arguments)) {
    return true;
  }
  report(Kind::ArgumentCount, where, {std::string(name), std::to_string(count) + (count == 1 ? " argument" : " arguments"), std::to_string(arguments.size())});
  return false;
}

bool ContractChecker::has_names(std::span<const NodeId> arguments) const { return !arguments.empty() && node(arguments[0]).kind == NodeKind::NamedArg; }

std::optional<std::vector<NodeId>> ContractChecker::match_names(std::span<const NodeId> arguments, std::span<const Param> params, NodeId where,
                                                                const std::string& of) {
  if (arguments.size() != params.size()) {
    report(Kind::ArgumentCount, where,
           {of, std::to_string(params.size()) + (params.size() == 1 ? " argument" : " arguments"), std::to_string(arguments.size())});
    return std::nullopt;
  }
  if (!has_names(arguments)) {
    return std::vector<NodeId>(arguments.begin(), arguments.end());
  }
  std::vector<NodeId> order(params.size(), 0);
  for (const NodeId argument : arguments) {
    const Node& n = node(argument);
    size_t at_param = 0;
    while (at_param < params.size() && !(params[at_param].name.index == n.a)) {
      ++at_param;
    }
    if (n.kind != NodeKind::NamedArg || at_param == params.size()) {
      report(Kind::UnknownParameter, argument, {n.kind == NodeKind::NamedArg ? name_text(NameId{n.a}) : "", of});
      return std::nullopt;
    }
    if (order[at_param] != 0) {
      report(Kind::ArgumentTwice, argument, {name_text(NameId{n.a})});
      return std::nullopt;
    }
    order[at_param] = n.b;
  }
  return order;
}

std::vector<Value> ContractChecker::evaluate(std::span<const NodeId> arguments) {
  std::vector<Value> values;
  for (const NodeId argument : arguments) {
    const NodeId value = node(argument).kind == NodeKind::NamedArg ? node(argument).b : argument;
    values.push_back(rvalue(value));
  }
  return values;
}

std::vector<Value> ContractChecker::evaluate_for(const Callable& callee, std::span<const NodeId> arguments) {
  const bool binds_self = callee.kind == Callable::Kind::Functions && callee.has_self;
  if (callee.candidates.size() != 1 || has_names(arguments)) {
    return evaluate(arguments);
  }
  const std::vector<Param>& params = signature(callee.candidates[0]).params;
  const size_t first = binds_self ? 1 : 0;
  if (params.size() != arguments.size() + first || signature(callee.candidates[0]).has_error) {
    return evaluate(arguments);
  }
  // A message is written when all arguments are there.
  if (callee.kind == Callable::Kind::External || is_message_to_library(callee, callee.candidates[0])) {
    return evaluate(arguments);
  }
  // What one argument refers to in the state is copied before the next one is evaluated, which may change it.
  std::vector<Value> values;
  for (size_t i = 0; i < arguments.size(); ++i) {
    Value value = rvalue(arguments[i]);
    const Param& param = params[i + first];
    if (value.is_storage() && param.location != Location::Storage && value.type == param.type) {
      value = convert(value, param.type, Location::Memory, arguments[i]);
    }
    values.push_back(value);
  }
  return values;
}

std::vector<ValueId> ContractChecker::converted(std::span<const Param> params, std::span<const Value> values, NodeId where, std::span<const NodeId> places,
                                                Use use) {
  std::vector<ValueId> ids;
  bool failed = params.size() != values.size();
  for (size_t i = 0; i < params.size() && i < values.size(); ++i) {
    const NodeId place = i < places.size() && places[i] != 0 ? places[i] : where;
    Value value = values[i];
    if (value.kind == ValueKind::Void) {
      value = fail(Kind::GivesNoValue, place);
    } else {
      value = convert(value, params[i].type, params[i].location, place, use);
    }
    failed = failed || value.is_error();
    ids.push_back(value.id);
  }
  if (failed) {
    ids.clear();
    ids.resize(params.empty() ? 1 : 0);  // a size that no caller expects
  }
  return ids;
}

bool ContractChecker::fits(DeclId function, const Callable& callee, std::span<const NodeId> arguments, std::span<const Value> values) {
  const Signature& s = signature(function);
  const bool binds_self = callee.kind == Callable::Kind::Functions && callee.has_self;
  const size_t first = binds_self ? 1 : 0;
  if (s.params.size() != values.size() + first || s.has_error) {
    return false;
  }
  if (binds_self && !converts(callee.self, s.params[0].type, location_for_caller(s.params[0], is_message_to_library(callee, function)))) {
    return false;
  }
  const bool is_named = has_names(arguments);
  for (size_t i = 0; i < values.size(); ++i) {
    size_t at_param = i + first;
    if (is_named) {
      const NameId name{node(arguments[i]).a};
      at_param = 0;
      while (at_param < s.params.size() && s.params[at_param].name != name) {
        ++at_param;
      }
      if (at_param == s.params.size()) {
        return false;
      }
    }
    const bool is_message = callee.kind == Callable::Kind::External || is_message_to_library(callee, function);
    if (!converts(values[i], s.params[at_param].type, location_for_caller(s.params[at_param], is_message))) {
      return false;
    }
  }
  return true;
}

DeclId ContractChecker::choose(const Callable& callee, std::span<const NodeId> arguments, std::span<const Value> values, NodeId where) {
  std::vector<DeclId> fitting;
  for (const DeclId id : callee.candidates) {
    if (fits(id, callee, arguments, values)) {
      fitting.push_back(id);
    }
  }
  if (fitting.size() == 1) {
    return fitting[0];
  }
  std::string types;
  for (const Value& value : values) {
    if (value.is_error()) {
      return kNone;
    }
    types += (types.empty() ? "" : ", ") + value_text(value);
  }
  if (fitting.size() > 1) {
    diag::Diagnostic& said = report(Kind::AmbiguousCall, where, {name_text(callee.name), types});
    for (const DeclId id : fitting) {
      said.note(program_.span_of(id), "this one");
    }
    return kNone;
  }
  for (const DeclId id : callee.candidates) {
    if (signature(id).has_error) {
      return kNone;
    }
  }
  if (callee.candidates.size() == 1) {
    return callee.candidates[0];  // its arguments are converted, which says what is wrong with which
  }
  report(Kind::NoOverload, where, {name_text(callee.name), types});
  return kNone;
}

Value ContractChecker::results_of(ValueId call_id, std::span<const Param> results, uint32_t first) {
  std::vector<Value> parts;
  for (uint32_t i = 0; i < results.size(); ++i) {
    const uint32_t index = i + first;
    const ValueId id = index == 0 ? call_id : builder_.result(call_id, index, types_.ir(results[i].type));
    parts.push_back(Value::of(results[i].type, id, results[i].location));
  }
  if (parts.empty()) {
    return Value::none();
  }
  return parts.size() == 1 ? parts[0] : list_value(ValueKind::Tuple, std::move(parts));
}

Value ContractChecker::call_callable(Callable callee, NodeId id, std::span<const NodeId> arguments) {
  if (callee.kind == Callable::Kind::Builtin) {
    return call_builtin(callee, id, arguments);
  }
  if (callee.kind == Callable::Kind::Value) {
    return call_external_value(callee, id, arguments);
  }
  if (callee.kind == Callable::Kind::Create) {
    return create_contract(callee, id, arguments);
  }
  if (callee.kind == Callable::Kind::Foreign) {
    return fail(Kind::ContractForeignCall, id, {name_text(callee.name)});
  }
  // What a function is called on is what it is then, also where it lies in the state and the function takes a copy.
  if (callee.has_self && callee.kind == Callable::Kind::Functions && callee.self.is_storage() && callee.candidates.size() == 1 &&
      !signature(callee.candidates[0]).has_error && signature(callee.candidates[0]).params[0].location != Location::Storage) {
    callee.self = convert(callee.self, callee.self.type, Location::Memory, id);
  }
  const std::vector<Value> values = evaluate_for(callee, arguments);
  at(id);
  const DeclId function = choose(callee, arguments, values, id);
  if (function == kNone) {
    return Value::error();
  }
  const Signature& s = signature(function);
  if (s.has_error) {
    return Value::error();
  }
  const bool binds_self = callee.kind == Callable::Kind::Functions && callee.has_self;
  const std::span<const Param> params = std::span<const Param>(s.params).subspan(binds_self ? 1 : 0);
  const auto order = match_names(arguments, params, id, name_text(callee.name));
  if (!order) {
    return Value::error();
  }
  // Values in the order of parameters; they were evaluated as written.
  std::vector<Value> ordered;
  for (const NodeId wanted : *order) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      const NodeId written = node(arguments[i]).kind == NodeKind::NamedArg ? node(arguments[i]).b : arguments[i];
      if (written == wanted) {
        ordered.push_back(values[i]);
        break;
      }
    }
  }
  if (callee.kind == Callable::Kind::External) {
    return external_call(function, callee, ordered, *order, id);
  }
  std::vector<NodeId> places = *order;
  if (binds_self) {
    ordered.insert(ordered.begin(), callee.self);
    places.insert(places.begin(), id);
  }
  return call_function(function, callee, places, ordered, id);
}

Value ContractChecker::call_function(DeclId function, const Callable& callee, std::span<const NodeId> places, std::span<const Value> values, NodeId id) {
  const Signature& s = signature(function);
  if (callee.value != ir::kNone || callee.gas != ir::kNone) {
    return fail(Kind::ContractOptions, id, {name_text(callee.name)});
  }
  const bool is_message = is_message_to_library(callee, function);
  const bool is_inside = is_message && scope_.contract == program_.declarations[function].contract;
  if (is_inside || ((s.attributes & parse::kExternal) != 0 && !is_message)) {
    return fail(Kind::ContractExternalCall, id, {name_text(callee.name)});
  }
  if (!open_constants_.empty()) {
    return fail(Kind::NotConstant, id);
  }
  const std::vector<ValueId> args = is_message ? copied_for_library(s.params, values, id, places) : converted(s.params, values, id, places, Use::Keep);
  if (args.size() != s.params.size()) {
    return Value::error();
  }
  at(id);
  const DeclId target = callee.is_exact ? function : most_derived(function);
  if (callee.is_exact && !s.has_body) {
    return fail(Kind::ContractNoBody, id, {name_text(callee.name)});
  }
  note_access(access_of(s.mutability), id);
  const ir::Type type = s.results.empty() ? ir::Type::Void : types_.ir(s.results[0].type);
  const ir::FunctionId callee_id = function_of(target);
  const Value made = results_of(builder_.call(callee_id, type, args), s.results, 0);
  return is_message ? copied_from_library(made) : made;
}

bool ContractChecker::is_outside_of_library(DeclId function) {
  const Declaration& d = program_.declarations[function];
  return d.kind == DeclKind::Function && d.contract != kNone && program_.contracts[d.contract].kind == parse::ContractKind::Library &&
         (signature(function).attributes & (parse::kPublic | parse::kExternal)) != 0;
}

bool ContractChecker::is_message_to_library(const Callable& callee, DeclId function) {
  return callee.kind == Callable::Kind::Functions && callee.is_exact && is_outside_of_library(function);
}

std::vector<ValueId> ContractChecker::copied_for_library(std::span<const Param> params, std::span<const Value> values, NodeId where,
                                                         std::span<const NodeId> places) {
  std::vector<Param> seen(params.begin(), params.end());
  for (Param& param : seen) {
    param.location = location_for_caller(param, true);
  }
  std::vector<ValueId> words = converted(seen, values, where, places, Use::Keep);
  if (words.size() != params.size()) {
    return words;
  }
  for (size_t i = 0; i < params.size(); ++i) {
    // What is only read need not be a copy, and what comes from the state or a literal is one already.
    if (params[i].location == Location::Memory && !values[i].is_storage() && values[i].kind != ValueKind::Text) {
      words[i] = deep_copy(words[i], params[i].type);
    }
  }
  return words;
}

Value ContractChecker::copied_from_library(const Value& result) {
  if (result.kind == ValueKind::Tuple) {
    std::vector<Value> parts = lists_[result.id];
    for (Value& part : parts) {
      part = copied_from_library(part);
    }
    return list_value(ValueKind::Tuple, std::move(parts));
  }
  if (result.location == Location::Memory || result.location == Location::Calldata) {
    return Value::of(result.type, deep_copy(result.id, result.type), Location::Memory);
  }
  return result;
}

}  // namespace omega::check::contract
