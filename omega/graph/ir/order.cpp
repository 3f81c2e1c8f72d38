// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/ir/order.h"

#include <charconv>
#include <map>
#include <string>
#include <unordered_map>

namespace omega::graph {
namespace {

/// Which resources overlap: each name's representative among those that "alias" lists together.
class AliasClasses {
 public:
  explicit AliasClasses(const ComputationGraph& graph) {
    for (const Attribute& attribute : graph.metadata()) {
      const auto* text = std::get_if<std::string>(&attribute.value);
      if (attribute.key == "alias" && text != nullptr) {
        read(*text);
      }
    }
  }

  std::string_view representative(std::string_view name) const {
    while (true) {
      const auto found = parent_.find(name);
      if (found == parent_.end()) {
        return name;
      }
      name = found->second;
    }
  }
  /// Aliased names overlap in unknown ways, so their elements cannot be told apart.
  bool is_aliased(std::string_view name) const { return parent_.contains(name) || is_parent_.contains(name); }

 private:
  void read(std::string_view text) {
    while (!text.empty()) {
      const size_t end = std::min(text.find(';'), text.size());
      std::string_view group = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      const size_t first_end = std::min(group.find('='), group.size());
      const std::string_view first = group.substr(0, first_end);
      while (first_end < group.size() && !group.empty()) {
        const size_t at = group.find('=');
        if (at == std::string_view::npos) {
          break;
        }
        group.remove_prefix(at + 1);
        join(first, group.substr(0, std::min(group.find('='), group.size())));
      }
    }
  }
  void join(std::string_view a, std::string_view b) {
    const std::string_view x = representative(a);
    const std::string_view y = representative(b);
    if (x != y) {
      parent_[y] = x;
      is_parent_[x] = true;
    }
  }

  std::unordered_map<std::string_view, std::string_view> parent_;
  std::unordered_map<std::string_view, bool> is_parent_;
};

/// The accesses to one resource that a later one may have to wait for.
struct ResourceState {
  uint32_t whole_store = UINT32_MAX;
  std::vector<uint32_t> whole_loads;     ///< since whole_store
  std::vector<uint32_t> element_stores;  ///< since whole_store
  /// Some operation that waits for the first `waits` of a list. Later ones wait for it instead where the list is long, so that edges stay few.
  struct Collector {
    uint32_t operation = UINT32_MAX;
    size_t waits = 0;
  };
  Collector of_loads;
  Collector of_stores;
  struct Element {
    uint32_t store = UINT32_MAX;
    std::vector<uint32_t> loads;  ///< since store
  };
  std::map<int64_t, Element> elements;  ///< touched since whole_store
};

class OrderFinder {
 public:
  explicit OrderFinder(const ComputationGraph& graph) : graph_(graph), aliases_(graph) {}

  std::vector<OrderEdge> run() {
    for (uint32_t id = 0; id < graph_.operations().size(); ++id) {
      if (visit(id, graph_, graph_.operations()[id])) {
        edge(last_ordered_, id);
        last_ordered_ = id;
      }
    }
    return std::move(edges_);
  }

 private:
  void edge(uint32_t before, uint32_t after) {
    if (before != UINT32_MAX && before != after) {
      edges_.push_back({{before}, {after}});
    }
  }

  /// What `op`, which is operation `id` or stands in one of its bodies, does to memory. True when it, or something in its bodies, is ordered.
  bool visit(uint32_t id, const ComputationGraph& graph, const Operation& op) {
    if (op.type == OpType::load || op.type == OpType::store) {
      access(id, graph, op);
    }
    bool is_ordered = (op.flags & kOrdered) != 0;
    for (const ComputationGraph& body : graph.bodies(op)) {
      for (size_t i = 0; body.has_memory_order() && i < body.operations().size(); ++i) {
        is_ordered |= visit(id, body, body.operations()[i]);
      }
    }
    return is_ordered;
  }

  void access(uint32_t id, const ComputationGraph& graph, const Operation& op) {
    const MemoryPlace place = memory_place(graph, op);
    ResourceState& state = states_[aliases_.representative(place.resource)];
    const bool is_whole = !place.element || aliases_.is_aliased(place.resource);
    if (op.type == OpType::load) {
      is_whole ? load_whole(state, id) : load_element(state, *place.element, id);
    } else {
      is_whole ? store_whole(state, id) : store_element(state, *place.element, id);
    }
  }

  /// Makes `id` wait for all of `list`.
  void collect(const std::vector<uint32_t>& list, ResourceState::Collector& collector, uint32_t id) {
    constexpr size_t kFew = 8;
    size_t first = 0;
    if (collector.waits > kFew) {
      edge(collector.operation, id);
      first = collector.waits;
    }
    for (size_t i = first; i < list.size(); ++i) {
      edge(list[i], id);
    }
    if (list.size() > kFew && list.size() > collector.waits) {
      collector = {id, list.size()};
    }
  }

  void load_whole(ResourceState& state, uint32_t id) {
    edge(state.whole_store, id);
    collect(state.element_stores, state.of_stores, id);
    state.whole_loads.push_back(id);
  }

  void store_whole(ResourceState& state, uint32_t id) {
    edge(state.whole_store, id);
    for (const uint32_t load : state.whole_loads) {
      edge(load, id);
    }
    for (const auto& [index, element] : state.elements) {
      edge(element.store, id);
      for (const uint32_t load : element.loads) {
        edge(load, id);
      }
    }
    state = ResourceState{};
    state.whole_store = id;
  }

