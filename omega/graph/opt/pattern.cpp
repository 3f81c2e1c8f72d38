// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/opt/pattern.h"

#include <algorithm>
#include <map>

#include "omega/graph/ir/order.h"

namespace omega::graph {
namespace {

std::string quoted(const ComputationGraph& graph, const Operation& op) { return "`" + std::string(graph.text(op.callee)) + "`"; }

/// The only operation that uses the operation's outputs, or none.
OperationId only_user(const ComputationGraph& graph, const Operation& op) {
  OperationId user;
  for (uint32_t v = op.first_output; v < op.first_output + op.output_count; ++v) {
    for (uint32_t use = graph.values()[v].first_use; use != UINT32_MAX; use = graph.uses()[use].next) {
      const OperationId found{graph.uses()[use].operation};
      if (user.valid() && user != found) {
        return OperationId::none;
      }
      user = found;
    }
  }
  return user;
}

bool is_associative(const ComputationGraph& graph, const Operation& op) {
  static constexpr std::string_view names[] = {"add", "mul", "minimum", "maximum", "logical_and", "logical_or"};
  return op.type == OpType::call && op.input_count == 2 && std::ranges::find(names, graph.text(op.callee)) != std::end(names);
}

/// Whether the operator only puts its inputs into a container.
bool is_container(std::string_view callee) { return callee == "list" || callee == "tuple" || callee == "dict"; }

bool is_rule(const ComputationGraph& graph, const Operation& op, std::string_view rule) { return op.type == OpType::control && graph.text(op.callee) == rule; }

/// Calls of one operator on one level with the same joining operation: the iterations of an unrolled map.
struct MapGroup {
  std::vector<OperationId> calls;
  OperationId join;
};

std::vector<MapGroup> map_groups(const ComputationGraph& graph) {
  const std::vector<uint32_t> levels = operation_levels(graph);
  struct Key {
    uint32_t join;
    uint32_t callee;
    uint32_t level;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, std::vector<OperationId>> groups;
  for (uint32_t id = 0; id < graph.operations().size(); ++id) {
    const Operation& op = graph.operations()[id];
    if (op.type == OpType::call && (op.flags & kOrdered) == 0) {
      if (const OperationId join = only_user(graph, op); join.valid()) {
        groups[{join.index, op.callee.index, levels[id]}].push_back({id});
      }
    }
  }
  std::vector<MapGroup> result;
  for (auto& [key, calls] : groups) {
    if (calls.size() > 1 && !(calls.size() == 2 && is_associative(graph, graph.operation(calls[0])))) {
      result.push_back({std::move(calls), {key.join}});
    }
  }
  std::ranges::sort(result, {}, [](const MapGroup& group) { return group.calls[0]; });
  return result;
}

/// Maximal chains in which each operation's only user is the next and `belongs` holds for both.
template <class Belongs>
std::vector<std::vector<OperationId>> chains(const ComputationGraph& graph, Belongs belongs) {
  const auto operations = graph.operations();
  std::vector<uint32_t> before(operations.size(), UINT32_MAX);
  std::vector<uint32_t> next(operations.size(), UINT32_MAX);
  for (uint32_t id = 0; id < operations.size(); ++id) {
    const OperationId user = only_user(graph, operations[id]);
    if (user.valid() && before[user.index] == UINT32_MAX && belongs(operations[id], operations[user.index])) {
      before[user.index] = id;
      next[id] = user.index;
    }
  }
  std::vector<std::vector<OperationId>> result;
  for (uint32_t id = 0; id < operations.size(); ++id) {
    if (before[id] == UINT32_MAX && next[id] != UINT32_MAX) {
      std::vector<OperationId> chain;
      for (uint32_t at = id; at != UINT32_MAX; at = next[at]) {
        chain.push_back({at});
      }
      if (chain.size() > 2) {
        result.push_back(std::move(chain));
      }
    }
  }
  return result;
}

void add_rule_matches(const ComputationGraph& graph, std::string_view rule, bool parallel, std::vector<PatternMatch>& matches) {
  for (uint32_t id = 0; id < graph.operations().size(); ++id) {
    if (is_rule(graph, graph.operations()[id], rule)) {
      matches.push_back({std::string(rule), {{id}}, "a body run for each element", parallel});
    }
  }
}

}  // namespace

std::vector<PatternMatch> MapPatternMatcher::match(const ComputationGraph& graph) const {
  std::vector<PatternMatch> matches;
  for (MapGroup& group : map_groups(graph)) {
    std::string text = std::to_string(group.calls.size()) + " calls of " + quoted(graph, graph.operation(group.calls[0])) +
                       " that do not depend on each other, joined by " + quoted(graph, graph.operation(group.join));
    matches.push_back({std::string(name()), std::move(group.calls), std::move(text), true});
  }
  add_rule_matches(graph, "map", true, matches);
  return matches;
}

std::vector<PatternMatch> ReducePatternMatcher::match(const ComputationGraph& graph) const {
  std::vector<PatternMatch> matches;
  for (uint32_t id = 0; id < graph.operations().size(); ++id) {
    const Operation& op = graph.operations()[id];
    if (op.type == OpType::call && reduce_op_named(graph.text(op.callee))) {
      matches.push_back({std::string(name()), {{id}}, "all elements folded by " + quoted(graph, op), true});
    }
  }
  for (std::vector<OperationId>&chain :
       chains(graph, [&](const Operation& a, const Operation& b) { return a.callee == b.callee && is_associative(graph, a) && is_associative(graph, b); })) {
    std::string text = std::to_string(chain.size()) + " times " + quoted(graph, graph.operation(chain[0])) + ", one on the result of the other";
    matches.push_back({std::string(name()), std::move(chain), std::move(text), false});
  }
  return matches;
}

std::vector<PatternMatch> MapReducePatternMatcher::match(const ComputationGraph& graph) const {
  std::vector<PatternMatch> matches;
  for (MapGroup& group : map_groups(graph)) {
    // The join may be a list whose only user folds.
    OperationId fold = group.join;
    if (const OperationId user = only_user(graph, graph.operation(fold)); is_container(graph.text(graph.operation(fold).callee)) && user.valid()) {
      fold = user;
      group.calls.push_back(group.join);
    }
    const std::string_view callee = graph.text(graph.operation(fold).callee);
    if (graph.operation(fold).type == OpType::call && !is_container(callee)) {
      std::string text = std::to_string(group.calls.size() - (fold != group.join ? 1 : 0)) + " calls of " + quoted(graph, graph.operation(group.calls[0])) +
                         ", folded by `" + std::string(callee) + "`";
      group.calls.push_back(fold);
      matches.push_back({std::string(name()), std::move(group.calls), std::move(text), true});
    }
  }
  return matches;
}

std::vector<PatternMatch> ScanPatternMatcher::match(const ComputationGraph& graph) const {
  std::vector<PatternMatch> matches;
  const auto operations = graph.operations();
  // link[i]: the one user of i that applies the same operator.
  std::vector<uint32_t> link(operations.size(), UINT32_MAX);
  std::vector<bool> is_linked(operations.size(), false);
  for (uint32_t id = 0; id < operations.size(); ++id) {
    const Operation& op = operations[id];
    if (!is_associative(graph, op)) {
      continue;
    }
    uint32_t users = 0;
    for (uint32_t use = graph.values()[op.first_output].first_use; use != UINT32_MAX; use = graph.uses()[use].next) {
      const uint32_t user = graph.uses()[use].operation;
      ++users;
      if (operations[user].callee == op.callee && is_associative(graph, operations[user]) && !is_linked[user]) {
        link[id] = user;
      }
    }
    if (users < 2) {
      link[id] = UINT32_MAX;  // nobody else looks at this link
    } else if (link[id] != UINT32_MAX) {
      is_linked[link[id]] = true;
    }
  }
  for (uint32_t id = 0; id < operations.size(); ++id) {
    if (is_linked[id] || link[id] == UINT32_MAX) {
      continue;
    }
    std::vector<OperationId> chain;
    for (uint32_t at = id; at != UINT32_MAX; at = link[at]) {
      chain.push_back({at});
    }
    if (chain.size() > 2) {
      matches.push_back({std::string(name()), std::move(chain), "all results of a chain of " + quoted(graph, operations[id]) + " are used", false});
    }
  }
  add_rule_matches(graph, "scan", false, matches);
  return matches;
}

std::vector<PatternMatch> PipelinePatternMatcher::match(const ComputationGraph& graph) const {
  std::vector<PatternMatch> matches;
  for (std::vector<OperationId>& chain : chains(graph, [](const Operation&, const Operation& b) { return b.input_count > 0; })) {
    std::string text;
    for (size_t i = 0; i < chain.size() && i < 8; ++i) {
      text += (i == 0 ? "" : " -> ") + std::string(graph.text(graph.operation(chain[i]).callee));
    }
    text += chain.size() > 8 ? " -> ... (" + std::to_string(chain.size()) + " stages)" : "";
    matches.push_back({std::string(name()), std::move(chain), std::move(text), false});
  }
  return matches;
}

std::vector<PatternMatch> FanPatternMatcher::match(const ComputationGraph& graph) const {
  std::vector<PatternMatch> matches;
  for (uint32_t id = 0; id < graph.operations().size(); ++id) {
    const Operation& op = graph.operations()[id];
    std::map<OperationId, std::vector<OperationId>> by_join;
    for (uint32_t v = op.first_output; v < op.first_output + op.output_count; ++v) {
      for (uint32_t use = graph.values()[v].first_use; use != UINT32_MAX; use = graph.uses()[use].next) {
        const OperationId user{graph.uses()[use].operation};
        if (const OperationId join = only_user(graph, graph.operation(user)); join.valid()) {
          by_join[join].push_back(user);
        }
      }
    }
    for (auto& [join, users] : by_join) {
      std::ranges::sort(users);
      users.erase(std::unique(users.begin(), users.end()), users.end());
      if (users.size() > 1) {
        std::string text = quoted(graph, op) + " feeds " + std::to_string(users.size()) + " operations that " + quoted(graph, graph.operation(join)) + " joins";
        users.insert(users.begin(), {id});
        users.push_back(join);
        matches.push_back({std::string(name()), std::move(users), std::move(text), true});
      }
    }
  }
  return matches;
}

std::vector<PatternMatch> EnsemblePatternMatcher::match(const ComputationGraph& graph) const {
  std::map<std::pair<uint32_t, std::vector<ValueRef>>, std::vector<OperationId>> groups;
  for (uint32_t id = 0; id < graph.operations().size(); ++id) {
    const Operation& op = graph.operations()[id];
    const std::string_view callee = graph.text(op.callee);
    if (op.type != OpType::call || op.input_count == 0 || (op.flags & kOrdered) != 0 || element_op_named(callee) || reduce_op_named(callee)) {
      continue;
    }
    if (const OperationId join = only_user(graph, op); join.valid()) {
      groups[{join.index, {graph.inputs(op).begin(), graph.inputs(op).end()}}].push_back({id});
    }
  }
  std::vector<PatternMatch> matches;
  for (auto& [key, calls] : groups) {
    if (calls.size() > 1) {
      std::string text = std::to_string(calls.size()) + " calls of the same inputs, joined by " + quoted(graph, graph.operations()[key.first]);
      calls.push_back({key.first});
      matches.push_back({std::string(name()), std::move(calls), std::move(text), true});
    }
  }
  std::ranges::sort(matches, {}, [](const PatternMatch& match) { return match.operations[0]; });
  return matches;
}

std::vector<std::unique_ptr<PatternMatcher>> default_matchers() {
  std::vector<std::unique_ptr<PatternMatcher>> matchers;
  matchers.push_back(std::make_unique<MapPatternMatcher>());
  matchers.push_back(std::make_unique<ReducePatternMatcher>());
  matchers.push_back(std::make_unique<MapReducePatternMatcher>());
  matchers.push_back(std::make_unique<ScanPatternMatcher>());
  matchers.push_back(std::make_unique<PipelinePatternMatcher>());
  matchers.push_back(std::make_unique<FanPatternMatcher>());
  matchers.push_back(std::make_unique<EnsemblePatternMatcher>());
  return matchers;
}

}  // namespace omega::graph
