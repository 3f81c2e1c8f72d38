// SPDX-License-Identifier: Apache-2.0
#include "python/native/reach_walk.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "python/native/array_expression.h"
#include "python/native/container_walk.h"
#include "python/native/globals_view.h"
#include "python/native/object_attributes.h"
#include "python/native/operation.h"
#include "python/native/operator_effects.h"

namespace omega::python {
namespace {

/// So many objects are looked at; a call that reaches more is taken to see everything.
constexpr size_t kMostObjects = 20'000;

/// Methods that others call without naming them, but those that make, change or leave an object: code that does that says so.
bool is_called_unnamed(PyObject* name) {
  Py_ssize_t size = 0;
  const char* const characters = PyUnicode_AsUTF8AndSize(name, &size);
  const std::string_view text(characters == nullptr ? "" : characters, static_cast<size_t>(size));
  static constexpr std::string_view kNamed[] = {
      "__init__",      "__new__",           "__post_init__", "__call__",     "__setitem__", "__delitem__", "__setattr__", "__delattr__", "__enter__",
      "__exit__",      "__init_subclass__", "__set_name__",  "__setstate__", "__del__",     "__iadd__",    "__isub__",    "__imul__",    "__itruediv__",
      "__ifloordiv__", "__imod__",          "__ipow__",      "__imatmul__",  "__iand__",    "__ior__",     "__ixor__",    "__ilshift__", "__irshift__"};
  return text.starts_with("__") && text.ends_with("__") && std::ranges::find(kNamed, text) == std::end(kNamed);
}

/// The functions that an attribute of a class runs when it is got or set, and whether they take the object.
struct AttributeFunctions {
  PyObject* functions[2] = {nullptr, nullptr};
  bool takes_object = true;
  bool is_property = false;
};

AttributeFunctions functions_of_attribute(PyObject* value) {
  if (PyType_IsSubtype(Py_TYPE(value), &PyProperty_Type)) {
    return {{property_function(value, "fget"), property_function(value, "fset")}, true, true};
  }
  if (Py_TYPE(value) == &PyStaticMethod_Type || Py_TYPE(value) == &PyClassMethod_Type) {
    return {{property_function(value, "__func__"), nullptr}, false, false};
  }
  if (function_inside(value) != value) {  // traced, or declared to be something
    return {{value, nullptr}, true, false};
  }
  if (!PyFunction_Check(value) && Py_TYPE(value)->tp_descr_get != nullptr && !is_program_type(Py_TYPE(value)) &&
      PyType_HasFeature(Py_TYPE(value), Py_TPFLAGS_HEAPTYPE)) {  // functools.cached_property and its like
    return {{property_function(value, "func"), nullptr}, true, true};
  }
  return {{value, nullptr}, true, false};
}

/// Methods that a call of a class runs on the new object, and those of its base classes by them.
const std::array<PyObject*, 3>& constructor_names() {
  static const auto& names =
      *new std::array<PyObject*, 3>{PyUnicode_InternFromString("__init__"), PyUnicode_InternFromString("__new__"), PyUnicode_InternFromString("__post_init__")};
  return names;
}

/// Of a method in C; interned and kept: there are so many as the interpreter and its libraries have.
PyObject* name_of_method(PyObject* method) {
  static auto& known = *new std::unordered_map<const PyMethodDef*, PyObject*>;
  const PyMethodDef* const definition = reinterpret_cast<PyCFunctionObject*>(method)->m_ml;
  PyObject*& name = known[definition];
  if (name == nullptr) {
    name = PyUnicode_InternFromString(definition->ml_name);
  }
  return name;
}

/// Calls `visit(container)` for the lists, dicts and sets that an object of a library has as attributes.
template <class Visit>
void for_each_attribute_container(PyObject* object, Visit&& visit) {
  const auto visit_if_container = [&](PyObject* value) {
    if (is_changeable_container(value)) {
      visit(value);
    }
  };
  const auto visit_part = [&](PyObject* part) {  // the dict of its attributes, or a slot's value
    visit_if_container(part);
    PyObject *name, *value;
    for (Py_ssize_t at = 0; PyDict_CheckExact(part) && PyDict_Next(part, &at, &name, &value);) {
      visit_if_container(value);
    }
    return false;
  };
  if (has_attributes(object)) {
    any_attribute(object, visit_part);
  }
}

PyObject* name_of_call() {
  static PyObject* const name = PyUnicode_InternFromString("__call__");
  return name;
}

bool is_code(PyObject* object) {
  return PyFunction_Check(object) || PyMethod_Check(object) || PyCFunction_Check(object) || PyType_Check(object) || function_inside(object) != object;
}

}  // namespace

void ReachWalk::add(PyObject* object, Use use) {
  if (object == nullptr || is_atomic(object)) {
    return;
  }
  const bool is_new = visited_.add(object);
  const bool runs = !runs_met_ && use == Use::run && is_code(object) && running_.add(object);
  if (is_new || runs) {
    met_.push_back({Py_NewRef(object), use});
  }
}

void ReachWalk::add_shallow(PyObject* object) {
  if (object != nullptr && is_tracer(object) && as_tracer(object)->value != nullptr) {
    object = as_tracer(object)->value;
  }
  if (object != nullptr && is_tracer(object)) {
    add(object);
  } else if (object != nullptr && !is_atomic(object)) {
    reach_.seen.add(object);
    reach_.seen.add(memory_owner(object));
  }
}

void ReachWalk::add_name(PyObject* name, Use use) {
  if (names_.has(name) || !(use == Use::run ? names_ : made_names_).add(name)) {
    return;
  }
  const auto found = unnamed_.find(name);
  if (found == unnamed_.end()) {
    return;
  }
  const std::vector<Method> methods = found->second;
  if (use == Use::run) {
    unnamed_.erase(found);
  }
  for (const Method& each : methods) {
    visit_function(each.function, each.cls, nullptr, use);
  }
}

void ReachWalk::visit_outer(PyFunctionObject* function, const CodeFacts& facts, Use use) {
  for (PyObject* name : facts.globals) {
    PyObject* const value = PyDict_GetItemWithError(globals_of(function), name);
    if (value != nullptr && PyModule_Check(value) && is_program_module(value)) {
      for (PyObject* each : facts.names) {
        add(PyDict_GetItemWithError(PyModule_GetDict(value), each), use);
      }
    }
    add(value, use);
  }
  const Py_ssize_t cells = function->func_closure == nullptr ? 0 : PyTuple_GET_SIZE(function->func_closure);
  for (Py_ssize_t i = 0; i < cells; ++i) {
    add(PyCell_GET(PyTuple_GET_ITEM(function->func_closure, i)), use);
  }
  add(function->func_defaults, use);
  add(function->func_kwdefaults, use);
}

/// `owner`: the object that a method is called on, where it is known.
/// `is_constructor`: it is called on an object that nobody else has.
void ReachWalk::visit_function(PyObject* function, PyTypeObject* cls, PyObject* owner, Use use, bool is_constructor) {
  const CodeFacts* const facts = facts_of(function, cls != nullptr || owner != nullptr);
  if (facts == nullptr) {
    reach_.sees_all = true;
    reach_.changes_all |= has_effects_;
    return;
  }
  if (facts->is_library) {
    return;
  }
  if (use == Use::run) {
    runs_code_ = true;
    calls_given_ |= facts->calls_given;
    for (PyObject* name : facts->for_nothing) {
      names_for_nothing_.add(name);
    }
    reach_.changes_all |= has_effects_ && facts->changes_anything;
    changes_reached_ |= has_effects_ && facts->changes_reached;
    if (has_effects_ && facts->may_change_own() && !is_constructor) {
      owner != nullptr ? change_object(owner, *facts) : changing_.push_back({cls, facts});
    }
  } else if (runs_met_) {  // functions that are defined in it may be called
    reach_.changes_all |= has_effects_ && facts->inner_changes_anything;
  }
  const Use next = use == Use::run ? Use::run : met_use();
  for (PyObject* name : facts->names) {
    if (!is_constructor || std::ranges::find(constructor_names(), name) == constructor_names().end()) {
      add_name(name, next);
    }
  }
  visit_outer(reinterpret_cast<PyFunctionObject*>(function), *facts, next);
}

void ReachWalk::add_attribute_of_class(PyObject* name, PyObject* value, PyTypeObject* cls) {
  const AttributeFunctions attribute = functions_of_attribute(value);
  const bool runs = names_.has(name) || is_called_unnamed(name) || (runs_properties_ && attribute.is_property);
  for (PyObject* each : attribute.functions) {
    PyObject* const function = each == nullptr ? nullptr : function_inside(each);
    if (each != nullptr && is_declared(each)) {
      reach_.changes_all |= has_effects_ && runs && is_ordered(each);
      continue;
    }
    if (function == nullptr || !PyFunction_Check(function)) {
      if (each == value) {
        add(value);
      }
      continue;
    }
    PyTypeObject* const of = attribute.takes_object ? cls : nullptr;
    if (!runs) {
      unnamed_[name].push_back({function, of});
    }
    if (runs || made_names_.has(name)) {
      visit_function(function, of, nullptr, runs ? Use::run : Use::made);
    }
  }
}

void ReachWalk::visit_class(PyTypeObject* cls) {
  if (!classes_.add(cls) || cls->tp_mro == nullptr) {
    return;
  }
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(cls->tp_mro); ++i) {
    auto* const base = reinterpret_cast<PyTypeObject*>(PyTuple_GET_ITEM(cls->tp_mro, i));
    if (!is_program_type(base) || (base != cls && !classes_.add(base))) {
      continue;
    }
    PyObject *name, *value;
    for (Py_ssize_t at = 0; PyDict_Next(base->tp_dict, &at, &name, &value);) {
      if (!is_atomic(value)) {
        add_attribute_of_class(name, value, base);
      }
    }
  }
}

