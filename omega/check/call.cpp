// SPDX-License-Identifier: Apache-2.0
// Calls: what the callee is, and the arguments.
#include <algorithm>

#include "omega/check/checker.h"
#include "omega/check/foreign_names.h"
#include "omega/check/result_type.h"
#include "omega/diag/edit_distance.h"

namespace omega::check {
namespace {

bool has_length(TypeKind kind) {
  return kind == TypeKind::Array || kind == TypeKind::FixedArray || kind == TypeKind::String || kind == TypeKind::Bytes || kind == TypeKind::Mapping;
}

}  // namespace

using diag::Kind;

Value Checker::call(NodeId id, TypeId hint) {
  if (call_hook_ != nullptr) [[unlikely]] {
    Value made;
    if (call_hook_->prepared(id, &made)) {
      return made;
    }
  }
  const Node& n = node(id);
  const auto arguments = tree_->list(n.b);
  NodeId callee = n.a;
  while (node(callee).kind == NodeKind::Paren) {
    callee = node(callee).a;
  }
  const Node& c = node(callee);
  switch (c.kind) {
    case NodeKind::Name: {
      const NameId name = tree_->name(c);
      const uint32_t innermost = innermost_[name.index];
      if (innermost != 0) {
        return call_value(read_local(innermost - 1), id, arguments);
      }
      const Symbol symbol = lookup(name);
      if (symbol.kind == SymbolKind::Functions && resolver_ == nullptr) [[likely]] {
        return call_functions(symbol.index, id, arguments);
      }
      return call_callee(symbol_value(symbol, callee), id, arguments, hint);
    }
    case NodeKind::Member: return member_call(id, callee, hint);
    case NodeKind::New: return new_expression(id, callee);
    case NodeKind::GenericType: return generic_callee(id, callee, hint);
    case NodeKind::Lambda: {
      if (tree_->list(c.a).size() == arguments.size()) {
        PodVector<Value> values;
        for (NodeId argument : arguments) {
          values.push_back(runtime_expression(argument));
        }
        return inline_lambda(callee, {values.data(), values.size()}, hint);
      }
      report(Kind::ArgumentCount, id, {"the lambda", arguments_text(tree_->list(c.a).size()), std::to_string(arguments.size())});
      return Value::error();
    }
    default: return call_callee(expression(callee), id, arguments, hint);
  }
}

void Checker::check_arguments_alone(std::span<const NodeId> arguments) {
  for (NodeId argument : arguments) {
    const NodeId value = node(argument).kind == NodeKind::NamedArg ? node(argument).b : argument;
    if (node(value).kind != NodeKind::Lambda && node(value).kind != NodeKind::Block) {
      expression(value);
    }
  }
}

Value Checker::call_callee(Value callee, NodeId id, std::span<const NodeId> arguments, TypeId hint) {
  switch (callee.kind) {
    case ValueKind::Functions: return call_functions(callee.id, id, arguments);
    case ValueKind::Type: return call_type(callee.type, id, arguments);
    case ValueKind::Builtin:
      return check_builtin_function(*this, static_cast<FunctionKind>(callee.id), {.node = id, .arguments = arguments, .receiver = {}, .hint = hint});
    case ValueKind::Pattern:
      return check_pattern(*this, static_cast<PatternKind>(callee.id), {.node = id, .arguments = arguments, .receiver = {}, .hint = hint});
    case ValueKind::ErrorName: {
      const std::string name = name_text(decls_.errors[callee.id].name);
      report(Kind::ErrorOutsideRevert, id)
          .with_help("write `revert " + name + "(...)`, and in place of `require(c, " + name + "(...))` `if (!c) { revert " + name + "(...) }`");
      return Value::error();
    }
    default: return call_value(callee, id, arguments);
  }
}

Value Checker::result_constructor(NodeId id, NodeId member_node, TypeId value_type, TypeId hint) {
  const auto arguments = tree_->list(node(id).b);
  const NameId name{node(member_node).b};
  const bool is_ok = name == decls_.builtins.ok;
  if (!is_ok && name != decls_.builtins.error) {
    report(Kind::UnknownMember, member_node, {"`Result`", name_text(name)});
    check_arguments_alone(arguments);
    return Value::error();
  }
  if (arguments.size() != 1) {
    report(Kind::ArgumentCount, id, {is_ok ? "Result.ok" : "Result.error", arguments_text(1), std::to_string(arguments.size())});
    return Value::error();
  }
  if (value_type == kNoType && types_[hint].kind == TypeKind::Result) {
    value_type = types_[hint].element;
  }
  Value value;
  if (is_ok) {
    value = value_type == kNoType ? runtime_expression(arguments[0]) : Value::of(value_type, operand(arguments[0], value_type));
    if (value.is_error()) {
      return value;
    }
    value_type = value.type;
  } else {
    value = Value::of(kStringType, operand(arguments[0], kStringType));
    if (value_type == kNoType) {
      report(Kind::ResultTypeUnknown, id).with_help("write `Result.error<int64>(...)`, or use it where a `Result` type is expected");
      return Value::error();
    }
  }
  at(id);
  const ValueId object = builder_->emit(Op::NewObject, ir::Type::Ref, result_size(types_[value_type].size));
  if (is_ok) {
    builder_->store(object, kResultOk, builder_->const_bool(true));
    builder_->store(object, kResultValue, value.id);
  } else {
    builder_->store(object, kResultError, value.id);
  }
  return Value::of(types_.result_of(value_type), object);
}

Value Checker::generic_callee(NodeId id, NodeId callee, TypeId hint) {
  const Node& c = node(callee);
  const auto type_nodes = tree_->list(c.b);
  const auto arguments = tree_->list(node(id).b);
  const Node& base = node(c.a);
  if (base.kind == NodeKind::Member && node(base.a).kind == NodeKind::Name && tree_->name(node(base.a)) == decls_.builtins.result_type &&
      type_nodes.size() == 1) {
    const TypeId type = read_type(type_nodes[0]);
    if (type == kErrorType) {
      check_arguments_alone(arguments);
      return Value::error();
    }
    return result_constructor(id, c.a, type, hint);
  }
  const Value value = expression(c.a);
  if (value.kind == ValueKind::Functions) {
    PodVector<TypeId> types;
    for (NodeId type_node : type_nodes) {
      types.push_back(read_type(type_node));
      if (types[types.size() - 1] == kErrorType) {
        check_arguments_alone(arguments);
        return Value::error();
      }
    }
    for (uint32_t at_decl = value.id; at_decl != kNoDeclaration; at_decl = decls_.functions[at_decl].next_overload) {
      if (decls_.functions[at_decl].is_generic) {
        return call_generic(at_decl, id, arguments, {types.data(), types.size()}, nullptr);
      }
    }
  }
  if (!value.is_error()) {
    report(Kind::NotGeneric, callee);
  }
  check_arguments_alone(arguments);
  return Value::error();
}

Value Checker::member_call(NodeId id, NodeId callee, TypeId hint) {
  const Node& c = node(callee);
  const NameId name{c.b};
  const auto arguments = tree_->list(node(id).b);
  NodeId base_node = c.a;
  while (node(base_node).kind == NodeKind::Paren) {
    base_node = node(base_node).a;
  }
  const Node& b = node(base_node);
  Symbol base_symbol;
  if (b.kind == NodeKind::Name) {
    base_symbol = lookup(tree_->name(b));
    if (base_symbol.kind == SymbolKind::None && tree_->name(b) == decls_.builtins.result_type) {
      return result_constructor(id, callee, kNoType, hint);
    }
  }
  const Symbol pattern = decls_.builtins.symbols.find(name);
  const bool is_method = decls_.builtins.methods.find(name).kind != SymbolKind::None;
  if (pattern.kind == SymbolKind::Pattern && base_symbol.kind != SymbolKind::Module) {
    const bool is_chain = b.kind == NodeKind::Call && (node(b.a).kind == NodeKind::Member || node(b.a).kind == NodeKind::Name);
    bool field_first = false;
    if (base_symbol.kind == SymbolKind::Local && types_[locals_[base_symbol.index].type].kind == TypeKind::Struct) {
      field_first = find_field(locals_[base_symbol.index].type, name) != nullptr;
    }
    if (!field_first) {
      CallSite site{.node = id, .arguments = arguments, .receiver = {}, .receiver_node = c.a, .hint = hint};
      if (is_method && (!is_chain || !callee_is_pattern(b.a))) {
        site.receiver = expression(c.a);
        MethodKind kind;
        if (site.receiver.is_value() && find_method(name, site.receiver.type, kind)) {
          site.receiver = to_runtime(site.receiver, c.a);
          return check_method(*this, kind, site);
        }
        if (site.receiver.is_error()) {
          check_arguments_alone(arguments);
          return Value::error();
        }
      }
      return check_pattern(*this, static_cast<PatternKind>(pattern.index), site);
    }
  }
  const bool changes = is_method && (name == decls_.builtins.push || name == decls_.builtins.append);
  Value base = changes ? object(c.a) : expression(c.a);
  switch (base.kind) {
    case ValueKind::Error: check_arguments_alone(arguments); return base;
    case ValueKind::Module: {
      const Symbol symbol = decls_.modules[base.id].symbols.find(name);
      if (symbol.kind == SymbolKind::None) {
        report(Kind::UnknownMember, callee, {"module `" + name_text(tree_->name(b)) + "`", name_text(name)});
        check_arguments_alone(arguments);
        return Value::error();
      }
      return call_callee(symbol_value(symbol, callee), id, arguments, hint);
    }
    case ValueKind::Type: {
      const TypeInfo& info = types_[base.type];
      if (info.kind == TypeKind::UserType && (name == decls_.builtins.wrap || name == decls_.builtins.unwrap) && arguments.size() == 1) {
        const bool wraps = name == decls_.builtins.wrap;
        const ValueId value = operand(arguments[0], wraps ? info.element : base.type);
        return Value::of(wraps ? base.type : info.element, value);
      }
      return call_callee(member_of_type(base.type, callee), id, arguments, hint);
    }
    default: break;
  }
  base = to_runtime(base, c.a);
  if (base.is_error()) {
    check_arguments_alone(arguments);
    return base;
  }
  if (types_[base.type].kind == TypeKind::Struct && find_field(base.type, name) != nullptr) {
    return call_value(member_of_value(base, callee), id, arguments);
  }
  MethodKind kind;
  if (find_method(name, base.type, kind)) {
    return check_method(*this, kind, {.node = id, .arguments = arguments, .receiver = base, .receiver_node = c.a, .hint = hint});
  }
  diag::Diagnostic& diagnostic = report(Kind::UnknownMember, callee, {"`" + types_.text(base.type) + "`", name_text(name)});
  std::vector<std::string_view> candidates;
  for (size_t i = 0; i < method_names().size(); ++i) {
    MethodKind other;
    if (find_method(decls_.interner->find(method_names()[i].name), base.type, other)) {
      candidates.push_back(method_names()[i].name);
    }
  }
  const std::string_view nearest = diag::nearest_name(decls_.text(name), candidates);
  if (name == decls_.builtins.length && has_length(types_[base.type].kind)) {
    diagnostic.with_help("leave out the parentheses: `.length`");
  } else if (const std::string_view advice = help_for_foreign_member(decls_.text(name)); !advice.empty() && types_[base.type].kind != TypeKind::Struct) {
    diagnostic.with_help(std::string(advice));
  } else if (!nearest.empty()) {
    diagnostic.with_help("did you mean `" + std::string(nearest) + "`?");
  }
  check_arguments_alone(arguments);
  return Value::error();
}

bool Checker::callee_is_pattern(NodeId callee) {
  const Node& c = node(callee);
  const NameId name = c.kind == NodeKind::Member ? NameId{c.b} : c.kind == NodeKind::Name ? tree_->name(c) : NameId{};
  return name.valid() && decls_.builtins.symbols.find(name).kind == SymbolKind::Pattern &&
         (c.kind == NodeKind::Member || lookup(name).kind == SymbolKind::Pattern);
}

Value Checker::call_functions(uint32_t first, NodeId id, std::span<const NodeId> arguments) {
  const FunctionDecl& f = decls_.functions[first];
  if (f.next_overload == kNoDeclaration && decls_.modules[module_].whole_imports.empty()) [[likely]] {
    return f.is_generic ? call_generic(first, id, arguments, {}, nullptr) : call_declared(first, id, arguments);
  }
  PodVector<uint32_t> sets;
  collect_sets(first, sets);
  if (sets.size() == 1 && f.next_overload == kNoDeclaration) {
    return f.is_generic ? call_generic(first, id, arguments, {}, nullptr) : call_declared(first, id, arguments);
  }
  PodVector<Value> values;
  bool failed = false;
  for (NodeId argument : arguments) {
    values.push_back(expression(node(argument).kind == NodeKind::NamedArg ? node(argument).b : argument));
    failed = failed || values[values.size() - 1].is_error();
  }
  if (failed) {
    return Value::error();
  }
  return call_overloaded({sets.data(), sets.size()}, id, arguments, {values.data(), values.size()});
}

Value Checker::call_declared(uint32_t declaration, NodeId id, std::span<const NodeId> arguments) {
  const FunctionDecl& f = decls_.functions[declaration];
  if (f.has_error) {
    check_arguments_alone(arguments);
    return Value::error();
  }
  if (arguments.size() != f.param_count) {
    report(Kind::ArgumentCount, id, {name_text(f.name), arguments_text(f.param_count), std::to_string(arguments.size())})
        .note(decls_.modules[f.module].tree->span(f.node), "`" + signature_text(declaration) + "` is declared here");
    check_arguments_alone(arguments);
    return Value::error();
  }
  const auto parameters = decls_.parameters(f);
  const size_t bottom = argument_values_.size();
  if (!arguments.empty() && node(arguments[0]).kind == NodeKind::NamedArg) {
    PodVector<uint32_t> order;
    if (!order_arguments(declaration, arguments, order, true, id)) {
      check_arguments_alone(arguments);
      return Value::error();
    }
    argument_values_.resize(bottom + arguments.size());
    for (size_t i = 0; i < arguments.size(); ++i) {
      const ValueId value = operand(node(arguments[i]).b, parameters[order[i]]);
      argument_values_[bottom + order[i]] = value;
    }
  } else {
    for (size_t i = 0; i < arguments.size(); ++i) {
      const ValueId value = operand(arguments[i], parameters[i]);
      argument_values_.push_back(value);
    }
  }
  at(id);
  const Value result = call_with(f.function_id, decls_.results(f), {argument_values_.data() + bottom, argument_values_.size() - bottom});
  argument_values_.resize(bottom);
  return result;
}

Value Checker::call_with(ir::FunctionId function, std::span<const TypeId> results, std::span<const ValueId> args) {
  if (results.empty()) {
    emit_call(function, ir::Type::Void, args);
    return Value::none();
  }
  return several_results(emit_call(function, types_.ir(results[0]), args), results);
}

Value Checker::several_results(ValueId first, std::span<const TypeId> results) {
  if (results.size() == 1) {
    return Value::of(results[0], first);
  }
  for (uint32_t i = 1; i < results.size(); ++i) {
    builder_->result(first, i, types_.ir(results[i]));
  }
  return {.kind = ValueKind::Multi, .type = types_.tuple(results), .id = first};
}

ValueId Checker::emit_call(ir::FunctionId function, ir::Type type, std::span<const ValueId> args) {
  const ValueId value = builder_->call(function, type, args);
  if (function >= kRequestedFunction) {
    unit_->patches.push_back({contexts_[level_]->index, value});
  }
  return value;
}

ValueId Checker::emit_closure(ir::FunctionId function, std::span<const ValueId> captures) {
  const ValueId value = captures.empty() ? builder_->function_ref(function) : builder_->make_closure(function, captures);
  if (function >= kRequestedFunction) {
    unit_->patches.push_back({contexts_[level_]->index, value});
  }
  return value;
}

Value Checker::call_closure(ValueId closure, TypeId function_type, std::span<const ValueId> args) {
  const auto results = types_[function_type].results();
  if (results.empty()) {
    builder_->call_closure(closure, ir::Type::Void, args);
    return Value::none();
  }
  return several_results(builder_->call_closure(closure, types_.ir(results[0]), args), results);
}

Value Checker::call_value(Value function, NodeId id, std::span<const NodeId> arguments) {
  if (function.kind == ValueKind::Runtime && types_[function.type].kind != TypeKind::Function) {
    diag::Diagnostic& diagnostic = report(Kind::NotCallable, id, {"`" + types_.text(function.type) + "`"});
    const TypeKind kind = types_[function.type].kind;
    if (kind == TypeKind::Mapping || kind == TypeKind::Array || kind == TypeKind::FixedArray) {
      diagnostic.with_help("elements stand in brackets: `m[key]`, `xs[i]`");
    }
    function = Value::error();
  } else if (function.kind != ValueKind::Runtime && !function.is_error()) {
    report(Kind::NotCallable, id, {value_text(function)});
    function = Value::error();
  }
  if (function.is_error()) {
    check_arguments_alone(arguments);
    return function;
  }
  const auto parameters = types_[function.type].parameters();
  if (arguments.size() != parameters.size()) {
    report(Kind::ArgumentCount, id, {"the function value", arguments_text(parameters.size()), std::to_string(arguments.size())});
    check_arguments_alone(arguments);
    return Value::error();
  }
  PodVector<ValueId> values;
  for (size_t i = 0; i < arguments.size(); ++i) {
    values.push_back(operand(arguments[i], parameters[i]));
  }
  at(id);
  return call_closure(function.id, function.type, {values.data(), values.size()});
}

Value Checker::call_type(TypeId type, NodeId id, std::span<const NodeId> arguments) {
  if (types_[type].kind == TypeKind::Struct) {
    return struct_value(type, arguments, false, id);
  }
  if (arguments.size() != 1) {
    report(Kind::ArgumentCount, id, {types_.text(type), arguments_text(1), std::to_string(arguments.size())});
    check_arguments_alone(arguments);
    return Value::error();
  }
  const Value value = expression(arguments[0], types_[type].kind == TypeKind::FixedBytes || types_[type].kind == TypeKind::Function ? type : kNoType);
  at(id);
  return explicit_convert(value, type, arguments[0]);
}

bool Checker::match_arguments(const CallSite& site, const ArgumentNames& names, NodeId* out, std::string_view callee, uint32_t skip) {
  const size_t count = names.names.size();
  std::fill(out, out + count, 0u);
  uint32_t position = skip;
  for (NodeId argument : site.arguments) {
    const Node& n = node(argument);
    uint32_t found = static_cast<uint32_t>(count);
    if (n.kind == NodeKind::NamedArg) {
      const std::string_view text = decls_.text(NameId{n.a});
      for (uint32_t i = 0; i < count; ++i) {
        found = names.names.begin()[i] == text ? i : found;
      }
      if (found == count || found < skip) {
        diag::Diagnostic& diagnostic = report(Kind::UnknownParameter, argument, {std::string(text), std::string(callee)});
        const std::string_view nearest = diag::nearest_name(text, {names.names.begin(), count});
        if (!nearest.empty()) {
          diagnostic.with_help("did you mean `." + std::string(nearest) + ":`?");
        }
        return false;
      }
    } else {
      found = position++;
    }
    if (found >= count) {
      report(Kind::ArgumentCount, site.node, {std::string(callee), arguments_text(names.required), std::to_string(site.arguments.size())});
      return false;
    }
    if (out[found] != 0) {
      report(Kind::ArgumentTwice, argument, {std::string(names.names.begin()[found]), std::string(callee)});
      return false;
    }
    out[found] = n.kind == NodeKind::NamedArg ? n.b : argument;
  }
  for (uint32_t i = skip; i < names.required; ++i) {
    if (out[i] == 0) {
      report(Kind::ArgumentMissing, site.node, {std::string(names.names.begin()[i]), std::string(callee)});
      return false;
    }
  }
  return true;
}

}  // namespace omega::check
