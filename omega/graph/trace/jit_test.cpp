// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "omega/graph/ir/text.h"
#include "omega/graph/ir/validate.h"
#include "omega/graph/trace/xcs.h"

namespace omega::graph {
namespace {

std::vector<double> ramp(size_t count, double scale) {
  std::vector<double> values(count);
  for (size_t i = 0; i < count; ++i) {
    values[i] = static_cast<double>(i) * scale - 1;
  }
  return values;
}

TEST(Jit, ARewriteThatThereIsNotIsRefusedAtOnce) {
  Engine engine;
  const auto make = [&] {
    return jit([](const Tracer& x) { return x; }, JitOptions{.engine = &engine, .rewrites = {.disabled = {"fuse_elementwis"}, .same_results = {}}});
  };
  EXPECT_THROW(make(), std::invalid_argument);
}

JitOptions verified(Engine& engine) {
  JitOptions options;
  options.engine = &engine;
  options.verify = true;
  return options;
}

TEST(Jit, ScalarsAreTracedOncePerSignature) {
  Engine engine({.max_workers = 2});
  int runs = 0;
  const auto f = jit(
      [&](const Tracer& a, const Tracer& b) {
        ++runs;
        return a * b + 2 - sqrt(a);
      },
      verified(engine));
  EXPECT_EQ(f(4.0, 3.0).as_float64(), 12.0);
  EXPECT_EQ(f(9.0, 1.0).as_float64(), 8.0);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(f(4, 3.0).as_float64(), 12.0);  // int64, float64
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(f.traces(), 2u);
  EXPECT_EQ(f.graph(1.0, 1.0)->built.operations().size(), 4u);
  EXPECT_EQ(f.graph(1.0f, 1.0), nullptr);
}

TEST(Jit, ArraysAreFusedAndRetracedByShape) {
  Engine engine({.max_workers = 2});
  const auto f = jit([](const auto& a, const auto& b, const auto& k) { return sum(sin(a) * b + k); }, verified(engine));
  for (const size_t count : {1000u, 1000u, 1500u}) {
    const auto a = ramp(count, 0.01);
    const auto b = ramp(count, 0.5);
    double expected = 0;
    for (size_t i = 0; i < count; ++i) {
      expected += std::sin(a[i]) * b[i] + 0.25;
    }
    EXPECT_NEAR(f(a, b, 0.25).as_float64(), expected, 1e-9 * std::fabs(expected));
  }
  EXPECT_EQ(f.traces(), 2u);
  const auto compiled = f.graph(ramp(1000, 1), ramp(1000, 1), 1.0);
  ASSERT_EQ(compiled->optimized.operations().size(), 1u);
  EXPECT_EQ(compiled->optimized.operations()[0].type, OpType::fused);
  EXPECT_NE(f.explain(ramp(1000, 1), ramp(1000, 1), 1.0).find("4 operations become one pass"), std::string::npos);
  EXPECT_THROW(f(ramp(3, 1), ramp(4, 1), 1.0), std::invalid_argument);
}

TEST(Jit, ContainersKeepTheirForm) {
  Engine engine({.max_workers = 2});
  const auto f = jit(
      [](const std::vector<Tracer>& xs, const std::map<std::string, Tracer>& named, const std::pair<Tracer, std::array<Tracer, 2>>& pair) {
        std::map<std::string, std::vector<Tracer>> result;
        for (const auto& [key, value] : named) {
          for (const Tracer& x : xs) {
            result[key].push_back(x * value);
          }
        }
        return std::make_tuple(result, pair.first + pair.second[0] + pair.second[1], 7);
      },
      verified(engine));
  const std::map<std::string, int64_t> named{{"a", 2}, {"b", 3}};
  for (const int64_t first : {1, 5}) {
    const auto [result, total, seven] = f(std::vector<Value>{Value(first), Value(int64_t{10})}, named, std::make_pair(1, std::array<int64_t, 2>{2, 3}));
    ASSERT_EQ(result.size(), 2u);
    EXPECT_EQ(result.at("b")[0].as_int64(), 3 * first);
    EXPECT_EQ(result.at("a")[1].as_int64(), 20);
    EXPECT_EQ(total.as_int64(), 6);
    EXPECT_EQ(seven.as_int64(), 7);
  }
  EXPECT_EQ(f.traces(), 1u);
  EXPECT_EQ(std::get<0>(f(std::vector<Value>{Value(int64_t{1})}, named, std::make_pair(1, std::array<int64_t, 2>{2, 3}))).at("a").size(), 1u);
  EXPECT_EQ(f.traces(), 2u);
}

TEST(Jit, NestedCallsBecomePartOfTheTrace) {
  Engine engine({.max_workers = 2});
  const auto inner = jit([](const Tracer& x) { return x * x; }, verified(engine));
  const auto outer = jit([&](const Tracer& x) { return inner(x) + inner(x + 1) + inner(2.0); }, verified(engine));
  EXPECT_EQ(outer(3.0).as_float64(), 29.0);
  EXPECT_EQ(outer(1.0).as_float64(), 9.0);
  EXPECT_EQ(inner.traces(), 1u);  // inner(2.0) is a call of its own
}

TEST(Jit, RegisteredOperatorsAndFunctionsAreCalls) {
  Engine engine({.max_workers = 2});
  std::atomic<int> calls{0};
  engine.operators().add({"shout",
                          [&](Call& call) {
                            for (size_t i = 0; i < call.batch(); ++i) {
                              ++calls;
                              call.set(i, Value(call.input(i).as_string() + "!"));
                            }
                          },
                          kWaits, 8});
  const auto f = jit(
      [](const Tracer& text, const Tracer& host) {
        const Tracer loud = call("shout", {text});
        return std::vector<Tracer>{loud, call("shout", {loud}), host(text, 2), call("shout", {"ah"})};
      },
      verified(engine));
  const Value host = function([](std::span<const Value> inputs) { return Value(inputs[0].as_string() + std::to_string(inputs[1].as_int64())); });
  for (const char* text : {"hey", "ho"}) {
    const auto results = f(text, host);
    EXPECT_EQ(results[1].as_string(), std::string(text) + "!!");
    EXPECT_EQ(results[2].as_string(), std::string(text) + "2");
    EXPECT_EQ(results[3].as_string(), "ah!");
  }
  EXPECT_NE(write_text(f.graph("x", host)->optimized).find("\"batch\" = 2"), std::string::npos);
  EXPECT_THROW(jit([](const Tracer& x) { return call("nobody", {x}); }, verified(engine))(1.0), TracingError);
  EXPECT_THROW(f("x", Value::object(std::make_shared<int>(3))), std::invalid_argument);
}

TEST(Jit, ABranchOnATracedValueIsAClearError) {
  Engine engine({.max_workers = 2});
  const auto f = jit([](const Tracer& x) { return x < 0.0 ? -x : x; }, verified(engine));
  try {
    static_cast<void>(f(1.0));
    FAIL() << "no error";
  } catch (const BranchError& error) {
    EXPECT_EQ(std::string(error.what()),
              "a branch on a traced value, boolean (the result of `less`, operation 0), would be fixed for all later calls by the values "
              "of this one. Use select(), cond() or "
              "while_loop(), make the value Static (a new value is traced again), or write the function in Omega and build its graph by "
              "StaticAnalysisStrategy");
  }
  const auto with_select = jit([](const Tracer& x) { return select(x < 0.0, -x, x); }, verified(engine));
  EXPECT_EQ(with_select(-2.0).as_float64(), 2.0);
  EXPECT_EQ(with_select(3.0).as_float64(), 3.0);
  engine.operators().add("numbers", [](Call& call) { call.set(0, Value(std::vector<Value>(static_cast<size_t>(call.input(0).as_int64())))); });
  EXPECT_THROW(jit([](const Tracer& n) { return static_cast<int64_t>(call("numbers", {n}).size()); }, verified(engine))(3), BranchError);
}

TEST(Jit, StaticArgumentsMayBeBranchedOn) {
  Engine engine({.max_workers = 2});
  const auto power = jit(
      [](const Tracer& x, Static<int64_t> exponent) {
        Tracer result = 1.0;
        for (int64_t i = 0; i < exponent; ++i) {
          result *= x;
        }
        return result;
      },
      verified(engine));
  EXPECT_EQ(power(2.0, Static<int64_t>{10}).as_float64(), 1024.0);
  EXPECT_EQ(power(3.0, Static<int64_t>{2}).as_float64(), 9.0);
  EXPECT_EQ(power(3.0, Static<int64_t>{10}).as_float64(), 59049.0);
  EXPECT_EQ(power.traces(), 2u);
}

TEST(Jit, MemoryKeepsItsOrder) {
  Engine engine({.max_workers = 2});
  const auto count = jit(
      [](const Tracer& by) {
        const Tracer before = load("counter");
        store("counter", before + by);
        return load("counter") * 10;
      },
      verified(engine));
  engine.resources().store("counter", Value(int64_t{1}));
  EXPECT_EQ(count(2).as_int64(), 30);
  EXPECT_EQ(count(4).as_int64(), 70);
  EXPECT_EQ(engine.resources().load("counter").as_int64(), 7);
}

TEST(Jit, WhatIsWrongIsSaid) {
  Engine engine({.max_workers = 2});
  EXPECT_THROW(static_cast<void>(Tracer(1.0) + Tracer(2.0)), TracingError);
  const Tracer* escaped = nullptr;
  std::vector<Tracer> kept;
  static_cast<void>(jit(
      [&](const Tracer& x) {
        kept.push_back(x);
        return x;
      },
      verified(engine))(1.0));
  escaped = &kept[0];
  EXPECT_THROW(jit([&](const Tracer& x) { return x + *escaped; }, verified(engine))(1.0), TracingError);
  EXPECT_THROW(jit([](const Tracer& x) { return x + "text"; }, verified(engine))(1.0), std::invalid_argument);
  // A function that calls itself.
  std::function<Tracer(const Tracer&)> endless = [&](const Tracer& x) { return cond(x > 0.0, [&] { return endless(x - 1.0); }, [&] { return x; }); };
  EXPECT_THROW(jit([&](const Tracer& x) { return endless(x); }, verified(engine))(1.0), TracingError);
  // After a failure the signature can be traced again.
  bool fails = true;
  const auto f = jit(
      [&](const Tracer& x) {
        if (fails) {
          throw std::runtime_error("not yet");
        }
        return x + 1.0;
      },
      verified(engine));
  EXPECT_THROW(f(1.0), std::runtime_error);
  fails = false;
  EXPECT_EQ(f(1.0).as_float64(), 2.0);
}

TEST(Jit, CallsFromManyThreadsTraceOnce) {
  Engine engine({.max_workers = 2});
  std::atomic<int> runs{0};
  const auto f = jit(
      [&](const Tracer& x) {
        ++runs;
        return x * 3;
      },
      verified(engine));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int64_t i = 0; i < 200; ++i) {
        wrong += f(i + t).as_int64() == 3 * (i + t) ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_EQ(runs.load(), 1);
}

TEST(Transforms, BranchesAndLoopsAreOperations) {
  Engine engine({.max_workers = 2});
  const auto collatz = jit(
      [](const Tracer& start) {
        const auto even = [](const Tracer& n) { return n / 2 * 2 == n; };
        return while_loop([](std::span<const Tracer> state) { return state[0] != 1; },
                          [&](std::span<const Tracer> state) {
                            const Tracer& n = state[0];
                            return std::vector<Tracer>{cond(even(n), [&] { return n / 2; }, [&] { return 3 * n + 1; }), state[1] + 1};
                          },
                          {start, 0})[1];
      },
      verified(engine));
  EXPECT_EQ(collatz(6).as_int64(), 8);
  EXPECT_EQ(collatz(27).as_int64(), 111);
  EXPECT_EQ(collatz(1).as_int64(), 0);
  EXPECT_EQ(collatz.traces(), 1u);
}

TEST(Transforms, ScanCarriesAndCaptures) {
  Engine engine({.max_workers = 2});
  const auto f = jit(
      [](const Tracer& xs, const Tracer& decay) {
        const ScanResult result = scan(
            [&](const Tracer& state, std::span<const Tracer> elements) {
              const Tracer next = state * decay + elements[0];
              return ScanStep{next, {next * 2.0}};
            },
            0.0, {xs});
        return std::make_pair(result.state, result.sequences[0]);
      },
      verified(engine));
  const auto [state, sequence] = f(std::vector<double>{1, 2, 3}, 0.5);
  EXPECT_EQ(state.as_float64(), 4.25);
  EXPECT_EQ(sequence, Value::array(std::vector<double>{2, 5, 8.5}));
  EXPECT_EQ(f(std::vector<double>{1, 2, 3}, 0.0).first.as_float64(), 3.0);
}

TEST(Transforms, VmapOfElementWiseWorkIsOnePass) {
  Engine engine({.max_workers = 2});
  const auto f =
      jit([](const Tracer& xs, const Tracer& ys, const Tracer& k) { return vmap([&](const Tracer& x, const Tracer& y) { return x * y + k; })(xs, ys); },
          verified(engine));
  EXPECT_EQ(f(std::vector<double>{1, 2, 3}, std::vector<double>{4, 5, 6}, 0.5), Value::array(std::vector<double>{4.5, 10.5, 18.5}));
  EXPECT_EQ(f(std::vector<double>{1, 1, 3}, std::vector<double>{4, 5, 6}, 1.0), Value::array(std::vector<double>{5, 6, 19}));
  const auto compiled = f.graph(std::vector<double>{1, 2, 3}, std::vector<double>{4, 5, 6}, 0.5);
  ASSERT_EQ(compiled->optimized.operations().size(), 1u);
  EXPECT_EQ(compiled->optimized.operations()[0].type, OpType::fused);
}

TEST(Transforms, VmapOfOtherWorkIsAParallelMap) {
  Engine engine({.max_workers = 2});
  // Rows of a matrix: the sum of each, times a captured number.
  const auto f = jit([](const Tracer& rows, const Tracer& k) { return vmap([&](const Tracer& row) { return sum(row) * k; })(rows); }, verified(engine));
  const int64_t shape[] = {3, 4};
  auto matrix = std::make_unique<Array>(DType::float64, shape);
  for (size_t i = 0; i < 12; ++i) {
    matrix->elements<double>()[i] = static_cast<double>(i);
  }
  const Value rows(std::move(matrix));
  EXPECT_EQ(f(rows, 2.0), Value::array(std::vector<double>{12, 44, 76}));
  EXPECT_EQ(f(rows, 1.0), Value::array(std::vector<double>{6, 22, 38}));
  EXPECT_EQ(f.graph(rows, 1.0)->optimized.operations()[0].type, OpType::control);
  EXPECT_THROW(f(3.0, 1.0), TracingError);
}

TEST(Transforms, PmapCallsOncePerElement) {
  Engine engine({.max_workers = 2});
  std::atomic<int> calls{0};
  engine.operators().add("slow square", [&](Call& call) {
    ++calls;
    call.set(0, Value(call.input(0).as_int64() * call.input(0).as_int64()));
  });
  const auto f = jit([](const Tracer& xs) { return pmap([](const Tracer& x) { return call("slow square", {x}); })(xs); }, JitOptions{.engine = &engine});
  EXPECT_EQ(f(std::vector<int64_t>{1, 2, 3}), Value::array(std::vector<int64_t>{1, 4, 9}));
  EXPECT_EQ(calls.exchange(0), 3);
  EXPECT_EQ(f(std::vector<int64_t>{4, 5, 6}), Value::array(std::vector<int64_t>{16, 25, 36}));
  EXPECT_EQ(calls.load(), 3);
}

/// x*x when it is positive, else 1 - x: code that a trace cannot see.
class SquareOrShift final : public StaticFunction {
 public:
  explicit SquareOrShift(size_t branches) : branches_(branches) {}
  [[nodiscard]] std::string name() const override { return "square_or_shift"; }
  [[nodiscard]] ComputationGraph analyze() const override {
    auto graph = parse_text(R"(graph "square_or_shift" { %x = input float64 "x" %zero = constant float64 0.0 %c: boolean = call "less"(%zero, %x)
      %r: float64 = control "if"(%c, %x) body graph "" { %x = input float64 "" %y: float64 = call "mul"(%x, %x) output %y }
      body graph "" { %x = input float64 "" %one = constant float64 1.0 %y: float64 = call "sub"(%one, %x) output %y } output %r })");
    return std::move(graph).value();
  }
  [[nodiscard]] StructureInfo analyze_structure() const override { return {branches_, 0, {"note"}}; }
  void add_operators(OperatorRegistry& registry) const override {
    registry.add("note", [](Call& call) { call.set(0, call.input(0)); });
  }