  void load_element(ResourceState& state, int64_t index, uint32_t id) {
    ResourceState::Element& element = state.elements[index];
    edge(element.store != UINT32_MAX ? element.store : state.whole_store, id);
    element.loads.push_back(id);
  }

  void store_element(ResourceState& state, int64_t index, uint32_t id) {
    ResourceState::Element& element = state.elements[index];
    edge(element.store != UINT32_MAX ? element.store : state.whole_store, id);
    for (const uint32_t load : element.loads) {
      edge(load, id);
    }
    collect(state.whole_loads, state.of_loads, id);
    element.loads.clear();
    element.store = id;
    state.element_stores.push_back(id);
  }

  const ComputationGraph& graph_;
  AliasClasses aliases_;
  std::unordered_map<std::string_view, ResourceState> states_;
  uint32_t last_ordered_ = UINT32_MAX;
  std::vector<OrderEdge> edges_;
};

/// Kahn's walk with levels; `order` gets the operations as they become ready.
std::vector<uint32_t> walk(const ComputationGraph& graph, std::vector<OperationId>& order) {
  const auto operations = graph.operations();
  std::vector<uint32_t> missing(graph.dependency_counts().begin(), graph.dependency_counts().end());
  std::vector<uint32_t> first_extra(operations.size() + 1, 0);
  std::vector<uint32_t> extra;
  if (graph.has_memory_order()) {
    const std::vector<OrderEdge> edges = order_edges(graph);
    for (const OrderEdge& edge : edges) {
      ++first_extra[edge.before.index + 1];
      ++missing[edge.after.index];
    }
    for (size_t i = 1; i < first_extra.size(); ++i) {
      first_extra[i] += first_extra[i - 1];
    }
    extra.resize(edges.size());
    std::vector<uint32_t> at(first_extra.begin(), first_extra.end() - 1);
    for (const OrderEdge& edge : edges) {
      extra[at[edge.before.index]++] = edge.after.index;
    }
  }
  std::vector<uint32_t> levels(operations.size(), 0);
  order.reserve(operations.size());
  for (uint32_t id = 0; id < operations.size(); ++id) {
    if (missing[id] == 0) {
      order.push_back({id});
    }
  }
  for (size_t done = 0; done < order.size(); ++done) {
    const uint32_t id = order[done].index;
    const auto release = [&](uint32_t next) {
      levels[next] = std::max(levels[next], levels[id] + 1);
      if (--missing[next] == 0) {
        order.push_back({next});
      }
    };
    const Operation& op = operations[id];
    for (uint32_t i = 0; i < op.output_count; ++i) {
      for (uint32_t use = graph.values()[op.first_output + i].first_use; use != UINT32_MAX; use = graph.uses()[use].next) {
        release(graph.uses()[use].operation);
      }
    }
    for (uint32_t i = first_extra[id]; i < first_extra[id + 1]; ++i) {
      release(extra[i]);
    }
  }
  return levels;
}

}  // namespace

MemoryPlace memory_place(const ComputationGraph& graph, const Operation& op) {
  const std::string_view text = graph.text(op.callee);
  const uint32_t data_inputs = op.type == OpType::store ? 1 : 0;
  if (op.input_count > data_inputs) {
    return {text, std::nullopt};
  }
  const size_t open = text.find('[');
  if (open == std::string_view::npos || text.back() != ']') {
    return {text, std::nullopt};
  }
  int64_t element = 0;
  const char* end = text.data() + text.size() - 1;
  const auto [at, error] = std::from_chars(text.data() + open + 1, end, element);
  return {text.substr(0, open), error == std::errc() && at == end ? std::optional(element) : std::nullopt};
}

bool may_conflict(const ComputationGraph& graph, const Operation& a, const Operation& b) {
  const auto touches = [](const Operation& op) { return op.type == OpType::load || op.type == OpType::store; };
  if (!touches(a) || !touches(b) || (a.type == OpType::load && b.type == OpType::load)) {
    return false;
  }
  const MemoryPlace x = memory_place(graph, a);
  const MemoryPlace y = memory_place(graph, b);
  if (x.resource != y.resource) {
    const AliasClasses aliases(graph);
    return aliases.representative(x.resource) == aliases.representative(y.resource);
  }
  return !x.element || !y.element || *x.element == *y.element;
}

std::vector<OrderEdge> order_edges(const ComputationGraph& graph) { return graph.has_memory_order() ? OrderFinder(graph).run() : std::vector<OrderEdge>{}; }

std::vector<uint32_t> operation_levels(const ComputationGraph& graph) {
  std::vector<OperationId> order;
  std::vector<uint32_t> levels = walk(graph, order);
  if (order.size() < levels.size()) {
    levels.resize(order.size());
  }
  return levels;
}

std::vector<OperationId> topological_order(const ComputationGraph& graph) {
  std::vector<OperationId> order;
  if (graph.is_ordered()) {
    order.resize(graph.operations().size());
    for (uint32_t i = 0; i < order.size(); ++i) {
      order[i] = {i};
    }
    return order;
  }
  walk(graph, order);
  return order;
}

}  // namespace omega::graph
