// SPDX-License-Identifier: Apache-2.0
#include "python/native/code_facts.h"

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "python/native/callee.h"
#include "python/native/made_once.h"
#include "python/native/traced_function.h"
#include "python/native/worth.h"

namespace omega::python {
namespace {

FactHooks ask = {};
PyObject* changing_method_names = nullptr;

/// What was raised while a question was asked.
struct Kept {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
};
thread_local Kept kept;

void keep_exception() {
  if (kept.type != nullptr) {
    PyErr_Clear();
  } else {
    PyErr_Fetch(&kept.type, &kept.value, &kept.traceback);
  }
}

/// Flags of the answer.
enum Flag : int { kAnything = 1, kAnythingInside = 2, kReached = 4, kLibrary = 8, kCallsGiven = 16 };

void read_names(PyObject* tuple, std::vector<PyObject*>& names) {
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); ++i) {
    PyObject* name = Py_NewRef(PyTuple_GET_ITEM(tuple, i));
    PyUnicode_InternInPlace(&name);
    names.push_back(name);
  }
}

std::unique_ptr<CodeFacts> asked_facts(PyObject* function, bool is_method) {
  const ReadingCode reading;
  PyObject* const answer = PyObject_CallFunctionObjArgs(ask.code_facts, function, is_method ? Py_True : Py_False, nullptr);
  int flags = 0;
  PyObject *globals, *names, *for_nothing, *changed, *assigned, *changing;
  if (answer == nullptr || PyArg_ParseTuple(answer, "iO!O!O!O!O!O!", &flags, &PyTuple_Type, &globals, &PyTuple_Type, &names, &PyTuple_Type, &for_nothing,
                                            &PyTuple_Type, &changed, &PyTuple_Type, &assigned, &PyTuple_Type, &changing) == 0) {
    Py_XDECREF(answer);
    keep_exception();
    return nullptr;
  }
  auto facts = std::make_unique<CodeFacts>();
  facts->is_library = (flags & kLibrary) != 0;
  facts->changes_anything = (flags & kAnything) != 0;
  facts->inner_changes_anything = (flags & kAnythingInside) != 0;
  facts->changes_reached = (flags & kReached) != 0;
  facts->calls_given = (flags & kCallsGiven) != 0;
  read_names(globals, facts->globals);
  read_names(names, facts->names);
  read_names(for_nothing, facts->for_nothing);
  read_names(assigned, facts->assigned);
  read_names(changing, facts->changing);
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(changed); ++i) {
    facts->changes_object = true;  // who changes what an attribute holds changes what its object is to others
  }
  read_names(changed, facts->changed);
  std::erase_if(facts->changed, [](PyObject* name) { return PyUnicode_GET_LENGTH(name) == 0; });
  Py_DECREF(answer);
  return facts;
}

/// What is asked about instructions of a code object, by their offsets.
struct InstructionFacts {
  std::unordered_set<int> calls_for_nothing;
  std::unordered_set<int> in_place_operators;
  std::unordered_map<int, int> comparisons;
  std::unordered_set<int> attributes_taken;
  std::unordered_set<int> called_names;  ///< look-ups of names of which the value is called at once
  std::unordered_map<int, Met> met;
  std::unordered_map<int, PyObject*> with_members;  ///< those of which an attribute or item is taken, and the names: interned and kept
};

void read_offsets(PyObject* tuple, std::unordered_set<int>& offsets) {
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); ++i) {
    offsets.insert(static_cast<int>(PyLong_AsLong(PyTuple_GET_ITEM(tuple, i))));
  }
}

