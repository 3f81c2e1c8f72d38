// SPDX-License-Identifier: Apache-2.0
// How expressions are built: NumPy's rules for types, where they are simple; whatever else is NumPy's.
#include "python/native/array_expression.h"

#include <pybind11/numpy.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "python/native/surroundings.h"
#include "python/native/traced_function.h"
#include "python/native/traced_run.h"

namespace omega::python {
namespace {

using graph::DType;
using graph::ElementOp;
namespace py = pybind11;

/// More would not stay in the first cache, and not in the limits of a program; operands are computed before.
constexpr uint32_t kMostSteps = 40;

/// Tracers whose expressions have not been computed.
std::vector<Tracer*> uncomputed;

constexpr std::array kOpNames = {"add",        "subtract", "multiply",      "divide",     "minimum",     "maximum",    "equal",       "not_equal", "less",
                                 "less_equal", "greater",  "greater_equal", "negative",   "absolute",    "sqrt",       "exp",         "log",       "sin",
                                 "cos",        "tanh",     "square",        "reciprocal", "logical_and", "logical_or", "logical_not", "where"};
static_assert(kOpNames.size() == static_cast<size_t>(ArrayOp::none));

/// Whether the run that is traced computes arrays in passes; not where it is run again with values, or where NumPy has to find floating-point errors.
bool fuses() {
  const Run* const run = current_run();
  return run == nullptr || run->is_abstract || (run->settings.fuse && !run->is_replay && !handles_array_errors());
}

size_t element_count(std::span<const int64_t> shape) {
  size_t count = 1;
  for (const int64_t extent : shape) {
    count *= static_cast<size_t>(extent);
  }
  return count;
}

/// An operand with what decides about types.
struct Input {
  Operand operand;
  std::span<const int64_t> shape;
  enum class Number : uint8_t { no, integer, real } number = Number::no;  ///< Python's, which takes the type of what is beside it
  double real = 0;
  int64_t integer = 0;
};

bool read_number(PyObject* object, Input& input) {
  if (PyFloat_CheckExact(object)) {
    input.number = Input::Number::real;
    input.real = PyFloat_AS_DOUBLE(object);
    return true;
  }
  if (PyLong_CheckExact(object)) {
    int overflow = 0;
    input.integer = PyLong_AsLongLongAndOverflow(object, &overflow);
    input.number = Input::Number::integer;
    input.real = static_cast<double>(input.integer);
    return overflow == 0;
  }
  if (PyFloat_Check(object) && std::strcmp(Py_TYPE(object)->tp_name, "numpy.float64") == 0) {
    const double value = PyFloat_AS_DOUBLE(object);
    input.operand.dtype = DType::float64;
    std::memcpy(&input.operand.bits, &value, sizeof value);
    return true;
  }
  return false;
}

bool read_input(PyObject* object, Input& input) {
  if (is_tracer(object)) {
    Tracer* const tracer = as_tracer(object);
    if (tracer->expression != nullptr) {
      input.operand = {object, tracer->expression->dtype, 0};
      input.shape = tracer->expression->extents();
      return true;
    }
    if (tracer->value == nullptr) {
      return false;
    }
    object = tracer->value;
  }
  if (array_type(object, input.operand.dtype, input.shape)) {
    input.operand.source = object;
    return true;
  }
  return read_number(object, input);
}

/// Whether NumPy computes it: all is there, and small.
bool is_left_to_numpy(std::span<const Input> inputs) {
  const Run* const run = current_run();
  return run != nullptr && run->settings.adaptive && !run->is_abstract && std::ranges::all_of(inputs, [](const Input& input) {
           PyObject* const source = input.operand.source;
           const bool is_pending = source != nullptr && is_tracer(source) && as_tracer(source)->expression != nullptr;
           return !is_pending && element_count(input.shape) < kLeastElements;
         });
}

/// A tracer that stands for the expression, whose size it sets.
PyObject* make(Expression& expression) {
  for (Operand& operand : std::span(expression.operands, expression.operand_count)) {
    if (operand.source != nullptr && is_tracer(operand.source) && as_tracer(operand.source)->expression != nullptr) {
      expression.size += as_tracer(operand.source)->expression->size;
    }
  }
  if (expression.size > kMostSteps) {
    expression.size = 1;
    for (Operand& operand : std::span(expression.operands, expression.operand_count)) {
      Tracer* const tracer = operand.source != nullptr && is_tracer(operand.source) ? as_tracer(operand.source) : nullptr;
      if (tracer != nullptr && tracer->expression != nullptr && tracer->expression->kind != Expression::Kind::parameter) {
        if (evaluate_expressions({&tracer, 1}) < 0) {
          return nullptr;
        }
      }
    }
  }
  Tracer* const tracer = new_tracer();
  if (tracer == nullptr) {
    return nullptr;
  }
  tracer->expression = new Expression(expression);
  note_expression(tracer);
  for (Operand& operand : std::span(tracer->expression->operands, tracer->expression->operand_count)) {
    Py_XINCREF(operand.source);
  }
  return reinterpret_cast<PyObject*>(tracer);
}

/// A step whose types are right. Null without an exception where shapes are to be broadcast.
PyObject* step(ElementOp op, DType dtype, std::span<const Input> inputs) {
  Expression expression;
  expression.op = op;
  expression.dtype = dtype;
  expression.operand_count = static_cast<uint8_t>(inputs.size());
  const Input* like = nullptr;
  for (size_t i = 0; i < inputs.size(); ++i) {
    expression.operands[i] = inputs[i].operand;
    if (!inputs[i].shape.empty()) {
      if (like != nullptr && !std::ranges::equal(like->shape, inputs[i].shape)) {
        return nullptr;
      }
      like = &inputs[i];
    }
  }
  if (like != nullptr) {
    expression.rank = static_cast<uint8_t>(like->shape.size());
    std::ranges::copy(like->shape, expression.shape);
  }
  return make(expression);
}

/// A step of a step. Takes the reference of `tracer` over.
PyObject* step_of(ElementOp op, DType dtype, PyObject* tracer, std::span<const Input> others = {}) {
  if (tracer == nullptr) {
    return nullptr;
  }
  std::array<Input, 3> inputs;
  read_input(tracer, inputs[0]);
  std::ranges::copy(others, inputs.begin() + 1);
  PyObject* const result = step(op, dtype, {inputs.data(), others.size() + 1});
  Py_DECREF(tracer);
  return result;
}

Operand number_as(const Input& input, DType dtype) {
  Operand operand{nullptr, dtype, 0};
  const double real = input.real;
  const auto single = static_cast<float>(real);
  switch (dtype) {
    case DType::float64: std::memcpy(&operand.bits, &real, sizeof real); break;
    case DType::float32: std::memcpy(&operand.bits, &single, sizeof single); break;
    default: std::memcpy(&operand.bits, &input.integer, sizeof input.integer); break;
  }
  return operand;
}

/// The type in which NumPy computes on these; any where it does not follow from a simple rule.
DType common_type(std::span<const Input> inputs) {
  bool has[graph::kDTypeCount] = {};
  bool real = false;
  bool integer = false;
  bool overflows = false;
  for (const Input& input : inputs) {
    real |= input.number == Input::Number::real;
    integer |= input.number == Input::Number::integer;
    overflows |= std::isfinite(input.real) && std::fabs(input.real) > static_cast<double>(std::numeric_limits<float>::max());
    if (input.number == Input::Number::no) {
      has[static_cast<size_t>(input.operand.dtype)] = true;
    }
  }
  const bool float64 = has[static_cast<size_t>(DType::float64)];
  const bool float32 = has[static_cast<size_t>(DType::float32)];
  const bool int64 = has[static_cast<size_t>(DType::int64)];
  const bool boolean = has[static_cast<size_t>(DType::boolean)];
  if (float64 || (float32 && int64)) {
    return DType::float64;
  }
  if (float32) {
    return boolean || overflows ? DType::any : DType::float32;
  }
  if (int64) {
    return boolean ? DType::any : real ? DType::float64 : DType::int64;
  }
  return boolean && !real && !integer ? DType::boolean : DType::any;
}

/// Makes the inputs of that type; references of steps made for it are kept in `made`.
bool convert(std::span<Input> inputs, DType dtype, std::span<PyObject*> made) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    Input& input = inputs[i];
    if (input.number != Input::Number::no) {
      input.operand = number_as(input, dtype);
    } else if (input.operand.dtype != dtype) {
      // A number that is folded from an array of another type: NumPy's rules for scalars are its own.
      if (dtype != DType::float64 || (input.shape.empty() && input.operand.dtype != DType::float32)) {
        return false;
      }
      made[i] = step(ElementOp::to_float64, DType::float64, {&input, 1});
      if (made[i] == nullptr) {
        return false;
      }
      input = Input{};
      read_input(made[i], input);
    }
  }
  return true;
}

