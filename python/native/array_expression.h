// SPDX-License-Identifier: Apache-2.0
// Arrays that have not been computed: element-wise steps over NumPy's arrays and folds of them, computed in one pass over memory when somebody needs
// the elements. All of this is used with the GIL; computing gives it up.
#pragma once

#include <Python.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "omega/compute/arrays/array.h"
#include "omega/compute/kernels/sum.h"
#include "omega/graph/exec/value.h"
#include "omega/graph/ir/types.h"
#include "python/native/tracer.h"

namespace omega::python {

/// What a step takes: an array of NumPy's, a tracer, or a number.
struct Operand {
  PyObject* source = nullptr;  ///< owned; null: a number
  graph::DType dtype = graph::DType::any;
  uint64_t bits = 0;  ///< of the number, as in memory
};

/// The definition of one array, or of a number folded from one (rank 0).
struct Expression {
  /// parameter: what an array program is run on; it has no elements while it is traced.
  enum class Kind : uint8_t { step, fold, axis_fold, parameter };
  static constexpr uint32_t kMostOperands = 3;

  Kind kind = Kind::step;
  graph::ElementOp op = graph::ElementOp::add;
  graph::ReduceOp fold = graph::ReduceOp::sum;
  bool keeps_none = false;  ///< a fold whose result is no number where an element is none
  compute::Fold axis_fold = compute::Fold::sum;
  std::optional<int> axis{};  ///< that is folded; all, where there is none
  bool keeps_axis = false;    ///< with length 1
  graph::DType dtype = graph::DType::any;
  uint8_t operand_count = 0;
  uint8_t rank = 0;
  uint32_t place = 0;  ///< among all that have not been computed
  uint32_t size = 1;   ///< steps, those of operands included, each as often as it is used
  int64_t shape[graph::kMaxRank] = {};
  Operand operands[kMostOperands];

  [[nodiscard]] std::span<const int64_t> extents() const { return {shape, rank}; }
};

/// Operations of NumPy that are known as steps.
enum class ArrayOp : uint8_t {
  add,
  subtract,
  multiply,
  true_divide,
  minimum,
  maximum,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  negative,
  absolute,
  sqrt,
  exp,
  log,
  sin,
  cos,
  tanh,
  square,
  reciprocal,
  logical_and,
  logical_or,
  logical_not,
  where,
  none
};
/// The operation of NumPy's ufunc or function of that name; none for others.
ArrayOp array_op_named(std::string_view name);

/// Whether the object is an array, or a tracer of one.
bool is_array_like(PyObject* object);
/// How many elements the largest of these has that steps can work on; 0: there is none.
size_t most_elements(std::span<PyObject* const> objects);
/// Arrays of fewer elements NumPy computes as it does outside of traces, with the same last bits: passes over them would gain less than tracing costs. Of runs
/// that take what tracing pays for only.
constexpr size_t kLeastElements = 4096;
/// One operation as a tracer of its result; null without an exception where NumPy has to do it (types, broadcasting), null with one where it failed.
PyObject* array_operation(ArrayOp op, std::span<PyObject* const> inputs);

/// Folds of all elements, or of one axis, that are known.
enum class ArrayFold : uint8_t { sum, mean, prod, max, min, none };
ArrayFold array_fold_named(std::string_view name);
/// As array_operation().
PyObject* array_fold(ArrayFold fold, PyObject* input);

/// Along one axis, or all; of booleans too.
PyObject* array_fold_axis(ArrayFold fold, PyObject* input, std::optional<int> axis, bool keeps_axis);

/// The type of the compute library for arrays of that type, and back, where there is one.
compute::ElementType element_type_of(graph::DType dtype);
std::optional<graph::DType> dtype_of(compute::ElementType type);

/// Computes the tracers' expressions, what has one shape in one pass: they are known then. -1 with an exception set.
int evaluate_expressions(std::span<Tracer* const> tracers);
/// Computes all expressions there are: before somebody writes memory that they may read. -1 with an exception set.
int evaluate_all_expressions();
/// Whether there are any.
bool has_expressions();
/// Notes a tracer that got an expression.
void note_expression(Tracer* tracer);
/// Frees a tracer's expression.
void drop_expression(Tracer* tracer);
/// Calls `visit` on the objects that the expression holds.
int traverse_expression(const Expression* expression, visitproc visit, void* argument);

/// A tracer of an array that is not there yet: the input of a program. Null with an exception set.
PyObject* parameter_tracer(graph::DType dtype, std::span<const int64_t> shape);
/// The program that computes `result`, an expression of `parameter`: an object with `run_many(arrays) -> list`. None where there is no such program.
PyObject* make_array_program(PyObject* parameter, PyObject* result);
/// Type and shape of an array that steps can work on; false for others.
bool array_type(PyObject* array, graph::DType& dtype, std::span<const int64_t>& shape);
/// Makes the type of array programs and adds it to the module. -1 with an exception set.
int add_array_program_type(PyObject* module);

/// Passes over memory that were run so far.
uint64_t pass_count();

}  // namespace omega::python