/// Of the program's, whatever they are.
void ReachWalk::visit_all_classes() {
  std::vector<PyObject*> classes{Py_NewRef(reinterpret_cast<PyObject*>(&PyBaseObject_Type))};
  Things known;
  for (size_t i = 0; i < classes.size(); ++i) {
    auto* const cls = reinterpret_cast<PyTypeObject*>(classes[i]);
    if (is_program_type(cls)) {
      visit_class(cls);
    }
    PyObject* const type_arguments[] = {classes[i]};
    PyObject* const method = PyObject_GetAttrString(reinterpret_cast<PyObject*>(&PyType_Type), "__subclasses__");
    PyObject* const below = method == nullptr ? nullptr : PyObject_Vectorcall(method, type_arguments, 1, nullptr);
    for (Py_ssize_t k = 0; below != nullptr && k < PyList_GET_SIZE(below); ++k) {
      if (known.add(PyList_GET_ITEM(below, k))) {
        classes.push_back(Py_NewRef(PyList_GET_ITEM(below, k)));
      }
    }
    Py_XDECREF(below);
    Py_XDECREF(method);
  }
  for (PyObject* each : classes) {
    Py_DECREF(each);
  }
}

void ReachWalk::traverse(PyObject* object) {
  struct Visitor {
    ReachWalk* walk;
    PyTypeObject* type;
  } visitor{this, Py_TYPE(object)};
  if (Py_TYPE(object)->tp_traverse != nullptr) {
    Py_TYPE(object)->tp_traverse(
        object,
        [](PyObject* child, void* argument) {
          const auto* const visiting = static_cast<Visitor*>(argument);
          if (child != reinterpret_cast<PyObject*>(visiting->type)) {
            visiting->walk->add(child);
          }
          return 0;
        },
        &visitor);
  }
}

