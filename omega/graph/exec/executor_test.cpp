// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/exec/executor.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "omega/graph/ir/text.h"

namespace omega::graph {
namespace {

using Refs = std::vector<ValueRef>;

/// Operators whose results tell every mistake of order: `mix` is neither commutative nor associative.
OperatorRegistry test_operators() {
  OperatorRegistry registry;
  registry.add("mix", [](Call& call) {
    uint64_t hash = 17;
    for (size_t i = 0; i < call.input_count(); ++i) {
      hash = hash * 6364136223846793005u + static_cast<uint64_t>(call.input(i).as_int64());
    }
    call.set(0, Value(static_cast<int64_t>(hash ^ (hash >> 29))));
  });
  registry.add("fail", [](Call& call) { throw std::runtime_error("failed on " + call.input(0).describe()); });
  registry.add("crash", [](Call&) { ::kill(::getpid(), SIGKILL); });
  registry.add("pid", [](Call& call) { call.set(0, Value(int64_t{::getpid()})); });
  registry.add("length", [](Call& call) { call.set(0, Value(static_cast<int64_t>(call.input(0).as_string().size()))); });
  return registry;
}

/// `count` operations, each of up to three earlier values; `flag` gives flags by number.
ComputationGraph random_graph(uint32_t count, uint64_t seed, uint8_t (*flags)(uint32_t) = nullptr) {
  ComputationGraph graph;
  const NameRef mix = graph.name("mix");
  Refs made{graph.add_input(DType::int64), graph.add_constant(int64_t{5})};
  const auto random = [&] { return (seed = seed * 6364136223846793005u + 1442695040888963407u) >> 33; };
  for (uint32_t i = 0; i < count; ++i) {
    Refs inputs;
    for (uint64_t k = random() % 3 + 1; k > 0; --k) {
      inputs.push_back(made[made.size() - 1 - random() % std::min<size_t>(made.size(), 50)]);
    }
    made.push_back(graph.call(mix, inputs, DType::int64, kScalarShape, flags == nullptr ? uint8_t{0} : flags(i)));
  }
  for (size_t i = made.size() - 10; i < made.size(); ++i) {
    graph.add_output(made[i]);
  }
  return graph;
}

std::vector<Value> oracle(const ComputationGraph& graph, std::span<const Value> inputs, const OperatorRegistry& registry) {
  CallContext context;
  context.registry = &registry;
  return evaluate(graph, inputs, context);
}

TEST(Executor, SameBitsAtEveryNumberOfWorkersAndDistribution) {
  const OperatorRegistry registry = test_operators();
  const Value input(int64_t{42});
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const ComputationGraph graph = random_graph(3000, seed, [](uint32_t i) { return i % 97 == 0 ? uint8_t{kWaits} : uint8_t{0}; });
    const auto expected = oracle(graph, {&input, 1}, registry);
    for (const unsigned workers : {1u, 2u, 4u, 7u}) {
      ParallelExecutor executor(registry, {.max_workers = workers, .max_waiting = 3});
      for (const Distribution distribution : {Distribution::stealing, Distribution::round_robin, Distribution::load_balancing, Distribution::priority}) {
        for (const bool trace : {false, true}) {
          RunOptions options;
          options.distribution = distribution;
          options.record_trace = trace;
          EXPECT_EQ(executor.execute(graph, {&input, 1}, options), expected) << workers << " workers, distribution " << static_cast<int>(distribution);
        }
      }
    }
  }
}

/// `count` operations; most take only the value before them, so that they come in lines, which others branch off from and enter.
ComputationGraph graph_of_lines(uint32_t count, uint64_t seed) {
  ComputationGraph graph;
  const NameRef mix = graph.name("mix");
  Refs made{graph.add_constant(int64_t{5})};
  const auto random = [&] { return (seed = seed * 6364136223846793005u + 1442695040888963407u) >> 33; };
  for (uint32_t i = 0; i < count; ++i) {
    const auto any = [&] { return made[random() % made.size()]; };
    const uint64_t kind = random() % 16;
    // Also the same value twice, a constant beside a value, a new line, and one that goes on from further back.
    const Refs inputs = kind == 0   ? Refs{any(), made.back()}
                        : kind == 1 ? Refs{made.back(), made.back()}
                        : kind == 2 ? Refs{made[0]}
                        : kind == 3 ? Refs{any()}
                        : kind == 4 ? Refs{made[0], made.back()}
                                    : Refs{made.back()};
    made.push_back(graph.call(mix, inputs, DType::int64, kScalarShape));
    if (kind == 5) {
      const ComputationGraph::OutputSpec none[] = {{DType::int64, kScalarShape}, {DType::int64, kScalarShape}};
      const OperationId both = graph.add_operation(OpType::call, graph.name("two"), Refs{made.back()}, none);
      made.push_back(graph.output(graph.operation(both), random() % 2));
    }
  }
  for (size_t i = 0; i < made.size(); i += 7) {
    graph.add_output(made[i]);
  }
  graph.add_output(made.back());
  return graph;
}

TEST(Executor, LinesGiveWhatTheOracleGives) {
  OperatorRegistry registry = test_operators();
  registry.add("two", [](Call& call) {
    call.set(0, Value(call.input(0).as_int64() ^ 1));
    call.set(1, Value(call.input(0).as_int64() ^ 2));
  });
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const ComputationGraph graph = graph_of_lines(2000, seed);
    const auto expected = oracle(graph, {}, registry);
    for (const unsigned workers : {1u, 2u, 4u}) {
      ParallelExecutor executor(registry, {.max_workers = workers});
      for (int repeat = 0; repeat < 3; ++repeat) {
        EXPECT_EQ(executor.execute(graph, {}), expected) << workers << " workers, seed " << seed;
      }
    }
  }
}