/// Null where asking raised something, which is kept.
std::unique_ptr<InstructionFacts> asked_instruction_facts(PyCodeObject* code) {
  const ReadingCode reading;
  PyObject* const answer = PyObject_CallOneArg(ask.instruction_facts, reinterpret_cast<PyObject*>(code));
  PyObject *calls, *in_place, *comparisons, *called_names, *with_members, *attributes;
  if (answer == nullptr || PyArg_ParseTuple(answer, "O!O!O!O!O!O!", &PyTuple_Type, &calls, &PyTuple_Type, &in_place, &PyTuple_Type, &comparisons, &PyTuple_Type,
                                            &called_names, &PyTuple_Type, &with_members, &PyTuple_Type, &attributes) == 0) {
    Py_XDECREF(answer);
    keep_exception();
    return nullptr;
  }
  auto facts = std::make_unique<InstructionFacts>();
  read_offsets(calls, facts->calls_for_nothing);
  read_offsets(in_place, facts->in_place_operators);
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(comparisons); ++i) {
    PyObject* const each = PyTuple_GET_ITEM(comparisons, i);
    facts->comparisons[static_cast<int>(PyLong_AsLong(PyTuple_GET_ITEM(each, 0)))] = static_cast<int>(PyLong_AsLong(PyTuple_GET_ITEM(each, 1)));
  }
  read_offsets(called_names, facts->called_names);
  read_offsets(attributes, facts->attributes_taken);
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(with_members); ++i) {
    PyObject* const each = PyTuple_GET_ITEM(with_members, i);
    PyObject* name = Py_NewRef(PyTuple_GET_ITEM(each, 1));
    PyUnicode_InternInPlace(&name);
    facts->with_members[static_cast<int>(PyLong_AsLong(PyTuple_GET_ITEM(each, 0)))] = name;
  }
  Py_DECREF(answer);
  return facts;
}

/// Null where asking raised something, which is kept.
InstructionFacts* instruction_facts_of(PyCodeObject* code) {
  static auto& known = *new std::unordered_map<PyCodeObject*, std::unique_ptr<InstructionFacts>>;
  if (const auto found = known.find(code); found != known.end()) {
    return found->second.get();
  }
  std::unique_ptr<InstructionFacts> facts = asked_instruction_facts(code);
  if (facts == nullptr) {
    return nullptr;
  }
  auto& place = known[code];
  if (place == nullptr) {  // another thread may have asked meanwhile
    Py_INCREF(code);       // a program has so many of these as its text
    place = std::move(facts);
  }
  return place.get();
}

/// What is known about the code that runs, and the offset of its instruction. Null where no Python code runs, or asking raised something, which is kept.
std::pair<InstructionFacts*, int> running_instruction() {
  PyFrameObject* const frame = PyThreadState_GetFrame(PyThreadState_Get());
  if (frame == nullptr) {
    return {nullptr, -1};
  }
  PyCodeObject* const code = PyFrame_GetCode(frame);
  const int at = PyFrame_GetLasti(frame);
  Py_DECREF(frame);
  InstructionFacts* const facts = instruction_facts_of(code);
  Py_DECREF(code);
  return {facts, at};
}

/// Whether `asked(containers)` says so, or raised something, which is kept.
bool may_use_later(PyObject* asked, const std::vector<PyObject*>& containers) {
  PyObject* const list = PyList_New(static_cast<Py_ssize_t>(containers.size()));
  for (size_t i = 0; list != nullptr && i < containers.size(); ++i) {
    PyList_SET_ITEM(list, static_cast<Py_ssize_t>(i), Py_NewRef(containers[i]));
  }
  PyObject* const answer = list == nullptr ? nullptr : PyObject_CallOneArg(asked, list);
  const bool may_use = answer != Py_False;
  Py_XDECREF(answer);
  Py_XDECREF(list);
  if (PyErr_Occurred() != nullptr) {
    keep_exception();
  }
  return may_use;
}

}  // namespace

bool raise_kept() {
  if (kept.type == nullptr) {
    return false;
  }
  const Kept raised = std::exchange(kept, {});
  PyErr_Restore(raised.type, raised.value, raised.traceback);
  return true;
}