void ReachWalk::visit_method(PyObject* method, Use use) {
  PyObject* const owner = PyMethod_GET_SELF(method);
  add(owner);
  PyObject* const function = function_inside(PyMethod_GET_FUNCTION(method));
  if (function != nullptr && PyFunction_Check(function)) {
    visit_function(function, nullptr, owner, use);
  } else {
    add(PyMethod_GET_FUNCTION(method), use);
  }
  if (function != nullptr && PyFunction_Check(function)) {
    add_name(reinterpret_cast<PyFunctionObject*>(function)->func_name, use);
  }
}

void ReachWalk::visit_builtin(PyObject* function, Use use) {
  PyObject* const owner = PyCFunction_GET_SELF(function);
  add(owner);
  if (use == Use::run && owner != nullptr && !PyModule_Check(owner) && is_changing_method(function)) {
    change(owner);
  }
  if (owner != nullptr && !PyModule_Check(owner) && !is_atomic(owner)) {
    add_name(name_of_method(function), use);
  }
}

void ReachWalk::visit_type(PyTypeObject* cls, Use use) {
  if (!is_program_type(cls)) {
    return;
  }
  visit_class(cls);
  if (use == Use::run && !made_classes_.add(cls)) {
    return;
  }
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(cls->tp_mro); ++i) {
    auto* const base = reinterpret_cast<PyTypeObject*>(PyTuple_GET_ITEM(cls->tp_mro, i));
    for (PyObject* name : constructor_names()) {
      PyObject* const method = is_program_type(base) ? PyDict_GetItemWithError(base->tp_dict, name) : nullptr;
      PyObject* const function = method == nullptr ? nullptr : functions_of_attribute(method).functions[0];
      if (function != nullptr && PyFunction_Check(function)) {
        visit_function(function, base, nullptr, use, true);
      }
    }
  }
}

