// SPDX-License-Identifier: Apache-2.0
// The walk that finds what a call reaches: through the objects that it is given and the code that it can run. Used with the GIL.
#pragma once

#include <Python.h>

#include <unordered_map>
#include <utility>
#include <vector>

#include "python/native/code_facts.h"
#include "python/native/reach.h"
#include "python/native/tracer.h"

namespace omega::python {

/// Which of the code that is met may run.
enum class RunCode : uint8_t {
  met,       ///< every function, and the methods that code on the way names: of calls
  operators  ///< special methods, properties that are named, and what these call: of operators and of what looks at an object
};

/// Follows a call through everything that it can get at.
class ReachWalk {
 public:
  ReachWalk(RunCode code, bool has_effects) : runs_met_(code == RunCode::met), has_effects_(has_effects) {}
  ReachWalk(const ReachWalk&) = delete;
  ReachWalk& operator=(const ReachWalk&) = delete;
  ~ReachWalk() {
    for (const Met& each : met_) {
      Py_DECREF(each.object);
    }
  }

  /// An object that the call is given.
  void add(PyObject* object) { add(object, met_use()); }
  /// An object of which only its own elements are looked at.
  void add_shallow(PyObject* object);
  /// An attribute that the call gets, by its name.
  void add_name(PyObject* name) { add_name(name, Use::run); }
  /// All properties may be got: for whether operators change anything, so that what none of them changes is passed over.
  void add_properties() { runs_properties_ = true; }
  /// What objects of libraries have in lists, dicts and sets is seen too, where these are their attributes.
  void enter_libraries() { enters_libraries_ = true; }
  /// What a function of a library is given and changes: an object, or those in a container.
  void add_changed(PyObject* object, bool enters_containers = true);
  /// What is called, other than functions that are met.
  void add_callee(const Callee* callee, PyObject* function);
  /// What objects of a class run.
  void add_class(PyTypeObject* cls) { visit_class(cls); }
  /// What an operation will give.
  void add_result(const Operation* operation);
  void run();
  /// Operators run code that calls what it is given: whatever is met may be called then, and the walk is to be gone again so.
  [[nodiscard]] bool calls_given() const { return calls_given_ && !runs_met_; }
  /// Whether something was found that may change anything.
  [[nodiscard]] bool may_change() const;
  /// Ends the walk. `changes_results`: what is called may change those results that are awaited.
  Reach finished(bool changes_results);

 private:
  /// What becomes of code that is met.
  enum class Use : uint8_t {
    made,  ///< it ran before: results may be made of what it sees
    run    ///< it runs
  };
  struct Met {
    PyObject* object;
    Use use;
  };
  struct Method {
    PyObject* function;
    PyTypeObject* cls;
  };
  struct Changing {
    PyTypeObject* cls;
    const CodeFacts* facts;
  };

  [[nodiscard]] Use met_use() const { return runs_met_ ? Use::run : Use::made; }
  void add(PyObject* object, Use use);
  void add_name(PyObject* name, Use use);
  void visit(const Met& met);
  void visit_tracer(const Tracer* tracer);
  void visit_function(PyObject* function, PyTypeObject* cls, PyObject* owner, Use use, bool is_constructor = false);
  void visit_outer(PyFunctionObject* function, const CodeFacts& facts, Use use);
  void visit_method(PyObject* method, Use use);
  void visit_builtin(PyObject* function, Use use);
  void visit_type(PyTypeObject* cls, Use use);
  void visit_wrapped(PyObject* wrapper, PyObject* inner, Use use);
  void visit_class(PyTypeObject* cls);
  void visit_all_classes();
  void add_attribute_of_class(PyObject* name, PyObject* value, PyTypeObject* cls);
  void visit_other(PyObject* object);
  void see_containers_in(PyObject* container);
  /// What made a result, and what of its may be in it.
  void add_maker(PyObject* callable);
  void traverse(PyObject* object);
  void change(const void* thing);
  template <class Visit>
  bool any_changed_by_methods(Visit&& visit) const;
  [[nodiscard]] bool is_changed_by_methods(const TypeFacts& facts, PyObject* object) const;
  /// Whether calls of methods may change what the operation will give.
  [[nodiscard]] bool may_change_by_methods(const Operation& result) const;
  void change_result(const Operation& result);
  void change_with_containers(PyObject* object);
  void change_object(PyObject* object, const CodeFacts& facts);
  PyObject* attribute_of(PyObject* object, PyObject* name);

  PyObject* receiver_ = nullptr;  ///< the object whose method is called, other than `__call__`: who has it does not call it for that. Null: none
  bool runs_met_;
  bool has_effects_;
  bool runs_properties_ = false;
  bool enters_libraries_ = false;
  bool runs_code_ = false;  ///< some that was found
  bool calls_given_ = false;
  bool changes_reached_ = false;
  Reach reach_;
  Things visited_;
  Things running_;        ///< of those, code that runs
  std::vector<Met> met_;  ///< in the order in which they are visited; one reference each
  size_t visited_count_ = 0;
  Things names_;
  Things made_names_;  ///< that only code names which ran before
  Things classes_;
  Things made_classes_;                                         ///< of which the call makes objects
  std::unordered_map<PyObject*, std::vector<Method>> unnamed_;  ///< methods by names that no code that runs has named yet
  std::vector<PyObject*> instances_;
  std::vector<PyObject*> used_;                                          ///< objects that change when they are used
  std::vector<std::pair<PyObject*, const TypeFacts*>> used_by_methods_;  ///< those that methods change
  Things names_for_nothing_;                                             ///< of methods of which nobody takes what they give
  std::vector<Changing> changing_;
  std::vector<const Operation*> results_;
  bool names_attributes_of_known_ = false;  ///< some of the results are attributes of objects that are there already
};

}  // namespace omega::python
