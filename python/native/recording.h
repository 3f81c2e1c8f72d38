// SPDX-License-Identifier: Apache-2.0
// Where the inputs of a call's operations came from, for explanations and drawings. Used with the GIL.
#pragma once

#include <Python.h>

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "python/native/things.h"
#include "python/native/tracer.h"

namespace omega::python {

struct Run;

/// What is kept of a run that is recorded. Then every result is seen through a tracer that knows its operation, so that what is found does not depend on
/// which operations were over when they were used.
class Recording {
 public:
  /// Operations that are recorded of a call that is made to be looked at, and of a first call, which others are not to be much faster than.
  static constexpr size_t kMostAskedFor = 10'000;
  static constexpr size_t kMostOfFirst = 1'000;

  /// The call goes on without being recorded after `most` operations.
  explicit Recording(size_t most) : most_(most) {}
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  ~Recording();

  [[nodiscard]] size_t most() const { return most_; }
  /// Notes what operation `index` takes: what it calls, where that is a result, and its arguments. Whether any of it is a result.
  bool note_inputs(uint32_t index, const Tracer* called, std::span<PyObject* const> arguments);
  /// Notes that operation `index` waits for `other` besides.
  void note_need(uint32_t index, uint32_t other);
  /// Notes that traced code looked at the result of an operation: what comes then comes behind it.
  void note_awaited(uint32_t operation);
  /// Notes that traced code waited for all of so many operations.
  void note_all_awaited(size_t count);
  /// Notes what the whole function gives.
  void note_result(PyObject* result);

  /// `(operations, kind, joined)`: of each operation a dict; the type of the container that the function gives, "" where it gives none, and the operations
  /// whose results are in it. Null with an exception set.
  [[nodiscard]] PyObject* as_tuple(const Run& run) const;

 private:
  /// Something that an operation takes.
  struct Input {
    uint32_t producer = kNoOperation;
    uint32_t part = 0;  ///< of what the producer gave; 0: all of it. Without a producer: which object
  };
  struct Entry {
    std::vector<uint32_t> needs;
    std::vector<Input> inputs;
    std::vector<uint32_t> awaited;  ///< those whose results the traced code had waited for before
  };

  Entry& entry(uint32_t index);
  /// A number for each object, from 1; the object is kept, so that no other gets its address.
  uint32_t number_of(PyObject* object);
  /// Adds the results that are in the object. `most` levels down.
  /// Adds the results in an object, in their order. `met`: containers that were gone into, which may hold themselves; of `most` levels.
  void add_results(PyObject* object, std::vector<Input>& inputs, Things& met, int most);

  size_t most_;
  std::vector<Entry> entries_;
  std::set<uint32_t> last_;        ///< operations that none comes behind
  std::vector<uint32_t> awaited_;  ///< what comes next comes behind these; not those that one of them came behind
  std::unordered_map<PyObject*, uint32_t> numbers_;
  std::vector<Input> result_;
  std::string result_kind_;
};

/// Whether the object is the result of an operation of the run that this thread traces and records.
bool is_recorded(PyObject* object);
/// `value`, a result of operation `producer` or a part of it, as the code of a recorded run sees it. Takes the reference over; null stays null.
PyObject* seen_as_result(PyObject* value, uint32_t producer);

}  // namespace omega::python
