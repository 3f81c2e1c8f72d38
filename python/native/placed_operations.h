// SPDX-License-Identifier: Apache-2.0
// Operations of a run that may not be over, found by what they see and change. Used with the GIL.
#pragma once

#include <Python.h>

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "python/native/reach.h"

namespace omega::python {

struct Operation;

/// What an operation that is not over can see and change; found again when more of what it takes is there.
const Reach& reach_now(Operation* operation);

/// Operations in the order of the program, borrowed from the run's log. Those that reach few things which are all known are found by these things; the others
/// are looked at one by one.
class PlacedOperations {
 public:
  /// The next in the program's order. `unfinished`: so many may not be over.
  void add(Operation* operation, size_t unfinished);
  void clear();

  /// Goes through those that a call may have to come behind, newest first. What it reaches may grow meanwhile; it is gone through again for that then.
  class Candidates {
   public:
    Candidates(PlacedOperations& placed, const Reach& reach);
    /// Null at the end.
    Operation* next();

   private:
    /// A list, of which those behind `count` have been given.
    struct Rest {
      const std::vector<Operation*>* operations;
      size_t count;
      [[nodiscard]] uint32_t newest() const;
      bool operator<(const Rest& other) const { return newest() < other.newest(); }
    };
    void add(const std::vector<Operation*>& operations);
    std::vector<Rest> rests_;  ///< a heap
    const Operation* last_ = nullptr;
  };

 private:
  struct Users {
    std::vector<Operation*> changing;
    std::vector<Operation*> seeing;
  };
  void index(bool changes);
  void insert(Operation* operation);
  void drop_ended();

  std::vector<Operation*> one_by_one_;
  std::vector<Operation*> found_by_things_;
  std::unordered_map<const void*, Users> users_;
};

}  // namespace omega::python
