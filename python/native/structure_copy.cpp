// SPDX-License-Identifier: Apache-2.0
#include "python/native/structure_copy.h"

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "python/native/container_walk.h"
#include "python/native/globals_view.h"
#include "python/native/operation.h"
#include "python/native/traced_run.h"

namespace omega::python {
namespace {

PyObject* plain_generator = nullptr;
PyObject* plain_iterator = nullptr;

/// Iterators and views of the interpreter's own, which hold what they go over.
bool is_iterator_or_view(PyTypeObject* type) {
  static const auto& builtin = *new std::unordered_set<PyTypeObject*>{
      &PyMap_Type,         &PyZip_Type,           &PyFilter_Type,       &PyEnum_Type,           &PyReversed_Type,         &PyListIter_Type,
      &PyListRevIter_Type, &PyTupleIter_Type,     &PySetIter_Type,      &PyDictKeys_Type,       &PyDictValues_Type,       &PyDictItems_Type,
      &PyDictIterKey_Type, &PyDictIterValue_Type, &PyDictIterItem_Type, &PyDictRevIterKey_Type, &PyDictRevIterValue_Type, &PyDictRevIterItem_Type};
  return builtin.contains(type) || std::string_view(type->tp_name).starts_with("itertools.");
}

/// Whether code outside would see tracers by it: what goes over one gives values there.
bool is_seen_outside(PyObject* object) { return is_replaced(object) && !is_seen_iterator(object); }

bool goes_over_tracers(PyObject* object);

/// Whether what goes over `part` would give tracers. Large containers are taken to hold some.
bool gives_tracers(PyObject* part) {
  constexpr Py_ssize_t kMostItems = 1000;
  const bool is_large = (PyList_Check(part) || PyTuple_Check(part)) ? Py_SIZE(part) > kMostItems : PyDict_Check(part) && PyDict_GET_SIZE(part) > kMostItems;
  return goes_over_tracers(part) || (is_container(part) && (is_large || any_inside(part, is_seen_outside)));
}

/// Whether an iterator or view of the interpreter's goes over something that holds tracers.
bool goes_over_tracers(PyObject* object) {
  constexpr int kDeepest = 16;
  static thread_local int depth = 0;
  PyTypeObject* const type = Py_TYPE(object);
  if ((type->tp_iternext == nullptr && !PyDictViewSet_Check(object) && !PyDictValues_Check(object)) || depth == kDeepest || type->tp_traverse == nullptr ||
      !is_iterator_or_view(type)) {
    return false;
  }
  ++depth;
  const visitproc holds = [](PyObject* part, void*) { return gives_tracers(part) ? 1 : 0; };
  // A chain goes over what the parts of a tuple give.
  const visitproc holds_parts = [](PyObject* part, void*) {
    const bool is_parts = PyTuple_CheckExact(part);
    bool any = !is_parts && gives_tracers(part);
    for (Py_ssize_t i = 0; is_parts && !any && i < PyTuple_GET_SIZE(part); ++i) {
      any = gives_tracers(PyTuple_GET_ITEM(part, i));
    }
    return any ? 1 : 0;
  };
  const visitproc holds_chained = [](PyObject* part, void* parts) {
    const bool is_source = Py_TYPE(part) == &PyTupleIter_Type;
    return is_source ? PyTupleIter_Type.tp_traverse(part, *static_cast<const visitproc*>(parts), nullptr) : gives_tracers(part) ? 1 : 0;
  };
  const bool is_chain = std::string_view(type->tp_name) == "itertools.chain";
  void* const parts = static_cast<void*>(const_cast<visitproc*>(&holds_parts));
  const bool is_over_tracers = (is_chain ? type->tp_traverse(object, holds_chained, parts) : type->tp_traverse(object, holds, nullptr)) != 0;
  --depth;
  return is_over_tracers;
}

}  // namespace

PyObject* tuple_as(PyObject* original, PyObject* items) {
  PyTypeObject* const type = Py_TYPE(original);
  static PyObject* const fields_of_structure = PyUnicode_InternFromString("n_sequence_fields");
  if (_PyType_Lookup(type, fields_of_structure) != nullptr) {  // one of C's, which has more memory than a tuple
    return PyObject_CallOneArg(reinterpret_cast<PyObject*>(type), items);
  }
  PyObject* const arguments = PyTuple_Pack(1, items);
  PyObject* copy = arguments == nullptr ? nullptr : PyTuple_Type.tp_new(type, arguments, nullptr);
  Py_XDECREF(arguments);
  if (copy != nullptr && type->tp_dictoffset != 0) {
    PyObject* const attributes = PyObject_GenericGetDict(original, nullptr);
    PyObject* const own = attributes == nullptr ? nullptr : PyObject_GenericGetDict(copy, nullptr);
    if (own == nullptr || PyDict_Update(own, attributes) < 0) {
      Py_CLEAR(copy);
    }
    Py_XDECREF(attributes);
    Py_XDECREF(own);
  }
  return copy;
}

bool is_replaced(PyObject* object) {
  return is_tracer(object) || is_seen_iterator(object) || is_function_of_body(object) || is_generator_of_body(object) || goes_over_tracers(object);
}

void set_plain_generator(PyObject* function, PyObject* of_iterators) {
  Py_XSETREF(plain_generator, Py_NewRef(function));
  Py_XSETREF(plain_iterator, Py_NewRef(of_iterators));
}

void Holders::find(PyObject* root, bool (*goes_into)(PyObject*)) {
  struct Way {
    uint32_t from;
    uint32_t next;  ///< to the same container
  };
  constexpr uint32_t kNone = UINT32_MAX;
  std::vector<PyObject*> containers{root};
  std::vector<uint32_t> ways_to{kNone};
  std::vector<Way> ways;
  std::vector<uint32_t> found;  // that hold tracers
  std::unordered_map<PyObject*, uint32_t> numbers;
  for (uint32_t at = 0; at < containers.size(); ++at) {
    bool holds = false;
    any_item(containers[at], [&](PyObject* item) {
      holds |= is_replaced(item);
      if (goes_into(item)) {
        const auto [known, is_new] = item == root ? std::pair{numbers.end(), false} : numbers.try_emplace(item, static_cast<uint32_t>(containers.size()));
        const uint32_t number = item == root ? 0 : known->second;
        if (is_new) {
          containers.push_back(item);
          ways_to.push_back(kNone);
        }
        ways.push_back({at, ways_to[number]});
        ways_to[number] = static_cast<uint32_t>(ways.size() - 1);
      }
      return false;
    });
    if (holds && holders_.insert(containers[at]).second) {
      found.push_back(at);
    }
  }
  while (!found.empty()) {
    const uint32_t at = found.back();
    found.pop_back();
    for (uint32_t way = ways_to[at]; way != kNone; way = ways[way].next) {
      if (holders_.insert(containers[ways[way].from]).second) {
        found.push_back(ways[way].from);
      }
    }
  }
}

StructureCopy::~StructureCopy() {
  for (const auto& [object, copy] : empty_) {
    Py_DECREF(object);
    Py_DECREF(copy);
  }
}

PyObject* StructureCopy::of(PyObject* object) {
  if (is_container(object) && which_ != Which::all) {
    holders_.find(object, which_ == Which::holding ? is_container : is_immutable_container);
  }
  root_ = object;
  PyObject* const copy = item(object);
  while (copy != nullptr && !empty_.empty()) {
    const auto [original, made] = empty_.back();
    empty_.pop_back();
    const int filled = fill(original, made);
    Py_DECREF(original);
    Py_DECREF(made);
    if (filled < 0) {
      Py_DECREF(copy);
      return nullptr;
    }
  }
  return copy;
}

PyObject* StructureCopy::stands_for(PyObject* object) {
  Tracer* const tracer = as_tracer(object);
  if (operation_ != nullptr) {
    depend_on(operation_, tracer);
    const Operation* const giver = tracer->operation;
    if (giver != nullptr && !giver->is_over() && !is_outdated(giver)) {
      take_what_was_lent(operation_, giver);
      return Py_NewRef(object);
    }
  }
  PyObject* const value = value_of(tracer);
  if (value != nullptr && operation_ != nullptr && lent_ != nullptr &&
      operation_->run->given_back.has_originals_in(value)) {  // the body may change them meanwhile
    PyObject* const copy = item(value);
    Py_DECREF(value);
    return copy;
  }
  puts_objects_ |= value != nullptr && !is_seen_as_it_is(value);
  return value;
}

bool StructureCopy::is_copied(PyObject* object) const {
  switch (which_) {
    case Which::holding: return is_container(object) && holders_.has(object);
    case Which::immutable: return is_immutable_container(object) && holders_.has(object);
    case Which::all: break;
  }
  return PyList_CheckExact(object) || PyTuple_Check(object) || PyDict_CheckExact(object) || PySet_CheckExact(object) ||
         (is_container(object) && holds_tracer(object));
}

PyObject* StructureCopy::item(PyObject* object) {
  if (is_tracer(object)) {
    return stands_for(object);
  }
  if (is_seen_iterator(object)) {
    return iterator_behind(object);
  }
  if (is_function_of_body(object)) {
    return function(object);
  }
  if (is_generator_of_body(object)) {
    return generator(object);
  }
  if (goes_over_tracers(object)) {
    return iterator(object);
  }
  if (!is_copied(object)) {
    return Py_NewRef(object);
  }
  if (PyObject* const known = copies_.of(object); known != nullptr) {
    return known;
  }
  return is_immutable_container(object) ? immutable(object) : to_be_filled(object);
}

PyObject* StructureCopy::function(PyObject* object) {
  Run* const run = operation_ != nullptr ? operation_->run : current_run();
  PlainFunctions alone;
  return (run == nullptr ? alone : run->plain_functions).of(object, operation_, copies_);
}

PyObject* StructureCopy::generator(PyObject* object) {
  Run* const run = current_run();
  Copies& made_before = run == nullptr ? copies_ : run->plain_generators;
  if (PyObject* const known = made_before.of(object); known != nullptr) {
    return known;
  }
  PyObject* const made = PyObject_CallOneArg(plain_generator, object);
  made_before.note(object, made);
  return made;
}

PyObject* StructureCopy::iterator(PyObject* object) {
  if (PyObject* const known = copies_.of(object); known != nullptr) {
    return known;
  }
  PyObject* const made = PyObject_CallOneArg(plain_iterator, object);
  if (made != nullptr) {
    copies_.note(object, made);
  }
  return made;
}

void StructureCopy::note(PyObject* object, PyObject* copy) {
  if (object == root_ || Py_REFCNT(object) > 1) {  // whoever asks may have it several times, and lend it without a reference
    copies_.note(object, copy);
  }
}

PyObject* StructureCopy::to_be_filled(PyObject* object) {
  PyObject* const copy = PyList_CheckExact(object)   ? PyList_New(0)
                         : PyDict_CheckExact(object) ? PyDict_New()
                         : PyDict_Check(object)      ? PyObject_CallMethod(object, "copy", nullptr)
                                                     : PySet_New(nullptr);
  if (copy != nullptr) {
    note(object, copy);
    if (lent_ != nullptr) {
      lent_->add(object, copy);
    }
    empty_.emplace_back(Py_NewRef(object), Py_NewRef(copy));
  }
  return copy;
}

int StructureCopy::fill(PyObject* object, PyObject* copy) {
  return PyList_CheckExact(object) ? fill_list(object, copy) : PyDict_Check(object) ? fill_dict(object, copy) : fill_set(object, copy);
}

int StructureCopy::fill_list(PyObject* object, PyObject* copy) {
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(object); ++i) {
    PyObject* const made = item(PyList_GET_ITEM(object, i));
    const int failed = made == nullptr ? -1 : PyList_Append(copy, made);
    Py_XDECREF(made);
    if (failed < 0) {
      return -1;
    }
  }
  return 0;
}

