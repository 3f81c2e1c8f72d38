// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/opt/optimizer.h"

#include <gtest/gtest.h>

#include <atomic>

#include "omega/graph/exec/operator.h"
#include "omega/graph/ir/text.h"
#include "omega/graph/ir/validate.h"

namespace omega::graph {
namespace {

using Refs = std::vector<ValueRef>;

ComputationGraph parse(std::string_view text) {
  auto graph = parse_text(text);
  EXPECT_TRUE(graph) << graph.error().message;
  return std::move(graph).value();
}

std::vector<std::string> patterns_of(const ComputationGraph& graph) {
  OptimizeReport report;
  static_cast<void>(GraphOptimizer().optimize(graph, {}, &report));
  std::vector<std::string> names;
  for (const PatternMatch& match : report.patterns) {
    names.push_back(match.pattern);
  }
  return names;
}

bool contains(const std::vector<std::string>& names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); }

std::vector<Value> run(const ComputationGraph& graph, const std::vector<Value>& inputs, const OperatorRegistry& registry) {
  CallContext context;
  context.registry = &registry;
  return evaluate(graph, inputs, context);
}

constexpr std::string_view kEnsemble = R"(graph "e" {
  %x = input string ""
  %a: string? = call "model one"(%x)
  %b: string? = call "model two"(%x)
  %c: string? = call "model two"(%x) with "seed" = 2
  %all: list? = call "list"(%a, %b, %c)
  %vote: string? = call "vote"(%all)
  output %vote
})";

TEST(DependencyAnalyzer, ChainsReasonsAndParallelSets) {
  ComputationGraph graph;
  const ValueRef x = graph.add_input(DType::float64);
  const ValueRef y = graph.call("f", Refs{x});
  const ValueRef t = graph.store("m", Refs{y});
  graph.load("m");
  const ComputationGraph::OutputSpec token[] = {{DType::token, kScalarShape}};
  graph.add_operation(OpType::call, graph.name("g"), Refs{t}, token, kOrdered);
  graph.add_operation(OpType::call, graph.name("g"), {}, token, kOrdered);
  const DependencyInfo info = DependencyAnalyzer().analyze(graph);
  EXPECT_EQ(info.use_def_chains[y.index].definition.index, 0u);
  ASSERT_EQ(info.use_def_chains[y.index].uses.size(), 1u);
  EXPECT_EQ(info.use_def_chains[y.index].uses[0].index, 1u);
  ASSERT_EQ(info.control_dependencies.size(), 3u);
  EXPECT_EQ(info.control_dependencies[0].reason, ControlReason::memory);
  EXPECT_EQ(info.control_dependencies[1].reason, ControlReason::token);
  EXPECT_EQ(info.control_dependencies[2].reason, ControlReason::order);
  EXPECT_EQ(info.longest_chain, 4u);
  ASSERT_EQ(info.parallel_opportunities.size(), 1u);
  EXPECT_EQ(info.parallel_opportunities[0].size(), 2u);
}

TEST(Patterns, EachIsFoundWhereItIsAndNotElsewhere) {
  EXPECT_TRUE(contains(patterns_of(parse(kEnsemble)), "ensemble"));
  const auto map = patterns_of(parse(R"(graph "m" { %a = input any "" %b = input any "" %c = input any ""
    %x: any = call "f"(%a) %y: any = call "f"(%b) %z: any = call "f"(%c) %l: list = call "list"(%x, %y, %z) %r: any = call "total"(%l) output %r })"));
  EXPECT_TRUE(contains(map, "map"));
  EXPECT_TRUE(contains(map, "map-reduce"));
  EXPECT_FALSE(contains(map, "ensemble"));
  const auto chain = patterns_of(parse(R"(graph "c" { %a = input any "" %b: any = call "f"(%a) %c: any = call "g"(%b) %d: any = call "h"(%c) output %d })"));
  EXPECT_EQ(chain, (std::vector<std::string>{"pipeline"}));
  const auto fan = patterns_of(
      parse(R"(graph "f" { %a = input any "" %b: any = call "f"(%a) %c: any = call "g"(%b) %d: any = call "h"(%b) %e: any = call "j"(%c, %d) output %e })"));
  EXPECT_TRUE(contains(fan, "fan-out/fan-in"));
  const auto reduce = patterns_of(parse(R"(graph "r" { %a = input float64[8] "" %b: float64 = call "sum"(%a) output %b })"));
  EXPECT_EQ(reduce, (std::vector<std::string>{"reduce"}));
  const auto scan = patterns_of(parse(
      R"(graph "s" { %a = input float64 "" %b: float64 = call "add"(%a, %a) %c: float64 = call "add"(%b, %a) %d: float64 = call "add"(%c, %a)
    %u: any = call "f"(%b) %v: any = call "f"(%c) output %d, %u, %v })"));
  EXPECT_TRUE(contains(scan, "scan"));
  EXPECT_TRUE(patterns_of(parse("graph \"\" { %a = input any \"\" %b: any = call \"f\"(%a) output %b }")).empty());
}

