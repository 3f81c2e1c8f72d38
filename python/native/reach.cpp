// SPDX-License-Identifier: Apache-2.0
#include "python/native/reach.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "python/native/array_expression.h"
#include "python/native/code_facts.h"
#include "python/native/operation.h"
#include "python/native/tracer.h"

namespace omega::python {
namespace {

/// So many objects are looked at; a call that reaches more is taken to see everything.
constexpr size_t kMostObjects = 20'000;

size_t hash_of(const void* thing) { return (reinterpret_cast<uintptr_t>(thing) >> 4) * 0x9E3779B97F4A7C15ULL >> 20; }

bool is_atomic(PyObject* object) {
  PyTypeObject* const type = Py_TYPE(object);
  return type == &PyLong_Type || type == &PyUnicode_Type || type == &PyFloat_Type || type == &PyBool_Type || object == Py_None || type == &PyBytes_Type ||
         type == &PyComplex_Type || type == &PyCode_Type || type == &PyRange_Type || type == &PyModule_Type || type == &PyGetSetDescr_Type ||
         type == &PyMemberDescr_Type || type == &PyMethodDescr_Type || type == &PyWrapperDescr_Type || type == &PyEllipsis_Type;
}

/// Methods that others call without naming them, but those that make, change or leave an object: code that does that says so.
bool is_called_unnamed(PyObject* name) {
  Py_ssize_t size = 0;
  const char* const characters = PyUnicode_AsUTF8AndSize(name, &size);
  const std::string_view text(characters == nullptr ? "" : characters, static_cast<size_t>(size));
  static constexpr std::string_view kNamed[] = {"__init__",    "__new__",   "__post_init__", "__call__",          "__setitem__",  "__delitem__",  "__setattr__",
                                                "__delattr__", "__enter__", "__exit__",      "__init_subclass__", "__set_name__", "__setstate__", "__del__"};
  return text.starts_with("__") && text.ends_with("__") && !text.starts_with("__i") && std::ranges::find(kNamed, text) == std::end(kNamed);
}

/// Follows a call through everything that it can get at. Methods of objects count where code that was met names them.
class Walk {
 public:
  explicit Walk(bool has_effects) : has_effects_(has_effects) {}
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;
  ~Walk() {
    for (PyObject* each : met_) {
      Py_DECREF(each);
    }
  }