/// A declaration, or a traced function.
void ReachWalk::visit_wrapped(PyObject* wrapper, PyObject* inner, Use use) {
  const bool keeps_effects = has_effects_;
  reach_.changes_all |= has_effects_ && use == Use::run && is_ordered(wrapper);
  has_effects_ &= !is_declared(wrapper);
  inner != nullptr&& PyFunction_Check(inner) ? visit_function(inner, nullptr, nullptr, use) : add(inner, use);
  has_effects_ = keeps_effects;
}

void ReachWalk::visit_tracer(const Tracer* tracer) {
  if (tracer->operation != nullptr) {
    add_result(tracer->operation);
  } else if (tracer->expression != nullptr) {
    for (const Operand& operand : std::span(tracer->expression->operands, tracer->expression->operand_count)) {
      add(operand.source);
    }
  } else {
    add(tracer->value);
  }
}

/// A container of an object of a library, and those in it, as far as they are small: large ones are tables of the library's own.
void ReachWalk::see_containers_in(PyObject* container) {
  constexpr Py_ssize_t kMostItems = 64;
  constexpr size_t kMostContainers = 64;
  const auto is_small = [](PyObject* each) { return is_container(each) && size_of(each) <= kMostItems; };
  const auto see = [&](PyObject* each) {
    if (is_changeable_container(each)) {
      reach_.seen.add(each);
    }
    return false;
  };
  any_reached(container, see, is_small, [](PyObject* each, auto&& visit) { return any_item(each, visit); }, kMostContainers);
}