struct Converted {
  std::array<PyObject*, 3> made{};
  ~Converted() {
    for (PyObject* each : made) {
      Py_XDECREF(each);
    }
  }
};

/// A number that is folded, beside arrays of a narrower type, is widened by rules that differ between NumPy's versions.
bool is_widened_by_scalar(std::span<const Input> inputs, DType dtype) {
  bool wide_array = false;
  bool wide_scalar = false;
  for (const Input& input : inputs) {
    if (input.number == Input::Number::no && input.operand.dtype == dtype) {
      (input.shape.empty() ? wide_scalar : wide_array) = true;
    }
  }
  if (dtype == DType::float32 && !wide_array) {
    return true;  // numbers alone
  }
  const bool narrow_array = std::ranges::any_of(inputs, [&](const Input& input) { return !input.shape.empty() && input.operand.dtype == DType::float32; });
  return wide_scalar && !wide_array && narrow_array && dtype == DType::float64;
}

PyObject* arithmetic(ElementOp op, std::span<Input> inputs, bool real_only, bool compares) {
  DType dtype = common_type(inputs);
  if (real_only && dtype == DType::int64) {
    dtype = DType::float64;
  }
  if (dtype == DType::any || dtype == DType::boolean || is_widened_by_scalar(inputs, dtype)) {
    return nullptr;
  }
  Converted converted;
  if (!convert(inputs, dtype, converted.made)) {
    return nullptr;
  }
  return step(op, compares ? DType::boolean : dtype, inputs);
}