  void add(PyObject* object) {
    if (object != nullptr && !is_atomic(object) && visited_.add(object)) {
      met_.push_back(Py_NewRef(object));
    }
  }
  /// An object of which only its own elements are looked at.
  void add_shallow(PyObject* object) {
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
  void add_name(PyObject* name);
  /// What is called, other than functions that are met.
  void add_callee(const Callee* callee, PyObject* function);
  /// What an operation will give.
  void add_result(const Operation* operation);
  void run();
  /// Ends the walk. `changes_results`: what is called may change those results that are awaited.
  Reach finished(bool changes_results);

 private:
  struct Method {
    PyObject* function;
    PyTypeObject* cls;
  };
  struct Changing {
    PyTypeObject* cls;
    const CodeFacts* facts;
  };

  void visit(PyObject* object);
  void visit_tracer(const Tracer* tracer);
  void visit_function(PyObject* function, PyTypeObject* cls, PyObject* owner, bool is_made_only);
  void visit_outer(PyFunctionObject* function, const CodeFacts& facts);
  void visit_method(PyObject* method);
  void visit_class(PyTypeObject* cls);
  void add_attribute_of_class(PyObject* name, PyObject* value, PyTypeObject* cls);
  void visit_other(PyObject* object);
  void traverse(PyObject* object);
  void change(const void* thing) {
    if (has_effects_) {
      reach_.seen.add(thing);
      reach_.changed.add(thing);
    }
  }
  void change_object(PyObject* object, const CodeFacts& facts);
  PyObject* attribute_of(PyObject* object, PyObject* name);

  bool has_effects_;
  bool changes_reached_ = false;
  Reach reach_;
  Things visited_;
  std::vector<PyObject*> met_;  ///< in the order in which they are visited; one reference each
  size_t visited_count_ = 0;
  Things names_;
  Things classes_;
  std::unordered_map<PyObject*, std::vector<Method>> unnamed_;  ///< methods by names that no code has named yet
  std::vector<PyObject*> instances_;
  std::vector<Changing> changing_;
  std::vector<const Operation*> results_;
};

void Walk::add_name(PyObject* name) {
  if (!names_.add(name)) {
    return;
  }
  if (const auto found = unnamed_.find(name); found != unnamed_.end()) {
    const std::vector<Method> methods = std::move(found->second);
    unnamed_.erase(found);
    for (const Method& each : methods) {
      visit_function(each.function, each.cls, nullptr, false);
    }
  }
}

void Walk::visit_outer(PyFunctionObject* function, const CodeFacts& facts) {
  for (PyObject* name : facts.globals) {
    PyObject* const value = PyDict_GetItemWithError(function->func_globals, name);
    if (value != nullptr && PyModule_Check(value) && is_program_module(value)) {
      for (PyObject* each : facts.names) {
        add(PyDict_GetItemWithError(PyModule_GetDict(value), each));
      }
    }
    add(value);
  }
  const Py_ssize_t cells = function->func_closure == nullptr ? 0 : PyTuple_GET_SIZE(function->func_closure);
  for (Py_ssize_t i = 0; i < cells; ++i) {
    add(PyCell_GET(PyTuple_GET_ITEM(function->func_closure, i)));
  }
  add(function->func_defaults);
  add(function->func_kwdefaults);
}

/// `owner`: the object that a method is called on, where it is known. `is_made_only`: the function ran or runs already; those that are defined in it may be
/// called.
void Walk::visit_function(PyObject* function, PyTypeObject* cls, PyObject* owner, bool is_made_only) {
  const CodeFacts* const facts = facts_of(function, cls != nullptr || owner != nullptr);
  if (facts == nullptr) {
    reach_.sees_all = true;
    reach_.changes_all |= has_effects_;
    return;
  }
  if (facts->is_library) {
    return;
  }
  if (has_effects_) {
    const bool calls_it = !is_made_only;
    reach_.changes_all |= (calls_it && facts->changes_anything) || (is_made_only && facts->inner_changes_anything);
    changes_reached_ |= calls_it && facts->changes_reached;
    if (calls_it && facts->changes_own()) {
      owner != nullptr ? change_object(owner, *facts) : changing_.push_back({cls, facts});
    }
  }
  for (PyObject* name : facts->names) {
    add_name(name);
  }
  visit_outer(reinterpret_cast<PyFunctionObject*>(function), *facts);
}

void Walk::add_attribute_of_class(PyObject* name, PyObject* value, PyTypeObject* cls) {
  PyObject* inner[2] = {value, nullptr};
  bool is_static = false;
  if (Py_TYPE(value) == &PyProperty_Type) {
    inner[0] = property_function(value, "fget");
    inner[1] = property_function(value, "fset");
  } else if (Py_TYPE(value) == &PyStaticMethod_Type || Py_TYPE(value) == &PyClassMethod_Type) {
    inner[0] = property_function(value, "__func__");
    is_static = true;
  }
  for (PyObject* each : inner) {
    PyObject* const function = each == nullptr ? nullptr : function_inside(each);
    if (function == nullptr || !PyFunction_Check(function)) {
      if (each == value) {
        add(value);
      }
    } else if (names_.has(name) || is_called_unnamed(name)) {
      is_static ? visit_function(function, nullptr, nullptr, false) : visit_function(function, cls, nullptr, false);
    } else {
      unnamed_[name].push_back({function, is_static ? nullptr : cls});
    }
  }
}

void Walk::visit_class(PyTypeObject* cls) {
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

void Walk::traverse(PyObject* object) {
  struct Visitor {
    Walk* walk;
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

void Walk::visit_method(PyObject* method) {
  PyObject* const owner = PyMethod_GET_SELF(method);
  add(owner);
  PyObject* const function = function_inside(PyMethod_GET_FUNCTION(method));
  if (function != nullptr && PyFunction_Check(function)) {
    visit_function(function, nullptr, owner, false);
  } else {
    add(PyMethod_GET_FUNCTION(method));
  }
}

void Walk::visit_tracer(const Tracer* tracer) {
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

void Walk::visit_other(PyObject* object) {
  PyTypeObject* const type = Py_TYPE(object);
  if (PyObject* const owner = memory_owner(object); owner != object) {
    reach_.seen.add(owner);
  }
  reach_.seen.add(object);
  if (is_changed_by_use(type)) {
    change(object);
  }
  if (!PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) || PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE)) {  // made in C
    if (PyGen_Check(object)) {
      reach_.changes_all |= has_effects_;
    }
    traverse(object);
  } else if (is_program_type(type)) {
    instances_.push_back(object);
    visit_class(type);
    traverse(object);
  } else if (PyType_HasFeature(type, Py_TPFLAGS_LIST_SUBCLASS | Py_TPFLAGS_TUPLE_SUBCLASS | Py_TPFLAGS_DICT_SUBCLASS) || PyAnySet_Check(object)) {
    traverse(object);
  }
}

void Walk::visit(PyObject* object) {
  if (is_tracer(object)) {
    visit_tracer(as_tracer(object));
  } else if (PyFunction_Check(object)) {
    visit_function(object, nullptr, nullptr, false);
  } else if (PyMethod_Check(object)) {
    visit_method(object);
  } else if (PyCFunction_Check(object)) {
    PyObject* const owner = PyCFunction_GET_SELF(object);
    add(owner);
    if (owner != nullptr && !PyModule_Check(owner) && is_changing_method(object)) {
      change(owner);
    }
  } else if (PyType_Check(object)) {
    auto* const cls = reinterpret_cast<PyTypeObject*>(object);
    if (is_program_type(cls)) {
      visit_class(cls);
      for (const char* name : {"__init__", "__new__", "__post_init__"}) {
        PyObject* const interned = PyUnicode_InternFromString(name);
        add_name(interned);
        Py_XDECREF(interned);  // the class's own stays
      }
    }
  } else if (PyObject* const inner = function_inside(object); inner != object) {
    const bool keeps_effects = has_effects_;
    reach_.changes_all |= has_effects_ && is_ordered(object);
    has_effects_ &= !is_declared(object);
    inner != nullptr&& PyFunction_Check(inner) ? visit_function(inner, nullptr, nullptr, false) : add(inner);
    has_effects_ = keeps_effects;
  } else {
    visit_other(object);
  }
}

void Walk::run() {
  while (visited_count_ < met_.size() && !reach_.sees_all) {
    visit(met_[visited_count_++]);
    if (visited_.size() > kMostObjects) {
      reach_.sees_all = true;
      reach_.changes_all |= has_effects_;
    }
  }
  PyErr_Clear();
}

void Walk::add_result(const Operation* operation) {
  if (operation->is_over()) {
    add(operation->value);
    return;
  }
  if (!visited_.add(operation)) {
    return;
  }
  reach_.seen.add(operation);
  reach_.awaited.push_back(operation);
  results_.push_back(operation);
  // The result is made of what the operation can see.
  PyObject* const function = function_inside(PyMethod_Check(operation->function) ? PyMethod_GET_FUNCTION(operation->function) : operation->function);
  if (function != nullptr && PyFunction_Check(function)) {
    if (PyMethod_Check(operation->function)) {
      add(PyMethod_GET_SELF(operation->function));
    }
    visit_function(function, nullptr, nullptr, true);
  } else {
    add(operation->function);
  }
  add(operation->arguments);
  add(operation->keywords);
  const bool names_attribute = operation->callee != nullptr && operation->callee->is_light && operation->arguments != nullptr;
  for (Py_ssize_t i = 0; names_attribute && i < PyTuple_GET_SIZE(operation->arguments); ++i) {
    if (PyObject* const each = PyTuple_GET_ITEM(operation->arguments, i); PyUnicode_CheckExact(each) && PyUnicode_CHECK_INTERNED(each) != 0) {
      add_name(each);
    }
  }
}

void Walk::add_callee(const Callee* callee, PyObject* function) {
  if (callee == nullptr || !PyFunction_Check(function)) {
    static PyObject* const call = PyUnicode_InternFromString("__call__");
    add_name(call);  // what C functions are given they may call
  }
  if (callee == nullptr || !is_declared(function)) {
    add(function);
  }
}

PyObject* Walk::attribute_of(PyObject* object, PyObject* name) {
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

void Walk::change_object(PyObject* object, const CodeFacts& facts) {
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

Reach Walk::finished(bool changes_results) {
  for (const Changing& each : changing_) {
    for (PyObject* object : instances_) {
      if (PyType_IsSubtype(Py_TYPE(object), each.cls)) {
        change_object(object, *each.facts);
      }
    }
  }
  if (has_effects_ && (changes_results || changes_reached_ || !changing_.empty())) {
    for (const Operation* each : results_) {
      change(each);
    }
  }
  if (changes_reached_) {
    reach_.changed.add_all(reach_.seen);
  }
  return std::move(reach_);
}

}  // namespace

void Things::grow() {
  table_.assign(std::max<size_t>(32, table_.size() * 2), 0);
  for (uint32_t i = 0; i < things_.size(); ++i) {
    size_t at = hash_of(things_[i]) & (table_.size() - 1);
    while (table_[at] != 0) {
      at = (at + 1) & (table_.size() - 1);
    }
    table_[at] = i + 1;
  }
}

bool Things::add(const void* thing) {
  if (has(thing)) {
    return false;
  }
  things_.push_back(thing);
  mask_ |= uint64_t{1} << (hash_of(thing) & 63);
  if (things_.size() * 2 > table_.size()) {
    if (things_.size() > 8) {
      grow();
    }
  } else {
    size_t at = hash_of(thing) & (table_.size() - 1);
    while (table_[at] != 0) {
      at = (at + 1) & (table_.size() - 1);
    }
    table_[at] = static_cast<uint32_t>(things_.size());
  }
  return true;
}

void Things::add_all(const Things& others) {
  for (const void* each : others) {
    add(each);
  }
}

bool Things::has(const void* thing) const {
  if ((mask_ >> (hash_of(thing) & 63) & 1) == 0) {
    return false;
  }
  if (table_.empty()) {
    return std::ranges::find(things_, thing) != things_.end();
  }
  for (size_t at = hash_of(thing) & (table_.size() - 1); table_[at] != 0; at = (at + 1) & (table_.size() - 1)) {
    if (things_[table_[at] - 1] == thing) {
      return true;
    }
  }
  return false;
}

bool Things::meets(const Things& others) const {
  if ((mask_ & others.mask_) == 0) {
    return false;
  }
  const bool is_smaller = things_.size() < others.things_.size();
  const Things& larger = is_smaller ? others : *this;
  return std::ranges::any_of(is_smaller ? things_ : others.things_, [&](const void* each) { return larger.has(each); });
}

bool Things::has_all(const Things& others) const {
  return (others.mask_ & ~mask_) == 0 && std::ranges::all_of(others.things_, [&](const void* each) { return has(each); });
}

bool Reach::covers(const Reach& other) const { return !other.sees_all && !other.changes_all && changed.has_all(other.changed) && seen.has_all(other.seen); }

bool Reach::conflicts_with(const Reach& other) const {
  const auto meets = [](const Reach& changing, const Reach& seeing) {
    return (changing.changes_all && (seeing.sees_all || !seeing.seen.empty() || seeing.changes_all)) || (seeing.sees_all && changing.changes()) ||
           changing.changed.meets(seeing.seen);
  };
  return meets(*this, other) || meets(other, *this);
}

void Reach::come_behind(const Reach& other) {
  seen.add_all(other.seen);
  sees_all |= other.sees_all;
  const bool is_another = std::ranges::any_of(attributes, [&](const auto& each) { return std::ranges::find(other.assigned, each) != other.assigned.end(); });
  if (is_another) {
    changed.add_all(other.seen);
  }
}

bool looks_at_itself(const SeenCall& call) {
  if (call.callee == operator_callee(OperatorEffect::none) && PyCFunction_Check(call.function)) {
    const std::string_view name = reinterpret_cast<PyCFunctionObject*>(call.function)->m_ml->ml_name;
    return name == "getitem" || name == "getattr";
  }
  return call.callee != nullptr && call.callee->looks_at_itself;
}

Reach reach_of(const SeenCall& call) {
  if (looks_at_itself(call) && !call.is_open) {
    Walk walk(false);
    walk.add_shallow(PyCFunction_GET_SELF(call.function));
    for (PyObject* each : call.arguments) {
      walk.add_shallow(each);
    }
    walk.run();
    return walk.finished(false);
  }
  Walk walk(call.is_open && (call.callee == nullptr || !call.callee->changes_first));
  walk.add_callee(call.callee, call.function);
  for (PyObject* each : call.arguments) {
    walk.add(each);
  }
  walk.add(call.keywords);
  walk.run();
  Reach reach = walk.finished(call.callee == nullptr);
  if (call.callee != nullptr && call.callee->changes_first && !call.arguments.empty()) {
    PyObject* const first = call.arguments[0];
    const void* thing = first;
    if (is_tracer(first)) {
      const Operation* const operation = as_tracer(first)->operation;
      thing = operation == nullptr   ? static_cast<const void*>(as_tracer(first)->value)
              : operation->is_over() ? static_cast<const void*>(operation->value)
                                     : operation;
    }
    reach.seen.add(thing);
    reach.changed.add(thing);
  }
  return reach;
}

Reach reach_of(const Operation* operation) {
  const Callee* const callee = is_tracer(operation->function) && as_tracer(operation->function)->operation != nullptr ? nullptr : operation->callee;
  const bool is_kept = operation->arguments != nullptr;
  return reach_of(
      SeenCall{callee, operation->function,
               is_kept ? std::span(reinterpret_cast<PyTupleObject*>(operation->arguments)->ob_item, static_cast<size_t>(PyTuple_GET_SIZE(operation->arguments)))
                       : std::span<PyObject*>(),
               operation->keywords, callee == nullptr || !callee->is_closed});
}

PyObject* memory_owner(PyObject* object) {
  while (PyObject_TypeCheck(object, array_type_object())) {
    PyObject* const base = PyObject_GetAttrString(object, "base");
    Py_XDECREF(base);  // the array keeps it
    PyErr_Clear();
    if (base == nullptr || base == Py_None) {
      break;
    }
    object = base;
  }
  return object;
}

bool has_code_of_its_own(PyObject* object) {
  if (is_tracer(object)) {
    object = as_tracer(object)->value;
  }
  return object != nullptr && !is_atomic(object) && (Py_TYPE(object)->tp_iternext != nullptr || is_program_type(Py_TYPE(object)));
}

Reach reach_of_attribute(PyObject* object, PyObject* name) {
  Walk walk(true);
  walk.add_name(name);
  walk.add(object);
  walk.run();
  return walk.finished(false);
}

Reach reach_of_object(PyObject* object) {
  Walk walk(true);
  walk.add(object);
  walk.run();
  return walk.finished(false);
}

}  // namespace omega::python
