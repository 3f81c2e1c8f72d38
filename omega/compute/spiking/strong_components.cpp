// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/spiking/strong_components.h"

#include <algorithm>
#include <limits>

namespace omega::compute {
namespace {

constexpr int32_t kUnseen = -1;
/// Of a node whose component is complete: above every order.
constexpr int32_t kDone = std::numeric_limits<int32_t>::max();

/// One depth-first search. `low` is the earliest node on the stack that a node is known to reach.
class Search {
 public:
  explicit Search(const Adjacency& graph)
      : graph_(graph), order_(graph.first.size() - 1, kUnseen), low_(order_.size()), next_(graph.first.begin(), graph.first.end() - 1) {}

  std::vector<std::vector<int32_t>> components() {
    for (int32_t node = 0; node < static_cast<int32_t>(order_.size()); ++node) {
      if (order_[at(node)] == kUnseen) {
        search(node);
      }
    }
    return std::move(found_);
  }

 private:
  static size_t at(int32_t node) { return static_cast<size_t>(node); }

  void enter(int32_t node) {
    order_[at(node)] = low_[at(node)] = entered_++;
    path_.push_back(node);
    stack_.push_back(node);
  }

  void search(int32_t root) {
    enter(root);
    while (!path_.empty()) {
      const int32_t node = path_.back();
      int64_t& edge = next_[at(node)];
      if (edge == graph_.first[at(node) + 1]) {
        leave(node);
        continue;
      }
      const int32_t target = graph_.columns[static_cast<size_t>(edge++)];
      if (order_[at(target)] == kUnseen) {
        enter(target);
      } else {
        low_[at(node)] = std::min(low_[at(node)], order_[at(target)]);  // kDone changes nothing
      }
    }
  }

  void leave(int32_t node) {
    path_.pop_back();
    if (!path_.empty()) {
      low_[at(path_.back())] = std::min(low_[at(path_.back())], low_[at(node)]);
    }
    if (low_[at(node)] != order_[at(node)]) {
      return;
    }
    const auto begin = std::find(stack_.rbegin(), stack_.rend(), node).base() - 1;
    std::vector<int32_t> members(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    for (const int32_t member : members) {
      order_[at(member)] = kDone;
    }
    if (members.size() > 1 || reaches_itself(node)) {
      std::ranges::sort(members);
      found_.push_back(std::move(members));
    }
  }

  [[nodiscard]] bool reaches_itself(int32_t node) const {
    const auto begin = graph_.columns.begin() + graph_.first[at(node)];
    const auto end = graph_.columns.begin() + graph_.first[at(node) + 1];
    return std::find(begin, end, node) != end;
  }

  const Adjacency& graph_;
  std::vector<int32_t> order_;
  std::vector<int32_t> low_;
  std::vector<int64_t> next_;   ///< edge of each node to follow
  std::vector<int32_t> path_;   ///< from the root to the node that is looked at
  std::vector<int32_t> stack_;  ///< nodes whose components are not complete
  std::vector<std::vector<int32_t>> found_;
  int32_t entered_ = 0;
};

}  // namespace

std::vector<std::vector<int32_t>> components_with_cycles(const Adjacency& graph) {
  return graph.first.size() < 2 ? std::vector<std::vector<int32_t>>() : Search(graph).components();
}

}  // namespace omega::compute
