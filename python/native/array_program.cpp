// SPDX-License-Identifier: Apache-2.0
// How expressions are computed: what has one shape in one pass over memory, folds before those that use them.
#include <pybind11/numpy.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <vector>

#include "omega/graph/exec/element_program.h"
#include "omega/task/parallel_for.h"
#include "python/native/array_expression.h"
#include "python/native/interrupts.h"

namespace omega::python {
namespace {

using graph::DType;
using graph::ElementProgram;
namespace py = pybind11;

uint64_t passes = 0;

/// Where an input of an instruction comes from.
struct Source {
  enum class From : uint8_t { constant, parameter, slot } from = From::constant;
  uint32_t number = 0;
};

/// A fold along an axis.
struct AxisFold {
  compute::Fold fold = compute::Fold::sum;
  std::optional<int> axis;
  bool keeps_axis = false;
  DType dtype = DType::any;  ///< of the result
};

/// One pass over arrays of one shape: a program, or a fold along an axis.
struct Pass {
  std::optional<AxisFold> axis_fold;
  ElementProgram program;
  std::vector<Source> inputs;
  uint32_t first_slot = 0;       ///< of its results
  std::vector<bool> keeps_none;  ///< by result: the one behind it counts elements that are no number
  double operations = 0;
};

/// Passes in order. Its constants are arrays of NumPy's, which it keeps, and numbers.
struct Plan {
  std::vector<Pass> passes;
  std::vector<graph::Value> constants;
  std::vector<py::object> kept;
  uint32_t slots = 0;
};

graph::Value foreign_array(PyObject* array) {
  DType dtype = DType::any;
  std::span<const int64_t> shape;
  array_type(array, dtype, shape);
  const auto* data = static_cast<const std::byte*>(static_cast<const void*>(py::detail::array_proxy(array)->data));
  return graph::Value(std::make_unique<graph::Array>(dtype, shape, data));
}

graph::Value number(DType dtype, uint64_t bits) {
  switch (dtype) {
    case DType::float64: {
      double value;
      std::memcpy(&value, &bits, sizeof value);
      return graph::Value(value);
    }
    case DType::float32: {
      float value;
      std::memcpy(&value, &bits, sizeof value);
      return graph::Value(value);
    }
    case DType::boolean: return graph::Value(bits != 0);
    default: return graph::Value(static_cast<int64_t>(bits));
  }
}

/// The number in a scalar object of NumPy's of that type.
graph::Value scalar_of(PyObject* object, DType dtype) {
  switch (dtype) {
    case DType::float64: return graph::Value(PyFloat_AsDouble(object));
    case DType::float32: return graph::Value(static_cast<float>(PyFloat_AsDouble(object)));
    case DType::boolean: return graph::Value(PyObject_IsTrue(object) == 1);
    default: {
      const py::object index = py::reinterpret_steal<py::object>(PyNumber_Index(object));
      return graph::Value(static_cast<int64_t>(PyLong_AsLongLong(index.ptr())));
    }
  }
}

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
      plan_.constants.push_back(number(dtype, bits));
    } else if (array_type(object, own, shape)) {
      plan_.constants.push_back(foreign_array(object));
      plan_.kept.push_back(py::reinterpret_borrow<py::object>(object));
    } else {
      plan_.constants.push_back(scalar_of(object, dtype));
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

/// A graph of one operation with so many inputs and outputs: what a program's call is made of. With the GIL.
const graph::ComputationGraph& graph_of(size_t inputs, size_t outputs) {
  static auto& graphs = *new std::map<std::pair<size_t, size_t>, graph::ComputationGraph>;
  const auto [found, is_new] = graphs.try_emplace({inputs, outputs});
  if (is_new) {
    graph::ComputationGraph& made = found->second;
    std::vector<graph::ValueRef> refs;
    for (size_t i = 0; i < inputs; ++i) {
      refs.push_back(made.add_input(DType::any, graph::ShapeRef::none));
    }
    const std::vector<graph::ComputationGraph::OutputSpec> specs(outputs);
    made.add_operation(graph::OpType::fused, made.name("elementwise"), refs, specs);
  }
  return found->second;
}

/// A number that is none where the count behind it is not zero.
graph::Value with_none(const graph::Value& value, const graph::Value& count) {
  if (count.as_float64() == 0) {
    return value;
  }
  return value.dtype() == DType::float32 ? graph::Value(std::numeric_limits<float>::quiet_NaN()) : graph::Value(std::numeric_limits<double>::quiet_NaN());
}

graph::Value fold_along_axis(const AxisFold& fold, const graph::Value& input, task::Scheduler* scheduler, const task::Cancellation* stop) {
  const graph::Array& array = input.as_array();
  const compute::Shape shape(array.shape());
  const compute::ElementType type = element_type_of(array.dtype());
  const compute::ArrayView view{array.data(), type, shape, compute::contiguous_strides(type, shape)};
  const compute::Shape folded = compute::fold_shape(shape, fold.axis, fold.keeps_axis, fold.fold);
  auto result = std::make_unique<graph::Array>(fold.dtype, folded.extents());
  const compute::ElementType result_type = element_type_of(fold.dtype);
  // Without a scheduler the kernel would take the one of the calling thread.
  static task::Scheduler& alone = *new task::Scheduler(1);
  compute::fold_axis(fold.fold, view, fold.axis, {result->data(), result_type, folded, compute::contiguous_strides(result_type, folded)},
                     {.scheduler = scheduler != nullptr ? scheduler : &alone, .cancellation = stop});
  if (folded.rank() > 0) {
    return graph::Value(std::move(result));
  }
  return graph::Value::of({fold.dtype, {}, {reinterpret_cast<const char*>(result->data()), graph::element_size(fold.dtype)}});
}

/// Runs a pass without needing the GIL. `slots` are the plan's.
void run_pass(const Pass& pass, const graph::ComputationGraph& graph, const Plan& plan, const graph::Value* parameter, graph::Value* slots,
              task::Scheduler* scheduler, const task::Cancellation* stop) {
  graph::CallContext context;
  context.scheduler = scheduler;
  context.cancellation = stop;
  const size_t outputs = pass.program.yields.size();
  const auto value_of_source = [&](const Source& source) {
    return source.from == Source::From::constant ? plan.constants[source.number] : source.from == Source::From::parameter ? *parameter : slots[source.number];
  };
  if (pass.axis_fold) {
    slots[pass.first_slot] = fold_along_axis(*pass.axis_fold, value_of_source(pass.inputs[0]), scheduler, stop);
    return;
  }
  std::vector<graph::Value> values(pass.inputs.size() + outputs);
  for (size_t i = 0; i < pass.inputs.size(); ++i) {
    values[i] = value_of_source(pass.inputs[i]);
  }
  graph::Call call(context, graph, graph.operations()[0], values.data());
  graph::run_element_program(pass.program, call);
  for (size_t i = 0; i < outputs; ++i) {
    graph::Value& result = values[pass.inputs.size() + i];
    slots[pass.first_slot + i] = pass.keeps_none[i] ? with_none(result, values[pass.inputs.size() + i + 1]) : std::move(result);
  }
}

py::dtype numpy_dtype(DType dtype) {
  static const auto* const dtypes = new std::array{py::dtype("bool"), py::dtype("int64"), py::dtype("float32"), py::dtype("float64")};
  return (*dtypes)[dtype == DType::boolean ? 0 : dtype == DType::int64 ? 1 : dtype == DType::float32 ? 2 : 3];
}

/// NumPy's array of the value's memory, which it keeps; a scalar of NumPy's for a number.
py::object to_numpy(graph::Value value) {
  auto& api = py::detail::npy_api::get();
  if (!value.is_array()) {
    const py::dtype dtype = numpy_dtype(value.dtype());
    PyObject* const array = api.PyArray_NewFromDescr_(api.PyArray_Type_, dtype.inc_ref().ptr(), 0, nullptr, nullptr, nullptr, 0, nullptr);
    if (array == nullptr) {
      throw py::error_already_set();
    }
    const py::object owner = py::reinterpret_steal<py::object>(array);
    std::memcpy(py::detail::array_proxy(array)->data, value.scalar_bytes(), graph::element_size(value.dtype()));
    return owner[py::tuple()];
  }
  const graph::Array& array = value.as_array();
  const py::dtype dtype = numpy_dtype(value.dtype());
  auto* const kept = new graph::Value(value);
  const py::capsule keeper(kept, [](void* memory) { delete static_cast<graph::Value*>(memory); });
  constexpr int kWriteable = py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
  PyObject* const result = api.PyArray_NewFromDescr_(api.PyArray_Type_, dtype.inc_ref().ptr(), static_cast<int>(array.shape().size()),
                                                     reinterpret_cast<const Py_intptr_t*>(array.shape().data()), nullptr, array.data(), kWriteable, nullptr);
  if (result == nullptr) {
    throw py::error_already_set();
  }
  api.PyArray_SetBaseObject_(result, keeper.inc_ref().ptr());
  return py::reinterpret_steal<py::object>(result);
}

void run_plan(const Plan& plan, const graph::Value* parameter, graph::Value* slots) {
  for (const Pass& pass : plan.passes) {
    const graph::ComputationGraph& graph = graph_of(pass.inputs.size(), std::max<size_t>(pass.program.yields.size(), 1));
    constexpr double kWorthUnlocking = 30'000;
    ++passes;
    if (pass.operations < kWorthUnlocking) {
      run_pass(pass, graph, plan, parameter, slots, nullptr, nullptr);
      continue;
    }
    unlocked(pass.operations, [&](const task::Cancellation* stop) {
      run_pass(pass, graph, plan, parameter, slots, &task::Scheduler::global(), stop);
      if (stop != nullptr && stop->requested()) {
        throw std::runtime_error("the computation was interrupted");
      }
    });
  }
}

/// Calls `work`; what it throws becomes Python's exception. -1 then.
template <class Work>
int guarded(Work work) {
  try {
    work();
    return 0;
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return -1;
}

}  // namespace

uint64_t pass_count() { return passes; }

int evaluate_expressions(std::span<Tracer* const> tracers) {
  return guarded([&] {
    std::vector<py::object> kept;
    std::vector<Tracer*> roots;
    for (Tracer* tracer : tracers) {
      if (tracer->expression != nullptr) {
        if (tracer->expression->kind == Expression::Kind::parameter) {
          PyErr_SetString(PyExc_TypeError, "the elements of a traced array are not there while a program is made of it");
          throw py::error_already_set();
        }
        roots.push_back(tracer);
        kept.push_back(py::reinterpret_borrow<py::object>(reinterpret_cast<PyObject*>(tracer)));
      }
    }
    if (roots.empty()) {
      return;
    }
    Plan plan;
    const std::vector<uint32_t> places = Planner(plan, nullptr).place(roots);
    std::vector<graph::Value> slots(plan.slots);
    run_plan(plan, nullptr, slots.data());
    for (size_t i = 0; i < roots.size(); ++i) {
      if (roots[i]->expression != nullptr) {  // nobody was faster
        roots[i]->value = to_numpy(slots[places[i]]).release().ptr();
        drop_expression(roots[i]);
      }
    }
  });
}

namespace {

/// A Python object: the program of a function of one array.
struct ArrayProgram {
  PyObject_HEAD Plan* plan;
  uint32_t result;
  DType dtype;
  std::vector<int64_t>* shape;
};

void free_program(PyObject* self) {
  auto* const program = reinterpret_cast<ArrayProgram*>(self);
  delete program->plan;
  delete program->shape;
  PyTypeObject* const type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

/// Each array through the program: arrays side by side where there are enough of them, each in parallel otherwise.
void run_all(const ArrayProgram& program, std::vector<graph::Value>& parameters, std::vector<graph::Value>& results) {
  const Plan& plan = *program.plan;
  std::vector<const graph::ComputationGraph*> graphs;
  double operations = 0;
  for (const Pass& pass : plan.passes) {
    graphs.push_back(&graph_of(pass.inputs.size(), std::max<size_t>(pass.program.yields.size(), 1)));
    operations += pass.operations;
  }
  unlocked(operations * static_cast<double>(parameters.size()), [&](const task::Cancellation* stop) {
    task::Scheduler& scheduler = task::Scheduler::global();
    const bool side_by_side = parameters.size() >= scheduler.threads();
    const auto run_one = [&](size_t i) {
      std::vector<graph::Value> slots(plan.slots);
      for (size_t k = 0; k < plan.passes.size(); ++k) {
        run_pass(plan.passes[k], *graphs[k], plan, &parameters[i], slots.data(), side_by_side ? nullptr : &scheduler, stop);
      }
      results[i] = slots[program.result];
    };
    if (side_by_side) {
      task::parallel_for(scheduler, 0, parameters.size(), run_one, {.cancellation = stop});
    } else {
      for (size_t i = 0; i < parameters.size(); ++i) {
        run_one(i);
      }
    }
    if (stop != nullptr && stop->requested()) {
      throw std::runtime_error("the computation was interrupted");
    }
  });
}

PyObject* run_many(PyObject* self, PyObject* arrays) {
  const auto& program = *reinterpret_cast<const ArrayProgram*>(self);
  py::object list;
  const int failed = guarded([&] {
    const py::object sequence = py::reinterpret_steal<py::object>(PySequence_Fast(arrays, "run_many: `arrays` must be a list of arrays"));
    if (!sequence) {
      throw py::error_already_set();
    }
    std::vector<graph::Value> parameters;
    for (ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence.ptr()); ++i) {
      PyObject* const array = PySequence_Fast_GET_ITEM(sequence.ptr(), i);
      DType dtype = DType::any;
      std::span<const int64_t> shape;
      if (!array_type(array, dtype, shape) || dtype != program.dtype || !std::ranges::equal(shape, *program.shape)) {
        PyErr_Format(PyExc_ValueError, "run_many: arrays[%zd] is not a contiguous array of the type and shape that the program was made for", i);
        throw py::error_already_set();
      }
      parameters.push_back(foreign_array(array));
    }
    std::vector<graph::Value> results(parameters.size());
    run_all(program, parameters, results);
    py::list made;
    for (graph::Value& result : results) {
      made.append(to_numpy(std::move(result)));
    }
    list = std::move(made);
  });
  return failed < 0 ? nullptr : list.release().ptr();
}

PyObject* takes(PyObject* self, PyObject* array) {
  const auto& program = *reinterpret_cast<const ArrayProgram*>(self);
  DType dtype = DType::any;
  std::span<const int64_t> shape;
  return PyBool_FromLong(array_type(array, dtype, shape) && dtype == program.dtype && std::ranges::equal(shape, *program.shape));
}

PyTypeObject* program_type = nullptr;

}  // namespace

PyObject* make_array_program(PyObject* parameter, PyObject* result) {
  if (!is_tracer(result) || as_tracer(result)->expression == nullptr || as_tracer(result)->expression->kind == Expression::Kind::parameter) {
    Py_RETURN_NONE;
  }
  auto* const program = PyObject_New(ArrayProgram, program_type);
  if (program == nullptr) {
    return nullptr;
  }
  const Expression& input = *as_tracer(parameter)->expression;
  program->plan = new Plan;
  program->dtype = input.dtype;
  program->shape = new std::vector<int64_t>(input.extents().begin(), input.extents().end());
  const int failed = guarded([&] {
    Tracer* const roots[] = {as_tracer(result)};
    program->result = Planner(*program->plan, as_tracer(parameter)).place(roots)[0];
  });
  if (failed < 0) {
    Py_DECREF(program);
    return nullptr;
  }
  return reinterpret_cast<PyObject*>(program);
}

int add_array_program_type(PyObject* module) {
  static PyMethodDef methods[] = {
      {"run_many", run_many, METH_O, "run_many(arrays) -> list\n\nThe results of all arrays, in order, computed without the interpreter's lock."},
      {"takes", takes, METH_O, "takes(array) -> bool\n\nWhether the array is of the type, shape and layout that the program was made for."},
      {nullptr, nullptr, 0, nullptr}};
  static PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(free_program)},
                                {Py_tp_methods, methods},
                                {Py_tp_doc, const_cast<char*>("A function of one array as a program that runs without Python.")},
                                {0, nullptr}};
  static PyType_Spec spec = {"omega._native.ArrayProgram", sizeof(ArrayProgram), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  program_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  return program_type == nullptr ? -1 : PyModule_AddObjectRef(module, "ArrayProgram", reinterpret_cast<PyObject*>(program_type));
}

}  // namespace omega::python