void ReachWalk::visit_other(PyObject* object) {
  PyTypeObject* const type = Py_TYPE(object);
  if (PyObject* const owner = memory_owner(object); owner != object) {
    reach_.seen.add(owner);
  }
  reach_.seen.add(object);
  reach_.changes_all |= has_effects_ && calls_changing_method(object);
  const TypeFacts& facts = facts_of_type(type);
  reach_.changes_all |= has_effects_ && facts.is_of_thread;  // such a call runs where it stands
  if (facts.by_use) {
    used_.push_back(object);
  } else if (!facts.methods.empty()) {
    used_by_methods_.emplace_back(object, &facts);
  }
  const bool is_made_in_c = !PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) || PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE);
  if (!is_made_in_c && is_program_type(type)) {
    instances_.push_back(object);
    visit_class(type);
    traverse(object);
  } else if (is_made_in_c || PyType_HasFeature(type, Py_TPFLAGS_LIST_SUBCLASS | Py_TPFLAGS_TUPLE_SUBCLASS | Py_TPFLAGS_DICT_SUBCLASS) ||
             PyAnySet_Check(object)) {
    traverse(object);
  } else {
    for_each_attribute_container(object, [&](PyObject* container) { enters_libraries_ ? add(container) : see_containers_in(container); });
  }
}

void ReachWalk::visit(const Met& met) {
  PyObject* const object = met.object;
  const Use use = runs_met_ ? Use::run : met.use;
  if (is_tracer(object)) {
    visit_tracer(as_tracer(object));
  } else if (PyFunction_Check(object)) {
    visit_function(object, nullptr, nullptr, use);
  } else if (PyMethod_Check(object)) {
    visit_method(object, use);
  } else if (PyCFunction_Check(object)) {
    visit_builtin(object, use);
  } else if (PyType_Check(object)) {
    visit_type(reinterpret_cast<PyTypeObject*>(object), use);
  } else if (PyObject* const inner = function_inside(object); inner != object) {
    visit_wrapped(object, inner, use);
  } else if (!runs_properties_ || may_give_changing_operators(object)) {
    visit_other(object);
  }
}

void ReachWalk::run() {
  while (visited_count_ < met_.size() && !(reach_.sees_all && runs_met_)) {
    const Met met = met_[visited_count_++];
    if (!reach_.sees_all || met.use == Use::run) {
      visit(met);
    }
    if (!reach_.sees_all && visited_.size() > kMostObjects) {
      reach_.sees_all = true;
      if (runs_met_) {
        reach_.changes_all |= has_effects_;
      } else {
        visit_all_classes();
      }
    }
  }
  PyErr_Clear();
}

void ReachWalk::add_maker(PyObject* callable) {
  PyObject* const function = function_inside(PyMethod_Check(callable) ? PyMethod_GET_FUNCTION(callable) : callable);
  if (function != nullptr && PyFunction_Check(function)) {
    if (PyMethod_Check(callable)) {
      add(PyMethod_GET_SELF(callable));
    }
    visit_function(function, nullptr, nullptr, Use::made);
    return;
  }
  add(callable);
  if (is_program_type(Py_TYPE(callable))) {
    PyObject* const of_class = _PyType_Lookup(Py_TYPE(callable), name_of_call());
    PyObject* const inner = of_class == nullptr ? nullptr : function_inside(of_class);
    if (inner != nullptr && PyFunction_Check(inner)) {
      visit_function(inner, Py_TYPE(callable), nullptr, Use::made);
    }
  }
}

void ReachWalk::add_changed(PyObject* object, bool enters_containers) {
  const Operation* const maker = is_tracer(object) ? as_tracer(object)->operation : nullptr;
  if (maker != nullptr && !maker->has_given()) {
    change(maker);
    return;
  }
  PyObject* const value = maker != nullptr ? maker->value : is_tracer(object) ? as_tracer(object)->value : object;
  if (value == nullptr) {
    return;
  }
  if (has_attributes(value)) {
    change_with_containers(value);
  } else if (enters_containers && is_container(value)) {
    any_item(value, [this](PyObject* each) {
      add_changed(each, false);
      return false;
    });
  }
}

