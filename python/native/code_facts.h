// SPDX-License-Identifier: Apache-2.0
// What is known about code by its text, and about types: asked once of the Python side. Used with the GIL.
#pragma once

#include <Python.h>

#include <cstdint>
#include <unordered_set>
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
  std::vector<PyObject*> for_nothing;   ///< of methods that it calls without taking what they give
  std::vector<PyObject*> changed;       ///< of a method: attributes of its object whose values it changes
  std::vector<PyObject*> assigned;      ///< of a method: attributes of its object that get other values
  std::vector<PyObject*> changing;      ///< of a method: names of methods of its object, which it uses, that change this if its class has them from C
  bool changes_object = false;          ///< of a method: its object

  [[nodiscard]] bool may_change_own() const { return changes_object || !changing.empty(); }
  /// Whether a method of this code changes its object, which is of this type.
  [[nodiscard]] bool changes_own(PyTypeObject* type) const;
};
/// Of a Python function, as a method or not. Null where asking raised something, which is kept.
const CodeFacts* facts_of(PyObject* function, bool is_method);

/// What a function of a library does with the objects that it is given.
struct UsesOfGiven {
  std::vector<PyObject*> names;  ///< methods of theirs that it names; interned and kept
  bool changes = false;          ///< their attributes, or what is in these
};
/// Asked once for a function's code.
const UsesOfGiven& uses_of_given(PyObject* function);

/// Raises what asking raised, mostly an interrupt: questions are asked where nothing can be raised, so it is kept until somebody can. Whether there was
/// something; then an exception is set. Of the calling thread.
bool raise_kept();

/// Whether the type was made by a module of the program: not by an installed library, nor in C.
bool is_program_type(PyTypeObject* type);
bool is_program_module(PyObject* module);
/// Whether its instances have `__next__`.
bool is_iterator_type(PyTypeObject* type);

/// How objects of a type that is not the program's are changed.
struct TypeFacts {
  bool by_use = false;           ///< by whatever is done with them: iterators, files, generators of random numbers
  bool by_every_call = false;    ///< by calls of the methods below; else by those of which nobody takes the result and by those that `changes_own_object` knows
  bool is_of_thread = false;     ///< who sees one runs on the thread that made it
  PyTypeObject* type = nullptr;  ///< itself, or that of its bases which is not the program's
  std::unordered_set<const void*> methods = {};  ///< their names, interned and kept
};
const TypeFacts& facts_of_type(PyTypeObject* type);
/// Whether the code of a method of a library's class says that it changes its object. `name`: interned.
bool changes_own_object(PyTypeObject* type, PyObject* name);
/// Of a method of a type in C: whether it changes its object.
bool is_changing_method(PyObject* method);
/// Whether it is one of `operator.methodcaller` whose method is known to change what it is called on.
bool calls_changing_method(PyObject* object);

/// What a declaration or a traced function stands for; other objects themselves. Borrowed; null where it is not there.
PyObject* function_inside(PyObject* callable);
/// An attribute of a property or static method that holds a function; borrowed, null where it holds none.
PyObject* property_function(PyObject* holder, const char* name);

/// Whether so many references to the object are all in local variables of the running function that it does not read again.
bool is_in_dead_variables(PyObject* object, Py_ssize_t references);

/// Whether traced code that goes on may change one of these containers without a call that is seen.
bool may_change_later(const std::vector<PyObject*>& containers);
/// Whether it may look at one of them so.
bool may_look_later(const std::vector<PyObject*>& containers);

/// Whether the running Python function takes nothing of what the call gives at which it is.
bool is_called_for_nothing();
/// Whether the running Python function is at an operator like `+=`.
bool is_at_in_place_operator();
/// Whether the running Python function calls at once what the name gives that it looks up.
bool is_looked_up_to_be_called();
/// Whether it takes an attribute of that, or an item: `dict.get`, `list[int]`.
bool is_looked_up_for_member();
/// Whether it takes an attribute by itself; else C code that it calls asks for one.
bool is_taking_attribute();
/// Whether the code, or code inside of it, does that with what the name gives.
bool takes_member_of(PyObject* code, PyObject* name);
/// The comparison at which the running Python function is, as `PyObject_RichCompare` numbers them; -1: it is at something else.
int running_comparison();

/// What an instruction of traced code has met so far where it works on results that are not there yet: values of which it only makes new ones and calls that
/// need no argument as it is, or one that changes or keeps what it is given.
enum class Met : uint8_t { nothing, harmless, harmful };
/// Of the instruction at which the running Python function is: who finds out writes it there. It lives on; null where no Python code runs.
Met* met_here();

/// Functions that are asked: see omega/xcs/reach.py, live_variables.py, later_changes.py, library_effects.py and own_changes.py.
struct FactHooks {
  PyObject* code_facts;          ///< (function, is_method)
  PyObject* is_program_module;   ///< (name)
  PyObject* dead_variables;      ///< (value)
  PyObject* instruction_facts;   ///< (code)
  PyObject* type_facts;          ///< (type)
  PyObject* changes_own_object;  ///< (type, name)
  PyObject* uses_of_given;       ///< (function)
  PyObject* changes_later;       ///< (containers)
  PyObject* looks_later;         ///< (containers)
};
/// Sets what is asked, and the names of methods that change their object. References are taken.
void set_fact_hooks(const FactHooks& hooks, PyObject* changing_methods);

}  // namespace omega::python
