// SPDX-License-Identifier: Apache-2.0
// Tracers: values that record what is done with them.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "omega/graph/exec/operator.h"
#include "omega/graph/exec/value.h"
#include "omega/graph/ir/graph.h"

namespace omega::graph {

class TracerContext;

/// What tracing cannot see, or may not do; the message says what helps.
class TracingError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// A branch, index or conversion that needs the data of a traced value: only the static strategy can follow it.
class BranchError : public TracingError {
 public:
  using TracingError::TracingError;
};

/// A value of a function that is being traced: a scalar, array, string, list or object. What is done with it goes into the graph of the
/// trace, and is done with the concrete value, unless the trace is of a body that may never run. Made from a C++ value it is a constant.
/// Copies are the same value. For the thread that traces, until the trace ends.
class Tracer {
 public:
  Tracer(bool value) : literal_(value), dtype_(DType::boolean) {}  // NOLINT(google-explicit-constructor)
  template <std::integral Integer>
  Tracer(Integer value) : literal_(static_cast<int64_t>(value)), dtype_(DType::int64) {}   // NOLINT(google-explicit-constructor)
  Tracer(float value) : literal_(value), dtype_(DType::float32) {}                         // NOLINT(google-explicit-constructor)
  Tracer(double value) : literal_(value), dtype_(DType::float64) {}                        // NOLINT(google-explicit-constructor)
  Tracer(const char* value) : Tracer(std::string(value)) {}                                // NOLINT(google-explicit-constructor)
  Tracer(std::string value) : literal_(Value(std::move(value))), dtype_(DType::string) {}  // NOLINT(google-explicit-constructor)
  /// Any value as a constant; an object cannot be one.
  Tracer(Value value) : literal_(std::move(value)), dtype_(literal_.dtype()) {}  // NOLINT(google-explicit-constructor)

  /// Type of the value or its elements; `any` where only a run can tell.
  [[nodiscard]] DType dtype() const { return dtype_; }
  /// Number of elements of a list, or of the first dimension of an array. Throws BranchError where it may differ from run to run.
  [[nodiscard]] size_t size() const;
  /// Element i of a list or of the first dimension of an array.
  Tracer operator[](const Tracer& index) const;
  /// The value is a function (`function()`): calls it.
  template <class... Args>
  Tracer operator()(const Args&... arguments) const {
    return apply({Tracer(arguments)...});
  }

  /// Always throws BranchError: which way a branch goes would be fixed for all later calls.
  explicit operator bool() const { unseen("a branch on"); }
  explicit operator double() const { unseen("a conversion to a C++ number of"); }
  explicit operator int64_t() const { unseen("a conversion to a C++ number of"); }

  /// Whether it is a constant made from a C++ value.
  [[nodiscard]] bool is_literal() const { return trace_ == 0; }
  /// The value of a constant.
  [[nodiscard]] const Value& literal() const { return literal_; }
  /// "float64[1000] (the result of `mul`, operation 3)", for messages.
  [[nodiscard]] std::string describe() const;

 private:
  friend class TracerContext;
  Tracer(uint64_t trace, ValueRef ref, DType dtype, int64_t length) : ref_(ref), trace_(trace), length_(length), dtype_(dtype) {}

  [[noreturn]] void unseen(std::string_view what) const;
  [[nodiscard]] Tracer apply(std::vector<Tracer> arguments) const;

  Value literal_;        ///< of a constant
  ValueRef ref_;         ///< in the graph of its trace
  uint64_t trace_ = 0;   ///< number of the trace; 0: a constant
  int64_t length_ = -1;  ///< size(), where it follows from the inputs' types alone
  DType dtype_;
};

/// One graph being recorded. Traces nest: the body of a loop is one inside that of the function, and takes in the outer values that it
/// uses.
class TracerContext {
 public:
  /// Whether what is recorded is done too. Bodies are recorded only: whether they run is not known.
  enum class Mode : uint8_t { concrete, recorded };

