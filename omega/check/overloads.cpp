// SPDX-License-Identifier: Apache-2.0
// Which of several functions of one name a call means, and which parameter each argument goes to.
#include <algorithm>
#include <unordered_set>

#include "omega/check/checker.h"

namespace omega::check {

using diag::Kind;

void Checker::collect_sets(uint32_t first, PodVector<uint32_t>& sets) {
  sets.push_back(first);
  const NameId name = decls_.functions[first].name;
  for (const uint32_t imported : decls_.imports.all_seen(module_, name)) {
    const Symbol other = decls_.modules[imported].symbols.find(name);
    if (other.kind == SymbolKind::Functions) {
      sets.push_back(other.index);
    }
  }
  if (sets.size() > 1) {
    std::unordered_set<uint32_t> seen;
    sets.resize(static_cast<size_t>(std::remove_if(sets.begin(), sets.end(), [&](uint32_t set) { return !seen.insert(set).second; }) - sets.begin()));
  }
}

PodVector<uint32_t> Checker::functions_of(std::span<const uint32_t> sets) const {
  PodVector<uint32_t> functions;
  for (const uint32_t first : sets) {
    for (uint32_t at = first; at != kNoDeclaration; at = decls_.functions[at].next_overload) {
      functions.push_back(at);
    }
  }
  return functions;
}

uint32_t Checker::function_taking(uint32_t first, std::span<const TypeId> types) const {
  const FunctionDecl& f = decls_.functions[first];
  if (f.next_overload != kNoDeclaration) {
    return decls_.overloads.find(decls_, first, types);
  }
  return !f.is_generic && !f.has_error && std::ranges::equal(decls_.parameters(f), types) ? first : kNoDeclaration;
}

uint32_t Checker::conversion_cost(Value value, TypeId to) {
  if (value.is_constant() && value.type == kNumberType) {
    return default_type(value) == to ? 0 : is_integer_type(to) == is_integer_type(default_type(value)) ? 1 : 2;
  }
  return value.type == to || !value.is_value() ? 0 : 1;
}

Value Checker::call_overloaded(std::span<const uint32_t> sets, NodeId id, std::span<const NodeId> arguments, std::span<const Value> values) {
  // A function that needs no conversion fits best, and is found without a look at the others.
  bool is_positional = arguments.empty() || node(arguments[0]).kind != NodeKind::NamedArg;
  PodVector<TypeId> types;
  PodVector<uint32_t> order;
  for (const Value& value : values) {
    is_positional = is_positional && value.is_value();
    types.push_back(value.is_value() && value.type == kNumberType ? default_type(value) : value.type);
    order.push_back(static_cast<uint32_t>(order.size()));
  }
  uint32_t found = kNoDeclaration;
  size_t count = 0;
  for (const uint32_t first : sets) {
    if (const uint32_t taking = is_positional ? function_taking(first, {types.data(), types.size()}) : kNoDeclaration; taking != kNoDeclaration) {
      found = taking;
      ++count;
    }
  }
  if (count == 1) {
    return call_chosen(found, id, arguments, values, {order.data(), order.size()});
  }
  const PodVector<uint32_t> candidates = functions_of(sets);
  if (std::any_of(candidates.begin(), candidates.end(), [&](uint32_t candidate) { return decls_.functions[candidate].has_error; })) {
    return Value::error();
  }
  return call_fitting({candidates.data(), candidates.size()}, id, arguments, values);
}

Value Checker::call_fitting(std::span<const uint32_t> candidates, NodeId id, std::span<const NodeId> arguments, std::span<const Value> values) {
  uint32_t best = kNoDeclaration;
  uint32_t best_cost = UINT32_MAX;
  uint32_t rival = kNoDeclaration;
  PodVector<uint32_t> order;
  PodVector<uint32_t> best_order;
  for (uint32_t candidate : candidates) {
    const FunctionDecl& f = decls_.functions[candidate];
    if (f.is_generic || f.param_count != values.size() || !order_arguments(candidate, arguments, order, false, id)) {
      continue;
    }
    uint32_t cost = 0;
    bool fits = true;
    for (size_t i = 0; i < values.size() && fits; ++i) {
      const TypeId wanted = decls_.parameters(f)[order[i]];
      fits = converts(values[i], wanted);
      cost += fits ? conversion_cost(values[i], wanted) : 0;
    }
    if (!fits) {
      continue;
    }
    if (cost < best_cost) {
      best = candidate;
      best_cost = cost;
      best_order = order;
      rival = kNoDeclaration;
    } else if (cost == best_cost) {
      rival = candidate;
    }
  }
  if (best == kNoDeclaration) {
    for (uint32_t candidate : candidates) {
      const FunctionDecl& f = decls_.functions[candidate];
      if (f.is_generic && f.param_count == values.size()) {
        return call_generic(candidate, id, arguments, {}, values.data());
      }
    }
  }
  const std::string name = name_text(decls_.functions[candidates[0]].name);
  if (best == kNoDeclaration || rival != kNoDeclaration) {
    std::string given;
    for (const Value& value : values) {
      given += (given.empty() ? "" : ", ") + (value.is_constant() && value.type == kNumberType ? std::string("number")
                                              : value.is_value()                               ? types_.text(value.type)
                                                                                               : value_text(value));
    }
    diag::Diagnostic& diagnostic = report(best == kNoDeclaration ? Kind::NoOverload : Kind::AmbiguousCall, id, {name, given});
    constexpr size_t shown = 10;
    size_t fitting = 0;
    for (uint32_t candidate : candidates) {
      if ((best == kNoDeclaration || candidate == best || candidate == rival) && ++fitting <= shown) {
        diagnostic.note(decls_.modules[decls_.functions[candidate].module].tree->span(decls_.functions[candidate].node),
                        "candidate: `" + signature_text(candidate) + "`");
      }
    }
    if (fitting > shown) {
      diagnostic.with_help("there are " + std::to_string(fitting - shown) + " more candidates");
    }
    return Value::error();
  }
  return call_chosen(best, id, arguments, values, {best_order.data(), best_order.size()});
}

Value Checker::call_chosen(uint32_t declaration, NodeId id, std::span<const NodeId> arguments, std::span<const Value> values, std::span<const uint32_t> order) {
  const FunctionDecl& f = decls_.functions[declaration];
  PodVector<ValueId> emitted;
  emitted.resize(values.size(), 0);
  for (size_t i = 0; i < values.size(); ++i) {
    const TypeId wanted = decls_.parameters(f)[order[i]];
    const Value converted = convert(values[i], wanted, arguments.empty() ? id : arguments[i]);
    emitted[order[i]] = converted.is_error() ? poison(wanted) : materialize(converted);
  }
  at(id);
  return call_with(f.function_id, decls_.results(f), {emitted.data(), emitted.size()});
}

std::string Checker::signature_text(uint32_t declaration) {
  const FunctionDecl& f = decls_.functions[declaration];
  std::string text = name_text(f.name) + "(";
  if (f.is_generic) {
    return text + "...)";
  }
  for (size_t i = 0; i < f.param_count; ++i) {
    text += i == 0 ? "" : ", ";
    types_.append_text(decls_.parameters(f)[i], text);
  }
  return text + ")";
}

bool Checker::order_arguments(uint32_t declaration, std::span<const NodeId> arguments, PodVector<uint32_t>& order, bool reports, NodeId id) {
  const FunctionDecl& f = decls_.functions[declaration];
  order.clear();
  if (arguments.empty() || node(arguments[0]).kind != NodeKind::NamedArg) {
    for (uint32_t i = 0; i < f.param_count; ++i) {
      order.push_back(i);
    }
    return true;
  }
  const parse::Tree& tree = *decls_.modules[f.module].tree;
  const auto params = tree.list(tree.function(tree.node(f.node)).params);
  for (NodeId argument : arguments) {
    uint32_t found = f.param_count;
    for (uint32_t i = 0; i < f.param_count && node(argument).kind == NodeKind::NamedArg; ++i) {
      found = tree.rec(tree.node(params[i]).b, 0) == node(argument).a ? i : found;
    }
    bool twice = false;
    for (uint32_t known : order) {
      twice = twice || known == found;
    }
    if (found == f.param_count || twice) {
      if (reports) {
        const std::string name = node(argument).kind == NodeKind::NamedArg ? name_text(NameId{node(argument).a}) : "";
        report(twice && found != f.param_count ? Kind::ArgumentTwice : Kind::UnknownParameter, argument, {name, name_text(f.name)})
            .note(tree.span(f.node), "declared here");
      }
      return false;
    }
    order.push_back(found);
  }
  static_cast<void>(id);
  return true;
}

}  // namespace omega::check
