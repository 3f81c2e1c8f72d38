// SPDX-License-Identifier: Apache-2.0
// Strongly connected components of the call graph (Tarjan 1972), without recursion.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "omega/ir/ir.h"

namespace omega::opt {

/// Strongly connected components of the call graph, each after those that it calls.
class CallComponents {
 public:
  /// `edges(node, out)` appends what a node calls.
  template <class Edges>
  CallComponents(uint32_t nodes, const std::vector<ir::FunctionId>& roots, const Edges& edges)
      : number_(nodes, 0), low_(nodes, 0), level_(nodes, 0), on_stack_(nodes, false) {
    for (const ir::FunctionId root : roots) {
      if (number_[root] == 0) {
        search(root, edges);
      }
    }
  }

  [[nodiscard]] uint32_t count() const { return static_cast<uint32_t>(first_.size()) - 1; }
  [[nodiscard]] std::span<const ir::FunctionId> members(uint32_t component) const {
    return std::span(members_).subspan(first_[component], first_[component + 1] - first_[component]);
  }

  /// Components by their distance from those that call nothing else: none of a level calls another of it.
  [[nodiscard]] std::vector<std::vector<uint32_t>> levels() const {
    std::vector<std::vector<uint32_t>> levels;
    for (uint32_t component = 0; component < count(); ++component) {
      const uint32_t level = level_[members_[first_[component]]];
      if (level >= levels.size()) {
        levels.resize(level + 1);
      }
      levels[level].push_back(component);
    }
    return levels;
  }

 private:
  struct Frame {
    uint32_t node;
    uint32_t next;
    std::vector<ir::FunctionId> edges;
  };

  /// Tarjan's algorithm without recursion; components come out callees first.
  template <class Edges>
  void search(uint32_t root, const Edges& edges) {
    enter(root, edges);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      if (frame.next < frame.edges.size()) {
        const uint32_t to = frame.edges[frame.next++];
        if (number_[to] == 0) {
          enter(to, edges);
        } else if (on_stack_[to]) {
          low_[frame.node] = std::min(low_[frame.node], number_[to]);
        }
        continue;
      }
      leave();
    }
  }

  template <class Edges>
  void enter(uint32_t node, const Edges& edges) {
    number_[node] = low_[node] = ++counter_;
    stack_.push_back(node);
    on_stack_[node] = true;
    Frame frame{node, 0, {}};
    edges(node, frame.edges);
    frames_.push_back(std::move(frame));
  }

  void leave() {
    const uint32_t node = frames_.back().node;
    for (const uint32_t to : frames_.back().edges) {
      if (!on_stack_[to]) {
        level_[node] = std::max(level_[node], level_[to] + 1);
      }
    }
    frames_.pop_back();
    if (!frames_.empty()) {
      low_[frames_.back().node] = std::min(low_[frames_.back().node], low_[node]);
    }
    if (low_[node] != number_[node]) {
      return;
    }
    uint32_t member;
    uint32_t level = 0;
    do {
      member = stack_.back();
      stack_.pop_back();
      on_stack_[member] = false;
      members_.push_back(member);
      level = std::max(level, level_[member]);
    } while (member != node);
    for (size_t i = first_.back(); i < members_.size(); ++i) {
      level_[members_[i]] = level;
    }
    first_.push_back(static_cast<uint32_t>(members_.size()));
  }

  std::vector<uint32_t> number_, low_, level_;
  std::vector<bool> on_stack_;
  std::vector<uint32_t> stack_;
  std::vector<Frame> frames_;
  uint32_t counter_ = 0;
  std::vector<ir::FunctionId> members_;
  std::vector<uint32_t> first_{0};
};

}  // namespace omega::opt
