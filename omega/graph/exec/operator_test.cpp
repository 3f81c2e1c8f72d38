// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/exec/operator.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "omega/graph/exec/element_kernels.h"
#include "omega/graph/exec/element_program.h"

namespace omega::graph {
namespace {

using Refs = std::vector<ValueRef>;

Value doubles(size_t count, double scale) {
  std::vector<double> elements(count);
  for (size_t i = 0; i < count; ++i) {
    elements[i] = (static_cast<double>(i % 977) - 400.25) * scale;
  }
  return Value::array(elements);
}

std::vector<Value> run_one(const OperatorRegistry& registry, std::string_view callee, std::vector<Value> inputs, OpType type = OpType::call,
                           std::vector<Attribute> attributes = {}, size_t outputs = 1) {
  ComputationGraph graph;
  Refs refs;
  for (size_t i = 0; i < inputs.size(); ++i) {
    refs.push_back(graph.add_input(DType::any, ShapeRef::none));
  }
  const std::vector<ComputationGraph::OutputSpec> specs(outputs);
  const OperationId id = graph.add_operation(type, graph.name(callee), refs, specs, 0, attributes);
  for (uint32_t i = 0; i < outputs; ++i) {
    graph.add_output(graph.output(graph.operation(id), i));
  }
  CallContext context;
  context.registry = &registry;
  return evaluate(graph, inputs, context);
}

TEST(ElementOperators, AgreeWithTheCLibrary) {
  const OperatorRegistry registry;
  const struct {
    const char* name;
    double (*reference)(double);
    double scale;
  } cases[] = {{"sqrt", std::sqrt, 1}, {"exp", std::exp, 2},      {"log", std::log, 1},  {"sin", std::sin, 1},
               {"cos", std::cos, 700}, {"tanh", std::tanh, 0.01}, {"abs", std::fabs, 1}, {"neg", [](double x) { return -x; }, 1}};
  for (const auto& each : cases) {
    const Value input = doubles(1500, each.scale);
    const Value output = run_one(registry, each.name, {input})[0];
    for (size_t i = 0; i < 1500; ++i) {
      const double expected = each.reference(input.as_array().elements<double>()[i]);
      const double got = output.as_array().elements<double>()[i];
      if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(got)) << each.name << i;
      } else if (std::isinf(expected)) {
        EXPECT_EQ(got, expected) << each.name << i;
      } else {
        EXPECT_NEAR(got, expected, 4e-15 * std::max(1.0, std::fabs(expected))) << each.name << " of " << input.as_array().elements<double>()[i];
      }
    }
  }
}

TEST(ElementOperators, SpecialValues) {
  const OperatorRegistry registry;
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::nan("");
  EXPECT_EQ(run_one(registry, "exp", {Value(1000.0)})[0].as_float64(), inf);
  EXPECT_EQ(run_one(registry, "exp", {Value(-inf)})[0].as_float64(), 0);
  EXPECT_EQ(run_one(registry, "log", {Value(0.0)})[0].as_float64(), -inf);
  EXPECT_TRUE(std::isnan(run_one(registry, "sin", {Value(inf)})[0].as_float64()));
  EXPECT_EQ(run_one(registry, "sin", {Value(1e22)})[0].as_float64(), std::sin(1e22));
  EXPECT_EQ(run_one(registry, "minimum", {Value(nan), Value(1.0)})[0].as_float64(), 1);
  EXPECT_EQ(run_one(registry, "maximum", {Value(1.0), Value(nan)})[0].as_float64(), 1);
  EXPECT_EQ(run_one(registry, "add", {Value(INT64_MAX), Value(int64_t{1})})[0].as_int64(), INT64_MIN);
  EXPECT_EQ(run_one(registry, "div", {Value(INT64_MIN), Value(int64_t{-1})})[0].as_int64(), INT64_MIN);
  EXPECT_EQ(run_one(registry, "div", {Value(int64_t{-7}), Value(int64_t{2})})[0].as_int64(), -3);
  EXPECT_THROW(run_one(registry, "div", {Value(int64_t{1}), Value(int64_t{0})}), std::domain_error);
  EXPECT_THROW(run_one(registry, "add", {Value(1.0), Value(int64_t{0})}), std::invalid_argument);
  EXPECT_THROW(run_one(registry, "add", {doubles(3, 1), doubles(4, 1)}), std::invalid_argument);
  EXPECT_EQ(run_one(registry, "select", {Value(true), Value(int64_t{4}), Value(int64_t{5})})[0].as_int64(), 4);
  EXPECT_EQ(run_one(registry, "to_float64", {Value(int64_t{7})})[0].as_float64(), 7.0);
  EXPECT_FLOAT_EQ(run_one(registry, "exp", {Value(1.0f)})[0].as_float32(), std::exp(1.0f));
  EXPECT_TRUE(run_one(registry, "less", {Value(1.0), Value(2.0)})[0].as_boolean());
  EXPECT_FALSE(run_one(registry, "logical_not", {Value(true)})[0].as_boolean());
}

