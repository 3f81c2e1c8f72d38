// SPDX-License-Identifier: Apache-2.0
// omega._native: what the Python package calls.
#include <pybind11/pybind11.h>

#include <cstdlib>

#include "omega/compile/element_code.h"
#include "python/native/bind.h"
#include "python/native/internal_error.h"
#include "python/native/interrupts.h"

// pybind11 has one interpreter: in another one it would wait for the lock that this thread holds. So its entry goes under another name, behind one that looks.
#define PyInit__native PyInit_of_main_interpreter
PYBIND11_MODULE(_native, module) {
  module.doc() = "The C++ side of the package omega. Use the package's own modules; names here may change.";
  omega::compile::use_native_element_code();
  omega::python::register_exceptions();
  omega::python::bind_internal_errors(module);
  omega::python::bind_spikes(module);
  omega::python::bind_sparse(module);
  omega::python::bind_products(module);
  omega::python::bind_arrays(module);
  omega::python::bind_compiler(module);
  omega::python::bind_interrupts(module);
  omega::python::bind_performance(module);
  omega::python::bind_spiking(module);
  omega::python::bind_reservoir(module);
  omega::python::bind_xcs(module);
}
#undef PyInit__native

namespace {

/// Whether this was built for the arrays of the NumPy that is there; an ImportError where it was not.
bool knows_arrays_of_numpy() {
  PyObject* const numpy = PyImport_ImportModule("numpy");
  PyObject* const version = numpy == nullptr ? nullptr : PyObject_GetAttrString(numpy, "__version__");
  const char* const text = version == nullptr ? nullptr : PyUnicode_AsUTF8(version);
  constexpr int kKnowsBothLayouts = 0x020C0000;
  const bool knows = text != nullptr && (PYBIND11_VERSION_HEX >= kKnowsBothLayouts || std::strtol(text, nullptr, 10) < 2);
  if (text != nullptr && !knows) {
    PyErr_Format(
        PyExc_ImportError,
        "omega was built with pybind11 %d.%d, which knows the arrays of NumPy 1; here is NumPy %s: install numpy<2, or build omega with pybind11 2.12 or later",
        PYBIND11_VERSION_MAJOR, PYBIND11_VERSION_MINOR, text);
  }
  Py_XDECREF(version);
  Py_XDECREF(numpy);
  return knows;
}

#ifdef Py_GIL_DISABLED
/// Whether this free-threaded interpreter has its lock on, which guards what is here: to import a module that has not said that it goes without switches it on,
/// unless that is forbidden. An ImportError where it is.
bool has_lock() {
  PyObject* const sys = PyImport_ImportModule("sys");
  PyObject* const answer = sys == nullptr ? nullptr : PyObject_CallMethod(sys, "_is_gil_enabled", nullptr);
  const bool has = answer == Py_True;
  if (answer == Py_False) {
    PyErr_SetString(PyExc_ImportError,
                    "omega needs the interpreter's lock, which PYTHON_GIL=0 or -X gil=0 keeps off; run without them: importing omega switches the lock on");
  }
  Py_XDECREF(sys);
  Py_XDECREF(answer);
  return has;
}
#endif

}  // namespace

extern "C" PYBIND11_EXPORT PyObject* PyInit__native() {  // NOLINT: the name that Python looks for
  if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
    PyErr_SetString(PyExc_ImportError, "omega cannot be imported in a sub-interpreter; import it in the main one, or in a process of its own");
    return nullptr;
  }
#ifdef Py_GIL_DISABLED
  if (!has_lock()) {
    return nullptr;
  }
#endif
  if (!knows_arrays_of_numpy()) {
    return nullptr;
  }
  return PyInit_of_main_interpreter();
}