void ReachWalk::add_result(const Operation* operation) {
  if (operation->has_given()) {
    add(operation->value);
    return;
  }
  if (!visited_.add(operation)) {
    return;
  }
  if (runs_properties_ && operation->changing_operators != Operation::Known::no_one_asked) {
    reach_.changes_all |= operation->changing_operators == Operation::Known::yes;
    return;
  }
  reach_.seen.add(operation);
  reach_.awaited.push_back(operation);
  results_.push_back(operation);
  // The result is made of what the operation can see.
  add_maker(operation->function);
  add(operation->arguments);
  add(operation->keywords);
  if (operation->function == getattr_function() && operation->arguments != nullptr && PyTuple_GET_SIZE(operation->arguments) > 0) {
    PyObject* const object = PyTuple_GET_ITEM(operation->arguments, 0);
    names_attributes_of_known_ |= !is_tracer(object) || as_tracer(object)->operation == nullptr || as_tracer(object)->operation->has_given();
  }
  const bool names_attribute = operation->callee != nullptr && operation->callee->is_light && operation->arguments != nullptr;
  for (Py_ssize_t i = 0; names_attribute && i < PyTuple_GET_SIZE(operation->arguments); ++i) {
    if (PyObject* const each = PyTuple_GET_ITEM(operation->arguments, i); PyUnicode_CheckExact(each) && PyUnicode_CHECK_INTERNED(each) != 0) {
      add_name(each, met_use());
    }
  }
}

void ReachWalk::add_callee(const Callee* callee, PyObject* function) {
  if (callee == nullptr || !PyFunction_Check(function)) {
    add_name(name_of_call());  // what C functions are given they may call
  }
  if (PyMethod_Check(function) && PyFunction_Check(PyMethod_GET_FUNCTION(function))) {
    const bool is_call = reinterpret_cast<PyFunctionObject*>(PyMethod_GET_FUNCTION(function))->func_name == name_of_call();
    receiver_ = is_call ? nullptr : PyMethod_GET_SELF(function);
  }
  if (callee == nullptr || !is_declared(function)) {
    add(function);
  }
}

PyObject* ReachWalk::attribute_of(PyObject* object, PyObject* name) {
  PyObject* const of_class = _PyType_Lookup(Py_TYPE(object), name);
  if (of_class != nullptr && Py_TYPE(of_class)->tp_descr_set != nullptr) {
    if (Py_TYPE(of_class) != &PyMemberDescr_Type) {
      reach_.changes_all = true;  // a property: what it gives is not known
      return nullptr;
    }
    PyObject* const value = PyObject_GetAttr(object, name);
    PyErr_Clear();
    Py_XDECREF(value);  // the object has it
    return value;
  }
  PyObject* const attributes = PyObject_GenericGetDict(object, nullptr);
  PyObject* const own = attributes == nullptr ? nullptr : PyDict_GetItemWithError(attributes, name);
  Py_XDECREF(attributes);
  PyErr_Clear();
  return own != nullptr ? own : of_class;
}

void ReachWalk::change(const void* thing) {
  if (has_effects_) {
    reach_.seen.add(thing);
    reach_.changed.add(thing);
  }
}

void ReachWalk::change_object(PyObject* object, const CodeFacts& facts) {
  if (!facts.changes_own(Py_TYPE(object))) {
    return;
  }
  change(object);
  for (PyObject* name : facts.changed) {
    reach_.attributes.emplace_back(object, name);
    if (PyObject* const value = attribute_of(object, name); value != nullptr && !is_atomic(value)) {
      change(value);
      change(memory_owner(value));
    }
  }
  for (PyObject* name : facts.assigned) {
    reach_.assigned.emplace_back(object, name);
  }
}