TEST(Patterns, AUserCanAddOne) {
  class Doubling final : public PatternMatcher {
   public:
    [[nodiscard]] std::string_view name() const override { return "doubling"; }
    [[nodiscard]] std::vector<PatternMatch> match(const ComputationGraph& graph) const override {
      std::vector<PatternMatch> matches;
      for (uint32_t id = 0; id < graph.operations().size(); ++id) {
        const auto inputs = graph.inputs(graph.operations()[id]);
        if (graph.text(graph.operations()[id].callee) == "add" && inputs[0] == inputs[1]) {
          matches.push_back({"doubling", {{id}}, "x + x", false});
        }
      }
      return matches;
    }
  };
  auto matchers = default_matchers();
  matchers.push_back(std::make_unique<Doubling>());
  OptimizeReport report;
  static_cast<void>(
      GraphOptimizer(std::move(matchers)).optimize(parse("graph \"\" { %a = input float64 \"\" %b: float64 = call \"add\"(%a, %a) output %b }"), {}, &report));
  ASSERT_EQ(report.patterns.size(), 1u);
  EXPECT_NE(report.explain().find("doubling: x + x"), std::string::npos);
}

TEST(Rewrites, DeadOperationsGoEffectsStay) {
  const ComputationGraph graph = parse(R"(graph "" { %a = input any "" %b: any = call "f"(%a) %c: any = call "f"(%b) %t: token = store "m"(%a) impure
    %l: any = load "m"() %p: token = call "print"(%b) impure output %a })");
  const Rewritten result = dead_operations(graph);
  EXPECT_EQ(result.changes, 2u);
  EXPECT_EQ(result.graph.operations().size(), 3u);
}

TEST(Rewrites, CommonSubexpressionsBecomeOne) {
  const ComputationGraph graph = parse(R"(graph "" { %a = input any "" %one = constant int64 1 %uno = constant int64 1
    %b: any = call "f"(%a, %one) %c: any = call "f"(%a, %uno) %d: any = call "f"(%a, %one) with "k" = 1 %e: any = call "g"(%b) %f: any = call "g"(%c)
    %p: any = call "f"(%a, %one) impure output %d, %e, %f, %p })");
  const Rewritten result = common_subexpressions(graph);
  EXPECT_EQ(result.changes, 2u);
  EXPECT_EQ(result.graph.outputs()[1], result.graph.outputs()[2]);
}

TEST(Rewrites, FusionMakesOnePassWithItsFold) {
  const ComputationGraph graph = parse(R"(graph "" { %a = input float64[1000] "" %b = input float64[1000] "" %k = input float64 ""
    %m: float64[1000] = call "mul"(%a, %b) %s: float64[1000] = call "add"(%m, %k) %q: float64[1000] = call "sqrt"(%s) %r: float64[1000] = call "mul"(%q, %m)
    %t: float64 = call "sum"(%r) %u: float64 = call "mul"(%t, %k) output %u, %r })");
  const Rewritten result = fuse_elementwise(graph);
  EXPECT_EQ(result.changes, 1u);
  ASSERT_EQ(result.graph.operations().size(), 2u);
  EXPECT_EQ(std::get<std::string>(*result.graph.attribute(result.graph.operations()[0], "program")),
            "mul i0 i1;add s0 i2;sqrt s1;mul s2 s0;yield s3;yield sum s3");
  std::vector<double> a(1000);
  std::vector<double> b(1000);
  for (size_t i = 0; i < a.size(); ++i) {
    a[i] = static_cast<double>(i) * 0.37;
    b[i] = static_cast<double>(i % 7);
  }
  const OperatorRegistry registry;
  const std::vector<Value> inputs{Value::array(a), Value::array(b), Value(0.5)};
  EXPECT_EQ(run(result.graph, inputs, registry), run(graph, inputs, registry));
}

