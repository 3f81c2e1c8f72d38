// SPDX-License-Identifier: Apache-2.0
// Generic functions: types found from the arguments, and instances asked for.
#include "omega/check/checker.h"

namespace omega::check {

using diag::Kind;

bool Checker::unify(const parse::Tree& tree, NodeId pattern, TypeId actual, std::span<TypeBinding> bindings) {
  if (pattern == 0 || actual == kErrorType || actual == kNoType) {
    return true;
  }
  const Node& p = tree.node(pattern);
  const TypeInfo& info = types_[actual];
  switch (p.kind) {
    case NodeKind::Name:
      for (TypeBinding& binding : bindings) {
        if (binding.name == NameId{p.a}) {
          if (binding.type == kNoType) {
            binding.type = actual;
          }
          return true;  // a later conversion says when they differ
        }
      }
      return true;
    case NodeKind::Paren: return unify(tree, p.a, actual, bindings);
    case NodeKind::Index:
    case NodeKind::ArrayType: return (info.kind == TypeKind::Array || info.kind == TypeKind::FixedArray) && unify(tree, p.a, info.element, bindings);
    case NodeKind::GenericType: {
      const auto arguments = tree.list(p.b);
      return info.kind == TypeKind::Result && arguments.size() == 1 && unify(tree, arguments[0], info.element, bindings);
    }
    case NodeKind::MappingType:
      return info.kind == TypeKind::Mapping && unify(tree, tree.rec(p.a, 0), info.key, bindings) && unify(tree, tree.rec(p.a, 2), info.element, bindings);
    case NodeKind::Tuple:
    case NodeKind::TupleType: {
      const auto parts = tree.list(p.b);
      if (info.kind != TypeKind::Tuple || parts.size() != info.part_count) {
        return false;
      }
      bool ok = true;
      for (size_t i = 0; i < parts.size(); ++i) {
        ok = ok && unify(tree, parts[i], info.parts[i], bindings);
      }
      return ok;
    }
    case NodeKind::FunctionType: {
      const auto params = tree.list(p.a);
      const auto results = tree.list(tree.rec(p.b, 0));
      if (info.kind != TypeKind::Function || params.size() != info.part_count || results.size() != info.result_count) {
        return false;
      }
      bool ok = true;
      for (size_t i = 0; i < params.size(); ++i) {
        ok = ok && unify(tree, tree.node(params[i]).a, info.parts[i], bindings);
      }
      for (size_t i = 0; i < results.size(); ++i) {
        ok = ok && unify(tree, tree.node(results[i]).a, info.results()[i], bindings);
      }
      return ok;
    }
    default: return true;
  }
}

Value Checker::generic_lambda(const parse::Tree& tree, const FunctionDecl& f, NodeId type_node, Value lambda, NodeId where, std::span<TypeBinding> bindings) {
  while (tree.node(type_node).kind == NodeKind::Paren) {
    type_node = tree.node(type_node).a;
  }
  const Node& p = tree.node(type_node);
  if (p.kind != NodeKind::FunctionType) {
    report(Kind::LambdaTypeUnknown, where);
    return Value::error();
  }
  const auto params = tree.list(p.a);
  const auto results = tree.list(tree.rec(p.b, 0));
  PodVector<TypeId> types;
  const auto written = tree_->list(node(lambda.id).a);
  for (size_t i = 0; i < params.size(); ++i) {
    const NodeId wanted = tree.node(params[i]).a;
    if (i < written.size() && node(written[i]).a != 0 && !unify(tree, wanted, read_type(node(written[i]).a), bindings)) {
      report(Kind::TypeParameterMismatch, written[i], {"`" + types_.text(read_type(node(written[i]).a)) + "`", name_text(f.name)})
          .note(tree.span(params[i]), "for this parameter");
      return Value::error();
    }
    const TypeId type = mentions_unknown(tree, wanted, bindings) ? kErrorType : read_type_with(f.module, wanted, bindings);
    if (type == kErrorType || type == kNoType) {
      report(Kind::TypeParameterUnknown, where, {name_text(f.name)}).with_help("say the type of the lambda's parameter: `(int64 x) => ...`");
      return Value::error();
    }
    types.push_back(type);
  }
  bool result_known = true;
  TypeId result = kVoidType;
  if (results.size() == 1) {
    result_known = !mentions_unknown(tree, tree.node(results[0]).a, bindings);
    result = result_known ? read_type_with(f.module, tree.node(results[0]).a, bindings) : kNoType;
  }
  const Value closure = lambda_value(lambda.id, {types.data(), types.size()}, result, !result_known);
  if (!closure.is_error() && !unify(tree, type_node, closure.type, bindings)) {
    report(Kind::TypeParameterUnknown, where, {name_text(f.name)});
    return Value::error();
  }
  return closure;
}

bool Checker::mentions_unknown(const parse::Tree& tree, NodeId pattern, std::span<const TypeBinding> bindings) {
  for (const TypeBinding& binding : bindings) {
    if (binding.type == kNoType && mentions(tree, pattern, binding.name)) {
      return true;
    }
  }
  return false;
}

bool Checker::mentions(const parse::Tree& tree, NodeId pattern, NameId name) {
  const Node& p = tree.node(pattern);
  switch (p.kind) {
    case NodeKind::Name: return NameId{p.a} == name;
    case NodeKind::Paren:
    case NodeKind::Index:
    case NodeKind::ArrayType: return mentions(tree, p.a, name);
    case NodeKind::MappingType: return mentions(tree, tree.rec(p.a, 0), name) || mentions(tree, tree.rec(p.a, 2), name);
    case NodeKind::GenericType:
    case NodeKind::Tuple:
    case NodeKind::TupleType:
      for (NodeId item : tree.list(p.b)) {
        if (mentions(tree, item, name)) {
          return true;
        }
      }
      return false;
    case NodeKind::FunctionType:
      for (const uint32_t list : {p.a, tree.rec(p.b, 0)}) {
        for (NodeId param : tree.list(list)) {
          if (mentions(tree, tree.node(param).a, name)) {
            return true;
          }
        }
      }
      return false;
    default: return false;
  }
}

TypeId Checker::read_type_with(uint32_t module, NodeId type_node, std::span<const TypeBinding> bindings) {
  PodVector<TypeBinding> outer = std::move(bindings_);
  bindings_ = PodVector<TypeBinding>();
  bindings_.append(bindings.data(), bindings.size());
  const uint32_t outer_module = module_;
  const parse::Tree* const outer_tree = tree_;
  const bool outer_ignore = ignore_locals_;
  enter_module(module);
  ignore_locals_ = true;
  const TypeId type = read_type(type_node);
  ignore_locals_ = outer_ignore;
  enter_module(outer_module);
  tree_ = outer_tree;
  bindings_ = std::move(outer);
  return type;
}

Value Checker::call_generic(uint32_t declaration, NodeId id, std::span<const NodeId> arguments, std::span<const TypeId> explicit_types,
                            const Value* evaluated) {
  const FunctionDecl& f = decls_.functions[declaration];
  const parse::Tree& tree = *decls_.modules[f.module].tree;
  const parse::FunctionRecord& record = tree.function(tree.node(f.node));
  const auto params = tree.list(record.params);
  if (arguments.size() != params.size()) {
    report(Kind::ArgumentCount, id, {name_text(f.name), arguments_text(params.size()), std::to_string(arguments.size())})
        .note(tree.span(f.node), "declared here");
    check_arguments_alone(arguments);
    return Value::error();
  }
  PodVector<TypeBinding> bindings;
  for (NodeId type_param : tree.list(record.type_params)) {
    bindings.push_back({NameId{tree.node(type_param).a}, kNoType});
  }
  if (explicit_types.size() > bindings.size()) {
    report(Kind::ArgumentCount, id, {name_text(f.name), std::to_string(bindings.size()) + " types", std::to_string(explicit_types.size())});
    return Value::error();
  }
  for (size_t i = 0; i < explicit_types.size(); ++i) {
    bindings[i].type = explicit_types[i];
  }
  const std::span<TypeBinding> bound{bindings.data(), bindings.size()};
  PodVector<uint32_t> order;
  if (!order_arguments(declaration, arguments, order, true, id)) {
    check_arguments_alone(arguments);
    return Value::error();
  }
  PodVector<Value> values;
  bool failed = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const NodeId argument = node(arguments[i]).kind == NodeKind::NamedArg ? node(arguments[i]).b : arguments[i];
    values.push_back(evaluated != nullptr ? evaluated[i] : expression(argument));
    failed = failed || values[i].is_error();
  }
  if (failed) {
    return Value::error();
  }
  auto type_node = [&](size_t i) { return tree.node(params[order[i]]).a; };
  // What has a type speaks first, then literals, then lambdas, whose parameters are known by then.
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < values.size(); ++i) {
      Value& value = values[i];
      const bool is_number = value.is_constant() && value.type == kNumberType;
      const int its_round = value.kind == ValueKind::Lambda ? 2 : is_number ? 1 : 0;
      if (its_round != round) {
        continue;
      }
      if (round == 2) {
        value = generic_lambda(tree, f, type_node(i), value, arguments[i], bound);
        if (value.is_error()) {
          return value;
        }
        continue;
      }
      if (!value.is_value()) {
        value = to_runtime(value, arguments[i]);
        if (value.is_error()) {
          return value;
        }
      }
      if (!unify(tree, type_node(i), is_number ? default_type(value) : value.type, bound)) {
        report(Kind::TypeParameterMismatch, arguments[i], {value_text(value), name_text(f.name)}).note(tree.span(params[order[i]]), "for this parameter");
        return Value::error();
      }
    }
  }
  PodVector<TypeId> type_arguments;
  for (const TypeBinding& binding : bindings) {
    if (binding.type == kNoType) {
      report(Kind::TypeParameterUnknown, id, {name_text(f.name)})
          .note(tree.span(f.node), "type parameter `" + name_text(binding.name) + "`")
          .with_help("say it: `" + name_text(f.name) + "<int64>(...)`");
      return Value::error();
    }
    type_arguments.push_back(binding.type);
  }
  PodVector<ValueId> emitted;
  emitted.resize(values.size(), 0);
  for (size_t i = 0; i < values.size(); ++i) {
    const TypeId wanted = read_type_with(f.module, type_node(i), bound);
    const Value converted = convert(values[i], wanted, arguments[i]);
    if (converted.is_error()) {
      return converted;
    }
    emitted[order[i]] = materialize(converted);
  }
  PodVector<TypeId> results;
  for (NodeId result : tree.list(record.results)) {
    results.push_back(read_type_with(f.module, tree.node(result).a, bound));
    if (results[results.size() - 1] == kErrorType) {
      return Value::error();
    }
  }
  if (unit_->unit.depth >= 64) {
    report(Kind::InstancesTooDeep, id, {name_text(f.name)});
    return Value::error();
  }
  const TypeId tuple = types_.tuple({type_arguments.data(), type_arguments.size()});
  uint32_t request = 0;
  while (request < unit_->requests.size() && (unit_->requests[request].declaration != declaration || unit_->requests[request].type_arguments != tuple)) {
    ++request;
  }
  if (request == unit_->requests.size()) {
    unit_->requests.push_back({declaration, tuple, tree_->full_span(id)});
  }
  at(id);
  return call_with(kRequestedFunction | request, {results.data(), results.size()}, {emitted.data(), emitted.size()});
}

}  // namespace omega::check
