// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/element_code.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "omega/graph/exec/executor.h"

namespace omega::compile {
namespace {

using graph::DType;
using graph::Value;

/// A graph of one fused operation over inputs, of which some are scalars.
class Work {
 public:
  Work(std::mt19937_64& random, DType dtype, size_t count) : dtype_(dtype) {
    const int64_t extents[] = {static_cast<int64_t>(count)};
    const graph::ShapeRef shape = graph_.shape(extents);
    const size_t inputs = 1 + random() % 8;
    std::vector<graph::ValueRef> refs;
    for (size_t i = 0; i < inputs; ++i) {
      const bool is_scalar = i > 0 && random() % 4 == 0;
      refs.push_back(graph_.add_input(dtype, is_scalar ? graph::kScalarShape : shape));
      values_.push_back(is_scalar ? scalar(number(random)) : array(random, extents));
    }
    const char* const names[] = {"add", "sub", "mul", "div", "minimum", "maximum", "neg", "abs", "sqrt"};
    const char* const comparisons[] = {"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"};
    std::string program;
    std::vector<std::string> numbers;
    for (size_t k = 0; k < inputs; ++k) {
      numbers.push_back("i" + std::to_string(k));
    }
    const auto operand = [&] { return numbers[random() % numbers.size()]; };
    size_t steps = 0;
    const auto add = [&](const std::string& step) {
      program += step + ";";
      return "s" + std::to_string(steps++);
    };
    const size_t wanted = 1 + random() % 12;
    while (numbers.size() < inputs + wanted) {
      const size_t op = random() % (std::size(names) + 2);
      if (op < std::size(names)) {
        numbers.push_back(add(std::string(names[op]) + " " + operand() + (op < 6 ? " " + operand() : "")));
        continue;
      }
      const auto comparison = [&] { return add(std::string(comparisons[random() % 6]) + " " + operand() + " " + operand()); };
      std::string mask = comparison();
      if (random() % 2 == 0) {
        mask = add("logical_not " + mask);
        const std::string other = comparison();
        mask = add((random() % 2 == 0 ? "logical_and " : "logical_or ") + mask + " " + other);
      }
      numbers.push_back(add("select " + mask + " " + operand() + " " + operand()));
    }
    // An array among the yields says how many elements there are where steps are of scalars alone.
    std::vector<graph::ComputationGraph::OutputSpec> outputs{{dtype, shape}};
    program += "yield " + numbers.back();
    if (random() % 2 == 0) {
      program += ";yield sum " + numbers[inputs + random() % wanted] + ";yield highest i0";
      outputs.resize(3, {dtype, graph::kScalarShape});
    }
    const graph::Attribute attributes[] = {{"program", program}};
    const auto op = graph_.add_operation(graph::OpType::fused, graph_.name("elementwise"), refs, outputs, 0, attributes);
    for (uint32_t k = 0; k < outputs.size(); ++k) {
      graph_.add_output(graph_.output(graph_.operation(op), k));
    }
    program_ = program;
  }

  [[nodiscard]] std::vector<Value> run(task::Scheduler* scheduler) const {
    static const graph::OperatorRegistry registry;
    graph::CallContext context;
    context.registry = &registry;
    context.scheduler = scheduler;
    return graph::evaluate(graph_, values_, context);
  }
  /// As a run over many elements would.
  void make_code() const {
    uint64_t scalars = 0;
    for (size_t i = 0; i < values_.size(); ++i) {
      scalars |= uint64_t{values_[i].is_scalar()} << i;
    }
    ASSERT_NE(graph::element_code(graph::parse_element_program(program_), dtype_, scalars, 1 << 20), nullptr) << program_;
  }
  [[nodiscard]] const std::string& program() const { return program_; }

 private:
  static double number(std::mt19937_64& random) {
    const double special[] = {
        0, -0.0, 1, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()};
    return random() % 8 == 0 ? special[random() % std::size(special)] : static_cast<double>(random()) / 1e18 - 9;
  }
  [[nodiscard]] Value scalar(double value) const { return dtype_ == DType::float64 ? Value(value) : Value(static_cast<float>(value)); }
  [[nodiscard]] Value array(std::mt19937_64& random, std::span<const int64_t> extents) const {
    auto made = std::make_unique<graph::Array>(dtype_, extents);
    for (size_t i = 0; i < made->count(); ++i) {
      const double value = number(random);
      if (dtype_ == DType::float64) {
        made->elements<double>()[i] = value;
      } else {
        made->elements<float>()[i] = static_cast<float>(value);
      }
    }
    return Value(std::move(made));
  }

  DType dtype_;
  graph::ComputationGraph graph_;
  std::vector<Value> values_;
  std::string program_;
};

/// Bits, but for which NaN it is.
bool same(const Value& a, const Value& b) {
  if (a == b) {
    return true;
  }
  const auto equal = [](auto x, auto y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  if (a.is_scalar()) {
    return a.dtype() == DType::float64 ? equal(a.as_float64(), b.as_float64()) : equal(a.as_float32(), b.as_float32());
  }
  for (size_t i = 0; i < a.as_array().count(); ++i) {
    if (!(a.dtype() == DType::float64 ? equal(a.as_array().elements<double>()[i], b.as_array().elements<double>()[i])
                                      : equal(a.as_array().elements<float>()[i], b.as_array().elements<float>()[i]))) {
      return false;
    }
  }
  return true;
}

TEST(ElementCode, GivesWhatStepsGiveOneByOne) {
  if (!__builtin_cpu_supports("avx2")) {
    GTEST_SKIP() << "no AVX2";
  }
  std::mt19937_64 random(11);
  task::Scheduler two(2);
  for (const size_t count : {1u, 7u, 255u, 256u, 257u, 1000u, 40'000u, 700'000u}) {
    for (int i = 0; i < (count < 100'000 ? 40 : 4); ++i) {
      const Work work(random, i % 2 == 0 ? DType::float64 : DType::float32, count);
      graph::set_element_compiler(nullptr);
      const std::vector<Value> expected = work.run(nullptr);
      use_native_element_code();
      work.make_code();
      const std::vector<Value> got = work.run(&two);
      graph::set_element_compiler(nullptr);
      ASSERT_EQ(got.size(), expected.size());
      for (size_t y = 0; y < got.size(); ++y) {
        ASSERT_TRUE(same(got[y], expected[y])) << work.program() << ", " << count << " elements, output " << y;
      }
    }
  }
}

TEST(ElementCode, OtherStepsAndTooManyArraysAreLeftToTheEvaluator) {
  EXPECT_EQ(compile_element_program(graph::parse_element_program("sin i0;yield s0"), DType::float64, 0), nullptr);
  std::string many = "add i0 i1;";
  for (int i = 2; i < 12; ++i) {
    many += "add s" + std::to_string(i - 2) + " i" + std::to_string(i) + ";";
  }
  EXPECT_EQ(compile_element_program(graph::parse_element_program(many + "yield s10"), DType::float64, 0), nullptr);
  EXPECT_NE(compile_element_program(graph::parse_element_program("add i0 i1;yield s0"), DType::float64, 0), nullptr);
}

}  // namespace
}  // namespace omega::compile