PyObject* logic(ElementOp op, std::span<Input> inputs) {
  return std::ranges::all_of(inputs, [](const Input& input) { return input.number == Input::Number::no && input.operand.dtype == DType::boolean; })
             ? step(op, DType::boolean, inputs)
             : nullptr;
}

/// NumPy's minimum and maximum give no number where one of the two is none.
PyObject* extreme(ElementOp op, std::span<Input> inputs) {
  const DType dtype = common_type(inputs);
  if (dtype == DType::any || dtype == DType::boolean || is_widened_by_scalar(inputs, dtype)) {
    return nullptr;
  }
  Converted converted;
  if (!convert(inputs, dtype, converted.made)) {
    return nullptr;
  }
  PyObject* const either = step(op, dtype, inputs);
  if (dtype == DType::int64 || either == nullptr) {
    return either;
  }
  // The engine's give the number; where an operand is none, that operand replaces it.
  PyObject* result = either;
  for (const Input& input : inputs) {
    if (input.operand.source == nullptr) {
      double value = 0;
      std::memcpy(&value, &input.operand.bits, dtype == DType::float64 ? 8 : 0);
      float single = 0;
      std::memcpy(&single, &input.operand.bits, 4);
      if (!(dtype == DType::float64 ? std::isnan(value) : std::isnan(single))) {
        continue;
      }
    }
    const Input twice[] = {input, input};
    PyObject* const none = step(ElementOp::not_equal, DType::boolean, twice);
    Input rest[] = {input, {}};
    read_input(result, rest[1]);
    PyObject* const next = none == nullptr ? nullptr : step_of(ElementOp::select, dtype, none, rest);
    Py_DECREF(result);
    if (next == nullptr) {
      return nullptr;
    }
    result = next;
  }
  return result;
}

PyObject* select(std::span<Input> inputs) {
  if (inputs.size() != 3 || inputs[0].number != Input::Number::no || inputs[0].operand.dtype != DType::boolean) {
    return nullptr;
  }
  const auto values = inputs.subspan(1);
  const DType dtype = common_type(values);
  if (dtype == DType::any || is_widened_by_scalar(values, dtype)) {
    return nullptr;
  }
  Converted converted;
  return convert(values, dtype, converted.made) ? step(ElementOp::select, dtype, inputs) : nullptr;
}

}  // namespace