  /// Begins a trace on this thread; `context` runs the operators and must outlive it.
  TracerContext(const CallContext& context, Mode mode);
  ~TracerContext();
  TracerContext(const TracerContext&) = delete;
  TracerContext& operator=(const TracerContext&) = delete;

  /// The innermost trace of this thread. Throws TracingError when there is none.
  static TracerContext& current();
  /// The same or null.
  static TracerContext* current_or_null();

  /// An input with the value of the first run, or of a known type only.
  Tracer add_input(const Value& value, std::string_view name);
  Tracer add_input(DType dtype, ShapeRef shape, std::string_view name);
  /// One operation. `output_count` results.
  std::vector<Tracer> record(OpType type, std::string_view callee, std::span<const Tracer> inputs, size_t output_count, uint8_t flags = 0,
                             std::span<const Attribute> attributes = {}, std::vector<ComputationGraph> bodies = {});
  /// A CALL of a registered operator, with its flags and batch limit. Throws TracingError when there is none of that name.
  std::vector<Tracer> call(std::string_view callee, std::span<const Tracer> inputs, size_t output_count = 1, std::span<const Attribute> attributes = {});

  /// Outer values that became inputs of this body, in order of their inputs, which stand behind those of add_input().
  [[nodiscard]] const std::vector<Tracer>& captures() const { return captures_; }
  /// Makes an outer value an input of this body even if it does not use it.
  void capture(const Tracer& outer) { static_cast<void>(resolve(outer)); }

  /// Ends the trace: the graph with these outputs.
  ComputationGraph finish(std::span<const Tracer> outputs);
  /// The outputs' values, after finish() in a concrete trace.
  [[nodiscard]] std::vector<Value> output_values() const;

  [[nodiscard]] const CallContext& call_context() const { return context_; }
  [[nodiscard]] const ComputationGraph& graph() const { return graph_; }
  /// Type and shape in this graph; shape none when not known. A constant's are its own.
  [[nodiscard]] ShapeRef shape_of(const Tracer& value);
  [[nodiscard]] std::string describe(ValueRef ref) const;
  /// A shape of the trace around this one, in this graph.
  ShapeRef import_shape(const ComputationGraph& from, ShapeRef shape) { return shape.valid() ? graph_.shape(from.extents(shape)) : shape; }
  [[nodiscard]] bool owns(const Tracer& value) const { return value.trace_ == number_; }
  [[nodiscard]] TracerContext* outer() const { return outer_; }

 private:
  ValueRef resolve(const Tracer& value);
  ValueRef constant(const Value& value);
  [[nodiscard]] std::vector<Value> run(OpType type, std::string_view callee, std::span<const ValueRef> inputs, size_t output_count,
                                       std::span<const Attribute> attributes, const std::vector<ComputationGraph>& bodies) const;
  [[nodiscard]] ComputationGraph::OutputSpec spec_of(const Value& value);
  [[nodiscard]] ComputationGraph::OutputSpec inferred(OpType type, std::string_view callee, std::span<const ValueRef> inputs) const;
  Tracer tracer(ValueRef ref, bool length_is_known);
  void require_room() const;

  const CallContext& context_;
  Mode mode_;
  uint64_t number_;
  TracerContext* outer_;
  ComputationGraph graph_;
  std::vector<Value> values_;          ///< concrete values, by value of the graph
  std::vector<bool> length_is_known_;  ///< by value
  std::vector<Tracer> captures_;
  std::map<std::pair<uint64_t, uint32_t>, ValueRef> captured_;
  std::map<uint64_t, ValueRef> scalars_;  ///< constants of 64 bits that exist already, by bits and type
};

/// The most operations that a trace may record: more are a loop that does not end.
inline constexpr size_t kMostTraced = 10'000'000;
/// The most traces inside one another.
inline constexpr size_t kMostNestedTraces = 56;

}  // namespace omega::graph
