// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/ir/validate.h"

#include <algorithm>
#include <array>

#include "omega/graph/ir/order.h"

namespace omega::graph {
namespace {

/// Bodies in bodies: deeper ones are rejected, so that nothing recurses without bound.
constexpr size_t kMaxBodyDepth = 64;

class Validator {
 public:
  Validator(const ComputationGraph& graph, size_t limit, std::vector<GraphProblem>& problems, size_t depth)
      : graph_(graph), limit_(limit), problems_(problems), depth_(depth) {}

  void run() {
    for (uint32_t id = 0; id < graph_.operations().size() && problems_.size() < limit_; ++id) {
      check_operation(id, graph_.operations()[id]);
    }
    check_constants();
    check_outputs();
    if (problems_.size() < limit_) {
      check_cycles();
    }
  }

 private:
  void report(GraphProblemKind kind, OperationId id, std::string message) {
    if (problems_.size() >= limit_) {
      return;
    }
    if (id.valid()) {
      const Operation& op = graph_.operation(id);
      message = "operation " + std::to_string(id.index) + " (" + std::string(name_of(op.type)) + " `" + std::string(graph_.text(op.callee)) + "`): " + message;
    }
    problems_.push_back({kind, id, std::move(message)});
  }

  void check_operation(uint32_t id, const Operation& op) {
    bool complete = true;
    const auto inputs = graph_.inputs(op);
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].index >= graph_.values().size()) {
        report(GraphProblemKind::missing_value, {id}, "input " + std::to_string(i) + " is a value that nothing defines");
        complete = false;
      }
    }
    if (!complete) {
      return;
    }
    const std::string_view callee = graph_.text(op.callee);
    if (op.type == OpType::call) {
      if (const auto element = element_op_named(callee)) {
        check_element(id, op, *element);
      } else if (reduce_op_named(callee)) {
        check_reduce(id, op);
      }
    } else if (op.type == OpType::store && (op.input_count == 0 || op.output_count != 1)) {
      report(GraphProblemKind::wrong_arity, {id}, "a store takes the value to be written as its last input and gives a token");
    } else if (op.type == OpType::load && op.output_count != 1) {
      report(GraphProblemKind::wrong_arity, {id}, "a load gives one value");
    } else if (op.type == OpType::control) {
      check_control(id, op, callee);
    }
    if (const AttributeValue* in_place = graph_.attribute(op, kInPlace)) {
      check_in_place(id, op, *in_place);
    }
    for (const ComputationGraph& body : graph_.bodies(op)) {
      check_body(id, body);
    }
  }

  bool is_output(ValueRef ref) {
    if (is_output_.empty()) {
      is_output_.resize(graph_.values().size(), false);
      for (const ValueRef output : graph_.outputs()) {
        if (output.index < is_output_.size()) {
          is_output_[output.index] = true;
        }
      }
    }
    return is_output_[ref.index];
  }

  void check_in_place(uint32_t id, const Operation& op, const AttributeValue& number) {
    const auto* input = std::get_if<int64_t>(&number);
    if (input == nullptr || *input < 0 || *input >= static_cast<int64_t>(op.input_count)) {
      report(GraphProblemKind::wrong_arity, {id}, "`in_place` is not the number of an input");
      return;
    }
    const ValueRef overwritten = graph_.inputs(op)[static_cast<size_t>(*input)];
    const ValueRecord& value = graph_.value(overwritten);
    if (value.kind != ValueKind::result || graph_.uses()[value.first_use].next != UINT32_MAX || is_output(overwritten)) {
      report(GraphProblemKind::wrong_arity, {id}, "overwrites input " + std::to_string(*input) + ", which others use too");
    }
  }

  void check_element(uint32_t id, const Operation& op, ElementOp element) {
    if (op.output_count != 1) {
      report(GraphProblemKind::wrong_arity, {id}, "gives one value, not " + std::to_string(op.output_count));
      return;
    }
    std::string problem;
    const auto result = element_shape(graph_, element, graph_.inputs(op), problem);
    if (!result) {
      const bool arity = op.input_count != element_op_info(element).inputs;
      const bool shape = problem.find("shape") != std::string::npos;
      report(arity ? GraphProblemKind::wrong_arity : shape ? GraphProblemKind::wrong_shape : GraphProblemKind::wrong_dtype, {id}, problem);
      return;
    }
    const ValueRecord& output = graph_.value(graph_.output(op));
    if (output.dtype != DType::any && result->dtype != DType::any && output.dtype != result->dtype) {
      report(GraphProblemKind::wrong_dtype, {id},
             "gives " + std::string(name_of(result->dtype)) + " but its output says " + std::string(name_of(output.dtype)));
    }
  }

  void check_reduce(uint32_t id, const Operation& op) {
    if (op.input_count != 1 || op.output_count != 1) {
      report(GraphProblemKind::wrong_arity, {id}, "takes one array and gives one value");
      return;
    }
    const DType in = graph_.value(graph_.inputs(op)[0]).dtype;
    const DType out = graph_.value(graph_.output(op)).dtype;
    if (in != DType::any && in != DType::int64 && in != DType::float32 && in != DType::float64) {
      report(GraphProblemKind::wrong_dtype, {id}, "folds numbers, not " + std::string(name_of(in)));
    } else if (in != DType::any && out != DType::any && in != out) {
      report(GraphProblemKind::wrong_dtype, {id}, "gives " + std::string(name_of(in)) + " but its output says " + std::string(name_of(out)));
    }
  }

  void check_control(uint32_t id, const Operation& op, std::string_view rule) {
    const auto bodies = graph_.bodies(op);
    const auto expect = [&](bool holds, const char* message) {
      if (!holds) {
        report(GraphProblemKind::bad_body, {id}, message);
      }
      return holds;
    };
    if (rule == "barrier") {
      expect(bodies.empty() && op.output_count == 1, "a barrier has no body and gives a token");
    } else if (rule == "if") {
      if (expect(bodies.size() == 2 && op.input_count >= 1, "`if` takes a condition and has two bodies")) {
        const DType condition = graph_.value(graph_.inputs(op)[0]).dtype;
        if (condition != DType::boolean && condition != DType::any) {
          report(GraphProblemKind::wrong_dtype, {id}, "the condition is " + std::string(name_of(condition)) + ", not boolean");
        }
        for (const ComputationGraph& body : bodies) {
          expect(body.inputs().size() + 1 == op.input_count && body.outputs().size() == op.output_count,
                 "both bodies take the inputs behind the condition and give the outputs");
        }
      }
    } else if (rule == "map") {
      expect(bodies.size() == 1 && op.input_count >= 1 && bodies[0].inputs().size() == op.input_count && bodies[0].outputs().size() == op.output_count,
             "`map` has one body with as many inputs and outputs as it has itself");
    } else if (rule == "scan") {
      if (expect(bodies.size() == 1 && op.input_count >= 2 && bodies[0].inputs().size() == op.input_count,
                 "`scan` takes the first state and the sequences, and has one body of (state, elements...)")) {
        expect(!bodies[0].outputs().empty() && bodies[0].outputs().size() == op.output_count,
               "the body of `scan` gives the next state and the elements of the results");
      }
    } else if (rule == "while") {
      if (expect(bodies.size() == 2, "`while` has two bodies: condition and step")) {
        expect(bodies[0].inputs().size() == op.input_count && bodies[0].outputs().size() == 1 && bodies[1].inputs().size() == op.input_count &&
                   bodies[1].outputs().size() == op.output_count && op.output_count <= op.input_count,
               "the condition gives one value; the step takes all inputs and gives the outputs, which become its first inputs");
      }
    } else {
      report(GraphProblemKind::bad_body, {id}, "the control rules are barrier, if, map, scan and while");
    }
  }

  void check_body(uint32_t id, const ComputationGraph& body) {
    if (depth_ + 1 > kMaxBodyDepth) {
      report(GraphProblemKind::bad_body, {id}, "bodies are nested deeper than " + std::to_string(kMaxBodyDepth));
      return;
    }
    const size_t first = problems_.size();
    Validator(body, limit_, problems_, depth_ + 1).run();
    for (size_t i = first; i < problems_.size(); ++i) {
      problems_[i].message = "in the body of operation " + std::to_string(id) + ": " + problems_[i].message;
    }
  }

  void check_constants() {
    for (uint32_t v = 0; v < graph_.values().size(); ++v) {
      if (graph_.values()[v].kind != ValueKind::constant) {
        continue;
      }
      const Constant& constant = graph_.constant({v});
      if (constant.dtype == DType::string) {
        continue;
      }
      uint64_t size = element_size(constant.dtype);
      for (const int64_t extent : constant.shape) {
        if (extent < 0 || __builtin_mul_overflow(size, static_cast<uint64_t>(extent), &size)) {
          size = 0;
        }
      }
      if (element_size(constant.dtype) == 0 || size != constant.bytes.size()) {
        report(GraphProblemKind::bad_constant, {},
               "constant %" + std::to_string(v) + " of " + std::string(name_of(constant.dtype)) + " holds " + std::to_string(constant.bytes.size()) +
                   " bytes, its shape asks for " + std::to_string(size));
      }
    }
  }

  void check_outputs() {
    for (size_t i = 0; i < graph_.outputs().size(); ++i) {
      if (graph_.outputs()[i].index >= graph_.values().size()) {
        report(GraphProblemKind::bad_output, {}, "output " + std::to_string(i) + " is a value that nothing defines");
      }
    }
  }

  void check_cycles() {
    if (graph_.is_ordered()) {
      return;
    }
    const std::vector<OperationId> order = topological_order(graph_);
    if (order.size() == graph_.operations().size()) {
      return;
    }
    std::vector<bool> done(graph_.operations().size(), false);
    for (const OperationId id : order) {
      done[id.index] = true;
    }
    const std::vector<uint32_t> cycle = find_cycle(done);
    std::string message = "the operations wait for each other in a circle:";
    for (size_t i = 0; i < cycle.size() && i < 8; ++i) {
      message += (i == 0 ? " " : " -> ") + std::to_string(cycle[i]);
    }
    message += cycle.size() > 8 ? " -> ... (" + std::to_string(cycle.size()) + " in all)" : " -> " + std::to_string(cycle.front());
    report(GraphProblemKind::cycle, {cycle.front()}, std::move(message));
  }

  /// Some circle among the operations that are not done, in the direction of the data, beginning at its smallest number. Every such operation
  /// waits for another one, so walking back ends in a circle.
  std::vector<uint32_t> find_cycle(const std::vector<bool>& done) const {
    std::vector<std::vector<uint32_t>> order_before;
    if (graph_.has_memory_order()) {
      order_before.resize(done.size());
      for (const OrderEdge& edge : order_edges(graph_)) {
        order_before[edge.after.index].push_back(edge.before.index);
      }
    }
    uint32_t at = static_cast<uint32_t>(std::ranges::find(done, false) - done.begin());
    std::vector<uint32_t> seen_at(done.size(), UINT32_MAX);
    std::vector<uint32_t> path;
    while (seen_at[at] == UINT32_MAX) {
      seen_at[at] = static_cast<uint32_t>(path.size());
      path.push_back(at);
      uint32_t before = UINT32_MAX;
      for (const ValueRef input : graph_.inputs(graph_.operations()[at])) {
        if (input.index < graph_.values().size() && graph_.value(input).kind == ValueKind::result && !done[graph_.value(input).producer]) {
          before = graph_.value(input).producer;
          break;
        }
      }
      if (before == UINT32_MAX && !order_before.empty()) {
        for (const uint32_t earlier : order_before[at]) {
          before = done[earlier] ? before : earlier;
        }
      }
      OMEGA_CHECK(before != UINT32_MAX, "an operation that never became ready waits for nothing");
      at = before;
    }
    std::vector<uint32_t> cycle(path.begin() + seen_at[at], path.end());
    std::ranges::reverse(cycle);
    std::ranges::rotate(cycle, std::ranges::min_element(cycle));
    return cycle;
  }

  const ComputationGraph& graph_;
  size_t limit_;
  std::vector<bool> is_output_;  ///< by value, once somebody asks
  std::vector<GraphProblem>& problems_;
  size_t depth_;
};

