// SPDX-License-Identifier: Apache-2.0
// Python's operators on tracers: steps of expressions where arrays are, operations where something is pending, the operator itself otherwise.
#include <array>

#include "python/native/array_expression.h"
#include "python/native/code_facts.h"
#include "python/native/issue.h"
#include "python/native/order.h"
#include "python/native/recording.h"
#include "python/native/replay.h"
#include "python/native/structure.h"
#include "python/native/tracer_protocols.h"
#include "python/native/type_slot.h"

namespace omega::python {
namespace {

/// Operators that have a slot: NumPy's operation, the function of the number protocol, the function of `operator` or the builtin.
struct BinaryOperator {
  ArrayOp array_op;
  PyObject* (*number)(PyObject*, PyObject*);
  const char* name;
  PyObject* function = nullptr;
};

PyObject* power(PyObject* a, PyObject* b) { return PyNumber_Power(a, b, Py_None); }
PyObject* in_place_power(PyObject* a, PyObject* b) { return PyNumber_InPlacePower(a, b, Py_None); }
template <int Operator>
PyObject* compare(PyObject* a, PyObject* b) {
  return PyObject_RichCompare(a, b, Operator);
}

enum Binary : size_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kFloorDivide,
  kDivmod,
  kRemainder,
  kPower,
  kMatrixMultiply,
  kAnd,
  kOr,
  kXor,
  kLeftShift,
  kRightShift,
  kLess,
  kLessEqual,
  kEqual,
  kNotEqual,
  kGreater,
  kGreaterEqual,
  kItem,
  kInAdd,
  kInSubtract,
  kInMultiply,
  kInDivide,
  kInFloorDivide,
  kInRemainder,
  kInPower,
  kInMatrixMultiply,
  kInAnd,
  kInOr,
  kInXor,
  kInLeftShift,
  kInRightShift,
  kBinaries
};

std::array<BinaryOperator, kBinaries> binaries = {{
    {ArrayOp::add, PyNumber_Add, "add"},
    {ArrayOp::subtract, PyNumber_Subtract, "sub"},
    {ArrayOp::multiply, PyNumber_Multiply, "mul"},
    {ArrayOp::true_divide, PyNumber_TrueDivide, "truediv"},
    {ArrayOp::none, PyNumber_FloorDivide, "floordiv"},
    {ArrayOp::none, PyNumber_Divmod, "divmod"},
    {ArrayOp::none, PyNumber_Remainder, "mod"},
    {ArrayOp::none, power, "pow"},
    {ArrayOp::none, PyNumber_MatrixMultiply, "matmul"},
    {ArrayOp::logical_and, PyNumber_And, "and_"},
    {ArrayOp::logical_or, PyNumber_Or, "or_"},
    {ArrayOp::none, PyNumber_Xor, "xor"},
    {ArrayOp::none, PyNumber_Lshift, "lshift"},
    {ArrayOp::none, PyNumber_Rshift, "rshift"},
    {ArrayOp::less, compare<Py_LT>, "lt"},
    {ArrayOp::less_equal, compare<Py_LE>, "le"},
    {ArrayOp::equal, compare<Py_EQ>, "eq"},
    {ArrayOp::not_equal, compare<Py_NE>, "ne"},
    {ArrayOp::greater, compare<Py_GT>, "gt"},
    {ArrayOp::greater_equal, compare<Py_GE>, "ge"},
    {ArrayOp::none, PyObject_GetItem, "getitem"},
    {ArrayOp::none, PyNumber_InPlaceAdd, "iadd"},
    {ArrayOp::none, PyNumber_InPlaceSubtract, "isub"},
    {ArrayOp::none, PyNumber_InPlaceMultiply, "imul"},
    {ArrayOp::none, PyNumber_InPlaceTrueDivide, "itruediv"},
    {ArrayOp::none, PyNumber_InPlaceFloorDivide, "ifloordiv"},
    {ArrayOp::none, PyNumber_InPlaceRemainder, "imod"},
    {ArrayOp::none, in_place_power, "ipow"},
    {ArrayOp::none, PyNumber_InPlaceMatrixMultiply, "imatmul"},
    {ArrayOp::none, PyNumber_InPlaceAnd, "iand"},
    {ArrayOp::none, PyNumber_InPlaceOr, "ior"},
    {ArrayOp::none, PyNumber_InPlaceXor, "ixor"},
    {ArrayOp::none, PyNumber_InPlaceLshift, "ilshift"},
    {ArrayOp::none, PyNumber_InPlaceRshift, "irshift"},
}};

enum Unary : size_t { kNegative, kPositive, kAbsolute, kInvert, kUnaries };
struct UnaryOperator {
  ArrayOp array_op;
  PyObject* (*number)(PyObject*);
  const char* name;
  PyObject* function = nullptr;
};
std::array<UnaryOperator, kUnaries> unaries = {{{ArrayOp::negative, PyNumber_Negative, "neg"},
                                                {ArrayOp::none, PyNumber_Positive, "pos"},
                                                {ArrayOp::absolute, PyNumber_Absolute, "abs"},
                                                {ArrayOp::logical_not, PyNumber_Invert, "invert"}}};
/// What an operand is; containers of the body without what stands for values in them, which the result might hold.
PyObject* operand(PyObject* object, Looking looking) {
  PyObject* const value = looked_at(object, looking);
  if (value == nullptr || is_tracer(object)) {
    return value;
  }
  PyObject* const made = plain_structure(value);
  Py_DECREF(value);
  return made;
}

/// Calls a function of the C API on what the tracers stand for.
template <class Function>
PyObject* on_values(Function function, PyObject* a, PyObject* b, Looking looking = Looking::whole) {
  PyObject* const left = operand(a, looking);
  PyObject* const right = left == nullptr ? nullptr : operand(b, Looking::whole);
  PyObject* const result = right == nullptr ? nullptr : outside_trace([&] { return function(left, right); });
  Py_XDECREF(left);
  Py_XDECREF(right);
  return seen(result);
}

/// Whether an operator on it is an operation of the run: it is not there yet, or the operator runs code of the program.
bool takes_part(PyObject* object) {
  if (is_pending_tracer(object) || is_recorded(object)) {
    return true;
  }
  const Run* const run = current_run();
  PyObject* const value = is_tracer(object) ? as_tracer(object)->value : object;
  return value != nullptr && run != nullptr && is_program_type(Py_TYPE(value));
}

/// The operator that changes a set where it stands, or has no number.
constexpr auto in_place_set_operator(size_t k) {
  return k == kSubtract ? PyNumber_InPlaceSubtract
         : k == kAnd    ? PyNumber_InPlaceAnd
         : k == kOr     ? PyNumber_InPlaceOr
         : k == kXor    ? PyNumber_InPlaceXor
                        : nullptr;
}

/// An operator like `|=` of a set of the body and what a tracer stands for: the elements come into the set as the body sees them.
PyObject* change_set(PyObject* set, PyObject* tracer, PyObject* (*change)(PyObject*, PyObject*)) {
  PyObject* const value = looked_at(tracer, Looking::whole);
  PyObject* const elements = value == nullptr ? nullptr : PyAnySet_Check(value) ? PySet_New(tracer) : Py_NewRef(value);
  PyObject* const result = elements == nullptr ? nullptr : change(set, elements);
  Py_XDECREF(value);
  Py_XDECREF(elements);
  return result;
}

template <size_t K>
PyObject* binary(PyObject* a, PyObject* b) {
  BinaryOperator& op = binaries[K];
  PyObject* const both[] = {a, b};
  if constexpr (in_place_set_operator(K) != nullptr) {
    if (PySet_CheckExact(a) && is_at_in_place_operator()) {
      return change_set(a, b, in_place_set_operator(K));
    }
  }
  if ((is_array_like(a) || is_array_like(b)) && wait_for_arrays(both) < 0) {
    return nullptr;
  }
  if constexpr (K == kPower) {
    if (is_array_like(a) && (PyLong_CheckExact(b) || PyFloat_CheckExact(b))) {
      const double exponent = PyFloat_AsDouble(b);
      PyErr_Clear();
      const ArrayOp array_op = exponent == 2 ? ArrayOp::square : exponent == 0.5 ? ArrayOp::sqrt : ArrayOp::none;
      PyObject* const result = look(op.function, {a}, [&] { return array_operation(array_op, {&a, 1}); });
      if (result != nullptr || PyErr_Occurred() != nullptr) {
        return result;
      }
    }
  }
  if (op.array_op != ArrayOp::none && (is_array_like(a) || is_array_like(b))) {
    PyObject* const result = look(op.function, {a, b}, [&] { return array_operation(op.array_op, both); });
    if (result != nullptr || PyErr_Occurred() != nullptr) {
      return result;
    }
  }
  if (takes_part(a) || takes_part(b)) {
    return issue_operator(OperatorEffect::none, op.function, both, 2);
  }
  return look(op.function, {a, b}, [&] { return on_values(binaries[K].number, a, b, K == kItem ? Looking::itself : Looking::whole); });
}

template <size_t K>
PyObject* power_slot(PyObject* a, PyObject* b, PyObject* modulus) {
  if (modulus == Py_None) {
    return binary<K>(a, b);
  }
  PyObject* const left = plain(a);
  PyObject* const right = left == nullptr ? nullptr : plain(b);
  PyObject* const last = right == nullptr ? nullptr : plain(modulus);
  PyObject* const result = last == nullptr ? nullptr : outside_trace([&] { return PyNumber_Power(left, right, last); });
  Py_XDECREF(left);
  Py_XDECREF(right);
  Py_XDECREF(last);
  return result;
}

/// An operator that may change its first operand.
template <size_t K>
PyObject* in_place(PyObject* a, PyObject* b) {
  if (is_pending_tracer(a)) {
    Run* const run = current_run();
    Met* const met = run == nullptr || run->is_abstract ? nullptr : met_here();
    if (met == nullptr || *met == Met::harmless) {
      PyObject* const operands[] = {a, b};
      PyObject* const result = issue_operator(OperatorEffect::first, binaries[K].function, operands, 2);
      if (result != nullptr && met != nullptr) {
        run->log.back()->met = met;
      }
      return result;
    }
    PyObject* const first = looked_at(a, Looking::itself);
    if (first == nullptr) {
      return nullptr;
    }
    *met = *met == Met::harmful || may_change_in_place(first) ? Met::harmful : Met::harmless;
    Py_DECREF(first);
    refresh_tracer(as_tracer(a));
  }
  PyObject* const value = as_tracer(a)->value;
  if (value != nullptr && !is_array_like(a) && Py_TYPE(value)->tp_as_number != nullptr && !PyList_Check(value) && !PyDict_Check(value) &&
      !PyAnySet_Check(value) && (PyLong_Check(value) || PyFloat_Check(value) || PyUnicode_Check(value) || PyBytes_Check(value) || PyTuple_Check(value))) {
    PyObject* const operands[] = {a, b};
    return takes_part(a) || takes_part(b) ? issue_operator(OperatorEffect::none, binaries[K].function, operands, 2)
                                          : look(binaries[K].function, {a, b}, [&] { return on_values(binaries[K].number, a, b); });
  }
  PyObject* const both[] = {a, b};
  return issue_operator(OperatorEffect::shared, binaries[K].function, both, 2);
}

template <size_t K>
PyObject* in_place_power_slot(PyObject* a, PyObject* b, PyObject* modulus) {
  static_cast<void>(modulus);
  return in_place<K>(a, b);
}

template <size_t K>
PyObject* unary(PyObject* a) {
  UnaryOperator& op = unaries[K];
  if (is_array_like(a) && wait_for_arrays({&a, 1}) < 0) {
    return nullptr;
  }
  if (op.array_op != ArrayOp::none && is_array_like(a)) {
    PyObject* const result = look(op.function, {a}, [&] { return array_operation(op.array_op, {&a, 1}); });
    if (result != nullptr || PyErr_Occurred() != nullptr) {
      return result;
    }
  }
  if (takes_part(a)) {
    return issue_operator(OperatorEffect::none, op.function, &a, 1);
  }
  return look(op.function, {a}, [&] {
    PyObject* const value = looked_at(a, Looking::whole);
    PyObject* const result = value == nullptr ? nullptr : outside_trace([value] { return unaries[K].number(value); });
    Py_XDECREF(value);
    return seen(result);
  });
}

PyObject* compare_by(int op, PyObject* a, PyObject* b) {
  switch (op) {
    case Py_LT: return binary<kLess>(a, b);
    case Py_LE: return binary<kLessEqual>(a, b);
    case Py_EQ: return binary<kEqual>(a, b);
    case Py_NE: return binary<kNotEqual>(a, b);
    case Py_GT: return binary<kGreater>(a, b);
    default: return binary<kGreaterEqual>(a, b);
  }
}

int mirrored(int op) { return op == Py_LT ? Py_GT : op == Py_GT ? Py_LT : op == Py_LE ? Py_GE : op == Py_GE ? Py_LE : op; }

/// Whether comparing the tracer's value with the other in the other order may run other code, or say something else.
bool minds_order(PyObject* tracer, PyObject* other) {
  const PyObject* const value = as_tracer(tracer)->value;
  return !is_array_like(tracer) && !is_array_like(other) && (value == nullptr || Py_TYPE(value) != Py_TYPE(other));
}

PyObject* rich_compare(PyObject* a, PyObject* b, int op) {
  const bool is_ordering = op != Py_EQ && op != Py_NE;
  if (is_ordering && !is_tracer(b) && minds_order(a, b) && running_comparison() == mirrored(op)) {
    return compare_by(mirrored(op), b, a);  // the interpreter asked the left operand first, which knows no tracers
  }
  return compare_by(op, a, b);
}

/// Whether getting the item puts one there, as `defaultdict` does.
bool puts_missing_item(PyObject* self, PyObject* key) {
  static PyObject* const missing = PyUnicode_InternFromString("__missing__");
  PyObject* const value = as_tracer(self)->value;
  if (value == nullptr || !PyDict_Check(value) || PyDict_CheckExact(value)) {
    return false;
  }
  PyObject* const method = _PyType_Lookup(Py_TYPE(value), missing);
  if (method == nullptr || Py_TYPE(method) != &PyMethodDescr_Type) {
    return false;
  }
  PyObject* const plain_key = plain(key);
  const bool is_there = plain_key == nullptr || PyDict_Contains(value, plain_key) != 0;
  Py_XDECREF(plain_key);
  PyErr_Clear();
  return !is_there;
}

/// Whether the tracer stands for a list, tuple or dict that nothing changes any more, and the key is a number or a text: getting the item awaits nothing.
bool is_container_at_rest(PyObject* self, PyObject* key) {
  PyObject* const value = as_tracer(self)->value;
  const Run* const run = current_run();
  return value != nullptr && (PyList_CheckExact(value) || PyTuple_CheckExact(value) || PyDict_CheckExact(value)) &&
         (PyLong_CheckExact(key) || PyUnicode_CheckExact(key)) && run != nullptr && run->recording == nullptr && is_settled(run);
}

PyObject* item(PyObject* self, PyObject* key) {
  if (is_container_at_rest(self, key)) {
    return look(binaries[kItem].function, {self}, [&] { return seen(outside_trace([&] { return PyObject_GetItem(as_tracer(self)->value, key); })); });
  }
  if (puts_missing_item(self, key)) {
    PyObject* const both[] = {self, key};
    return issue_operator(OperatorEffect::shared, binaries[kItem].function, both, 2);
  }
  // A slice of an array is a view of its memory; an index that is pending needs it too.
  return binary<kItem>(self, key);
}

}  // namespace