/// `object`: null where it is not there yet.
bool ReachWalk::is_changed_by_methods(const TypeFacts& facts, PyObject* object) const {
  const auto is_method = [&](const void* name) { return facts.methods.contains(name) && (object == nullptr || object != receiver_ || name != name_of_call()); };
  const auto changes_by_its_code = [&](const void* name) { return changes_own_object(facts.type, static_cast<PyObject*>(const_cast<void*>(name))); };
  return std::ranges::any_of(names_for_nothing_, is_method) || std::ranges::any_of(names_, [&](const void* name) {
           return is_method(name) && (facts.by_every_call || ((runs_met_ || runs_code_) && changes_by_its_code(name)));
         });
}

/// Whether `visit` says so of an object that methods change. Of a class it is found out once.
template <class Visit>
bool ReachWalk::any_changed_by_methods(Visit&& visit) const {
  std::unordered_map<const TypeFacts*, bool> known;
  return std::ranges::any_of(used_by_methods_, [&](const auto& each) {
    const auto& [object, facts] = each;
    if (object == receiver_) {
      return is_changed_by_methods(*facts, object) && visit(object);
    }
    const auto [place, is_new] = known.try_emplace(facts, false);
    if (is_new) {
      place->second = is_changed_by_methods(*facts, object);
    }
    return place->second && visit(object);
  });
}

/// A method changes an object of a library: what is in its attributes may be other then, too.
void ReachWalk::change_with_containers(PyObject* object) {
  change(object);
  for_each_attribute_container(object, [&](PyObject* container) { change(container); });
}

bool ReachWalk::may_change_by_methods(const Operation& result) const {
  return PyType_Check(result.function) ? is_changed_by_methods(facts_of_type(reinterpret_cast<PyTypeObject*>(result.function)), nullptr)
                                       : !names_for_nothing_.empty();
}

/// What a method changes of a result that is not there yet may be what the call was given which makes it, where that keeps it.
void ReachWalk::change_result(const Operation& result) {
  change(&result);
  const bool keeps_arguments = PyType_Check(result.function) || (result.callee != nullptr && result.callee->needs_originals);
  if (!keeps_arguments || result.arguments == nullptr) {
    return;
  }
  const auto change_given = [&](PyObject* given) {
    const Operation* const maker = is_tracer(given) ? as_tracer(given)->operation : nullptr;
    const bool is_there = maker == nullptr || maker->has_given();
    PyObject* const value = maker == nullptr ? (is_tracer(given) ? as_tracer(given)->value : given) : maker->value;
    if (!is_there) {
      change(maker);
    } else if (value != nullptr && is_container(value)) {
      change(value);
    }
    return false;
  };
  any_item(result.arguments, change_given);
  if (result.keywords != nullptr) {
    any_item(result.keywords, change_given);
  }
}

bool ReachWalk::may_change() const {
  return reach_.changes() || changes_reached_ || calls_given() || !changing_.empty() || (runs_code_ && !used_.empty()) ||
         any_changed_by_methods([](PyObject*) { return true; });
}

Reach ReachWalk::finished(bool changes_results) {
  for (const Changing& each : changing_) {
    for (PyObject* object : instances_) {
      if (PyType_IsSubtype(Py_TYPE(object), each.cls)) {
        change_object(object, *each.facts);
      }
    }
  }
  for (PyObject* each : used_) {
    if (runs_met_ || runs_code_) {
      change(each);
      reach_.changes_all |= has_effects_ && PyGen_Check(each);
    }
  }
  if (has_effects_) {
    any_changed_by_methods([&](PyObject* object) {
      change_with_containers(object);
      return false;
    });
  }
  const bool changes_what_it_meets = has_effects_ && (changes_results || changes_reached_ || !changing_.empty());
  for (const Operation* each : results_) {
    if (changes_what_it_meets || (has_effects_ && may_change_by_methods(*each))) {
      change_result(*each);
    }
  }
  if (changes_reached_ || (changes_results && has_effects_ && names_attributes_of_known_)) {
    reach_.changed.add_all(reach_.seen);
  }
  reach_.changes_all |= reach_.sees_all && changes_what_it_meets && !changes_results;
  return std::move(reach_);
}

}  // namespace omega::python
