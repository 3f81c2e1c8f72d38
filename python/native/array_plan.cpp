// SPDX-License-Identifier: Apache-2.0
#include "python/native/array_plan.h"

#include <algorithm>
#include <array>
#include <utility>

#include "python/native/array_expression.h"
#include "python/native/numpy_values.h"

namespace omega::python {
namespace {

using graph::DType;
using graph::ElementProgram;
namespace py = pybind11;

/// Makes a plan. Expressions that are placed have a slot; what is placed is looked up by address.
class Planner {
 public:
  /// Throws error_already_set. A parameter that is not `parameter` cannot be computed.
  Planner(Plan& plan, const Tracer* parameter) : plan_(plan), parameter_(parameter) {}

  /// The slot of each root, in order.
  std::vector<uint32_t> place(std::span<Tracer* const> roots) {
    std::vector<Tracer*> folds;
    while (true) {
      folds.clear();
      for (Tracer* root : roots) {
        collect_folds(root, folds);
      }
      if (folds.empty()) {
        break;
      }
      const auto along_axis = std::ranges::stable_partition(folds, [](const Tracer* fold) { return fold->expression->kind == Expression::Kind::fold; });
      for (Tracer* fold : along_axis) {
        place_axis_fold(fold);
      }
      folds.erase(along_axis.begin(), along_axis.end());
      place_all(folds);
    }
    std::vector<Tracer*> steps;
    for (Tracer* root : roots) {
      if (find(root) == nullptr && std::ranges::find(steps, root) == steps.end()) {
        steps.push_back(root);
      }
    }
    place_all(steps);
    std::vector<uint32_t> slots;
    for (Tracer* root : roots) {
      slots.push_back(find(root)->slot);
    }
    return slots;
  }

 private:
  struct Placed {
    const Tracer* tracer;
    uint32_t slot;
  };
  struct Step {
    const Tracer* tracer;
    uint16_t operand;
  };

  const Placed* find(const Tracer* tracer) const {
    const auto found = std::ranges::find(placed_, tracer, &Placed::tracer);
    return found == placed_.end() ? nullptr : &*found;
  }

  /// Folds under `tracer`, itself included, under which there is none that has no slot. Whether there is any without a slot.
  bool collect_folds(Tracer* tracer, std::vector<Tracer*>& folds) {
    const Expression* const expression = tracer->expression;
    if (expression == nullptr || find(tracer) != nullptr) {
      return false;
    }
    bool any = false;
    for (const Operand& operand : std::span(expression->operands, expression->operand_count)) {
      if (operand.source != nullptr && is_tracer(operand.source)) {
        any |= collect_folds(as_tracer(operand.source), folds);
      }
    }
    if (expression->kind != Expression::Kind::fold && expression->kind != Expression::Kind::axis_fold) {
      return any;
    }
    if (!any && std::ranges::find(folds, tracer) == folds.end()) {
      folds.push_back(tracer);
    }
    return true;
  }

  /// The shape over which the expression is computed: its own, that of what it folds.
  static std::span<const int64_t> work_shape(const Tracer* tracer) {
    const Expression* const expression = tracer->expression;
    if (expression->kind == Expression::Kind::step) {
      return expression->extents();
    }
    PyObject* const source = expression->operands[0].source;
    if (is_tracer(source) && as_tracer(source)->expression != nullptr) {
      return as_tracer(source)->expression->extents();
    }
    DType dtype = DType::any;
    std::span<const int64_t> shape;
    array_type(is_tracer(source) ? as_tracer(source)->value : source, dtype, shape);
    return shape;
  }

  void place_axis_fold(Tracer* tracer) {
    const Expression& expression = *tracer->expression;
    PyObject* const source = expression.operands[0].source;
    Tracer* const folded = is_tracer(source) && as_tracer(source)->expression != nullptr ? as_tracer(source) : nullptr;
    if (folded != nullptr && folded->expression->kind == Expression::Kind::step && find(folded) == nullptr) {
      std::vector<Tracer*> alone{folded};
      place_all(alone);
    }
    begin_pass();
    pass_.axis_fold = {expression.axis_fold, expression.axis, expression.keeps_axis, expression.dtype};
    operand(expression.operands[0]);
    pending_.push_back({tracer, plan_.slots++});
    end_pass(work_shape(tracer));
  }

  /// One pass for all of one shape, as long as a program takes them.
  void place_all(std::vector<Tracer*>& tracers) {
    constexpr uint32_t kMostSteps = 120;
    std::vector<bool> done(tracers.size(), false);
    for (size_t i = 0; i < tracers.size(); ++i) {
      if (done[i]) {
        continue;
      }
      begin_pass();
      uint32_t steps = 0;
      for (size_t k = i; k < tracers.size(); ++k) {
        if (!done[k] && std::ranges::equal(work_shape(tracers[i]), work_shape(tracers[k])) && (k == i || steps + tracers[k]->expression->size <= kMostSteps)) {
          add_result(tracers[k]);
          steps += tracers[k]->expression->size;
          done[k] = true;
        }
      }
      end_pass(work_shape(tracers[i]));
    }
  }

  void begin_pass() {
    pass_ = {};
    pass_.first_slot = plan_.slots;
    steps_.clear();
    sources_.clear();
    pending_.clear();
  }