ArrayOp array_op_named(std::string_view name) {
  if (name == "true_divide") {
    return ArrayOp::true_divide;
  }
  if (name == "abs") {
    return ArrayOp::absolute;
  }
  return static_cast<ArrayOp>(std::ranges::find(kOpNames, name) - kOpNames.begin());
}

bool array_type(PyObject* array, DType& dtype, std::span<const int64_t>& shape) {
  const auto& api = py::detail::npy_api::get();
  if (Py_TYPE(array) != api.PyArray_Type_) {
    return false;
  }
  const auto* const proxy = py::detail::array_proxy(array);
  const auto* const descr = py::detail::array_descriptor_proxy(proxy->descr);
  constexpr int kContiguousAndAligned = py::detail::npy_api::NPY_ARRAY_C_CONTIGUOUS_ | py::detail::npy_api::NPY_ARRAY_ALIGNED_;
  if ((proxy->flags & kContiguousAndAligned) != kContiguousAndAligned || proxy->nd == 0 || proxy->nd > static_cast<int>(graph::kMaxRank) ||
      descr->byteorder == '>') {
    return false;
  }
  switch (descr->type_num) {
    case py::detail::npy_api::NPY_BOOL_: dtype = DType::boolean; break;
    case py::detail::npy_api::NPY_LONG_:
    case py::detail::npy_api::NPY_LONGLONG_: dtype = DType::int64; break;
    case py::detail::npy_api::NPY_FLOAT_: dtype = DType::float32; break;
    case py::detail::npy_api::NPY_DOUBLE_: dtype = DType::float64; break;
    default: return false;
  }
  static_assert(sizeof(ssize_t) == sizeof(int64_t));
  shape = {reinterpret_cast<const int64_t*>(proxy->dimensions), static_cast<size_t>(proxy->nd)};
  return true;
}

bool is_array_like(PyObject* object) {
  if (is_tracer(object)) {
    if (as_tracer(object)->expression != nullptr) {
      return true;
    }
    object = as_tracer(object)->value;
  }
  return object != nullptr && Py_TYPE(object) == py::detail::npy_api::get().PyArray_Type_;
}

size_t most_elements(std::span<PyObject* const> objects) {
  size_t most = 0;
  for (PyObject* object : objects) {
    std::span<const int64_t> shape;
    DType dtype = DType::any;
    if (is_tracer(object) && as_tracer(object)->expression != nullptr) {
      shape = as_tracer(object)->expression->extents();
    } else {
      PyObject* const value = is_tracer(object) ? as_tracer(object)->value : object;
      if (value == nullptr || !array_type(value, dtype, shape)) {
        continue;
      }
    }
    most = std::max(most, element_count(shape));
  }
  return most;
}