TEST(ElementOperators, AnElementDoesNotDependOnItsPlace) {
  const OperatorRegistry registry;
  for (const char* name : {"sin", "exp", "tanh", "log"}) {
    const Value input = doubles(1029, 0.37);
    const Value output = run_one(registry, name, {input})[0];
    for (size_t i = 0; i < 1029; ++i) {
      const Value alone = run_one(registry, name, {Value(input.as_array().elements<double>()[i])})[0];
      const double in_array = output.as_array().elements<double>()[i];
      const double by_itself = alone.as_float64();
      EXPECT_EQ(std::bit_cast<uint64_t>(in_array), std::bit_cast<uint64_t>(by_itself)) << name << i;
    }
  }
}

TEST(Folds, AreExactAndNameEmptiness) {
  const OperatorRegistry registry;
  std::vector<int64_t> numbers(100'003);
  for (size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = static_cast<int64_t>(i) - 5;
  }
  const Value array = Value::array(numbers);
  EXPECT_EQ(run_one(registry, "sum", {array})[0].as_int64(), 100'003LL * 100'002 / 2 - 5 * 100'003LL);
  EXPECT_EQ(run_one(registry, "lowest", {array})[0].as_int64(), -5);
  EXPECT_EQ(run_one(registry, "highest", {array})[0].as_int64(), 99'997);
  EXPECT_EQ(run_one(registry, "sum", {Value::array(std::span<const double>{})})[0].as_float64(), 0);
  EXPECT_THROW(run_one(registry, "lowest", {Value::array(std::span<const double>{})}), std::domain_error);
}

TEST(Fused, GivesTheBitsOfSingleOperations) {
  const OperatorRegistry registry;
  const Value a = doubles(5000, 0.5);
  const Value b = doubles(5000, 1.25);
  const Value product = run_one(registry, "mul", {a, b})[0];
  const Value shifted = run_one(registry, "add", {product, Value(0.1)})[0];
  const Value sine = run_one(registry, "sin", {shifted})[0];
  const Value total = run_one(registry, "sum", {sine})[0];
  const auto fused = run_one(registry, "elementwise", {a, b, Value(0.1)}, OpType::fused,
                             {{"program", std::string("mul i0 i1;add s0 i2;sin s1;yield s2;yield sum s2;yield s0")}}, 3);
  EXPECT_EQ(fused[0], sine);
  EXPECT_EQ(fused[1], total);
  EXPECT_EQ(fused[2], product);
}

/// Large results are computed line by line: the last elements, which fill no block, come another way.
template <class T>
void check_large_program() {
  const OperatorRegistry registry;
  constexpr size_t kCount = (size_t{5} << 20) / sizeof(T) + 77;
  const int64_t shape[] = {kCount};
  auto first = std::make_unique<Array>(std::is_same_v<T, double> ? DType::float64 : DType::float32, shape);
  auto second = std::make_unique<Array>(first->dtype(), shape);
  for (size_t i = 0; i < kCount; ++i) {
    first->template elements<T>()[i] = static_cast<T>(i % 9973) * static_cast<T>(0.37) - static_cast<T>(900);
    second->template elements<T>()[i] = static_cast<T>(i % 4999) * static_cast<T>(0.011) + static_cast<T>(0.5);
  }
  const Value a(std::move(first));
  const Value b(std::move(second));
  const T scale = static_cast<T>(0.1);
  const auto outputs = run_one(registry, "elementwise", {a, b, Value(scale)}, OpType::fused,
                               {{"program", std::string("add i0 i1;sub i1 i2;mul s0 s1;abs s2;sqrt s3;div s4 i1;neg s5;yield s6;yield s2;yield i0")}}, 3);
  const auto x = a.as_array().elements<T>();
  const auto y = b.as_array().elements<T>();
  for (size_t i = 0; i < kCount; ++i) {
    const T sum = x[i] + y[i];
    const T product = sum * (y[i] - scale);
    const T result = -(std::sqrt(std::abs(product)) / y[i]);
    ASSERT_EQ(outputs[0].as_array().elements<T>()[i], result) << i;
    ASSERT_EQ(outputs[1].as_array().elements<T>()[i], product) << i;
  }
  EXPECT_EQ(outputs[2], a);
}

TEST(Fused, LargeResultsHaveTheSameBits) {
  check_large_program<double>();
  check_large_program<float>();
}

TEST(Fused, BadProgramsAreNamed) {
  for (const char* text : {"mul i0", "mul i0 s0;yield s0", "frob i0", "mul i0 i1 i2", "yield x1", "yield s9"}) {
    EXPECT_THROW(static_cast<void>(parse_element_program(text)), std::invalid_argument) << text;
  }
}

ComputationGraph square_body() {
  ComputationGraph body;
  const ValueRef x = body.add_input(DType::any, ShapeRef::none);
  body.add_output(body.call("mul", Refs{x, x}));
  return body;
}

TEST(Control, MapStacksAndScanCarries) {
  const OperatorRegistry registry;
  CallContext context;
  context.registry = &registry;
  ComputationGraph graph;
  const ValueRef xs = graph.add_input(DType::any, ShapeRef::none);
  const ComputationGraph::OutputSpec one[] = {{}};
  const ComputationGraph::OutputSpec two[] = {{}, {}};
  std::vector<ComputationGraph> map_body;
  map_body.push_back(square_body());
  const auto map = graph.add_operation(OpType::control, graph.name("map"), Refs{xs}, one, 0, {}, std::move(map_body));
  ComputationGraph step;
  const ValueRef state = step.add_input(DType::any, ShapeRef::none);
  const ValueRef element = step.add_input(DType::any, ShapeRef::none);
  const ValueRef next = step.call("add", Refs{state, element});
  step.add_output(next);
  step.add_output(next);
  std::vector<ComputationGraph> scan_body;
  scan_body.push_back(std::move(step));
  const auto scan = graph.add_operation(OpType::control, graph.name("scan"), Refs{graph.add_constant(0.0), graph.output(graph.operation(map))}, two, 0, {},
                                        std::move(scan_body));
  graph.add_output(graph.output(graph.operation(scan), 0));
  graph.add_output(graph.output(graph.operation(scan), 1));
  const Value input = Value::array(std::vector<double>{1, 2, 3});
  const auto outputs = evaluate(graph, {&input, 1}, context);
  EXPECT_EQ(outputs[0].as_float64(), 14);
  EXPECT_EQ(outputs[1], Value::array(std::vector<double>{1, 5, 14}));
}

TEST(Control, ResourcesAreLoadedAndStored) {
  const OperatorRegistry registry;
  ResourceStore resources;
  CallContext context;
  context.registry = &registry;
  context.resources = &resources;
  ComputationGraph graph;
  const ValueRef x = graph.add_input(DType::float64);
  graph.store("w[2]", Refs{x});
  graph.add_output(graph.load("w[2]"));
  const Value input(2.5);
  EXPECT_EQ(evaluate(graph, {&input, 1}, context)[0].as_float64(), 2.5);
  EXPECT_THROW(static_cast<void>(resources.load("v")), std::out_of_range);
}

TEST(Evaluate, SaysWhatIsWrongWithAGraph) {
  const OperatorRegistry registry;
  CallContext context;
  context.registry = &registry;
  ComputationGraph graph;
  graph.add_output(graph.call("no such thing", Refs{}));
  try {
    evaluate(graph, {}, context);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "operation 0 (call `no such thing`): there is no such operator");
  }
}

}  // namespace
}  // namespace omega::graph