int StructureCopy::fill_dict(PyObject* object, PyObject* copy) {
  if (!PyDict_CheckExact(object)) {  // its copy has all as it was
    PyObject* const cleared = PyObject_CallMethod(copy, "clear", nullptr);
    if (cleared == nullptr) {
      return -1;
    }
    Py_DECREF(cleared);
  }
  PyObject *key, *value;
  for (Py_ssize_t at = 0; PyDict_Next(object, &at, &key, &value);) {
    PyObject* const made_key = item(key);
    PyObject* const made = made_key == nullptr ? nullptr : item(value);
    const int failed = made == nullptr ? -1 : PyObject_SetItem(copy, made_key, made);
    Py_XDECREF(made);
    Py_XDECREF(made_key);
    if (failed < 0) {
      return -1;
    }
  }
  return 0;
}

int StructureCopy::fill_set(PyObject* object, PyObject* copy) {
  int failed = 0;
  any_item(object, [&](PyObject* element) {
    PyObject* const made = item(element);
    failed = made == nullptr ? -1 : PySet_Add(copy, made);
    Py_XDECREF(made);
    return failed < 0;
  });
  return failed;
}

int StructureCopy::begin(PyObject* object, std::vector<Unfinished>& unfinished) {
  PyObject* const items = PyTuple_Check(object) ? Py_NewRef(object) : PySequence_Tuple(object);
  PyObject* const copied = items == nullptr ? nullptr : PyTuple_New(PyTuple_GET_SIZE(items));
  if (copied == nullptr) {
    Py_XDECREF(items);
    return -1;
  }
  unfinished.push_back({object, items, copied});
  return 0;
}