bool CodeFacts::changes_own(PyTypeObject* type) const {
  const auto has_from_c = [&](PyObject* name) {
    for (Py_ssize_t i = 0; type->tp_mro != nullptr && i < PyTuple_GET_SIZE(type->tp_mro); ++i) {
      PyObject* const method = _PyType_Lookup(reinterpret_cast<PyTypeObject*>(PyTuple_GET_ITEM(type->tp_mro, i)), name);
      if (method != nullptr && (Py_TYPE(method) == &PyMethodDescr_Type || Py_TYPE(method) == &PyWrapperDescr_Type)) {
        return true;
      }
    }
    return false;
  };
  return changes_object || std::ranges::any_of(changing, has_from_c);
}

const CodeFacts* facts_of(PyObject* function, bool is_method) {
  static auto& known = *new std::array<std::unordered_map<PyObject*, std::unique_ptr<CodeFacts>>, 2>;
  PyObject* const code = PyFunction_GET_CODE(function);
  if (const auto found = known[is_method].find(code); found != known[is_method].end()) {
    return found->second.get();
  }
  std::unique_ptr<CodeFacts> facts = asked_facts(function, is_method);
  if (facts == nullptr) {
    return nullptr;
  }
  auto& place = known[is_method][code];
  if (place == nullptr) {  // another thread may have asked meanwhile
    Py_INCREF(code);       // a program has so many of these as its text
    place = std::move(facts);
  }
  return place.get();
}

const UsesOfGiven& uses_of_given(PyObject* function) {
  static auto& known = *new std::unordered_map<PyObject*, std::unique_ptr<UsesOfGiven>>;
  static const auto& nothing = *new UsesOfGiven;
  PyObject* const code = PyFunction_GET_CODE(function);
  if (const auto found = known.find(code); found != known.end()) {
    return *found->second;
  }
  const ReadingCode reading;
  PyObject* const answer = PyObject_CallOneArg(ask.uses_of_given, function);
  PyObject* names = nullptr;
  int changes = 0;
  if (answer == nullptr || PyArg_ParseTuple(answer, "O!p", &PyTuple_Type, &names, &changes) == 0) {
    Py_XDECREF(answer);
    keep_exception();
    return nothing;
  }
  auto uses = std::make_unique<UsesOfGiven>();
  read_names(names, uses->names);
  uses->changes = changes != 0;
  Py_DECREF(answer);
  auto& place = known[code];
  if (place == nullptr) {  // another thread may have asked meanwhile
    Py_INCREF(code);       // a program has so many of these as its text
    place = std::move(uses);
  }
  return *place;
}

bool is_program_module_named(PyObject* name) {
  static auto& known = *new std::unordered_map<PyObject*, bool>;
  if (name == nullptr || !PyUnicode_CheckExact(name)) {
    return false;
  }
  Py_INCREF(name);
  PyUnicode_InternInPlace(&name);
  if (const auto found = known.find(name); found != known.end()) {
    Py_DECREF(name);
    return found->second;
  }
  const ReadingCode reading;
  PyObject* const answer = PyObject_CallOneArg(ask.is_program_module, name);
  if (answer == nullptr) {
    keep_exception();
    Py_DECREF(name);
    return true;
  }
  const bool is_program = answer == Py_True;
  Py_DECREF(answer);
  return known[name] = is_program;  // keeps the name
}

bool is_program_module(PyObject* module) {
  PyObject* const attributes = PyModule_GetDict(module);
  static PyObject* const name = PyUnicode_InternFromString("__name__");
  return is_program_module_named(PyDict_GetItemWithError(attributes, name));
}

bool is_program_type(PyTypeObject* type) {
  static PyObject* const name = PyUnicode_InternFromString("__module__");
  return PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) && type->tp_dict != nullptr && is_program_module_named(PyDict_GetItemWithError(type->tp_dict, name));
}

bool is_iterator_type(PyTypeObject* type) {
  // What the interpreter puts where a class in Python has none; from CPython 3.13 on it has no name outside.
  static const iternextfunc none = [] {
    PyObject* const plain = PyObject_CallFunction(reinterpret_cast<PyObject*>(&PyType_Type), "s(){}", "plain");
    return plain == nullptr ? nullptr : reinterpret_cast<PyTypeObject*>(plain)->tp_iternext;
  }();
  return type->tp_iternext != nullptr && type->tp_iternext != none;
}

