// SPDX-License-Identifier: Apache-2.0
// What is known about callables that traced code calls, and learnt from their calls. Used with the GIL.
#pragma once

#include <Python.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace omega::python {

/// What is known about calls of one callable, or of all that share its code.
struct Callee {
  /// What a call does besides giving a result. none: nothing that other operations see; own: changes the object it is called on; shared: anything.
  /// traced_through: nothing of its own, it is traced code. stepped_into: none, and its body is better traced too;
  /// array_code: where it is given arrays.
  enum class Effect : uint8_t { none, own, shared, traced_through, stepped_into, array_code };
  Effect effect = Effect::none;
  bool is_light = false;                                          ///< an operator: handing it to a thread never pays
  bool is_looked_into = false;                                    ///< the effect is known from its code or by declaration; else it is taken for none
  bool is_closed = false;                                         ///< it changes nothing by itself: it calls nothing that it gets at only then
  bool looks_at_itself = false;                                   ///< a method of a container that only looks at the container, not at what it holds
  bool changes_first = false;                                     ///< an operator like `+=`: changes its first argument, if that can be changed
  bool needs_originals = false;                                   ///< it keeps an argument, gives it back or changes it: copies of containers do not do
  PyObject* originals = nullptr;                                  ///< of these alone: a set of their positions and names; null: of any
  PyObject* changed = nullptr;                                    ///< those of `originals` that it changes; null as they are
  bool has_known_originals = true;                                ///< else `learn_originals` finds out
  bool has_kept_nothing = false;                                  ///< a call has ended, and nobody had the copies still that were made for it
  bool gives_containers = false;                                  ///< a call has given a list, dict or set
  uint8_t suspicions = 0;                                         ///< calls behind which somebody had copies of containers still
  bool is_called_for_effect = false;                              ///< of a library: where nobody takes what a call gives, it is made for what it changes
  bool looks_at_callers = false;                                  ///< at the variables of who calls it
  bool runs_in_process = false;                                   ///< pure Python that computes
  std::vector<std::pair<PyObject*, PyObject*>> closed_over = {};  ///< of a closed one: global objects that it sees, each by a dict and its name there
  bool has_begun = false;                                         ///< a call of it was handed to a thread
  double cost_ns = -1;                                            ///< of a call, learnt; negative: not known
  double least_ns = -1;                                           ///< the least that one took; negative: not known
  std::string name;
  std::string reason;  ///< of the effect, for explanations

  /// Notes how long a call took; operators learn nothing. Beside others a call may have waited for the GIL: that it took longer says less then.
  void learn(double ns, bool was_beside) {
    if (is_light) {
      return;
    }
    const double share = ns < cost_ns ? 0.5 : was_beside ? 0.3 : 0.7;
    cost_ns = cost_ns < 0 ? ns : share * ns + (1 - share) * cost_ns;
    least_ns = least_ns < 0 ? ns : std::min(least_ns, ns);
  }
};

/// What is known about the callable; made when new. Null with an exception set.
Callee* callee_of(PyObject* callable);
/// One of Omega's own: an operator that has no effect, one that may change its first operand, or one that changes what others see.
enum class OperatorEffect : uint8_t { none, first, shared };
Callee* operator_callee(OperatorEffect effect);
bool is_operator(const Callee* callee);

/// Whether the callable is a `functools.partial`.
bool is_partial(PyObject* callable);
/// Whether the callable says itself what its calls do; whether it says that they keep the program's order.
bool is_declared(PyObject* callable);
bool is_ordered(PyObject* declared);

/// Finds out which arguments it needs as they are: reading its code for that takes long, and most are given none that matter. -1 with an exception set.
int learn_originals(Callee& callee, PyObject* callable);

/// Whether a call of it may keep an argument, give it back or change it; also where that cannot be found out. `callee`: what is known about it.
bool may_need_originals(Callee* callee, PyObject* callable);
/// Whether operators like `+=` change such an object; of others they make new ones.
bool may_change_in_place(PyObject* object);

/// Calls `classify(callable) -> (effect, is_light, is_looked_into, closed_over, looks_at_itself, runs_in_process, is_called_for_effect,
/// looks_at_callers, name, reason)` for callables that are not known, and `needs_originals(callable)`, a truth or the sets
/// `originals` and `changed`, for `learn_originals`. `declared` is the type of objects
/// that say so themselves: `ordered`, `in_process`, and of which `function`.
void set_classifier(PyObject* classify, PyObject* needs_originals, PyObject* declared);

}  // namespace omega::python