PyObject* StructureCopy::finish(const Unfinished& whole) {
  PyObject* const original = whole.original;
  const Run* const run = whole.is_same ? nullptr : current_run();
  if (PyObject* const before = run == nullptr ? nullptr : run->seen_tuples.original_of(original, whole.copied); before != nullptr) {
    return before;
  }
  PyObject* const copy = whole.is_same                      ? Py_NewRef(original)
                         : PyTuple_CheckExact(original)     ? Py_NewRef(whole.copied)
                         : PyFrozenSet_CheckExact(original) ? PyFrozenSet_New(whole.copied)
                                                            : tuple_as(original, whole.copied);
  if (copy != nullptr && !whole.is_same) {
    note(original, copy);
  }
  return copy;
}

PyObject* StructureCopy::immutable(PyObject* object) {
  std::vector<Unfinished> unfinished;
  PyObject* made = nullptr;
  int failed = begin(object, unfinished);
  while (failed == 0 && !unfinished.empty()) {
    Unfinished& last = unfinished.back();
    if (last.next == PyTuple_GET_SIZE(last.items)) {
      made = finish(last);
      Py_DECREF(last.items);
      Py_DECREF(last.copied);
      unfinished.pop_back();
      if (unfinished.empty()) {
        return made;
      }
    } else {
      PyObject* const each = PyTuple_GET_ITEM(last.items, last.next);
      PyObject* const known = is_immutable_container(each) && is_copied(each) ? copies_.of(each) : nullptr;
      if (known == nullptr && is_immutable_container(each) && is_copied(each)) {
        failed = begin(each, unfinished);
        continue;
      }
      made = known != nullptr ? known : item(each);
    }
    if (made == nullptr) {
      break;
    }
    Unfinished& whole = unfinished.back();
    whole.is_same &= made == PyTuple_GET_ITEM(whole.items, whole.next);
    PyTuple_SET_ITEM(whole.copied, whole.next++, made);
  }
  for (const Unfinished& each : unfinished) {
    Py_DECREF(each.items);
    Py_DECREF(each.copied);
  }
  return nullptr;
}

}  // namespace omega::python