TEST(Rewrites, FusionDoesNotCloseACircle) {
  // m -> f -> r and m -> r: m may not join r's cluster, since f stands between.
  const ComputationGraph graph = parse(R"(graph "" { %a = input float64[10] "" %m: float64[10] = call "sqrt"(%a) %f: float64[10] = call "opaque"(%m)
    %r: float64[10] = call "add"(%m, %f) output %r })");
  EXPECT_EQ(fuse_elementwise(graph).changes, 0u);
}

TEST(Rewrites, BatchesAreIndependentCalls) {
  ComputationGraph graph;
  const ComputationGraph::OutputSpec any[] = {{}};
  const Attribute limit[] = {{"batch_limit", int64_t{3}}};
  Refs made;
  for (int64_t i = 0; i < 7; ++i) {
    made.push_back(graph.output(graph.operation(graph.add_operation(OpType::call, graph.name("f"), Refs{graph.add_constant(i)}, any, 0, limit))));
  }
  const OperationId second = graph.add_operation(OpType::call, graph.name("f"), Refs{made[0]}, any, 0, limit);
  made.push_back(graph.output(graph.operation(second)));
  graph.add_output(graph.call("list", made));
  const Rewritten result = batch_calls(graph);
  EXPECT_EQ(result.changes, 2u);  // 3 + 3, and one and the dependent one by themselves
  EXPECT_EQ(result.graph.operations().size(), 5u);
  OperatorRegistry registry;
  std::atomic<int> calls{0};
  registry.add({"f",
                [&](Call& call) {
                  ++calls;
                  for (size_t i = 0; i < call.batch(); ++i) {
                    call.set(i, Value(call.input(i).as_int64() * 10 + 1));
                  }
                },
                0, 3});
  const auto expected = run(graph, {}, registry);
  EXPECT_EQ(calls.exchange(0), 8);
  EXPECT_EQ(run(result.graph, {}, registry), expected);
  EXPECT_EQ(calls.load(), 4);
}

TEST(Rewrites, SequentialMapsRunInParallelWhenIndependent) {
  const ComputationGraph graph = parse(
      R"(graph "" { %a = input any "" %m: any = control "map"(%a) with "parallel" = false body graph "" { %x = input any "" %y: any = call "f"(%x) output %y }
    %n: any = control "map"(%a) with "parallel" = false body graph "" { %x = input any "" %t: token = store "m"(%x) impure output %x }
    %s: any, %e: any = control "scan"(%m, %a) body graph "" { %st = input any "" %x = input any "" %y: any = call "f"(%x) output %st, %y } output %m, %n, %s, %e })");
  const Rewritten result = parallelize_map(graph);
  EXPECT_EQ(result.changes, 2u);
  EXPECT_EQ(result.graph.attribute(result.graph.operations()[0], "parallel"), nullptr);
  EXPECT_NE(result.graph.attribute(result.graph.operations()[1], "parallel"), nullptr);
  EXPECT_EQ(result.graph.text(result.graph.operations()[2].callee), "map");
  EXPECT_EQ(result.graph.outputs()[2], result.graph.outputs()[0]);
  EXPECT_TRUE(validate(result.graph).empty());
}

