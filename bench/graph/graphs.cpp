// SPDX-License-Identifier: Apache-2.0
// Graphs of empty nodes and of waiting calls by Omega, Taskflow or oneTBB (-DGRAPH_OMEGA, -DGRAPH_TASKFLOW, -DGRAPH_TBB): graphs WHAT
// THREADS prints the smallest of the runs, and of the graphs of nodes their median too. random, chain, fan: nanoseconds a node to build and run
// a graph of 100,000 nodes, once, without giving its memory back; build: to build the random one; calls: milliseconds for 20 independent calls of 10 ms;
// chains: for ten chains of five calls of 1 to 20 ms.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#if defined(GRAPH_OMEGA)
#include "omega/graph/exec/executor.h"
#include "omega/graph/ir/call_appender.h"
using namespace omega::graph;
#elif defined(GRAPH_TASKFLOW)
#include <taskflow/taskflow.hpp>
#else
#include <tbb/flow_graph.h>
#include <tbb/global_control.h>
#endif

namespace {

constexpr uint32_t kNodes = 100'000;

double now_ns() { return static_cast<double>(std::chrono::steady_clock::now().time_since_epoch().count()); }

#if defined(GRAPH_OMEGA)
using Node = ValueRef;
#else
struct Node {
  uint32_t index;
};
#endif

/// Dependencies of each node, one behind the other: those of node i are [first[i], first[i + 1]).
struct Shape {
  std::vector<uint32_t> first{0};
  std::vector<Node> dependencies;
  void end_node() { first.push_back(static_cast<uint32_t>(dependencies.size())); }
};

/// Each node waits for up to two of those before it at random, about two on average counted from both sides.
Shape random_shape() {
  Shape shape;
  uint64_t state = 1;
  for (uint32_t i = 0; i < kNodes; ++i) {
    for (int k = 0; k < 2 && i > 0; ++k) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      const auto before = static_cast<uint32_t>((state >> 33) % i);
      if (k == 0 || shape.dependencies.back().index != before) {
        shape.dependencies.push_back({before});
      }
    }
    shape.end_node();
  }
  return shape;
}

Shape chain_shape() {
  Shape shape;
  for (uint32_t i = 0; i < kNodes; ++i) {
    if (i > 0) {
      shape.dependencies.push_back({i - 1});
    }
    shape.end_node();
  }
  return shape;
}

/// One node, all others after it, and one after all of those.
Shape fan_shape() {
  Shape shape;
  shape.end_node();
  for (uint32_t i = 1; i + 1 < kNodes; ++i) {
    shape.dependencies.push_back({0});
    shape.end_node();
  }
  for (uint32_t i = 1; i + 1 < kNodes; ++i) {
    shape.dependencies.push_back({i});
  }
  shape.end_node();
  return shape;
}

void pause(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }
/// From 1 to 20.
int uneven(int i) { return 1 + (i * 7) % 20; }

#if defined(GRAPH_OMEGA)

class Runner {
 public:
  explicit Runner(unsigned threads) : executor_(registry(), {.max_workers = threads, .max_waiting = threads}) {}

  void clear() { graph_.clear(); }
  void build(const Shape& shape) {
    const NameRef nothing = graph_.name("nothing");
    CallAppender appender(graph_, kNodes, shape.dependencies.size());
    for (uint32_t i = 0; i < kNodes; ++i) {
      appender.call(nothing, {shape.dependencies.data() + shape.first[i], shape.first[i + 1] - shape.first[i]}, DType::token, kScalarShape);
    }
  }
  void run() { static_cast<void>(executor_.run(graph_, {})); }

  void build_calls(int chains, int calls) {
    std::vector<ValueRef> last;
    for (int c = 0; c < chains; ++c) {
      ValueRef previous;
      for (int i = 0; i < calls; ++i) {
        const ValueRef time = graph_.add_constant(static_cast<int64_t>(calls == 1 ? 10 : uneven(c * calls + i)));
        const ValueRef inputs[] = {time, previous};
        previous = graph_.call("pause", {inputs, i == 0 ? 1u : 2u}, DType::token, kScalarShape, kWaits);
      }
      last.push_back(previous);
    }
    graph_.barrier(last);
  }

 private:
  static const OperatorRegistry& registry() {
    static OperatorRegistry operators;
    operators.add("nothing", [](Call&) {});
    operators.add("pause", [](Call& call) { pause(static_cast<int>(call.input(0).as_int64())); });
    return operators;
  }
  ParallelExecutor executor_;
  ComputationGraph graph_;
};