const TypeFacts& facts_of_type(PyTypeObject* type) {
  static auto& known = *new std::unordered_map<PyTypeObject*, std::unique_ptr<TypeFacts>>;
  static const auto& nothing = *new TypeFacts;
  static const auto& use = *new TypeFacts{.by_use = true};
  if (is_program_type(type)) {
    for (Py_ssize_t i = 1; type->tp_mro != nullptr && i < PyTuple_GET_SIZE(type->tp_mro); ++i) {
      if (auto* const base = reinterpret_cast<PyTypeObject*>(PyTuple_GET_ITEM(type->tp_mro, i)); !is_program_type(base)) {
        return facts_of_type(base);
      }
    }
    return nothing;
  }
  if (is_iterator_type(type)) {
    return use;
  }
  if (const auto found = known.find(type); found != known.end()) {
    return *found->second;
  }
  const ReadingCode reading;
  PyObject* const answer = PyObject_CallOneArg(ask.type_facts, reinterpret_cast<PyObject*>(type));
  auto facts = std::make_unique<TypeFacts>();
  int by_use = 0;
  int by_every_call = 0;
  int is_of_thread = 0;
  PyObject* names = nullptr;
  if (answer == nullptr || PyArg_ParseTuple(answer, "ppO!p", &by_use, &by_every_call, &PyTuple_Type, &names, &is_of_thread) == 0) {
    Py_XDECREF(answer);
    keep_exception();
    return use;
  }
  facts->by_use = by_use != 0;
  facts->by_every_call = by_every_call != 0;
  facts->is_of_thread = is_of_thread != 0;
  std::vector<PyObject*> methods;
  read_names(names, methods);
  facts->methods.insert(methods.begin(), methods.end());
  facts->type = type;
  Py_DECREF(answer);
  auto& place = known[type];
  if (place == nullptr) {  // another thread may have asked meanwhile
    Py_INCREF(type);
    place = std::move(facts);
  }
  return *place;
}

bool changes_own_object(PyTypeObject* type, PyObject* name) {
  static auto& known = *new std::unordered_map<PyTypeObject*, std::unordered_map<PyObject*, bool>>;  // of types and names that are kept
  auto& of_type = known[type];
  if (const auto found = of_type.find(name); found != of_type.end()) {
    return found->second;
  }
  const ReadingCode reading;
  PyObject* const answer = PyObject_CallFunctionObjArgs(ask.changes_own_object, reinterpret_cast<PyObject*>(type), name, nullptr);
  if (answer == nullptr) {
    keep_exception();
    return true;
  }
  const bool changes = answer == Py_True;
  Py_DECREF(answer);
  return known[type][name] = changes;
}

bool is_called_for_nothing() {
  const auto [facts, at] = running_instruction();
  return facts != nullptr && facts->calls_for_nothing.contains(at);
}

Met* met_here() {
  const auto [facts, at] = running_instruction();
  return facts == nullptr ? nullptr : &facts->met[at];
}

bool is_at_in_place_operator() {
  const auto [facts, at] = running_instruction();
  return facts != nullptr && facts->in_place_operators.contains(at);
}

bool is_looked_up_to_be_called() {
  const auto [facts, at] = running_instruction();
  return facts == nullptr || facts->called_names.contains(at);
}

bool is_looked_up_for_member() {
  const auto [facts, at] = running_instruction();
  return facts != nullptr && facts->with_members.contains(at);
}

bool is_taking_attribute() {
  const auto [facts, at] = running_instruction();
  return facts != nullptr && facts->attributes_taken.contains(at);
}

bool takes_member_of(PyObject* code, PyObject* name) {
  const InstructionFacts* const facts = instruction_facts_of(reinterpret_cast<PyCodeObject*>(code));
  if (facts != nullptr && std::ranges::any_of(facts->with_members, [&](const auto& each) { return each.second == name; })) {
    return true;
  }
  PyObject* const constants = reinterpret_cast<PyCodeObject*>(code)->co_consts;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(constants); ++i) {
    if (PyCode_Check(PyTuple_GET_ITEM(constants, i)) && takes_member_of(PyTuple_GET_ITEM(constants, i), name)) {
      return true;
    }
  }
  return false;
}