 private:
  size_t branches_;
};

TEST(Strategies, AllBuildTheSameKindOfGraph) {
  Engine engine({.max_workers = 2});
  const auto branching = [](const Tracer& x) { return x > 0.0 ? x * x : 1.0 - x; };
  const std::shared_ptr<const StaticFunction> code = std::make_shared<SquareOrShift>(1);
  const auto analysed = jit(code, verified(engine));
  EXPECT_EQ(analysed(3.0)[0].as_float64(), 9.0);
  EXPECT_EQ(analysed(-3.0)[0].as_float64(), 4.0);
  EXPECT_EQ(analysed.traces(), 1u);

  JitOptions options = verified(engine);
  options.strategy = std::make_shared<HybridStrategy>();
  const auto hybrid = jit(branching, code, options);
  EXPECT_EQ(hybrid(3.0).as_float64(), 9.0);
  EXPECT_EQ(hybrid(-3.0).as_float64(), 4.0);
  // The code does not tell of the branch, but the trace meets it.
  const auto met = jit(branching, std::make_shared<SquareOrShift>(0), options);
  EXPECT_EQ(met(-3.0).as_float64(), 4.0);
  EXPECT_EQ(met(3.0).as_float64(), 9.0);
  // No branch: the trace counts, and effects that the code knows of are kept.
  const auto straight = jit(
      [](const Tracer& x) {
        static_cast<void>(call("note", {x}));
        return x * 2.0;
      },
      std::make_shared<SquareOrShift>(0), options);
  EXPECT_EQ(straight(3.0).as_float64(), 6.0);
  EXPECT_EQ(straight(4.0).as_float64(), 8.0);
  EXPECT_EQ(straight.graph(3.0)->optimized.operations().size(), 2u);

  options.strategy = std::make_shared<StaticAnalysisStrategy>();
  EXPECT_EQ(jit(branching, code, options)(5.0).as_float64(), 25.0);
  EXPECT_THROW(jit(branching, options)(5.0), TracingError);
  options.strategy = std::make_shared<TracingStrategy>();
  EXPECT_THROW(jit(code, options)(5.0), TracingError);
}

TEST(Strategies, TracersReplaceTheArguments) {
  const OperatorRegistry registry;
  CallContext context;
  context.registry = &registry;
  const GraphFunction function{"f", [](std::span<const Tracer> xs) { return std::vector<Tracer>{xs[0] + xs[1], xs[0]}; }, nullptr};
  const Value arguments[] = {Value(1.5), Value(2.0)};
  const BuiltGraph built = ExecutionTracer(context).trace(function, arguments);
  EXPECT_TRUE(validate(built.graph).empty());
  EXPECT_EQ((*built.outputs)[0].as_float64(), 3.5);
  EXPECT_EQ(write_text(built.graph),
            "graph \"f\" {\n  %0 = input float64 \"x0\"\n  %1 = input float64 \"x1\"\n  %2: float64 = call \"add\"(%0, %1)\n  output %2, "
            "%0\n}\n");
}

/// The operator of the design document: a loop of model calls whose results become one list.
class EnsembleOperator final : public xcs::Operator {
 public:
  explicit EnsembleOperator(std::vector<xcs::Model> models) : models_(std::move(models)) {}
  [[nodiscard]] Tracer forward(const Tracer& inputs) const override {
    std::vector<Tracer> results;
    for (const xcs::Model& model : models_) {
      results.push_back(model(inputs));
    }
    return xcs::list(results);
  }

 private:
  std::vector<xcs::Model> models_;
};

TEST(Operators, AnEnsembleIsFound) {
  Engine engine({.max_workers = 2});
  std::vector<xcs::Model> models;
  for (int i = 0; i < 5; ++i) {
    models.emplace_back(
        "model " + std::to_string(i), [i](std::span<const Value> inputs) { return Value(inputs[0].as_string() + std::to_string(i)); }, kWaits, engine);
  }
  const auto ensemble = xcs::jit(EnsembleOperator(std::move(models)), verified(engine));
  for (const char* prompt : {"a", "b"}) {
    const Value results = ensemble(prompt);
    ASSERT_EQ(results.as_list().size(), 5u);
    EXPECT_EQ(results.as_list()[3].as_string(), std::string(prompt) + "3");
  }
  EXPECT_NE(ensemble.explain("a").find("ensemble: 5 calls of the same inputs, joined by `list` (parallel)"), std::string::npos);
}

}  // namespace
}  // namespace omega::graph
