// SPDX-License-Identifier: Apache-2.0
// The type Tracer: every operation of Python's on a value that is traced.
#include "python/native/tracer.h"

#include <structmember.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "python/native/array_expression.h"
#include "python/native/issue.h"
#include "python/native/operation_threads.h"
#include "python/native/traced_run.h"
#include "python/native/tracer_protocols.h"

namespace omega::python {

PyTypeObject* tracer_type = nullptr;

namespace {

PyTypeObject* iterator_type = nullptr;
PyTypeObject* number_scalar_type = nullptr;  ///< numpy.generic
PyTypeObject* array_object_type = nullptr;   ///< numpy.ndarray
PyObject* numpy_dtype_of = nullptr;          ///< numpy.dtype

/// Operators that have a slot: NumPy's operation, the function of the number protocol, the function of `operator`.
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
PyObject* function_getattr = nullptr;
PyObject* function_setattr = nullptr;
PyObject* function_setitem = nullptr;
PyObject* function_delitem = nullptr;
PyObject* function_delattr = nullptr;

/// Calls a function of the C API on what the tracers stand for.
template <class Function>
PyObject* on_values(Function function, PyObject* a, PyObject* b) {
  PyObject* const left = plain(a);
  PyObject* const right = left == nullptr ? nullptr : plain(b);
  PyObject* const result = right == nullptr ? nullptr : function(left, right);
  Py_XDECREF(left);
  Py_XDECREF(right);
  return seen(result);
}

template <size_t K>
PyObject* binary(PyObject* a, PyObject* b) {
  BinaryOperator& op = binaries[K];
  PyObject* const both[] = {a, b};
  if constexpr (K == kPower) {
    if (is_array_like(a) && (PyLong_CheckExact(b) || PyFloat_CheckExact(b))) {
      const double exponent = PyFloat_AsDouble(b);
      PyErr_Clear();
      const ArrayOp array_op = exponent == 2 ? ArrayOp::square : exponent == 0.5 ? ArrayOp::sqrt : ArrayOp::none;
      PyObject* const result = array_operation(array_op, {&a, 1});
      if (result != nullptr || PyErr_Occurred() != nullptr) {
        return result;
      }
    }
  }
  if (op.array_op != ArrayOp::none && (is_array_like(a) || is_array_like(b))) {
    PyObject* const result = array_operation(op.array_op, both);
    if (result != nullptr || PyErr_Occurred() != nullptr) {
      return result;
    }
  }
  if (is_pending_tracer(a) || is_pending_tracer(b)) {
    return issue_operator(op.function, both, 2);
  }
  return on_values(op.number, a, b);
}

template <size_t K>
PyObject* power_slot(PyObject* a, PyObject* b, PyObject* modulus) {
  if (modulus == Py_None) {
    return binary<K>(a, b);
  }
  PyObject* const left = plain(a);
  PyObject* const right = left == nullptr ? nullptr : plain(b);
  PyObject* const last = right == nullptr ? nullptr : plain(modulus);
  PyObject* const result = last == nullptr ? nullptr : PyNumber_Power(left, right, last);
  Py_XDECREF(left);
  Py_XDECREF(right);
  Py_XDECREF(last);
  return result;
}

/// An operator that may change its first operand.
template <size_t K>
PyObject* in_place(PyObject* a, PyObject* b) {
  if (is_pending_tracer(a)) {
    PyObject* const operands[] = {a, b};
    if (as_tracer(a)->operation->dependents.empty()) {
      return issue_operator(binaries[K].function, operands, 2);  // nobody else sees it change, if it does
    }
    PyObject* const value = value_of(as_tracer(a));
    if (value == nullptr) {
      return nullptr;
    }
    Py_DECREF(value);
    refresh_tracer(as_tracer(a));
  }
  PyObject* const value = as_tracer(a)->value;
  if (value != nullptr && !is_array_like(a) && Py_TYPE(value)->tp_as_number != nullptr && !PyList_Check(value) && !PyDict_Check(value) &&
      !PyAnySet_Check(value) && (PyLong_Check(value) || PyFloat_Check(value) || PyUnicode_Check(value) || PyBytes_Check(value) || PyTuple_Check(value))) {
    return on_values(binaries[K].number, a, b);
  }
  PyObject* const both[] = {a, b};
  return issue_change(binaries[K].function, both, 2);
}

template <size_t K>
PyObject* in_place_power_slot(PyObject* a, PyObject* b, PyObject* modulus) {
  static_cast<void>(modulus);
  return in_place<K>(a, b);
}

template <size_t K>
PyObject* unary(PyObject* a) {
  UnaryOperator& op = unaries[K];
  if (op.array_op != ArrayOp::none && is_array_like(a)) {
    PyObject* const result = array_operation(op.array_op, {&a, 1});
    if (result != nullptr || PyErr_Occurred() != nullptr) {
      return result;
    }
  }
  if (is_pending_tracer(a)) {
    return issue_operator(op.function, &a, 1);
  }
  PyObject* const value = plain(a);
  PyObject* const result = value == nullptr ? nullptr : op.number(value);
  Py_XDECREF(value);
  return seen(result);
}

template <PyObject* (*Function)(PyObject*)>
PyObject* converted(PyObject* self) {
  PyObject* const value = plain(self);
  PyObject* const result = value == nullptr ? nullptr : Function(value);
  Py_XDECREF(value);
  return result;
}

int truth(PyObject* self) {
  PyObject* const value = plain(self);
  const int result = value == nullptr ? -1 : PyObject_IsTrue(value);
  Py_XDECREF(value);
  return result;
}

PyObject* rich_compare(PyObject* a, PyObject* b, int op) {
  switch (op) {
    case Py_LT: return binary<kLess>(a, b);
    case Py_LE: return binary<kLessEqual>(a, b);
    case Py_EQ: return binary<kEqual>(a, b);
    case Py_NE: return binary<kNotEqual>(a, b);
    case Py_GT: return binary<kGreater>(a, b);
    default: return binary<kGreaterEqual>(a, b);
  }
}

Py_hash_t hash(PyObject* self) {
  PyObject* const value = plain(self);
  const Py_hash_t result = value == nullptr ? -1 : PyObject_Hash(value);
  Py_XDECREF(value);
  return result;
}

Py_ssize_t length(PyObject* self) {
  const Expression* const expression = as_tracer(self)->expression;
  if (expression != nullptr && expression->rank > 0) {
    return expression->shape[0];
  }
  PyObject* const value = plain(self);
  const Py_ssize_t result = value == nullptr ? -1 : PyObject_Length(value);
  Py_XDECREF(value);
  return result;
}

PyObject* item(PyObject* self, PyObject* key) {
  // A slice of an array is a view of its memory; an index that is pending needs it too.
  return binary<kItem>(self, key);
}

int set_item(PyObject* self, PyObject* key, PyObject* value) {
  PyObject* const all[] = {self, key, value};
  PyObject* const done = value == nullptr ? issue_change(function_delitem, all, 2) : issue_change(function_setitem, all, 3);
  Py_XDECREF(done);
  return done == nullptr ? -1 : 0;
}

int contains(PyObject* self, PyObject* element) {
  PyObject* const value = plain(self);
  PyObject* const searched = value == nullptr ? nullptr : plain(element);
  const int result = searched == nullptr ? -1 : PySequence_Contains(value, searched);
  Py_XDECREF(value);
  Py_XDECREF(searched);
  return result;
}

int set_attribute(PyObject* self, PyObject* name, PyObject* value) {
  PyObject* const all[] = {self, name, value};
  PyObject* const done = value == nullptr ? issue_change(function_delattr, all, 2) : issue_change(function_setattr, all, 3);
  Py_XDECREF(done);
  return done == nullptr ? -1 : 0;
}

PyObject* call(PyObject* self, PyObject* const* arguments, size_t flagged_count, PyObject* names) {
  const auto count = static_cast<size_t>(PyVectorcall_NARGS(flagged_count));
  Run* const run = current_run();
  Tracer* const tracer = as_tracer(self);
  refresh_tracer(tracer);
  if (run != nullptr && tracer->operation != nullptr) {
    return issue(run, nullptr, self, arguments, count, names);
  }
  PyObject* const function = value_of(tracer);
  if (function == nullptr) {
    return nullptr;
  }
  PyObject* result = nullptr;
  if (run == nullptr) {
    result = PyObject_Vectorcall(function, arguments, count, names);
  } else {
    if (tracer->callee == nullptr) {
      tracer->callee = callee_of(function);
    }
    result = tracer->callee == nullptr                                  ? nullptr
             : tracer->callee->effect == Callee::Effect::traced_through ? PyObject_Vectorcall(function, arguments, count, names)
                                                                        : issue(run, tracer->callee, function, arguments, count, names);
  }
  Py_DECREF(function);
  return result;
}

// Iteration.

struct SeenIterator {
  PyObject_HEAD PyObject* iterator;
};

PyObject* iterate(PyObject* self) {
  PyObject* const value = plain(self);
  PyObject* const iterator = value == nullptr ? nullptr : PyObject_GetIter(value);
  Py_XDECREF(value);
  if (iterator == nullptr) {
    return nullptr;
  }
  auto* const made = PyObject_New(SeenIterator, iterator_type);
  if (made == nullptr) {
    Py_DECREF(iterator);
    return nullptr;
  }
  made->iterator = iterator;
  return reinterpret_cast<PyObject*>(made);
}

PyObject* next_of(PyObject* self) {
  PyObject* const value = plain(self);
  PyObject* const result = value == nullptr ? nullptr : PyIter_Check(value) != 0 ? PyIter_Next(value) : nullptr;
  if (result == nullptr && value != nullptr && PyIter_Check(value) == 0) {
    PyErr_Format(PyExc_TypeError, "'%.200s' object is not an iterator", Py_TYPE(value)->tp_name);
  }
  Py_XDECREF(value);
  return seen(result);
}

PyObject* next_seen(PyObject* self) { return seen(PyIter_Next(reinterpret_cast<SeenIterator*>(self)->iterator)); }

void free_iterator(PyObject* self) {
  Py_DECREF(reinterpret_cast<SeenIterator*>(self)->iterator);
  PyTypeObject* const type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

// Attributes.

/// Attributes of an array that has not been computed.
PyObject* expression_attribute(Tracer* tracer, PyObject* name, std::string_view text) {
  const Expression& expression = *tracer->expression;
  if (text == "shape") {
    PyObject* const shape = PyTuple_New(expression.rank);
    for (uint8_t i = 0; shape != nullptr && i < expression.rank; ++i) {
      PyTuple_SET_ITEM(shape, i, PyLong_FromLongLong(expression.shape[i]));
    }
    return shape;
  }
  if (text == "ndim") {
    return PyLong_FromLong(expression.rank);
  }
  if (text == "size") {
    long long size = 1;
    for (const int64_t extent : expression.extents()) {
      size *= extent;
    }
    return PyLong_FromLongLong(size);
  }
  if (text == "dtype") {
    const std::string_view type = graph::name_of(expression.dtype);
    return PyObject_CallFunction(numpy_dtype_of, "s", type == "boolean" ? "bool" : type.data());
  }
  static_cast<void>(name);
  return nullptr;
}

bool is_special(std::string_view name) { return name.size() > 4 && name.starts_with("__") && name.ends_with("__"); }

PyObject* special_attribute(PyObject* self, PyObject* name, std::string_view text) {
  if (text == "__class__") {
    if (as_tracer(self)->expression != nullptr && as_tracer(self)->expression->rank > 0) {
      return Py_NewRef(reinterpret_cast<PyObject*>(array_object_type));
    }
    PyObject* const value = plain(self);
    PyObject* const type = value == nullptr ? nullptr : PyObject_GetAttr(value, name);
    Py_XDECREF(value);
    return type;
  }
  if (text == "__array_interface__" || text == "__array_struct__") {
    PyErr_SetObject(PyExc_AttributeError, name);  // NumPy asks __array__() then
    return nullptr;
  }
  if (PyObject* const own = _PyType_Lookup(tracer_type, name); own != nullptr && PyType_IsSubtype(Py_TYPE(own), &PyMethodDescr_Type)) {
    return PyObject_GenericGetAttr(self, name);
  }
  PyObject* const value = plain(self);
  PyObject* const result = value == nullptr ? nullptr : PyObject_GetAttr(value, name);
  Py_XDECREF(value);
  return seen(result);
}

PyObject* attribute(PyObject* self, PyObject* name) {
  Tracer* const tracer = as_tracer(self);
  Py_ssize_t size = 0;
  const char* const characters = PyUnicode_AsUTF8AndSize(name, &size);
  if (characters == nullptr) {
    return nullptr;
  }
  const std::string_view text{characters, static_cast<size_t>(size)};
  if (is_special(text)) {
    return special_attribute(self, name, text);
  }
  if (is_pending_tracer(self)) {
    PyObject* const both[] = {self, name};
    Operation* const origin = tracer->operation;
    ++origin->references;
    PyObject* const result = issue_operator(function_getattr, both, 2);
    if (result != nullptr && is_tracer(result) && as_tracer(result)->operation != nullptr && as_tracer(result)->operation->origin == nullptr) {
      as_tracer(result)->operation->origin = origin;
    } else {
      release(origin);
    }
    return result;
  }
  if (tracer->expression != nullptr) {
    if (PyObject* const known = expression_attribute(tracer, name, text); known != nullptr || PyErr_Occurred() != nullptr) {
      return known;
    }
  }
  if (is_array_like(self)) {
    const ArrayFold fold = array_fold_named(text);
    if (fold != ArrayFold::none) {
      return bound_fold(self, name, fold);
    }
  }
  PyObject* const value = plain(self);
  PyObject* const result = value == nullptr ? nullptr : PyObject_GetAttr(value, name);
  Py_XDECREF(value);
  return seen(result);
}

// Methods that the interpreter and NumPy look for.

PyObject* formatted(PyObject* self, PyObject* format) {
  PyObject* const value = plain(self);
  PyObject* const result = value == nullptr ? nullptr : PyObject_Format(value, format);
  Py_XDECREF(value);
  return result;
}

PyObject* instance_check(PyObject* self, PyObject* instance) {
  PyObject* const type = plain(self);
  PyObject* const value = type == nullptr ? nullptr : plain(instance);
  const int result = value == nullptr ? -1 : PyObject_IsInstance(value, type);
  Py_XDECREF(type);
  Py_XDECREF(value);
  return result < 0 ? nullptr : PyBool_FromLong(result);
}

PyObject* subclass_check(PyObject* self, PyObject* derived) {
  PyObject* const type = plain(self);
  PyObject* const value = type == nullptr ? nullptr : plain(derived);
  const int result = value == nullptr ? -1 : PyObject_IsSubclass(value, type);
  Py_XDECREF(type);
  Py_XDECREF(value);
  return result < 0 ? nullptr : PyBool_FromLong(result);
}

/// Copies and pickles are those of the value.
PyObject* forwarded(PyObject* self, const char* name, PyObject* argument) {
  PyObject* const value = plain(self);
  PyObject* const result = value == nullptr ? nullptr : PyObject_CallMethod(value, name, "(O)", argument);
  Py_XDECREF(value);
  return result;
}
PyObject* reduced(PyObject* self, PyObject* protocol) { return forwarded(self, "__reduce_ex__", protocol); }
PyObject* copied_by(PyObject* self, const char* function, PyObject* memory) {
  PyObject* const value = plain(self);
  PyObject* const module = value == nullptr ? nullptr : PyImport_ImportModule("copy");
  PyObject* const result = module == nullptr   ? nullptr
                           : memory != nullptr ? PyObject_CallMethod(module, function, "OO", value, memory)
                                               : PyObject_CallMethod(module, function, "(O)", value);
  Py_XDECREF(value);
  Py_XDECREF(module);
  return result;
}
PyObject* copied(PyObject* self, PyObject*) { return copied_by(self, "copy", nullptr); }
PyObject* deeply_copied(PyObject* self, PyObject* memory) { return copied_by(self, "deepcopy", memory); }
PyObject* rounded(PyObject* self, PyObject* arguments) {
  PyObject* const value = plain(self);
  PyObject* const function = value == nullptr ? nullptr : PyObject_GetAttrString(value, "__round__");
  PyObject* const result = function == nullptr ? nullptr : PyObject_Call(function, arguments, nullptr);
  Py_XDECREF(value);
  Py_XDECREF(function);
  return seen(result);
}

int get_buffer(PyObject* self, Py_buffer* buffer, int flags) {
  PyObject* const value = plain(self);
  const int result = value == nullptr ? -1 : PyObject_GetBuffer(value, buffer, flags);
  Py_XDECREF(value);
  return result;
}

// The object itself.

void free_tracer(PyObject* self) {
  PyObject_GC_UnTrack(self);
  Tracer* const tracer = as_tracer(self);
  if (tracer->expression != nullptr) {
    drop_expression(tracer);
  }
  if (tracer->operation != nullptr) {
    release(std::exchange(tracer->operation, nullptr));
  }
  Py_XDECREF(tracer->value);
  PyTypeObject* const type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  const Tracer* const tracer = as_tracer(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(tracer->value);
  return tracer->expression == nullptr ? 0 : traverse_expression(tracer->expression, visit, arg);
}

/// A module whose functions traced code calls as they are: they take tracers.
bool is_transparent_module(PyObject* module) {
  if (module == nullptr || !PyUnicode_Check(module)) {
    return false;
  }
  const char* const text = PyUnicode_AsUTF8(module);
  const std::string_view name = text == nullptr ? "" : text;
  return (name.starts_with("numpy") && !name.starts_with("numpy.random")) || name == "omega.xcs.substitutes";
}

/// Classes whose making is seen: those that run code of the program.
bool is_seen_class(PyTypeObject* type) {
  static PyObject* const post_init = PyUnicode_InternFromString("__post_init__");
  static PyObject* const fields = PyUnicode_InternFromString("__dataclass_fields__");
  if (!PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) || PyType_IsSubtype(type, reinterpret_cast<PyTypeObject*>(PyExc_BaseException)) ||
      PyType_IsSubtype(type, &PyTuple_Type)) {
    return false;
  }
  return _PyType_Lookup(type, fields) == nullptr || _PyType_Lookup(type, post_init) != nullptr;
}

bool is_plain_value(PyObject* value) {
  PyTypeObject* const type = Py_TYPE(value);
  if (type == &PyFloat_Type || type == &PyLong_Type || type == &PyUnicode_Type || value == Py_None || type == &PyBool_Type || type == tracer_type ||
      type == &PyBytes_Type || type == &PyComplex_Type || type == &PySlice_Type || value == Py_Ellipsis || value == Py_NotImplemented ||
      type == &PyRange_Type || is_bound_fold_type(type) || type == iterator_type) {
    return true;
  }
  if (type == &PyTuple_Type) {
    const Py_ssize_t size = PyTuple_GET_SIZE(value);
    for (Py_ssize_t i = 0; i < size && size <= 8; ++i) {
      if (!is_plain_value(PyTuple_GET_ITEM(value, i))) {
        return false;
      }
    }
    return size <= 8;
  }
  if (type == array_object_type) {
    return false;
  }
  if (PyFunction_Check(value)) {
    return is_transparent_module(reinterpret_cast<PyFunctionObject*>(value)->func_module);
  }
  if (PyCFunction_Check(value)) {
    const auto* const function = reinterpret_cast<PyCFunctionObject*>(value);
    PyObject* const module = function->m_module;
    return module != nullptr && PyUnicode_Check(module) &&
           (is_transparent_module(module) || PyUnicode_CompareWithASCIIString(module, "builtins") == 0 ||
            PyUnicode_CompareWithASCIIString(module, "_operator") == 0);
  }
  if (PyType_Check(value)) {
    return !is_seen_class(reinterpret_cast<PyTypeObject*>(value));
  }
  return PyObject_TypeCheck(value, number_scalar_type) || std::strcmp(type->tp_name, "numpy.ufunc") == 0 || std::strcmp(type->tp_name, "numpy.dtype") == 0 ||
         std::strcmp(type->tp_name, "omega._native.TracedFunction") == 0;
}

}  // namespace

void refresh_tracer(Tracer* tracer) {
  Operation* const operation = tracer->operation;
  if (operation != nullptr && operation->state == Operation::State::done && (operation->last_call == nullptr || operation->last_call->is_over())) {
    tracer->value = Py_NewRef(operation->value);
    tracer->operation = nullptr;
    release(operation);
  }
}

bool is_pending_tracer(PyObject* object) {
  if (!is_tracer(object)) {
    return false;
  }
  refresh_tracer(as_tracer(object));
  return as_tracer(object)->operation != nullptr;
}

Tracer* new_tracer() {
  Tracer* const tracer = PyObject_GC_New(Tracer, tracer_type);
  if (tracer != nullptr) {
    tracer->value = nullptr;
    tracer->operation = nullptr;
    tracer->expression = nullptr;
    tracer->callee = nullptr;
    tracer->call = call;
    PyObject_GC_Track(tracer);
  }
  return tracer;
}

PyObject* seen(PyObject* value) {
  if (value == nullptr || is_plain_value(value)) {
    return value;
  }
  Tracer* const tracer = new_tracer();
  if (tracer == nullptr) {
    Py_DECREF(value);
    return nullptr;
  }
  tracer->value = value;
  return reinterpret_cast<PyObject*>(tracer);
}

PyObject* value_of(Tracer* tracer) {
  if (tracer->operation != nullptr) {
    Operation* const operation = tracer->operation;
    if (operation->state == Operation::State::done && current_run() == nullptr) {
      return Py_NewRef(operation->value);  // for an operation that runs: what it had to wait for is over
    }
    ++operation->references;
    const int failed = wait_for(operation);
    PyObject* const value = failed < 0 ? nullptr : Py_NewRef(operation->value);
    release(operation);
    if (failed == 0) {
      refresh_tracer(tracer);
    }
    return value;
  }
  if (tracer->expression != nullptr && evaluate_expressions({&tracer, 1}) < 0) {
    return nullptr;
  }
  return Py_XNewRef(tracer->value);
}

PyObject* plain(PyObject* object) { return is_tracer(object) ? value_of(as_tracer(object)) : Py_NewRef(object); }

#define OMEGA_SLOT(slot, function) {Py_##slot, reinterpret_cast<void*>(function)}

int add_tracer_type(PyObject* module) {
  static PyMethodDef methods[] = {
      {"__array__", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(array_of)), METH_VARARGS | METH_KEYWORDS, "The value as an array."},
      {"__array_ufunc__", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(array_ufunc)), METH_VARARGS | METH_KEYWORDS, "NumPy's element-wise functions."},
      {"__array_function__", array_function, METH_VARARGS, "NumPy's other functions."},
      {"__format__", formatted, METH_O, "The value's."},
      {"__instancecheck__", instance_check, METH_O, "The value's."},
      {"__subclasscheck__", subclass_check, METH_O, "The value's."},
      {"__reduce_ex__", reduced, METH_O, "The value's."},
      {"__copy__", copied, METH_NOARGS, "The value's."},
      {"__deepcopy__", deeply_copied, METH_O, "The value's."},
      {"__round__", rounded, METH_VARARGS, "The value's."},
      {nullptr, nullptr, 0, nullptr}};
  static PyMemberDef members[] = {{"__vectorcalloffset__", T_PYSSIZET, offsetof(Tracer, call), READONLY, nullptr}, {nullptr, 0, 0, 0, nullptr}};
  static PyType_Slot slots[] = {OMEGA_SLOT(tp_dealloc, free_tracer),
                                OMEGA_SLOT(tp_traverse, traverse),
                                OMEGA_SLOT(tp_methods, methods),
                                OMEGA_SLOT(tp_members, members),
                                OMEGA_SLOT(tp_call, PyVectorcall_Call),
                                OMEGA_SLOT(tp_getattro, attribute),
                                OMEGA_SLOT(tp_setattro, set_attribute),
                                OMEGA_SLOT(tp_richcompare, rich_compare),
                                OMEGA_SLOT(tp_hash, hash),
                                OMEGA_SLOT(tp_iter, iterate),
                                OMEGA_SLOT(tp_iternext, next_of),
                                OMEGA_SLOT(tp_str, converted<PyObject_Str>),
                                OMEGA_SLOT(tp_repr, converted<PyObject_Repr>),
                                OMEGA_SLOT(bf_getbuffer, get_buffer),
                                OMEGA_SLOT(mp_length, length),
                                OMEGA_SLOT(mp_subscript, item),
                                OMEGA_SLOT(mp_ass_subscript, set_item),
                                OMEGA_SLOT(sq_contains, contains),
                                OMEGA_SLOT(nb_bool, truth),
                                OMEGA_SLOT(nb_int, converted<PyNumber_Long>),
                                OMEGA_SLOT(nb_float, converted<PyNumber_Float>),
                                OMEGA_SLOT(nb_index, converted<PyNumber_Index>),
                                OMEGA_SLOT(nb_negative, unary<kNegative>),
                                OMEGA_SLOT(nb_positive, unary<kPositive>),
                                OMEGA_SLOT(nb_absolute, unary<kAbsolute>),
                                OMEGA_SLOT(nb_invert, unary<kInvert>),
                                OMEGA_SLOT(nb_add, binary<kAdd>),
                                OMEGA_SLOT(nb_subtract, binary<kSubtract>),
                                OMEGA_SLOT(nb_multiply, binary<kMultiply>),
                                OMEGA_SLOT(nb_true_divide, binary<kDivide>),
                                OMEGA_SLOT(nb_floor_divide, binary<kFloorDivide>),
                                OMEGA_SLOT(nb_remainder, binary<kRemainder>),
                                OMEGA_SLOT(nb_power, power_slot<kPower>),
                                OMEGA_SLOT(nb_matrix_multiply, binary<kMatrixMultiply>),
                                OMEGA_SLOT(nb_and, binary<kAnd>),
                                OMEGA_SLOT(nb_or, binary<kOr>),
                                OMEGA_SLOT(nb_xor, binary<kXor>),
                                OMEGA_SLOT(nb_lshift, binary<kLeftShift>),
                                OMEGA_SLOT(nb_rshift, binary<kRightShift>),
                                OMEGA_SLOT(nb_inplace_add, in_place<kInAdd>),
                                OMEGA_SLOT(nb_inplace_subtract, in_place<kInSubtract>),
                                OMEGA_SLOT(nb_inplace_multiply, in_place<kInMultiply>),
                                OMEGA_SLOT(nb_inplace_true_divide, in_place<kInDivide>),
                                OMEGA_SLOT(nb_inplace_floor_divide, in_place<kInFloorDivide>),
                                OMEGA_SLOT(nb_inplace_remainder, in_place<kInRemainder>),
                                OMEGA_SLOT(nb_inplace_power, in_place_power_slot<kInPower>),
                                OMEGA_SLOT(nb_inplace_matrix_multiply, in_place<kInMatrixMultiply>),
                                OMEGA_SLOT(nb_inplace_and, in_place<kInAnd>),
                                OMEGA_SLOT(nb_inplace_or, in_place<kInOr>),
                                OMEGA_SLOT(nb_inplace_xor, in_place<kInXor>),
                                OMEGA_SLOT(nb_inplace_lshift, in_place<kInLeftShift>),
                                OMEGA_SLOT(nb_inplace_rshift, in_place<kInRightShift>),
                                OMEGA_SLOT(tp_doc, const_cast<char*>("What stands for a value while a traced function runs.")),
                                {0, nullptr}};
  static PyType_Spec spec = {"omega._native.Tracer", sizeof(Tracer), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  static PyType_Slot iterator_slots[] = {
      OMEGA_SLOT(tp_dealloc, free_iterator), OMEGA_SLOT(tp_iter, PyObject_SelfIter), OMEGA_SLOT(tp_iternext, next_seen), {0, nullptr}};
  static PyType_Spec iterator_spec = {"omega._native.SeenIterator", sizeof(SeenIterator), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                      iterator_slots};
  tracer_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  iterator_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&iterator_spec));
  PyObject* const numpy = PyImport_ImportModule("numpy");
  PyObject* const operators = PyImport_ImportModule("operator");
  PyObject* const builtins = PyEval_GetBuiltins();
  if (tracer_type == nullptr || iterator_type == nullptr || numpy == nullptr || operators == nullptr) {
    return -1;
  }
  number_scalar_type = reinterpret_cast<PyTypeObject*>(PyObject_GetAttrString(numpy, "generic"));
  array_object_type = reinterpret_cast<PyTypeObject*>(PyObject_GetAttrString(numpy, "ndarray"));
  numpy_dtype_of = PyObject_GetAttrString(numpy, "dtype");
  for (BinaryOperator& each : binaries) {
    each.function = PyObject_GetAttrString(operators, each.name);
  }
  for (UnaryOperator& each : unaries) {
    each.function = PyObject_GetAttrString(operators, each.name);
  }
  function_setitem = PyObject_GetAttrString(operators, "setitem");
  function_delitem = PyObject_GetAttrString(operators, "delitem");
  function_getattr = Py_XNewRef(PyDict_GetItemString(builtins, "getattr"));
  function_setattr = Py_XNewRef(PyDict_GetItemString(builtins, "setattr"));
  function_delattr = Py_XNewRef(PyDict_GetItemString(builtins, "delattr"));
  Py_DECREF(numpy);
  Py_DECREF(operators);
  return add_numpy_protocols() < 0 || PyErr_Occurred() != nullptr ? -1 : PyModule_AddObjectRef(module, "Tracer", reinterpret_cast<PyObject*>(tracer_type));
}

}  // namespace omega::python