PyObject* array_operation(ArrayOp op, std::span<PyObject* const> objects) {
  std::array<Input, Expression::kMostOperands> storage;
  if (objects.size() > storage.size() || op == ArrayOp::none || !fuses()) {
    return nullptr;
  }
  for (size_t i = 0; i < objects.size(); ++i) {
    if (!read_input(objects[i], storage[i])) {
      return nullptr;
    }
  }
  const std::span<Input> inputs{storage.data(), objects.size()};
  const size_t expected = op == ArrayOp::where ? 3 : (op >= ArrayOp::negative && op <= ArrayOp::reciprocal) || op == ArrayOp::logical_not ? 1 : 2;
  if (inputs.size() != expected || std::ranges::all_of(inputs, [](const Input& input) { return input.operand.source == nullptr; }) ||
      is_left_to_numpy(inputs)) {
    return nullptr;
  }
  switch (op) {
    case ArrayOp::add: return arithmetic(ElementOp::add, inputs, false, false);
    case ArrayOp::subtract: return arithmetic(ElementOp::sub, inputs, false, false);
    case ArrayOp::multiply: return arithmetic(ElementOp::mul, inputs, false, false);
    case ArrayOp::true_divide: return arithmetic(ElementOp::div, inputs, true, false);
    case ArrayOp::minimum: return extreme(ElementOp::minimum, inputs);
    case ArrayOp::maximum: return extreme(ElementOp::maximum, inputs);
    case ArrayOp::equal: return arithmetic(ElementOp::equal, inputs, false, true);
    case ArrayOp::not_equal: return arithmetic(ElementOp::not_equal, inputs, false, true);
    case ArrayOp::less: return arithmetic(ElementOp::less, inputs, false, true);
    case ArrayOp::less_equal: return arithmetic(ElementOp::less_equal, inputs, false, true);
    case ArrayOp::greater: return arithmetic(ElementOp::greater, inputs, false, true);
    case ArrayOp::greater_equal: return arithmetic(ElementOp::greater_equal, inputs, false, true);
    case ArrayOp::negative: return arithmetic(ElementOp::neg, inputs, false, false);
    case ArrayOp::absolute: return arithmetic(ElementOp::abs, inputs, false, false);
    case ArrayOp::sqrt: return arithmetic(ElementOp::sqrt, inputs, true, false);
    case ArrayOp::exp: return arithmetic(ElementOp::exp, inputs, true, false);
    case ArrayOp::log: return arithmetic(ElementOp::log, inputs, true, false);
    case ArrayOp::sin: return arithmetic(ElementOp::sin, inputs, true, false);
    case ArrayOp::cos: return arithmetic(ElementOp::cos, inputs, true, false);
    case ArrayOp::tanh: return arithmetic(ElementOp::tanh, inputs, true, false);
    case ArrayOp::square: {
      Input twice[] = {inputs[0], inputs[0]};
      return arithmetic(ElementOp::mul, twice, false, false);
    }
    case ArrayOp::reciprocal: {
      if (inputs[0].operand.dtype == DType::int64) {
        return nullptr;
      }
      Input one;
      one.number = Input::Number::real;
      one.real = 1;
      Input two[] = {one, inputs[0]};
      return arithmetic(ElementOp::div, two, true, false);
    }
    case ArrayOp::logical_and: return logic(ElementOp::logical_and, inputs);
    case ArrayOp::logical_or: return logic(ElementOp::logical_or, inputs);
    case ArrayOp::logical_not: return logic(ElementOp::logical_not, inputs);
    case ArrayOp::where: return select(inputs);
    case ArrayOp::none: break;
  }
  return nullptr;
}

ArrayFold array_fold_named(std::string_view name) {
  return name == "sum"                     ? ArrayFold::sum
         : name == "mean"                  ? ArrayFold::mean
         : name == "prod"                  ? ArrayFold::prod
         : name == "max" || name == "amax" ? ArrayFold::max
         : name == "min" || name == "amin" ? ArrayFold::min
                                           : ArrayFold::none;
}

PyObject* array_fold(ArrayFold fold, PyObject* object) {
  Input input;
  if (fold == ArrayFold::none || !fuses() || !read_input(object, input) || input.operand.source == nullptr || input.shape.empty()) {
    return nullptr;
  }
  const size_t count = element_count(input.shape);
  if (input.operand.dtype == DType::boolean || count == 0 || is_left_to_numpy({&input, 1})) {
    return nullptr;
  }
  Converted converted;
  if (fold == ArrayFold::mean && input.operand.dtype == DType::int64 && !convert({&input, 1}, DType::float64, converted.made)) {
    return nullptr;
  }
  Expression expression;
  expression.kind = Expression::Kind::fold;
  expression.fold = fold == ArrayFold::prod  ? graph::ReduceOp::product
                    : fold == ArrayFold::max ? graph::ReduceOp::highest
                    : fold == ArrayFold::min ? graph::ReduceOp::lowest
                                             : graph::ReduceOp::sum;
  expression.keeps_none = expression.fold >= graph::ReduceOp::lowest && input.operand.dtype != DType::int64;
  expression.dtype = input.operand.dtype;
  expression.operand_count = 1;
  expression.operands[0] = input.operand;
  const DType dtype = expression.dtype;
  PyObject* const folded = make(expression);
  if (fold != ArrayFold::mean || folded == nullptr) {
    return folded;
  }
  Input divisor;
  divisor.number = Input::Number::real;
  divisor.real = static_cast<double>(count);
  divisor.operand = number_as(divisor, dtype);
  return step_of(ElementOp::div, dtype, folded, {&divisor, 1});
}