#elif defined(GRAPH_TASKFLOW)

class Runner {
 public:
  explicit Runner(unsigned threads) : executor_(threads) {}
  void clear() { flow_->clear(); }
  void build(const Shape& shape) {
    std::vector<tf::Task> nodes;
    nodes.reserve(kNodes);
    for (uint32_t i = 0; i < kNodes; ++i) {
      nodes.push_back(flow_->emplace([] {}));
      for (uint32_t k = shape.first[i]; k < shape.first[i + 1]; ++k) {
        nodes[shape.dependencies[k].index].precede(nodes[i]);
      }
    }
  }
  void run() { executor_.run(*flow_).wait(); }
  void build_calls(int chains, int calls) {
    clear();
    tf::Task join = flow_->emplace([] {});
    for (int c = 0; c < chains; ++c) {
      tf::Task previous;
      for (int i = 0; i < calls; ++i) {
        tf::Task now = flow_->emplace([time = calls == 1 ? 10 : uneven(c * calls + i)] { pause(time); });
        if (i > 0) {
          previous.precede(now);
        }
        previous = now;
      }
      previous.precede(join);
    }
  }

 private:
  tf::Executor executor_;
  std::unique_ptr<tf::Taskflow> flow_ = std::make_unique<tf::Taskflow>();
};

#else

class Runner {
 public:
  using Node = tbb::flow::continue_node<tbb::flow::continue_msg>;
  explicit Runner(unsigned threads) : control_(tbb::global_control::max_allowed_parallelism, threads), arena_(static_cast<int>(threads)) {}
  ~Runner() { clear(); }
  void build(const Shape& shape) {
    make();
    for (uint32_t i = 0; i < kNodes; ++i) {
      add([] {});
      for (uint32_t k = shape.first[i]; k < shape.first[i + 1]; ++k) {
        tbb::flow::make_edge(*nodes_[shape.dependencies[k].index], *nodes_[i]);
      }
      if (shape.first[i] == shape.first[i + 1]) {
        roots_.push_back(nodes_[i]);
      }
    }
  }
  void run() {
    arena_.execute([&] {
      for (Node* root : roots_) {
        root->try_put({});
      }
      graph_->wait_for_all();
    });
  }
  void build_calls(int chains, int calls) {
    make();
    for (int c = 0; c < chains; ++c) {
      for (int i = 0; i < calls; ++i) {
        add([time = calls == 1 ? 10 : uneven(c * calls + i)] { pause(time); });
        if (i > 0) {
          tbb::flow::make_edge(*nodes_[nodes_.size() - 2], *nodes_.back());
        } else {
          roots_.push_back(nodes_.back());
        }
      }
    }
  }

  void clear() {
    for (Node* node : nodes_) {
      delete node;
    }
    nodes_.clear();
    roots_.clear();
    delete graph_;
    graph_ = nullptr;
  }

 private:
  void make() {
    arena_.execute([&] { graph_ = new tbb::flow::graph; });
  }
  template <class F>
  void add(F f) {
    nodes_.push_back(new Node(*graph_, [f](const tbb::flow::continue_msg&) { f(); }));
  }
  tbb::global_control control_;
  tbb::task_arena arena_;
  tbb::flow::graph* graph_ = nullptr;
  std::vector<Node*> nodes_;
  std::vector<Node*> roots_;
};

#endif

/// The smallest of several times [ns].
template <class F>
double smallest(int runs, F f) {
  double best = 1e300;
  for (int i = 0; i < runs; ++i) {
    const double start = now_ns();
    f();
    best = std::min(best, now_ns() - start);
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: graphs random|build|chain|fan|calls|chains THREADS\n");
    return 2;
  }
  const std::string what = argv[1];
  const auto threads = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
  Runner runner(threads);
  if (what == "calls" || what == "chains") {
    runner.build_calls(what == "calls" ? 20 : 10, what == "calls" ? 1 : 5);
    runner.run();
    std::printf("%.3f\n", smallest(20, [&] { runner.run(); }) / 1e6);
    return 0;
  }
  const Shape shape = what == "chain" ? chain_shape() : what == "fan" ? fan_shape() : random_shape();
  std::vector<double> times;
  for (int i = 0; i < 15; ++i) {
    runner.clear();
    times.push_back(smallest(1, [&] {
      runner.build(shape);
      if (what != "build") {
        runner.run();
      }
    }));
  }
  std::ranges::sort(times);
  std::printf("%.1f/%.1f\n", times.front() / kNodes, times[times.size() / 2] / kNodes);
}