  void end_pass(std::span<const int64_t> shape) {
    double count = 1;
    for (const int64_t extent : shape) {
      count *= static_cast<double>(extent);
    }
    pass_.operations = count * static_cast<double>(pass_.program.steps.size() + pass_.program.yields.size() + (pass_.axis_fold ? 1 : 0));
    for (const Placed& each : pending_) {
      placed_.push_back(each);
    }
    plan_.passes.push_back(std::move(pass_));
  }

  void add_result(Tracer* tracer) {
    const Expression& expression = *tracer->expression;
    pending_.push_back({tracer, plan_.slots});
    if (expression.kind != Expression::Kind::fold) {
      yield(step(tracer), std::nullopt, false);
      return;
    }
    const uint16_t folded = operand(expression.operands[0]);
    yield(folded, expression.fold, expression.keeps_none);
    if (expression.keeps_none) {
      const uint16_t none = add_step(graph::ElementOp::not_equal, {folded, folded, 0});
      yield(add_step(graph::ElementOp::to_float64, {none, 0, 0}), graph::ReduceOp::sum, false);
    }
  }

  void yield(uint16_t operand, std::optional<graph::ReduceOp> fold, bool keeps_none) {
    pass_.program.yields.push_back({operand, fold});
    pass_.keeps_none.push_back(keeps_none);
    ++plan_.slots;
  }

  uint16_t add_step(graph::ElementOp op, std::array<uint16_t, 3> operands) {
    for (size_t i = 0; i < pass_.program.steps.size(); ++i) {
      const ElementProgram::Step& other = pass_.program.steps[i];
      if (other.op == op && std::ranges::equal(other.operands, operands)) {
        return static_cast<uint16_t>(i | ElementProgram::kStep);
      }
    }
    pass_.program.steps.push_back({op, {operands[0], operands[1], operands[2]}});
    return static_cast<uint16_t>((pass_.program.steps.size() - 1) | ElementProgram::kStep);
  }

  uint16_t step(const Tracer* tracer) {
    if (const auto found = std::ranges::find(steps_, tracer, &Step::tracer); found != steps_.end()) {
      return found->operand;
    }
    const Expression& expression = *tracer->expression;
    std::array<uint16_t, 3> operands{};
    for (size_t i = 0; i < expression.operand_count; ++i) {
      operands[i] = operand(expression.operands[i]);
    }
    const uint16_t number = add_step(expression.op, operands);
    steps_.push_back({tracer, number});
    return number;
  }

  uint16_t operand(const Operand& operand) {
    if (operand.source == nullptr) {
      return input(nullptr, operand.bits, operand.dtype);
    }
    if (!is_tracer(operand.source)) {
      return input(operand.source, 0, operand.dtype);
    }
    const Tracer* const tracer = as_tracer(operand.source);
    if (tracer->expression == nullptr) {
      return input(tracer->value, 0, operand.dtype);
    }
    if (tracer->expression->kind == Expression::Kind::parameter || find(tracer) != nullptr) {
      return placed_input(tracer);
    }
    return step(tracer);
  }

  uint16_t placed_input(const Tracer* tracer) {
    const Placed* const placed = find(tracer);
    if (placed == nullptr && tracer != parameter_) {
      PyErr_SetString(PyExc_TypeError, "the elements of a traced array are not there while a program is made of it");
      throw py::error_already_set();
    }
    const Source source = placed != nullptr ? Source{Source::From::slot, placed->slot} : Source{Source::From::parameter, 0};
    return add_input({tracer, 0, DType::any}, source);
  }

  uint16_t input(PyObject* object, uint64_t bits, DType dtype) {
    const Known known{object, bits, dtype};
    if (const auto found = std::ranges::find(sources_, known); found != sources_.end()) {
      return static_cast<uint16_t>(found - sources_.begin());
    }
    DType own = DType::any;
    std::span<const int64_t> shape;
    if (object == nullptr) {
      plan_.constants.push_back(value_of_bits(dtype, bits));
    } else if (array_type(object, own, shape)) {
      plan_.constants.push_back(value_of_array(object));
      plan_.kept.push_back(py::reinterpret_borrow<py::object>(object));
    } else {
      plan_.constants.push_back(value_of_scalar(object, dtype));
    }
    return add_input(known, {Source::From::constant, static_cast<uint32_t>(plan_.constants.size() - 1)});
  }

  /// What an input of the pass was made of.
  struct Known {
    const void* object;
    uint64_t bits;
    DType dtype;
    bool operator==(const Known&) const = default;
  };

  uint16_t add_input(const Known& known, Source source) {
    if (const auto found = std::ranges::find(sources_, known); found != sources_.end()) {
      return static_cast<uint16_t>(found - sources_.begin());
    }
    sources_.push_back(known);
    pass_.inputs.push_back(source);
    return static_cast<uint16_t>(sources_.size() - 1);
  }

  Plan& plan_;
  const Tracer* parameter_;
  std::vector<Placed> placed_;
  std::vector<Placed> pending_;
  Pass pass_;
  std::vector<Step> steps_;
  std::vector<Known> sources_;
};

}  // namespace

std::vector<uint32_t> make_plan(Plan& plan, std::span<Tracer* const> roots, const Tracer* parameter) { return Planner(plan, parameter).place(roots); }

}  // namespace omega::python