PyObject* array_fold_axis(ArrayFold fold, PyObject* object, std::optional<int> axis, bool keeps_axis) {
  Input input;
  if (fold == ArrayFold::none || fold == ArrayFold::prod || !read_input(object, input) || input.operand.source == nullptr || input.shape.empty() || !fuses()) {
    return nullptr;
  }
  const int rank = static_cast<int>(input.shape.size());
  if (axis && (*axis < -rank || *axis >= rank)) {
    return nullptr;  // NumPy says what is wrong
  }
  if (std::ranges::find(input.shape, 0) != input.shape.end() || is_left_to_numpy({&input, 1})) {
    return nullptr;
  }
  const auto kind = fold == ArrayFold::sum    ? compute::Fold::sum
                    : fold == ArrayFold::mean ? compute::Fold::mean
                    : fold == ArrayFold::max  ? compute::Fold::highest
                                              : compute::Fold::lowest;
  Expression expression;
  expression.kind = Expression::Kind::axis_fold;
  expression.axis_fold = kind;
  expression.keeps_axis = keeps_axis;
  expression.axis = axis;
  const auto dtype = dtype_of(compute::fold_type(kind, element_type_of(input.operand.dtype)));
  if (!dtype) {
    return nullptr;
  }
  expression.dtype = *dtype;
  expression.operand_count = 1;
  expression.operands[0] = input.operand;
  const compute::Shape shape = compute::fold_shape(compute::Shape(input.shape), axis, keeps_axis, kind);
  expression.rank = static_cast<uint8_t>(shape.rank());
  std::ranges::copy(shape.extents(), expression.shape);
  return make(expression);
}

compute::ElementType element_type_of(DType dtype) {
  switch (dtype) {
    case DType::boolean: return compute::ElementType::boolean;
    case DType::int64: return compute::ElementType::int64;
    case DType::float32: return compute::ElementType::float32;
    default: return compute::ElementType::float64;
  }
}

std::optional<DType> dtype_of(compute::ElementType type) {
  switch (type) {
    case compute::ElementType::boolean: return DType::boolean;
    case compute::ElementType::int64: return DType::int64;
    case compute::ElementType::float32: return DType::float32;
    case compute::ElementType::float64: return DType::float64;
    default: return std::nullopt;
  }
}

PyObject* parameter_tracer(DType dtype, std::span<const int64_t> shape) {
  Tracer* const tracer = new_tracer();
  if (tracer == nullptr) {
    return nullptr;
  }
  tracer->expression = new Expression;
  note_expression(tracer);
  tracer->expression->kind = Expression::Kind::parameter;
  tracer->expression->dtype = dtype;
  tracer->expression->rank = static_cast<uint8_t>(shape.size());
  std::ranges::copy(shape, tracer->expression->shape);
  return reinterpret_cast<PyObject*>(tracer);
}

void note_expression(Tracer* tracer) {
  if (const Run* const run = current_run(); run != nullptr) {
    note_arrays_in_bodies(*run);
  }
  tracer->is_computed = true;
  tracer->expression->place = static_cast<uint32_t>(uncomputed.size());
  uncomputed.push_back(tracer);
}

void drop_expression(Tracer* tracer) {
  Expression* const expression = std::exchange(tracer->expression, nullptr);
  Tracer* const last = uncomputed.back();
  uncomputed[expression->place] = last;
  if (last != tracer) {
    last->expression->place = expression->place;
  }
  uncomputed.pop_back();
  for (Operand& operand : std::span(expression->operands, expression->operand_count)) {
    Py_CLEAR(operand.source);
  }
  delete expression;
}

bool has_expressions() { return !uncomputed.empty(); }

int evaluate_all_expressions() {
  std::vector<Tracer*> all;
  for (Tracer* tracer : uncomputed) {
    if (tracer->expression->kind != Expression::Kind::parameter) {
      Py_INCREF(tracer);
      all.push_back(tracer);
    }
  }
  const int result = all.empty() ? 0 : evaluate_expressions(all);
  for (Tracer* tracer : all) {
    Py_DECREF(tracer);
  }
  return result;
}

int traverse_expression(const Expression* expression, visitproc visit, void* argument) {
  for (const Operand& operand : std::span(expression->operands, expression->operand_count)) {
    if (operand.source != nullptr) {
      if (const int stop = visit(operand.source, argument); stop != 0) {
        return stop;
      }
    }
  }
  return 0;
}

}  // namespace omega::python