TEST(Rewrites, LayoutKeepsFewerBytesAlive) {
  ComputationGraph graph;
  const int64_t extents[] = {1000};
  const ShapeRef shape = graph.shape(extents);
  Refs large;
  for (int64_t i = 0; i < 8; ++i) {
    large.push_back(graph.call("make", Refs{graph.add_constant(i)}, DType::float64, shape));
  }
  Refs sums;
  for (const ValueRef each : large) {
    sums.push_back(graph.call("sum", Refs{each}, DType::float64, kScalarShape));
  }
  graph.add_output(graph.call("list", sums, DType::list, kScalarShape));
  const Rewritten result = memory_layout(graph);
  ASSERT_EQ(result.notes.size(), 1u);
  EXPECT_EQ(result.notes[0], "another order keeps at most 8000 bytes instead of 64000");
  EXPECT_TRUE(validate(result.graph).empty());
}

TEST(GraphOptimizer, RewritesAreNamedTimedSwitchableAndVerified) {
  const ComputationGraph graph = parse(R"(graph "" { %a = input any "" %b: any = call "f"(%a) %c: any = call "f"(%a) %d: any = call "g"(%b) output %b, %c })");
  OptimizeReport report;
  EXPECT_EQ(GraphOptimizer().optimize(graph, {}, &report).operations().size(), 1u);
  EXPECT_EQ(report.rewrites.size(), rewrites().size());
  EXPECT_EQ(report.rewrites[0].changes, 1u);
  OptimizeOptions options;
  options.disabled = {"common_subexpressions"};
  EXPECT_EQ(GraphOptimizer().optimize(graph, options, &report).operations().size(), 2u);
  EXPECT_NE(report.explain().find("common_subexpressions: switched off"), std::string::npos);
  options.disabled.clear();
  options.same_results = [](const ComputationGraph&, const ComputationGraph& after) { return after.operations().size() != 1; };
  EXPECT_EQ(GraphOptimizer().optimize(graph, options, &report).operations().size(), 2u);
  EXPECT_NE(report.explain().find("common_subexpressions: taken back"), std::string::npos);
}

TEST(GraphOptimizer, NamesThatNoRewriteHasAreRefused) {
  const auto refused = [](const char* name) -> std::string {
    OptimizeOptions options;
    options.disabled = {"dead_operations", name};
    try {
      (void)GraphOptimizer().optimize(ComputationGraph(), options);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refused("batch_calls"), "");
  EXPECT_EQ(refused("batch_call"), "disabled: there is no rewrite `batch_call`; did you mean `batch_calls`?");
  EXPECT_EQ(refused("quantum"),
            "disabled: there is no rewrite `quantum`, only dead_operations, common_subexpressions, parallelize_map, batch_calls, fuse_elementwise, "
            "memory_layout and reuse_buffers");
}

TEST(GraphOptimizer, BodiesAreRewrittenToo) {
  const ComputationGraph graph = parse(
      R"(graph "" { %a = input any "" %m: any, %k: any = control "map"(%a) body graph "" { %x = input any "" %y: any = call "f"(%x) %z: any = call "f"(%x)
    %n: any = control "map"(%y) body graph "" { %u = input any "" %v: any = call "g"(%u) output %u } output %y, %z } output %m, %k })");
  OptimizeReport report;
  const ComputationGraph optimised = GraphOptimizer().optimize(graph, {}, &report);
  const ComputationGraph& body = optimised.bodies(optimised.operations()[0])[0];
  ASSERT_EQ(body.operations().size(), 1u);
  EXPECT_EQ(body.outputs()[0], body.outputs()[1]);
  EXPECT_NE(report.explain().find("in a body of operation 0"), std::string::npos);
}