int running_comparison() {
  const auto [facts, at] = running_instruction();
  if (facts == nullptr) {
    return -1;
  }
  const auto found = facts->comparisons.find(at);
  return found == facts->comparisons.end() ? -1 : found->second;
}

bool is_changing_method(PyObject* method) {
  static auto& known = *new std::unordered_map<const PyMethodDef*, bool>;
  const PyMethodDef* const definition = reinterpret_cast<PyCFunctionObject*>(method)->m_ml;
  if (const auto found = known.find(definition); found != known.end()) {
    return found->second;
  }
  PyObject* const name = PyUnicode_FromString(definition->ml_name);
  const bool is_changing = name != nullptr && PySet_Contains(changing_method_names, name) == 1;
  Py_XDECREF(name);
  PyErr_Clear();
  return known[definition] = is_changing;
}

bool calls_changing_method(PyObject* object) {
  PyObject* const method_caller = made_once([] {
    PyObject* const module = PyImport_ImportModule("operator");
    PyObject* const found = module == nullptr ? nullptr : PyObject_GetAttrString(module, "methodcaller");
    Py_XDECREF(module);
    PyErr_Clear();
    return found;
  });
  if (reinterpret_cast<PyObject*>(Py_TYPE(object)) != method_caller) {
    return false;
  }
  // As it is pickled: (methodcaller, (name, ...)), or with arguments by name (partial(methodcaller, name, ...), ...).
  PyObject* const reduced = PyObject_CallMethod(object, "__reduce__", nullptr);
  PyObject *made_by, *arguments, *name = nullptr;
  if (reduced != nullptr && PyArg_ParseTuple(reduced, "OO!", &made_by, &PyTuple_Type, &arguments) != 0) {
    PyObject* const by_name = made_by == method_caller ? nullptr : property_function(made_by, "args");
    PyObject* const all = by_name != nullptr && PyTuple_Check(by_name) ? by_name : arguments;
    name = PyTuple_GET_SIZE(all) > 0 ? PyTuple_GET_ITEM(all, 0) : nullptr;
  }
  const bool is_changing = name == nullptr || PySet_Contains(changing_method_names, name) == 1;
  PyErr_Clear();
  Py_XDECREF(reduced);
  return is_changing;
}

PyObject* property_function(PyObject* holder, const char* name) {
  PyObject* const found = PyObject_GetAttrString(holder, name);
  PyErr_Clear();
  Py_XDECREF(found);  // the holder keeps it
  return found == Py_None ? nullptr : found;
}

PyObject* function_inside(PyObject* callable) {
  if (is_declared(callable)) {
    return property_function(callable, "function");
  }
  PyObject* const traced = function_of_traced(callable);
  return traced != nullptr ? traced : callable;
}

bool is_in_dead_variables(PyObject* object, Py_ssize_t references) {
  PyObject* const answer = PyObject_CallOneArg(ask.dead_variables, object);
  const Py_ssize_t count = answer == nullptr ? -1 : PyLong_AsSsize_t(answer);
  Py_XDECREF(answer);
  if (PyErr_Occurred() != nullptr) {
    keep_exception();
  }
  return count == references;
}

bool may_change_later(const std::vector<PyObject*>& containers) { return may_use_later(ask.changes_later, containers); }

bool may_look_later(const std::vector<PyObject*>& containers) { return may_use_later(ask.looks_later, containers); }

void set_fact_hooks(const FactHooks& hooks, PyObject* changing_methods) {
  ask = hooks;
  for (PyObject* each : {hooks.code_facts, hooks.is_program_module, hooks.dead_variables, hooks.instruction_facts, hooks.type_facts, hooks.changes_own_object,
                         hooks.uses_of_given, hooks.changes_later, hooks.looks_later, changing_methods}) {
    Py_INCREF(each);  // kept as long as the process runs
  }
  changing_method_names = changing_methods;
}

}  // namespace omega::python