std::string shape_text(const ComputationGraph& graph, ShapeRef shape) {
  std::string text = "[";
  for (const int64_t extent : graph.extents(shape)) {
    text += (text.size() > 1 ? ", " : "") + (extent == kUnknownExtent ? std::string("?") : std::to_string(extent));
  }
  return text + "]";
}

}  // namespace

std::string_view name_of(GraphProblemKind kind) {
  static constexpr std::array<std::string_view, 8> names = {"cycle",       "missing_value", "wrong_dtype", "wrong_shape",
                                                            "wrong_arity", "bad_constant",  "bad_body",    "bad_output"};
  return names[static_cast<size_t>(kind)];
}

std::vector<GraphProblem> validate(const ComputationGraph& graph, size_t limit) {
  std::vector<GraphProblem> problems;
  Validator(graph, limit, problems, 0).run();
  return problems;
}

std::optional<ElementShape> element_shape(const ComputationGraph& graph, ElementOp op, std::span<const ValueRef> inputs, std::string& problem) {
  const ElementOpInfo& info = element_op_info(op);
  if (inputs.size() != info.inputs) {
    problem = "takes " + std::to_string(info.inputs) + " inputs, not " + std::to_string(inputs.size());
    return std::nullopt;
  }
  std::array<DType, 3> dtypes{};
  ElementShape result{DType::any, kScalarShape};
  bool is_known = true;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const ValueRecord& value = graph.value(inputs[i]);
    dtypes[i] = value.dtype;
    if (!value.shape.valid()) {
      is_known = false;
    } else if (value.shape != kScalarShape) {
      if (result.shape != kScalarShape && result.shape != value.shape) {
        const auto a = graph.extents(result.shape);
        const auto b = graph.extents(value.shape);
        const bool fits = a.size() == b.size() && std::ranges::equal(a, b, [](int64_t x, int64_t y) { return x == y || x < 0 || y < 0; });
        if (!fits) {
          problem = "inputs have the shapes " + shape_text(graph, result.shape) + " and " + shape_text(graph, value.shape);
          return std::nullopt;
        }
      } else {
        result.shape = value.shape;
      }
    }
  }
  const auto dtype = element_result(op, {dtypes.data(), inputs.size()});
  if (!dtype) {
    problem = "does not take";
    for (size_t i = 0; i < inputs.size(); ++i) {
      problem += (i == 0 ? " " : ", ") + std::string(name_of(dtypes[i]));
    }
    return std::nullopt;
  }
  result.dtype = *dtype;
  if (!is_known && result.shape == kScalarShape) {
    result.shape = ShapeRef::none;
  }
  return result;
}

}  // namespace omega::graph