/// Random graphs with every kind of rewrite in them: all rewrites together, and each without the others, keep the bits.
TEST(GraphOptimizer, RandomGraphsKeepTheirResults) {
  OperatorRegistry registry;
  registry.add({"opaque",
                [](Call& call) {
                  for (size_t i = 0; i < call.batch(); ++i) {
                    call.set(i, call.input(i));
                  }
                },
                0, 4});
  uint64_t seed = 12345;
  const auto random = [&](uint64_t bound) { return ((seed = seed * 6364136223846793005u + 1442695040888963407u) >> 33) % bound; };
  const int64_t extents[] = {700};
  for (int round = 0; round < 40; ++round) {
    ComputationGraph graph;
    const ShapeRef shape = graph.shape(extents);
    Refs arrays{graph.add_input(DType::float64, shape), graph.add_input(DType::float64, shape)};
    Refs scalars{graph.add_input(DType::float64)};
    for (int i = 0; i < 60; ++i) {
      const ValueRef a = arrays[arrays.size() - 1 - random(std::min<size_t>(arrays.size(), 6))];
      const ValueRef b = arrays[arrays.size() - 1 - random(std::min<size_t>(arrays.size(), 6))];
      const ValueRef s = scalars[random(scalars.size())];
      const ComputationGraph::OutputSpec out[] = {{DType::float64, shape}};
      const Attribute limit[] = {{"batch_limit", int64_t{4}}};
      switch (random(6)) {
        case 0: arrays.push_back(graph.call("add", Refs{a, b}, DType::float64, shape)); break;
        case 1: arrays.push_back(graph.call("mul", Refs{a, s}, DType::float64, shape)); break;
        case 2: arrays.push_back(graph.call("sin", Refs{a}, DType::float64, shape)); break;
        case 3: scalars.push_back(graph.call("highest", Refs{a}, DType::float64, kScalarShape)); break;
        case 4: scalars.push_back(graph.call("tanh", Refs{s}, DType::float64, kScalarShape)); break;
        default: arrays.push_back(graph.output(graph.operation(graph.add_operation(OpType::call, graph.name("opaque"), Refs{a}, out, 0, limit))));
      }
    }
    for (int i = 0; i < 4; ++i) {
      graph.add_output(arrays[random(arrays.size())]);
      graph.add_output(scalars[random(scalars.size())]);
    }
    std::vector<double> x(700);
    std::vector<double> y(700);
    for (size_t i = 0; i < x.size(); ++i) {
      x[i] = static_cast<double>(i) * 0.01 - 2;
      y[i] = 1.5 - static_cast<double>(i % 13);
    }
    const std::vector<Value> inputs{Value::array(x), Value::array(y), Value(0.25)};
    const auto expected = run(graph, inputs, registry);
    EXPECT_EQ(run(GraphOptimizer().optimize(graph), inputs, registry), expected) << write_text(graph);
    for (const Rewrite& rewrite : rewrites()) {
      EXPECT_EQ(run(rewrite.run(graph).graph, inputs, registry), expected) << rewrite.name;
    }
  }
}

std::optional<int64_t> overwritten_input(const ComputationGraph& graph, size_t operation) {
  const AttributeValue* value = graph.attribute(graph.operations()[operation], kInPlace);
  return value == nullptr ? std::nullopt : std::optional(std::get<int64_t>(*value));
}

TEST(ReuseBuffers, WritesOverAnInputThatEndsThere) {
  const ComputationGraph graph = parse(R"(graph "" { %x = input float64[5000] "" %s = input float64 ""
    %a: float64[5000] = call "f"(%x) %b: float64[5000] = call "mul"(%s, %a)
    %c: float64[5000] = call "add"(%b, %b) %d: float64[5000] = call "sub"(%c, %x) %e: boolean[5000] = call "less"(%d, %x)
    %g: float64[5000] = call "add"(%x, %d) %h: float64[5000] = call "neg"(%g) output %e, %g, %h })");
  const Rewritten rewritten = reuse_buffers(graph);
  EXPECT_TRUE(validate(rewritten.graph).empty());
  EXPECT_EQ(rewritten.changes, 2u);
  EXPECT_EQ(overwritten_input(rewritten.graph, 1), 1);             // a: used there alone
  EXPECT_EQ(overwritten_input(rewritten.graph, 2), std::nullopt);  // b: it is both inputs
  EXPECT_EQ(overwritten_input(rewritten.graph, 3), 0);             // c
  EXPECT_EQ(overwritten_input(rewritten.graph, 4), std::nullopt);  // another type, and d is used once more
  EXPECT_EQ(overwritten_input(rewritten.graph, 6), std::nullopt);  // g: an output
  EXPECT_EQ(reuse_buffers(rewritten.graph).changes, 0u);
  OperatorRegistry registry;
  registry.add("f", [](Call& call) { call.set(0, call.input(0)); });  // shares its buffer with the input: nothing may be written there
  std::vector<double> x(5000);
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<double>(i) * 0.5 - 100;
  }
  const std::vector<Value> inputs{Value::array(x), Value(1.5)};
  const auto expected = run(graph, inputs, registry);
  EXPECT_EQ(run(rewritten.graph, inputs, registry), expected);
  EXPECT_EQ(inputs[0], Value::array(x));
  // Other rewrites do not take over what may not hold any more.
  EXPECT_EQ(run(GraphOptimizer().optimize(rewritten.graph), inputs, registry), expected);
  OptimizeReport report;
  OptimizeOptions options;
  options.disabled = {"fuse_elementwise"};
  EXPECT_EQ(run(GraphOptimizer().optimize(graph, options, &report), inputs, registry), expected);
  EXPECT_NE(report.explain().find("write into the buffer of an input"), std::string::npos) << report.explain();
  options.disabled.push_back("reuse_buffers");
  static_cast<void>(GraphOptimizer().optimize(graph, options, &report));
  EXPECT_NE(report.explain().find("reuse_buffers: switched off"), std::string::npos);
}

