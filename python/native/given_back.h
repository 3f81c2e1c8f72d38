// SPDX-License-Identifier: Apache-2.0
// Lists, dicts and sets of traced code that operations give back: they get copies, which traced code may not see in place of its own. Used with the GIL.
#pragma once

#include <Python.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "python/native/structure.h"

namespace omega::python {

struct Callee;
struct Operation;
struct Run;

/// A list, dict or set of traced code and a copy of it that an operation has.
struct LentContainer {
  PyObject* original;  ///< one reference; null when nobody else has the copy any more, or traced code not the original
  PyObject* copy;      ///< the same

  LentContainer(PyObject* lent, PyObject* copied) : original(Py_NewRef(lent)), copy(Py_NewRef(copied)) {}
  LentContainer(const LentContainer&) = delete;
  LentContainer& operator=(const LentContainer&) = delete;
  ~LentContainer() { release(); }
  void release() {
    Py_CLEAR(copy);
    Py_CLEAR(original);
  }
};

/// What was lent for an operation. Others, for which it was lent too by what they take, share it.
class Lent {
 public:
  void add(PyObject* original, PyObject* copy) { containers_.push_back(std::make_shared<LentContainer>(original, copy)); }
  /// Adds what was lent for another one, directly or by what that takes.
  void add_all(const Lent& other);
  [[nodiscard]] bool is_empty() const { return containers_.empty(); }
  [[nodiscard]] const std::vector<std::shared_ptr<LentContainer>>& containers() const { return containers_; }
  /// Whether the originals hold still what their copies do.
  [[nodiscard]] bool is_current() const;
  /// Copies of these copies take their places, where `copies` has some.
  void follow(const Copies& copies);
  /// Forgets the copies that nobody else has, and the originals that traced code has no longer. Whether these were all, and nobody had a copy.
  bool drop_unused();
  /// Whether traced code has some of the originals still.
  [[nodiscard]] bool has_seen_originals() const;
  void clear() { containers_.clear(); }

 private:
  std::vector<std::shared_ptr<LentContainer>> containers_;  ///< outer ones before what they hold
  std::unordered_map<const PyObject*, size_t> places_;      ///< of those that `add_all` added, by their originals
};

/// The copies of a run that calls gave back or kept, for each the container of traced code that it stands for.
class GivenBack {
 public:
  GivenBack() = default;
  GivenBack(const GivenBack&) = delete;
  GivenBack& operator=(const GivenBack&) = delete;
  ~GivenBack() { clear(); }
  void add(const Lent& lent);
  /// Whether a value is such a copy or holds one, in containers or attributes of objects.
  [[nodiscard]] bool is_in(PyObject* value) const;
  /// Whether a value is or holds a container of traced code that it may see in results too.
  [[nodiscard]] bool has_originals_in(PyObject* value) const;
  [[nodiscard]] bool has_originals_in_any(std::span<PyObject* const> objects) const;
  /// Adds those of the containers that traced code may see in results too, of which `is_one` says so.
  template <class Predicate>
  void add_seen(std::vector<PyObject*>& containers, Predicate&& is_one) const {
    std::ranges::copy_if(in_results_, std::back_inserter(containers), is_one);
  }
  /// Notes a container of traced code that it may see in results too; the run has a reference to it.
  void note_seen(PyObject* container) { in_results_.insert(container); }
  /// `value` with traced code's own containers in the places of their copies. Takes the reference over; null with an exception set.
  PyObject* with_originals(Run* run, PyObject* value);
  /// Replaces tracers that traced code has put into its containers since it sees them in results, where they are in the objects. -1 with an exception set.
  int make_plain_in(std::span<PyObject* const> objects) const;
  /// The same in all of them, when the call is over.
  int make_all_plain(Copies& copies) const;
  void clear();

 private:
  /// Whether it is a copy or a method of one.
  [[nodiscard]] bool is_copy(PyObject* object) const;
  PyObject* in_place_of(PyObject* item, std::unordered_set<PyObject*>& put) const;
  PyObject* tuple_with_originals(PyObject* tuple, std::unordered_set<PyObject*>& put) const;
  int put_into(PyObject* container, std::unordered_set<PyObject*>& put) const;
  int put_into_slots(PyObject* object, std::unordered_set<PyObject*>& put) const;

  std::unordered_map<PyObject*, PyObject*> originals_;  ///< by their copies; a reference to each
  std::unordered_set<PyObject*> in_results_;            ///< containers that traced code sees in results too; references are others'
};

/// When a call has ended and nobody else has its arguments: learns of the callee whether it keeps containers that it is given, and notes whether `value` holds
/// copies of traced code's. `callee`: null where nothing is learnt; `value`: what it gave, or null.
bool note_given_back(Run* run, Callee* callee, Lent& lent, PyObject* value);
/// Before traced code sees what the operation gave, which holds copies: everything begun is waited for, and they become its own containers. -1 with an
/// exception set.
int give_back(Operation* operation);
/// Notes that an operation takes what another one gives, which may be what was lent for that. `giver`: or null.
void take_what_was_lent(Operation* operation, const Operation* giver);
/// Whether what a tracer in the object stands for is not there yet, and may be or hold a container of traced code.
bool may_be_given_back(PyObject* object);
/// Whether what the operation gives has copies, or will maybe have what was lent for a call, and traced code has that too: what methods of it change is not
/// known before.
bool may_share_lent(const Operation* operation);
/// Whether an operation has given copies of what traced code has, or may do so and traced code has changed that since: it would be seen as it was.
bool is_outdated(const Operation* operation);
/// Waits for such operations that tracers in the objects stand for: what they give has traced code's own containers then. -1 with an exception set.
int await_outdated(std::span<PyObject* const> objects);
/// Waits for what such tracers stand for. -1 with an exception set.
int await_given_back(PyObject* object);

}  // namespace omega::python
