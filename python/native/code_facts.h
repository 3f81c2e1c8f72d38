// SPDX-License-Identifier: Apache-2.0
// What is known about code by its text, and about types: asked once of the Python side. Used with the GIL.
#pragma once

#include <Python.h>

#include <vector>

namespace omega::python {

/// What running a code object may do, as far as its own instructions say. Names are interned and kept.
struct CodeFacts {
  bool is_library = false;              ///< not looked into
  bool changes_anything = false;        ///< globals, arguments, output, random numbers
  bool inner_changes_anything = false;  ///< the same of functions that are defined in it, which others may call
  bool changes_reached = false;         ///< changes in place what may be a number, or an object that it was given or got from a call
  bool calls_given = false;             ///< something that it was given, or hands it to what may call it
  std::vector<PyObject*> globals;       ///< names that it looks up
  std::vector<PyObject*> names;         ///< of attributes and methods
  std::vector<PyObject*> changed;       ///< of a method: attributes of its object whose values it changes
  std::vector<PyObject*> assigned;      ///< of a method: attributes of its object that get other values
  bool changes_object = false;          ///< of a method: its object

  [[nodiscard]] bool changes_own() const { return changes_object || !changed.empty(); }
};
/// Of a Python function, as a method or not. Null where asking raised something, which is kept.
const CodeFacts* facts_of(PyObject* function, bool is_method);

/// Raises what asking raised, mostly an interrupt: questions are asked where nothing can be raised, so it is kept until somebody can. Whether there was
/// something; then an exception is set. Of the calling thread.
bool raise_kept();

/// Whether the type was made by a module of the program: not by an installed library, nor in C.
bool is_program_type(PyTypeObject* type);
bool is_program_module(PyObject* module);
/// Whether its instances have `__next__`.
bool is_iterator_type(PyTypeObject* type);
/// Iterators, files, generators of random numbers: whatever is done with them changes them.
bool is_changed_by_use(PyTypeObject* type);
/// Of a method of a type in C: whether it changes its object.
bool is_changing_method(PyObject* method);

/// What a declaration or a traced function stands for; other objects themselves. Borrowed; null where it is not there.
PyObject* function_inside(PyObject* callable);
/// An attribute of a property or static method that holds a function; borrowed, null where it holds none.
PyObject* property_function(PyObject* holder, const char* name);

/// Whether so many references to the object are all in local variables of the running function that it does not read again.
bool is_in_dead_variables(PyObject* object, Py_ssize_t references);

/// Sets what is asked: `code_facts(function, is_method)`, `is_program_module(name)`, `dead_variables(value)`, names of changing methods, types whose objects
/// are changed by use.
void set_fact_hooks(PyObject* code_facts, PyObject* is_program_module_named, PyObject* dead_variables, PyObject* changing_methods, PyObject* changing_types);

}  // namespace omega::python