std::span<const PyType_Slot> operator_slots() {
  static const PyType_Slot slots[] = {
      type_slot(Py_nb_negative, unary<kNegative>),
      type_slot(Py_nb_positive, unary<kPositive>),
      type_slot(Py_nb_absolute, unary<kAbsolute>),
      type_slot(Py_nb_invert, unary<kInvert>),
      type_slot(Py_nb_add, binary<kAdd>),
      type_slot(Py_nb_subtract, binary<kSubtract>),
      type_slot(Py_nb_multiply, binary<kMultiply>),
      type_slot(Py_nb_true_divide, binary<kDivide>),
      type_slot(Py_nb_floor_divide, binary<kFloorDivide>),
      type_slot(Py_nb_divmod, binary<kDivmod>),
      type_slot(Py_nb_remainder, binary<kRemainder>),
      type_slot(Py_nb_power, power_slot<kPower>),
      type_slot(Py_nb_matrix_multiply, binary<kMatrixMultiply>),
      type_slot(Py_nb_and, binary<kAnd>),
      type_slot(Py_nb_or, binary<kOr>),
      type_slot(Py_nb_xor, binary<kXor>),
      type_slot(Py_nb_lshift, binary<kLeftShift>),
      type_slot(Py_nb_rshift, binary<kRightShift>),
      type_slot(Py_nb_inplace_add, in_place<kInAdd>),
      type_slot(Py_nb_inplace_subtract, in_place<kInSubtract>),
      type_slot(Py_nb_inplace_multiply, in_place<kInMultiply>),
      type_slot(Py_nb_inplace_true_divide, in_place<kInDivide>),
      type_slot(Py_nb_inplace_floor_divide, in_place<kInFloorDivide>),
      type_slot(Py_nb_inplace_remainder, in_place<kInRemainder>),
      type_slot(Py_nb_inplace_power, in_place_power_slot<kInPower>),
      type_slot(Py_nb_inplace_matrix_multiply, in_place<kInMatrixMultiply>),
      type_slot(Py_nb_inplace_and, in_place<kInAnd>),
      type_slot(Py_nb_inplace_or, in_place<kInOr>),
      type_slot(Py_nb_inplace_xor, in_place<kInXor>),
      type_slot(Py_nb_inplace_lshift, in_place<kInLeftShift>),
      type_slot(Py_nb_inplace_rshift, in_place<kInRightShift>),
      type_slot(Py_mp_subscript, item),
      type_slot(Py_tp_richcompare, rich_compare),
  };
  return slots;
}

int find_operators(PyObject* operators) {
  for (BinaryOperator& each : binaries) {
    PyObject* const builtin = each.number == PyNumber_Divmod ? PyDict_GetItemString(PyEval_GetBuiltins(), each.name) : nullptr;
    each.function = builtin != nullptr ? Py_NewRef(builtin) : PyObject_GetAttrString(operators, each.name);
  }
  for (UnaryOperator& each : unaries) {
    each.function = PyObject_GetAttrString(operators, each.name);
  }
  return PyErr_Occurred() != nullptr ? -1 : 0;
}

}  // namespace omega::python
