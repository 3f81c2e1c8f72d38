// SPDX-License-Identifier: Apache-2.0
// What tracing costs and gains: by that functions are traced, or run as they were written. Used with the GIL.
#pragma once

#include <Python.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace omega::python {

struct Callee;
struct Run;

/// The account of one function's code, and so of all traced functions that are made of it [ns]. Tracing may cost what it gained, an eighth of the time that
/// calls take, and something to find that out; who has spent that runs as written, until an eighth of its time has paid for another trial, and half of that
/// part after each that was for nothing, down to a sixty-fourth.
class Worth {
 public:
  Worth();
  /// Made when new; kept as long as the process runs: a program has so many as its text has functions.
  static Worth& of(PyObject* code);

  [[nodiscard]] bool pays() const { return balance_ >= 0; }
  /// Whether calls that are given arrays of so many elements compute arrays in passes, as far as is known: they are always traced. NumPy's last bits may be
  /// others, and which ones a call gives must not depend on how long calls took. 0: they are given none.
  [[nodiscard]] bool computes_arrays(size_t elements) const { return elements >= computes_from_; }
  void note_arrays(size_t elements) { computes_from_ = std::min(computes_from_, elements); }
  /// Whether calls have to be traced that are given arrays large enough for passes, to know whether they compute any.
  [[nodiscard]] bool looks_for_arrays() const { return calls_without_passes_ < kCallsToKnow; }
  void note_call_without_passes() { ++calls_without_passes_; }
  /// A call begins to be traced. What is given counts as its cost until `end`, so that calls within calls find out too: what calls cost lately, or `least`.
  double begin(double least);
  /// It is over: tracing it cost so much, what it called took so long. `expected`: what `begin` gave.
  void end(double expected, double cost, double took);
  void charge(double cost);
  /// All that tracing cost and gained so far [ns].
  [[nodiscard]] double spent() const { return spent_; }
  [[nodiscard]] double gained() const { return gained_; }
  /// A call gained so much by being traced.
  void gain(double ns);
  /// Whether a call could have anything run beside something else, as it was when that was last looked at.
  [[nodiscard]] bool may_overlap() const { return may_overlap_; }
  void note_overlap(bool may_overlap) { may_overlap_ = may_overlap; }
  /// A call that ran as written took so long.
  void run_as_written(double ns) { earn(ns); }
  /// Whether a call that runs as written is to be timed, and then how many calls it stands for: of short ones, which asking the time makes longer, one of some.
  [[nodiscard]] unsigned calls_to_time() {
    if (untimed_ > 0) {
      --untimed_;
      return 0;
    }
    return stands_for_;
  }
  /// A call took so long that stands for so many.
  void run_as_written(double ns, unsigned calls) {
    earn(ns * calls);
    constexpr double kShort = 2e3;
    constexpr unsigned kOneOf = 16;
    stands_for_ = ns < kShort ? kOneOf : 1;
    untimed_ = stands_for_ - 1;
  }

  /// Whether a call that runs as written is being timed: those within it are part of it.
  bool is_timed = false;

 private:
  void earn(double took);

  static constexpr double kToFindOut = 5e6;  ///< what may be spent before anything was gained
  static constexpr uint32_t kCallsToKnow = 3;
  size_t computes_from_ = SIZE_MAX;
  uint32_t calls_without_passes_ = 0;  ///< traced ones, which had large arrays
  bool may_overlap_ = true;
  unsigned stands_for_ = 1;
  unsigned untimed_ = 0;
  double share_;
  double balance_ = kToFindOut;
  double usual_cost_ = 0;
  double spent_ = 0;
  double gained_ = 0;
};

/// Where the time of a run went, as far as it is over [ns]. What is left of it was tracing.
struct Spent {
  double calls = 0;            ///< operations where they were called, passes over arrays, waiting for operations
  double waiting = 0;          ///< of that
  double bodies = 0;           ///< tracing the bodies that were part of it
  double credited = 0;         ///< of `calls`: what bodies that were part of it have been credited with
  double gained = 0;           ///< by passes over arrays
  double begun_beside = 0;     ///< when the first operation began that did not run where it was called
  double computed_before = 0;  ///< what the process had computed then
  double useful = 0;           ///< of `calls` without waiting: what was not tracing of calls within them
};

/// The body of a traced function while it is part of another's run: tracing it is put to its code's account.
class TracedBody {
 public:
  TracedBody(Run* run, Worth& worth);
  TracedBody(const TracedBody&) = delete;
  TracedBody& operator=(const TracedBody&) = delete;
  ~TracedBody();

 private:
  Run* run_;
  Worth& worth_;
  double expected_;
  double begun_;
  double computed_;
  double spent_;
  double called_;
  double credited_;
  uint32_t begun_later_;
};

/// A body with operations that run beside it: whether that was worth it is known when the run is over.
struct OpenBody {
  Worth* worth;
  double cost;
};

/// A call of a traced function that is a run of its own.
class TracedCall {
 public:
  /// `elements`: of the largest array that it is given.
  TracedCall(Worth& worth, size_t elements);
  /// All of the run is over: puts what it cost or gained to the accounts of those that took part.
  void judge(const Run& run);

 private:
  Worth& worth_;
  size_t elements_;
  double expected_;
  double begun_;
  double computed_;
};

/// The processor time of this process [ns].
double process_computing_ns();

/// What tracing has cost on this thread so far, in runs that are over [ns].
double& tracing_ns();

/// Whether a body that the run comes by is called as written, not traced: tracing it does not pay, and the call would not have to wait for what goes on beside.
/// A repeated attempt does what the one before did. `callee`: of its function; null only where tracing pays.
bool runs_as_written(Run& run, bool pays, const Callee* callee);

/// The time of this thread but for what went into reading code, which is done once [ns].
double own_time_ns();
/// While one lives, the time is reading code, and no trace goes on: what objects of the program do when they are asked something is no part of it.
class ReadingCode {
 public:
  ReadingCode();
  ReadingCode(const ReadingCode&) = delete;
  ReadingCode& operator=(const ReadingCode&) = delete;
  ~ReadingCode();

 private:
  double begun_;
  Run* traced_;
};

}  // namespace omega::python
