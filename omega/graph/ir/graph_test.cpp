// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/ir/graph.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "omega/graph/ir/call_appender.h"
#include "omega/graph/ir/content_hash.h"
#include "omega/graph/ir/drawing.h"
#include "omega/graph/ir/order.h"
#include "omega/graph/ir/text.h"
#include "omega/graph/ir/validate.h"

namespace omega::graph {
namespace {

using Refs = std::vector<ValueRef>;

std::vector<uint32_t> numbers(const std::vector<OperationId>& ids) {
  std::vector<uint32_t> result;
  for (const OperationId id : ids) {
    result.push_back(id.index);
  }
  return result;
}

/// a*b, a+1, their sum.
ComputationGraph diamond() {
  ComputationGraph graph;
  const ValueRef a = graph.add_input(DType::float64, kScalarShape, "a");
  const ValueRef b = graph.add_input(DType::float64, kScalarShape, "b");
  const ValueRef one = graph.add_constant(1.0);
  const ValueRef product = graph.call("mul", Refs{a, b}, DType::float64, kScalarShape);
  const ValueRef next = graph.call("add", Refs{a, one}, DType::float64, kScalarShape);
  graph.add_output(graph.call("add", Refs{product, next}, DType::float64, kScalarShape));
  return graph;
}

/// A graph with something of everything.
ComputationGraph everything() {
  ComputationGraph graph = diamond();
  graph.set_name("all \"of\" it\n\xff");
  graph.set_attribute({"alias", std::string("x=y")});
  graph.set_attribute({"version", int64_t{-3}});
  const int64_t extents[] = {3, kUnknownExtent};
  const ValueRef matrix = graph.add_input(DType::float32, graph.shape(extents), "m");
  const double infinity = std::numeric_limits<double>::infinity();
  std::string bytes;
  for (const double element : {0.1, -0.0, infinity, std::bit_cast<double>(0x7ff800000000beefu), 1e300}) {
    bytes.append(std::bit_cast<std::array<char, 8>>(element).data(), 8);
  }
  const ValueRef array = graph.add_constant(Constant{DType::float64, {5}, bytes});
  graph.add_constant(Constant{DType::string, {}, "text \xc3\x28 \"q\""});
  graph.add_constant(true);
  graph.add_constant(std::numeric_limits<int64_t>::min());
  graph.add_constant(Constant{DType::float32, {2}, std::string("\x01\x00\xc0\x7f\xcd\xcc\xcc\x3d", 8)});
  const ValueRef loaded = graph.load("weights[3]", {}, DType::any);
  const ValueRef written = graph.store("weights", Refs{loaded, matrix});
  const ValueRef done = graph.barrier(Refs{written});
  ComputationGraph body = diamond();
  const ComputationGraph::OutputSpec outputs[] = {{DType::float64, kScalarShape}};
  const Attribute attributes[] = {{"cost", 0.25}, {"note", std::string("n")}, {"deep", true}, {"n", int64_t{7}}, {"inf", infinity}};
  std::vector<ComputationGraph> bodies;
  bodies.push_back(body);
  const OperationId map = graph.add_operation(OpType::control, graph.name("map"), Refs{array, array}, outputs, kWaits | kImpure, attributes, std::move(bodies));
  graph.add_operation(OpType::call, graph.name("log line"), Refs{done}, {}, kImpure | kOrdered);
  graph.add_output(graph.output(graph.operation(map)));
  return graph;
}

TEST(Graph, AppenderMakesTheGraphThatCallMakes) {
  for (int round = 0; round < 6; ++round) {
    const size_t room = std::array<size_t, 3>{0, 10, 100'000}[static_cast<size_t>(round) % 3];
    ComputationGraph one_by_one = round < 3 ? diamond() : everything();
    for (int i = 0; round >= 3 && i < 20; ++i) {
      one_by_one.add_operation(OpType::call, one_by_one.name("log line"), {}, {}, kImpure);  // more operations than values
    }
    ComputationGraph appended = one_by_one;
    const NameRef callee = one_by_one.name("f");
    ASSERT_EQ(appended.name("f"), callee);
    {
      CallAppender appender(appended, room, room);
      for (uint32_t i = 0; i < 1000; ++i) {
        // No inputs, an input of the graph, a constant, results of before and of now.
        const Refs inputs = i % 5 == 0 ? Refs{} : i % 5 == 1 ? Refs{{0}} : i % 5 == 2 ? Refs{{2}, {4}} : Refs{{i + 5}, {i / 2 + 3}, {i + 5}};
        const DType dtype = i % 7 == 0 ? DType::float64 : DType::token;
        const uint8_t flags = i == 500 ? kWaits : 0;
        EXPECT_EQ(appender.call(callee, inputs, dtype, kScalarShape, flags), one_by_one.call(callee, inputs, dtype, kScalarShape, flags));
      }
    }
    EXPECT_TRUE(identical(appended, one_by_one));
    EXPECT_TRUE(std::ranges::equal(appended.roots(), one_by_one.roots()));
    EXPECT_TRUE(std::ranges::equal(appended.dependency_counts(), one_by_one.dependency_counts()));
    EXPECT_TRUE(
        std::ranges::equal(appended.uses(), one_by_one.uses(), [](const Use& a, const Use& b) { return a.operation == b.operation && a.next == b.next; }));
    EXPECT_EQ(appended.all_flags(), one_by_one.all_flags());
    EXPECT_EQ(appended.carries_data(), one_by_one.carries_data());
    EXPECT_TRUE(validate(appended).empty());
  }
}

TEST(Graph, OrderedCallsOfOneOutputAreInOrder) {
  ComputationGraph graph;
  graph.call("f", Refs{}, DType::token, kScalarShape, kOrdered);
  const ValueRef second = graph.call("g", Refs{}, DType::token, kScalarShape, kOrdered);
  EXPECT_TRUE(graph.has_memory_order());
  EXPECT_EQ(numbers(graph.dependencies({graph.value(second).producer})), std::vector<uint32_t>{0});
}

TEST(Graph, DependenciesAreProducersOnce) {
  const ComputationGraph graph = diamond();
  EXPECT_TRUE(graph.dependencies({0}).empty());
  EXPECT_EQ(numbers(graph.dependencies({2})), (std::vector<uint32_t>{0, 1}));
  ComputationGraph twice;
  const ValueRef a = twice.add_input(DType::float64);
  const ValueRef b = twice.call("sqrt", Refs{a});
  twice.call("mul", Refs{b, b});
  EXPECT_EQ(numbers(twice.dependencies({1})), (std::vector<uint32_t>{0}));
}

TEST(Graph, IndependentSetsAreLevels) {
  const auto sets = diamond().independent_sets();
  ASSERT_EQ(sets.size(), 2u);
  EXPECT_EQ(numbers(sets[0]), (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(numbers(sets[1]), (std::vector<uint32_t>{2}));
}

TEST(Graph, MemoryOrderKeepsReadsAndWritesApart) {
  ComputationGraph graph;
  const ValueRef x = graph.add_input(DType::float64);
  graph.store("a[0]", Refs{x});  // 0
  graph.store("a[1]", Refs{x});  // 1: another element
  graph.load("a[0]");            // 2: reads 0
  graph.load("a");               // 3: reads both
  graph.store("a[0]", Refs{x});  // 4: after 0, 2, 3
  graph.store("b", Refs{x});     // 5: another resource
  graph.load("a", Refs{x});      // 6: index not known: after 1, 4
  EXPECT_TRUE(graph.dependencies({1}).empty());
  EXPECT_EQ(numbers(graph.dependencies({2})), (std::vector<uint32_t>{0}));
  EXPECT_EQ(numbers(graph.dependencies({3})), (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(numbers(graph.dependencies({4})), (std::vector<uint32_t>{0, 2, 3}));
  EXPECT_TRUE(graph.dependencies({5}).empty());
  const auto six = numbers(graph.dependencies({6}));
  EXPECT_NE(std::find(six.begin(), six.end(), 4u), six.end());
  EXPECT_NE(std::find(six.begin(), six.end(), 1u), six.end());
}

TEST(Graph, AliasesOverlap) {
  ComputationGraph graph;
  const ValueRef x = graph.add_input(DType::float64);
  graph.store("a[0]", Refs{x});
  graph.load("b[1]");
  EXPECT_TRUE(graph.dependencies({1}).empty());
  EXPECT_FALSE(may_conflict(graph, graph.operation({0}), graph.operation({1})));
  graph.set_attribute({"alias", std::string("c=d;a=b")});
  EXPECT_EQ(numbers(graph.dependencies({1})), (std::vector<uint32_t>{0}));
  EXPECT_TRUE(may_conflict(graph, graph.operation({0}), graph.operation({1})));
}

TEST(Graph, OrderedOperationsFormAChain) {
  ComputationGraph graph;
  for (int i = 0; i < 3; ++i) {
    graph.add_operation(OpType::call, graph.name("print"), {}, {}, kOrdered | kImpure);
  }
  EXPECT_EQ(order_edges(graph), (std::vector<OrderEdge>{{{0}, {1}}, {{1}, {2}}}));
}

TEST(Graph, WhatABodyDoesToMemoryItsOperationDoes) {
  ComputationGraph body;
  const ValueRef stored[] = {body.add_input(DType::float64)};
  body.store("total", stored);
  body.add_operation(OpType::call, body.name("print"), {}, {}, kOrdered | kImpure);
  body.add_output(stored[0]);
  ComputationGraph around;
  const ValueRef passed[] = {around.add_input(DType::boolean), around.add_input(DType::float64)};
  const ComputationGraph::OutputSpec number{DType::float64, kScalarShape};
  around.add_output(around.output(around.operation(around.add_operation(OpType::control, around.name("if"), passed, {&number, 1}, 0, {}, {body, body}))));
  ComputationGraph graph;
  const ValueRef inputs[] = {graph.add_input(DType::boolean), graph.add_input(DType::float64)};
  graph.add_operation(OpType::call, graph.name("print"), {}, {}, kOrdered | kImpure);
  graph.add_operation(OpType::control, graph.name("if"), inputs, {&number, 1}, 0, {}, {around, around});
  static_cast<void>(graph.load("total"));
  graph.add_operation(OpType::call, graph.name("print"), {}, {}, kOrdered | kImpure);
  static_cast<void>(graph.load("other"));
  EXPECT_TRUE(graph.has_memory_order());
  EXPECT_EQ(order_edges(graph), (std::vector<OrderEdge>{{{0}, {1}}, {{1}, {2}}, {{1}, {3}}}));
}

TEST(Graph, OrderEdgesStayFewWhereManyReadAndWriteInTurn) {
  for (const uint32_t n : {1000u, 2000u}) {
    ComputationGraph graph;
    const ValueRef x = graph.add_input(DType::float64);
    for (uint32_t i = 0; i < n; ++i) {
      graph.store("a[" + std::to_string(i) + "]", Refs{x});
    }
    for (uint32_t i = 0; i < n; ++i) {
      graph.load("a");
    }
    for (uint32_t i = 0; i < n; ++i) {
      graph.store("a[" + std::to_string(i) + "]", Refs{x});
    }
    EXPECT_LT(order_edges(graph).size(), 8u * n);
    EXPECT_EQ(graph.independent_sets().size(), 5u);
  }
}

TEST(GraphText, RoundTripKeepsEverything) {
  const ComputationGraph graph = everything();
  const std::string text = write_text(graph);
  auto read = parse_text(text);
  ASSERT_TRUE(read) << read.error().message << "\n" << text;
  EXPECT_TRUE(identical(graph, *read)) << text << write_text(*read);
  EXPECT_EQ(write_text(*read), text);
}

TEST(GraphJson, RoundTripKeepsEverything) {
  const ComputationGraph graph = everything();
  for (const int indent : {-1, 2}) {
    const std::string text = write_json(graph, indent);
    auto read = parse_json(text);
    ASSERT_TRUE(read) << read.error().message << "\n" << text;
    EXPECT_TRUE(identical(graph, *read)) << text;
  }
}

TEST(GraphText, DefinitionsMayComeLater) {
  auto read = parse_text("graph \"g\" {\n  output %z\n  %z: float64 = call \"sqrt\"(%x) ; a comment\n  %x = input float64 \"\"\n}");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(validate(*read).empty());
  EXPECT_EQ(read->operations().size(), 1u);
}

TEST(GraphText, ErrorsSayWhere) {
  const auto message = [](std::string_view text) {
    auto read = parse_text(text);
    return read ? std::string("no error") : read.error().message;
  };
  EXPECT_EQ(message("graph \"g\" {\n  %a: float64 = call \"f\"(%b)\n}"), "line 2, column 3: value %b is used but nothing defines it");
  EXPECT_EQ(message("graph \"g\" {\n  %a = input float64 \"\"\n  %a = input float64 \"\"\n}"), "line 3, column 3: value %a is defined twice");
  EXPECT_EQ(message("graph \"g\" {\n  %a = input float65 \"\"\n}"), "line 2, column 14: expected a type, such as float64 or float64[3, ?]");
  EXPECT_EQ(message("graph \"g"), "line 1, column 9: the string does not end on its line");
  EXPECT_EQ(message("graph \"g\" { output %q }"), "line 1, column 20: output %q is a value that nothing defines");
  EXPECT_EQ(message("graph \"g\" { }x"), "line 1, column 14: expected the end of the text");
  std::string deep;
  for (int i = 0; i < 100; ++i) {
    deep += "graph \"\" { control \"map\"() body ";
  }
  EXPECT_NE(message(deep).find("nested deeper than 64"), std::string::npos);
}

TEST(GraphJson, BodiesNestAsDeepAsInText) {
  std::string text = "graph \"\" { ";
  for (int i = 0; i < 64; ++i) {
    text += "control \"map\"() body graph \"\" { %c = constant float64[1] [0.5] ";
  }
  text += std::string(65, '}');
  const auto graph = parse_text(text);
  ASSERT_TRUE(graph) << graph.error().message;
  const auto read = parse_json(write_json(*graph));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(identical(*graph, *read));
}

TEST(GraphJson, ErrorsSayWhere) {
  const auto message = [](std::string_view text) {
    auto read = parse_json(text);
    return read ? std::string("no error") : read.error().message;
  };
  EXPECT_EQ(message("{"), "byte 2: this is not JSON");
  EXPECT_EQ(message("{}"), "graph: `omega_graph` is missing");
  EXPECT_EQ(message(R"({"omega_graph":1,"name":"","metadata":[],"definitions":[{"call":"f","inputs":[7],"outputs":["any"]}],"outputs":[]})"),
            "graph/definitions/0: value %7 is used but nothing defines it");
  EXPECT_EQ(message(R"({"omega_graph":1,"name":"","metadata":[],"definitions":[{"call":"f","inputs":[],"outputs":["many"]}],"outputs":[]})"),
            "graph/definitions/0/outputs: expected a type, such as \"float64\" or \"float64[3, ?]\"");
  EXPECT_EQ(message("2e99999"), "a number is too large");
  EXPECT_EQ(message(R"({"omega_graph":1,"name":"","metadata":[["k",18446744073709551615]],"definitions":[],"outputs":[]})"),
            "graph/metadata: an integer of an attribute has 64 bits with a sign");
  const auto with_constant = [](const std::string& data) {
    return R"({"omega_graph":1,"name":"[[","metadata":[],"definitions":[{"constant":)" + data + R"(,"type":"float64[1]"}],"outputs":[]})";
  };
  EXPECT_EQ(message(with_constant("[[1]]")), "graph/definitions/0: the data of a constant is an array without arrays or objects in it");
  EXPECT_EQ(message(with_constant(std::string(200'000, '[') + std::string(200'000, ']'))), "brackets are nested deeper than 264");
}

TEST(GraphValidate, AcceptsGoodGraphs) { EXPECT_TRUE(validate(diamond()).empty()); }

GraphProblem only_problem(const ComputationGraph& graph) {
  const auto problems = validate(graph);
  EXPECT_EQ(problems.size(), 1u);
  return problems.empty() ? GraphProblem{} : problems[0];
}

TEST(GraphValidate, NamesACycle) {
  auto read = parse_text(
      "graph \"\" { %x = input float64 \"\" %a: float64 = call \"add\"(%x, %c) %b: float64 = call \"sqrt\"(%a) %c: float64 = call "
      "\"sqrt\"(%b) "
      "%d: float64 = call \"sqrt\"(%c) }");
  ASSERT_TRUE(read) << read.error().message;
  const GraphProblem problem = only_problem(*read);
  EXPECT_EQ(problem.kind, GraphProblemKind::cycle);
  EXPECT_EQ(problem.message, "operation 0 (call `add`): the operations wait for each other in a circle: 0 -> 1 -> 2 -> 0");
}

TEST(GraphValidate, WrongTypesShapesAndCounts) {
  ComputationGraph graph;
  const int64_t three[] = {3};
  const int64_t four[] = {4};
  const ValueRef text = graph.add_input(DType::string);
  const ValueRef number = graph.add_input(DType::float64);
  const ValueRef a = graph.add_input(DType::float64, graph.shape(three));
  const ValueRef b = graph.add_input(DType::float64, graph.shape(four));
  graph.call("add", Refs{text, number});
  graph.call("add", Refs{a, b});
  graph.call("add", Refs{a});
  graph.call("less", Refs{a, number}, DType::float64);
  graph.call("sum", Refs{text});
  const auto problems = validate(graph);
  ASSERT_EQ(problems.size(), 5u);
  EXPECT_EQ(problems[0].message, "operation 0 (call `add`): does not take string, float64");
  EXPECT_EQ(problems[0].kind, GraphProblemKind::wrong_dtype);
  EXPECT_EQ(problems[1].message, "operation 1 (call `add`): inputs have the shapes [3] and [4]");
  EXPECT_EQ(problems[1].kind, GraphProblemKind::wrong_shape);
  EXPECT_EQ(problems[2].message, "operation 2 (call `add`): takes 2 inputs, not 1");
  EXPECT_EQ(problems[2].kind, GraphProblemKind::wrong_arity);
  EXPECT_EQ(problems[3].message, "operation 3 (call `less`): gives boolean but its output says float64");
  EXPECT_EQ(problems[4].message, "operation 4 (call `sum`): folds numbers, not string");
}

TEST(GraphValidate, MissingValuesAndBadConstants) {
  ComputationGraph graph;
  graph.append_unlinked(OpType::call, graph.name("f"), Refs{ValueRef{17}}, {}, 0, {}, {});
  graph.relink();
  graph.add_constant(Constant{DType::float64, {3}, "12345678"});
  graph.add_output(ValueRef::none);
  const auto problems = validate(graph);
  ASSERT_EQ(problems.size(), 3u);
  EXPECT_EQ(problems[0].kind, GraphProblemKind::missing_value);
  EXPECT_EQ(problems[1].message, "constant %0 of float64 holds 8 bytes, its shape asks for 24");
  EXPECT_EQ(problems[2].kind, GraphProblemKind::bad_output);
}

TEST(GraphValidate, BodiesMustFit) {
  ComputationGraph graph;
  const ValueRef x = graph.add_input(DType::float64);
  std::vector<ComputationGraph> bodies;
  bodies.push_back(diamond());
  graph.add_operation(OpType::control, graph.name("map"), Refs{x}, {}, 0, {}, std::move(bodies));
  EXPECT_EQ(only_problem(graph).kind, GraphProblemKind::bad_body);
}

TEST(ContentHash, IsOfWhatIsComputed) {
  ComputationGraph other;
  const ValueRef a = other.add_input(DType::float64, kScalarShape, "first");
  const ValueRef b = other.add_input(DType::float64, kScalarShape, "second");
  const ValueRef next = other.call("add", Refs{a, other.add_constant(1.0)}, DType::float64, kScalarShape);
  other.call("sub", Refs{a, b}, DType::float64, kScalarShape);
  const ValueRef product = other.call("mul", Refs{a, b}, DType::float64, kScalarShape);
  other.add_output(other.call("add", Refs{product, next}, DType::float64, kScalarShape));
  EXPECT_EQ(content_hash(other), content_hash(diamond()));
  EXPECT_EQ(to_text(content_hash(other)).size(), 32u);
  EXPECT_NE(content_hash(everything()), content_hash(diamond()));
  ComputationGraph swapped;
  const ValueRef x = swapped.add_input(DType::float64);
  const ValueRef y = swapped.add_input(DType::float64);
  swapped.add_output(swapped.call("sub", Refs{x, y}, DType::float64, kScalarShape));
  ComputationGraph straight;
  const ValueRef p = straight.add_input(DType::float64);
  const ValueRef q = straight.add_input(DType::float64);
  straight.add_output(straight.call("sub", Refs{q, p}, DType::float64, kScalarShape));
  EXPECT_NE(content_hash(swapped), content_hash(straight));
}

TEST(Drawing, DotAndSvgNameEveryOperation) {
  const std::string dot = draw_dot(everything());
  EXPECT_NE(dot.find("\"control map\""), std::string::npos);
  EXPECT_NE(dot.find("[style=dashed]"), std::string::npos);
  const std::string svg = draw_svg(diamond());
  EXPECT_NE(svg.find(">mul</text>"), std::string::npos);
  EXPECT_EQ(svg.find("not drawn"), std::string::npos);
  EXPECT_NE(draw_svg(diamond(), 2).find("1 operations are not drawn"), std::string::npos);
}

TEST(Drawing, WideGraphsFitOnAPageAndPicturesLeaveThePageAlone) {
  ComputationGraph graph;
  const ValueRef x = graph.add_input(DType::float64, kScalarShape, "x");
  for (int i = 0; i < 20; ++i) {
    graph.add_output(graph.call("tanh", Refs{x}, DType::float64, kScalarShape));
  }
  const std::string svg = draw_svg(graph);
  EXPECT_NE(svg.find("width=\"780\" height=\"256\" viewBox=\"0 0 780 256\""), std::string::npos) << svg.substr(0, 200);
  EXPECT_EQ(svg.find("<style"), std::string::npos);
}

TEST(Graph, ClearedGraphsAreLikeNewOnes) {
  const auto build = [](ComputationGraph& graph) {
    const int64_t extents[] = {2, 3};
    const ValueRef x = graph.add_input(DType::float64, graph.shape(extents), "x");
    const ValueRef one = graph.add_constant(1.0);
    graph.add_output(graph.call("add", std::vector<ValueRef>{x, one}, DType::float64, graph.shape(extents)));
  };
  ComputationGraph graph;
  const ValueRef y = graph.add_input(DType::string, kScalarShape, "y");
  graph.store("m", std::vector<ValueRef>{y});
  graph.set_name("old");
  graph.set_attribute({"k", int64_t{1}});
  graph.clear();
  EXPECT_TRUE(identical(graph, ComputationGraph()));
  EXPECT_FALSE(graph.has_memory_order());
  build(graph);
  ComputationGraph fresh;
  build(fresh);
  EXPECT_TRUE(identical(graph, fresh));
  EXPECT_EQ(write_text(graph), write_text(fresh));
}

TEST(Graph, AMillionOperations) {
  constexpr uint32_t kCount = 1'000'000;
  ComputationGraph graph;
  const NameRef f = graph.name("f");
  std::vector<ValueRef> made{graph.add_input(DType::any)};
  uint64_t random = 1;
  for (uint32_t i = 0; i < kCount; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const Refs inputs{made[(random >> 33) % made.size()], made.back()};
    made.push_back(graph.call(f, inputs));
  }
  graph.add_output(made.back());
  EXPECT_TRUE(validate(graph).empty());
  EXPECT_EQ(graph.independent_sets().size(), kCount);
  const ContentHash hash = content_hash(graph);
  auto read = parse_text(write_text(graph));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(content_hash(*read), hash);
  EXPECT_EQ(topological_order(*read).size(), kCount);
}

}  // namespace
}  // namespace omega::graph