TEST(Executor, ALineRunsOnTheThreadThatAsked) {
  OperatorRegistry registry;
  std::atomic<uint32_t> here{0};
  std::atomic<uint32_t> elsewhere{0};
  const std::thread::id caller = std::this_thread::get_id();
  registry.add("where", [&](Call&) { (std::this_thread::get_id() == caller ? here : elsewhere).fetch_add(1); });
  ComputationGraph graph;
  ValueRef last = graph.call("where", Refs{}, DType::token, kScalarShape);
  for (int i = 1; i < 1000; ++i) {
    last = graph.call("where", Refs{last}, DType::token, kScalarShape);
  }
  ParallelExecutor executor(registry, {.max_workers = 4});
  for (int repeat = 0; repeat < 20; ++repeat) {
    EXPECT_EQ(executor.run(graph, {}).outcome, RunResult::Outcome::done);
  }
  EXPECT_EQ(here, 20'000u);
  EXPECT_EQ(elsewhere, 0u);
}

TEST(Executor, AFailureEndsItsLine) {
  OperatorRegistry registry = test_operators();
  std::atomic<uint32_t> runs{0};
  registry.add("step", [&](Call& call) {
    runs.fetch_add(1);
    call.set(0, Value(call.input(0).as_int64() + 1));
  });
  for (const uint32_t failing : {0u, 1u, 30u, 99u}) {
    ComputationGraph graph;
    for (int line = 0; line < 2; ++line) {
      ValueRef last = graph.add_constant(int64_t{0});
      for (uint32_t i = 0; i < 100; ++i) {
        last = graph.call(line == 0 && i == failing ? "fail" : "step", Refs{last}, DType::int64, kScalarShape);
      }
      graph.add_output(last);
    }
    for (const unsigned workers : {1u, 3u}) {
      ParallelExecutor executor(registry, {.max_workers = workers});
      RunOptions options;
      options.on_error = ErrorPolicy::collect;
      const RunResult result = executor.run(graph, {}, options);
      EXPECT_EQ(result.outcome, RunResult::Outcome::failed);
      ASSERT_EQ(result.failures.size(), 1u);
      EXPECT_EQ(result.failures[0].operation.index, failing);
      EXPECT_EQ(result.failures[0].message, "failed on " + std::to_string(failing));
      EXPECT_EQ(result.skipped, 99 - failing);
      EXPECT_EQ(runs.exchange(0), failing + 100);
      EXPECT_FALSE(result.outputs[0].has_value());
      EXPECT_EQ(result.outputs[1], Value(int64_t{100}));
      options.on_error = ErrorPolicy::fail_fast;
      EXPECT_THROW(executor.execute(graph, {}, options), std::runtime_error);
      runs = 0;
    }
  }
}

TEST(Executor, ArraysAreTheSameAtEveryNumberOfWorkers) {
  const OperatorRegistry registry;
  ComputationGraph graph;
  const ValueRef x = graph.add_input(DType::float64, ShapeRef::none);
  const ValueRef sine = graph.call("sin", Refs{x});
  graph.add_output(graph.call("sum", Refs{graph.call("mul", Refs{sine, graph.call("exp", Refs{sine})})}));
  std::vector<double> elements(300'001);
  for (size_t i = 0; i < elements.size(); ++i) {
    elements[i] = 0.001 * static_cast<double>(i);
  }
  const Value input = Value::array(elements);
  const auto expected = oracle(graph, {&input, 1}, registry);
  for (const unsigned workers : {1u, 2u, 4u, 7u}) {
    ParallelExecutor executor(registry, {.max_workers = workers});
    for (int repeat = 0; repeat < 10; ++repeat) {
      EXPECT_EQ(executor.execute(graph, {&input, 1}), expected);
    }
  }
}

TEST(Executor, EmptyGraphAndWrongInputs) {
  const OperatorRegistry registry;
  ParallelExecutor executor(registry, {.max_workers = 2});
  EXPECT_TRUE(executor.execute(ComputationGraph(), {}).empty());
  const Value input(1.0);
  EXPECT_THROW(executor.execute(ComputationGraph(), {&input, 1}), std::invalid_argument);
}

TEST(Executor, WrongInputsAndGraphsAreNamed) {
  const OperatorRegistry registry;
  ParallelExecutor executor(registry, {.max_workers = 2});
  ComputationGraph graph;
  const int64_t extents[] = {3, kUnknownExtent};
  graph.add_output(graph.add_input(DType::float64, graph.shape(extents), "matrix"));
  const auto message = [&](const ComputationGraph& wrong, const Value& input) -> std::string {
    try {
      static_cast<void>(executor.execute(wrong, {&input, 1}));
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message(graph, Value()), "input 0 (`matrix`) must be float64[3, ?], got nothing");
  EXPECT_EQ(message(graph, Value(2.5)), "input 0 (`matrix`) must be float64[3, ?], got 2.5");
  EXPECT_EQ(message(graph, Value::array(std::vector<int64_t>{1, 2, 3})), "input 0 (`matrix`) must be float64[3, ?], got int64[3]");
  const int64_t shape[] = {3, 7};
  EXPECT_EQ(message(graph, Value(std::make_unique<Array>(DType::float64, shape))), "");
  const auto cyclic = parse_text(R"(graph "" { %x = input any "" %a: any = call "list"(%x, %b) %b: any = call "list"(%a) output %b })");
  EXPECT_NE(message(cyclic.value(), Value(1.0)).find("wait for each other in a circle: 0 -> 1 -> 0"), std::string::npos);
  const auto mixed = parse_text(R"(graph "" { %x = input string "" %one = constant int64 1 %a: any = call "add"(%x, %one) output %a })");
  EXPECT_NE(message(mixed.value(), Value(std::string("text"))).find("call `add`"), std::string::npos);
}

TEST(Executor, AMillionNodes) {
  OperatorRegistry registry;
  std::atomic<uint32_t> runs{0};
  registry.add("count", [&](Call&) { runs.fetch_add(1, std::memory_order_relaxed); });
  ComputationGraph graph;
  constexpr uint32_t kCount = 1'000'000;
  const NameRef count = graph.name("count");
  uint64_t state = 7;
  for (uint32_t i = 0; i < kCount; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const ValueRef before[] = {{i == 0 ? 0 : static_cast<uint32_t>((state >> 33) % i)}};
    graph.call(count, {before, i == 0 ? 0u : 1u}, DType::token, kScalarShape);
  }
  for (const Distribution distribution : {Distribution::stealing, Distribution::round_robin, Distribution::priority}) {
    ParallelExecutor executor(registry, {.max_workers = 3});
    RunOptions options;
    options.distribution = distribution;
    EXPECT_EQ(executor.run(graph, {}, options).outcome, RunResult::Outcome::done);
    EXPECT_EQ(runs.exchange(0), kCount);
  }
}

TEST(Executor, FailFastThrowsWhatTheOperatorThrew) {
  const OperatorRegistry registry = test_operators();
  ComputationGraph graph;
  const ValueRef x = graph.add_input(DType::int64);
  graph.add_output(graph.call("mix", Refs{graph.call("fail", Refs{x}, DType::int64)}, DType::int64));
  ParallelExecutor executor(registry, {.max_workers = 2});
  const Value input(int64_t{7});
  try {
    executor.execute(graph, {&input, 1});
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "failed on 7");
  }
}

TEST(Executor, CollectRunsWhatDoesNotNeedTheFailedOnes) {
  const OperatorRegistry registry = test_operators();
  ComputationGraph graph;
  const ValueRef x = graph.add_input(DType::int64);
  const ValueRef bad = graph.call("fail", Refs{x}, DType::int64);
  const ValueRef behind = graph.call("mix", Refs{bad, x}, DType::int64);
  graph.add_output(graph.call("mix", Refs{x}, DType::int64));
  graph.add_output(behind);
  graph.call("fail", Refs{graph.add_constant(int64_t{2})}, DType::int64);
  ParallelExecutor executor(registry, {.max_workers = 4});
  const Value input(int64_t{1});
  for (const Distribution distribution : {Distribution::stealing, Distribution::round_robin, Distribution::priority}) {
    RunOptions options;
    options.on_error = ErrorPolicy::collect;
    options.distribution = distribution;
    const RunResult result = executor.run(graph, {&input, 1}, options);
    EXPECT_EQ(result.outcome, RunResult::Outcome::failed);
    ASSERT_EQ(result.failures.size(), 2u);
    EXPECT_EQ(result.failures[0].operation.index, 0u);
    EXPECT_EQ(result.failures[1].message, "failed on 2");
    EXPECT_TRUE(result.outputs[0].has_value());
    EXPECT_FALSE(result.outputs[1].has_value());
    EXPECT_EQ(result.skipped, 1u);
  }
}

TEST(Executor, TransientFailuresAreTriedAgain) {
  OperatorRegistry registry = test_operators();
  std::atomic<int> calls{0};
  registry.add("flaky", [&](Call& call) {
    if (calls.fetch_add(1) < 2) {
      throw TransientError("try again");
    }
    call.set(0, Value(int64_t{9}));
  });
  ComputationGraph graph;
  graph.add_output(graph.call("flaky", Refs{}, DType::int64));
  ParallelExecutor executor(registry, {.max_workers = 2});
  RunOptions options;
  options.retry.attempts = 3;
  options.record_trace = true;
  const RunResult result = executor.run(graph, {}, options);
  EXPECT_EQ(result.outputs[0].as_int64(), 9);
  EXPECT_EQ(result.trace.events[0].attempts, 3u);
  calls = 0;
  options.retry.attempts = 2;
  EXPECT_THROW(executor.execute(graph, {}, options), TransientError);
}

TEST(Executor, CancellationKeepsWhatIsThere) {
  OperatorRegistry registry = test_operators();
  task::Cancellation cancellation;
  registry.add("cancel", [&](Call& call) {
    cancellation.cancel();
    call.set(0, Value(int64_t{1}));
  });
  ComputationGraph graph;
  const ValueRef first = graph.call("cancel", Refs{}, DType::int64);
  graph.add_output(first);
  graph.add_output(graph.call("mix", Refs{first}, DType::int64));
  ParallelExecutor executor(registry, {.max_workers = 2});
  RunOptions options;
  options.cancellation = &cancellation;
  const RunResult result = executor.run(graph, {}, options);
  EXPECT_EQ(result.outcome, RunResult::Outcome::cancelled);
  EXPECT_EQ(result.outputs[0].as_int64(), 1);
  EXPECT_FALSE(result.outputs[1].has_value());
  EXPECT_THROW(executor.execute(graph, {}, options), ExecutionError);
}

TEST(Executor, APassedDeadlineStopsTheRun) {
  OperatorRegistry registry = test_operators();
  registry.add("until stopped", [](Call& call) {
    while (!call.stop_requested()) {
      std::this_thread::yield();
    }
    call.set(0, Value(int64_t{1}));
  });
  ComputationGraph graph;
  graph.add_output(graph.call("mix", Refs{graph.call("until stopped", Refs{}, DType::int64)}, DType::int64));
  ParallelExecutor executor(registry, {.max_workers = 2});
  for (const ExecutionStrategy strategy : {ExecutionStrategy::thread, ExecutionStrategy::process}) {
    const task::Cancellation deadline(std::chrono::milliseconds(20));
    RunOptions options;
    options.cancellation = &deadline;
    options.strategy = strategy;
    EXPECT_EQ(executor.run(graph, {}, options).outcome, RunResult::Outcome::deadline_exceeded);
  }
}

TEST(Executor, WaitingOperationsAllWaitAtOnce) {
  OperatorRegistry registry;
  std::atomic<int> inside{0};
  registry.add("meet", [&](Call& call) {
    // Returns only when all twenty are here: with fewer threads this would never end.
    inside.fetch_add(1);
    while (inside.load() < 20) {
      std::this_thread::yield();
    }
    call.set(0, Value(int64_t{inside.load()}));
  });
  ComputationGraph graph;
  Refs all;
  for (int i = 0; i < 20; ++i) {
    all.push_back(graph.call("meet", Refs{}, DType::int64, kScalarShape, kWaits));
  }
  graph.add_output(graph.call("list", all, DType::list));
  ParallelExecutor executor(registry, {.max_workers = 2});
  EXPECT_EQ(executor.execute(graph, {})[0].as_list().size(), 20u);
}

TEST(Executor, PriorityRunsTheHighestFirst) {
  OperatorRegistry registry;
  std::vector<int64_t> order;
  registry.add("note", [&](Call& call) { order.push_back(std::get<int64_t>(*call.attribute("priority"))); });
  ComputationGraph graph;
  const ComputationGraph::OutputSpec token[] = {{DType::token, kScalarShape}};
  for (const int64_t priority : {3, -1, 7, 5}) {
    const Attribute attributes[] = {{"priority", priority}};
    graph.add_operation(OpType::call, graph.name("note"), {}, token, kImpure, attributes);
  }
  ParallelExecutor executor(registry, {.max_workers = 1});
  RunOptions options;
  options.distribution = Distribution::priority;
  executor.execute(graph, {}, options);
  EXPECT_EQ(order, (std::vector<int64_t>{7, 5, 3, -1}));
}

TEST(Executor, LoadBalancingStartsTheLongestChainFirst) {
  OperatorRegistry registry;
  std::vector<std::string> order;
  for (const char* name : {"short", "long"}) {
    registry.add(name, [&order, name](Call&) { order.emplace_back(name); });
  }
  ComputationGraph graph;
  const ComputationGraph::OutputSpec token[] = {{DType::token, kScalarShape}};
  graph.add_operation(OpType::call, graph.name("short"), {}, token);
  graph.add_operation(OpType::call, graph.name("long"), {}, token);
  ParallelExecutor executor(registry, {.max_workers = 1});
  executor.costs().learn("short", 0, 1e3);
  executor.costs().learn("long", 0, 1e9);
  RunOptions options;
  options.distribution = Distribution::load_balancing;
  executor.execute(graph, {}, options);
  EXPECT_EQ(order, (std::vector<std::string>{"long", "short"}));
}

TEST(Executor, ResourcesKeepProgramOrder) {
  const OperatorRegistry registry = test_operators();
  ComputationGraph graph;
  for (int64_t i = 0; i < 200; ++i) {
    const ValueRef old = graph.load("cell", {}, DType::int64, kScalarShape);
    graph.store("cell", Refs{graph.call("mix", Refs{old, graph.add_constant(i)}, DType::int64)});
  }
  graph.add_output(graph.load("cell", {}, DType::int64, kScalarShape));
  ResourceStore first;
  first.store("cell", Value(int64_t{1}));
  CallContext context;
  context.registry = &registry;
  context.resources = &first;
  const auto expected = evaluate(graph, {}, context);
  ParallelExecutor executor(registry, {.max_workers = 4});
  for (const ExecutionStrategy strategy : {ExecutionStrategy::thread, ExecutionStrategy::process}) {
    ResourceStore resources;
    resources.store("cell", Value(int64_t{1}));
    RunOptions options;
    options.resources = &resources;
    options.strategy = strategy;
    EXPECT_EQ(executor.execute(graph, {}, options), expected);
  }
}

TEST(Processes, GiveTheSameResults) {
  const OperatorRegistry registry = test_operators();
  const ComputationGraph graph = random_graph(300, 9);
  const Value input(int64_t{3});
  ParallelExecutor executor(registry, {.max_workers = 3});
  RunOptions options;
  options.strategy = ExecutionStrategy::process;
  EXPECT_EQ(executor.execute(graph, {&input, 1}, options), oracle(graph, {&input, 1}, registry));
}

TEST(Processes, CarryArraysStringsAndLists) {
  OperatorRegistry registry = test_operators();
  registry.add("same", [](Call& call) { call.set(0, call.input(0)); });
  ComputationGraph graph;
  graph.add_output(graph.call("same", Refs{graph.add_input(DType::any)}, DType::any));
  graph.add_output(graph.call("pid", Refs{}, DType::int64));
  std::vector<double> elements(100'000, 1.5);
  const Value input(std::vector<Value>{Value::array(elements), Value(std::string("text")), Value(true), Value(2.5f), Value(), Value(std::vector<Value>{})});
  ParallelExecutor executor(registry, {.max_workers = 2});
  RunOptions options;
  options.strategy = ExecutionStrategy::process;
  const auto outputs = executor.execute(graph, {&input, 1}, options);
  EXPECT_EQ(outputs[0], input);
  EXPECT_NE(outputs[1].as_int64(), ::getpid());
  const Value object = Value::object(std::make_shared<int>(1));
  EXPECT_THROW(executor.execute(graph, {&object, 1}, options), std::invalid_argument);
}

TEST(Processes, ADeathIsSurvivedAndReported) {
  const OperatorRegistry registry = test_operators();
  ComputationGraph graph;
  graph.add_output(graph.call("crash", Refs{}, DType::int64, kScalarShape, kIsolated));
  graph.add_output(graph.call("mix", Refs{graph.add_constant(int64_t{1})}, DType::int64));
  graph.add_output(graph.call("pid", Refs{}, DType::int64));
  ParallelExecutor executor(registry, {.max_workers = 2});
  RunOptions options;
  options.strategy = ExecutionStrategy::hybrid;
  options.on_error = ErrorPolicy::collect;
  options.retry.deaths = 2;
  const RunResult result = executor.run(graph, {}, options);
  EXPECT_EQ(result.outcome, RunResult::Outcome::failed);
  EXPECT_EQ(result.deaths.size(), 3u);
  EXPECT_EQ(result.deaths[0].operation.index, 0u);
  EXPECT_TRUE(WIFSIGNALED(result.deaths[0].status));
  EXPECT_FALSE(result.outputs[0].has_value());
  EXPECT_TRUE(result.outputs[1].has_value());
  EXPECT_EQ(result.outputs[2].as_int64(), ::getpid());
  EXPECT_THROW(executor.execute(graph, {}, options), ExecutionError);
}

TEST(Processes, FailuresAndRetriesCrossTheBorder) {
  OperatorRegistry registry = test_operators();
  registry.add("transient", [](Call&) { throw TransientError("not now"); });
  ComputationGraph graph;
  graph.add_output(graph.call("fail", Refs{graph.add_constant(int64_t{4})}, DType::int64));
  graph.add_output(graph.call("transient", Refs{}, DType::int64));
  ParallelExecutor executor(registry, {.max_workers = 2});
  RunOptions options;
  options.strategy = ExecutionStrategy::process;
  options.on_error = ErrorPolicy::collect;
  options.retry.attempts = 4;
  const RunResult result = executor.run(graph, {}, options);
  ASSERT_EQ(result.failures.size(), 2u);
  EXPECT_EQ(result.failures[0].message, "failed on 4");
  EXPECT_EQ(result.failures[0].attempts, 1u);
  EXPECT_EQ(result.failures[1].attempts, 4u);
}

/// Kills worker processes at random while a graph runs, OMEGA_KILLS times in all (20 unless set): each run must end with the right results.
TEST(Processes, KilledAtRandomLoseAndDoubleNothing) {
  const char* wanted_text = std::getenv("OMEGA_KILLS");
  const size_t wanted = wanted_text == nullptr ? 20 : std::strtoul(wanted_text, nullptr, 10);
  OperatorRegistry registry = test_operators();
  // Worker processes write their numbers here; it is shared with them.
  auto* const pids = static_cast<std::atomic<int>*>(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(pids, MAP_FAILED);
  registry.add("slow mix", [pids](Call& call) {
    pids[call.operation().first_output % 2].store(::getpid());
    volatile uint64_t spin = 0;
    for (int i = 0; i < 20'000; ++i) {
      spin = spin + 1;
    }
    call.set(0, Value(call.input(0).as_int64() * 31 + call.input(1).as_int64()));
  });
  ComputationGraph graph;
  Refs made{graph.add_input(DType::int64)};
  for (size_t i = 0; i < 120; ++i) {
    made.push_back(graph.call("slow mix", Refs{made[i / 2], made[i / 3]}, DType::int64));
  }
  graph.add_output(graph.call("mix", made, DType::int64));
  const Value input(int64_t{3});
  const auto expected = oracle(graph, {&input, 1}, registry);
  ParallelExecutor executor(registry, {.max_workers = 2});
  size_t deaths = 0;
  uint64_t random = 88172645463325252u;
  while (deaths < wanted) {
    pids[0].store(0);
    pids[1].store(0);
    std::atomic<bool> done{false};
    std::thread killer([&] {
      while (!done.load()) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        std::this_thread::sleep_for(std::chrono::microseconds(random % 2000));
        // A process that is dead and buried may lend its number to another only after all numbers were given out.
        const int pid = pids[random % 2].exchange(0);
        if (pid != 0 && pid != ::getpid()) {
          ::kill(pid, SIGKILL);
        }
      }
    });
    RunOptions options;
    options.strategy = ExecutionStrategy::process;
    options.retry.deaths = 1000;
    const RunResult result = executor.run(graph, {&input, 1}, options);
    done = true;
    killer.join();
    ASSERT_EQ(result.outcome, RunResult::Outcome::done);
    ASSERT_EQ(result.outputs, expected);
    deaths += result.deaths.size();
  }
  ::munmap(pids, 4096);
}

TEST(Trace, OpensInPerfettoAndTeachesCosts) {
  const OperatorRegistry registry = test_operators();
  ComputationGraph graph;
  const ValueRef first = graph.call("mix", Refs{}, DType::int64);
  graph.add_output(graph.call("mix", Refs{first}, DType::int64, kScalarShape, kWaits));
  ParallelExecutor executor(registry, {.max_workers = 2});
  RunOptions options;
  options.record_trace = true;
  const RunResult result = executor.run(graph, {}, options);
  ASSERT_EQ(result.trace.events.size(), 2u);
  EXPECT_EQ(result.trace.events[1].released_by.index, 0u);
  const auto json = nlohmann::json::parse(result.trace.to_chrome_json(graph));
  size_t slices = 0;
  for (const auto& event : json["traceEvents"]) {
    slices += event["ph"] == "X" ? 1 : 0;
  }
  EXPECT_EQ(slices, 2u);
  EXPECT_GT(executor.costs().predict("mix", 0, -1), 0);
  CostModel copy;
  EXPECT_TRUE(copy.read(executor.costs().to_json()));
  EXPECT_EQ(copy.predict("mix", 0, -1), executor.costs().predict("mix", 0, -1));
  EXPECT_FALSE(copy.read("[]"));
}

}  // namespace
}  // namespace omega::graph