TEST(ReuseBuffers, TheBufferIsTheInputs) {
  const ComputationGraph graph = reuse_buffers(parse(R"(graph "" { %x = input float64[1000000] ""
    %a: float64[1000000] = call "make"(%x) %b: float64[1000000] = call "sqrt"(%a) %c: float64[1000000] = call "look"(%b) output %c })"))
                                     .graph;
  OperatorRegistry registry;
  const std::byte* made = nullptr;
  const std::byte* seen = nullptr;
  registry.add("look", [&](Call& call) {
    seen = call.input(0).as_array().data();
    call.set(0, call.input(0));
  });
  std::vector<double> x(1'000'000, 2.25);
  registry.add("make", [&](Call& call) {
    Value fresh = Value::array(std::span<const double>(call.input(0).as_array().elements<double>()));
    made = fresh.as_array().data();
    call.set(0, std::move(fresh));
  });
  const std::vector<Value> results = run(graph, {Value::array(x)}, registry);
  EXPECT_EQ(seen, made);
  EXPECT_EQ(results[0].as_array().elements<double>()[999'999], 1.5);
}

TEST(ReuseBuffers, WhatOthersUseIsNoPlaceForResults) {
  const auto problems = [](std::string_view text) { return validate(parse(text)); };
  const auto used_twice = problems(R"(graph "" { %x = input float64[10] "" %a: float64[10] = call "f"(%x) %b: float64[10] = call "neg"(%a) with "in_place" = 0
    %c: float64[10] = call "g"(%a) output %b, %c })");
  ASSERT_EQ(used_twice.size(), 1u);
  EXPECT_NE(used_twice[0].message.find("overwrites input 0, which others use too"), std::string::npos) << used_twice[0].message;
  EXPECT_EQ(problems(R"(graph "" { %x = input float64[10] "" %b: float64[10] = call "neg"(%x) with "in_place" = 0 output %b })").size(), 1u);
  EXPECT_EQ(problems(R"(graph "" { %x = input float64[10] "" %b: float64[10] = call "neg"(%x) with "in_place" = 7 output %b })").size(), 1u);
}

TEST(GraphOptimizer, TimeGrowsWithTheGraphAlone) {
  // A hundred thousand operations of every kind in some seconds: nothing here is quadratic.
  ComputationGraph graph;
  const int64_t extents[] = {10};
  const ShapeRef shape = graph.shape(extents);
  Refs made{graph.add_input(DType::float64, shape)};
  for (uint32_t i = 0; i < 100'000; ++i) {
    made.push_back(graph.call(i % 3 == 0 ? "add" : "opaque", i % 3 == 0 ? Refs{made[i / 2], made[i]} : Refs{made[i]}, DType::float64, shape));
  }
  graph.add_output(made.back());
  OptimizeReport report;
  EXPECT_GT(GraphOptimizer().optimize(graph, {}, &report).operations().size(), 0u);
}

}  // namespace
}  // namespace omega::graph
