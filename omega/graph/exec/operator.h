// SPDX-License-Identifier: Apache-2.0
// Operators: what the CALLs of a graph run.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "omega/graph/exec/value.h"
#include "omega/task/cancellation.h"
#include "omega/task/scheduler.h"

namespace omega::graph {

class OperatorRegistry;

/// A failure that may not happen again: the operation may be retried (RetryPolicy).
class TransientError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Memory that LOADs and STOREs of a graph name, kept between runs. Any thread.
class ResourceStore {
 public:
  /// The value of `name`, of the element of that index where there are indices. Throws std::out_of_range when it was never stored.
  [[nodiscard]] Value load(const std::string& name) const;
  void store(const std::string& name, Value value);

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Value> values_;
};

/// What operations run in.
struct CallContext {
  const OperatorRegistry* registry = nullptr;
  ResourceStore* resources = nullptr;
  const task::Cancellation* cancellation = nullptr;
  /// Where loops inside an operation run; null: on the calling thread.
  task::Scheduler* scheduler = nullptr;
};

/// One operation that runs: its inputs, attributes and outputs. For one thread; during the call it stands for one operation, and for another in the
/// next (turn_to()). `slots` are the graph's values; null: it
/// has none but tokens.
class Call {
 public:
  Call(const CallContext& context, const ComputationGraph& graph, const Operation& op, Value* slots)
      : context_(context), graph_(graph), op_(&op), slots_(slots) {}

  /// Stands for `op` from now on: for who runs several, not for operators.
  void turn_to(const Operation& op) { op_ = &op; }

  [[nodiscard]] size_t input_count() const { return op_->input_count; }
  [[nodiscard]] const Value& input(size_t i) const { return slots_ == nullptr ? nothing() : slots_[graph_.inputs(*op_)[i].index]; }
  [[nodiscard]] size_t output_count() const { return op_->output_count; }
  void set(size_t i, Value value) {
    if (slots_ != nullptr) {
      slots_[op_->first_output + i] = std::move(value);
    }
  }

  /// Makes an input the output i; the input is gone then. It must be one that no other operation uses.
  void hand_on(size_t input, size_t i) {
    if (slots_ != nullptr) {
      slots_[op_->first_output + i] = std::move(slots_[graph_.inputs(*op_)[input].index]);
    }
  }

  [[nodiscard]] const ComputationGraph& graph() const { return graph_; }
  [[nodiscard]] const Operation& operation() const { return *op_; }
  [[nodiscard]] const AttributeValue* attribute(std::string_view key) const { return graph_.attribute(*op_, key); }
  /// How many independent calls this one stands for: inputs and outputs are theirs, one group behind the other.
  [[nodiscard]] size_t batch() const;
  [[nodiscard]] const CallContext& context() const { return context_; }

  /// Whether the run wants to end: long operators look at it.
  [[nodiscard]] bool stop_requested() const { return context_.cancellation != nullptr && context_.cancellation->requested(); }
  /// Runs body(begin, end) for pieces that cover [0, count), on the run's threads where it has some; pieces of at most `grain`, where that
  /// is not 0.
  void parallel_for(size_t count, size_t grain, const std::function<void(size_t, size_t)>& body) const;

 private:
  static const Value& nothing() noexcept;

  const CallContext& context_;
  const ComputationGraph& graph_;
  const Operation* op_;
  Value* slots_;
};

/// A named function over values. It must give all outputs, may run on any thread, and may throw; the outputs do not count then.
struct Operator {
  std::string name;
  std::function<void(Call&)> run;
  /// OperationFlag bits that calls of it get when traced.
  uint8_t flags = 0;
  /// Calls that one call may stand for (Call::batch()); 1: cannot be batched.
  uint32_t batch_limit = 1;
};

/// Operators by name. One that is made holds the element operators, the folds, `elementwise`, `list` and the control rules. Any thread may
/// add and find. Operators, those that were replaced too, stay where they are as long as the registry lives; a run goes on with those that
/// it found.
class OperatorRegistry {
 public:
  OperatorRegistry();
  /// Adds or replaces.
  void add(Operator op);
  void add(std::string name, std::function<void(Call&)> run, uint8_t flags = 0) { add({std::move(name), std::move(run), flags, 1}); }
  /// The operator, or null.
  [[nodiscard]] const Operator* find(std::string_view name) const;

 private:
  std::unique_ptr<std::shared_mutex> mutex_ = std::make_unique<std::shared_mutex>();  ///< elsewhere, so that registries can be moved
  std::unordered_map<std::string, std::unique_ptr<Operator>> operators_;
  std::vector<std::unique_ptr<Operator>> replaced_;
};

/// What `op` runs: the operator of its name, or what loads and stores. Null when there is none.
const Operator* operator_of(const OperatorRegistry& registry, const ComputationGraph& graph, const Operation& op);

/// "operation 3 (call `f`)".
std::string describe_operation(const ComputationGraph& graph, OperationId id);

/// Runs the graph in order on the calling thread: the oracle for ParallelExecutor. Exceptions of operators pass through;
/// std::invalid_argument when the graph is not valid, an operator is missing, or the number of inputs is wrong.
std::vector<Value> evaluate(const ComputationGraph& graph, std::span<const Value> inputs, const CallContext& context);

/// Throws std::invalid_argument, naming the first, when an input is missing or not of the type and shape that the graph says. There are as
/// many as the graph takes.
void require_fitting_inputs(const ComputationGraph& graph, std::span<const Value> inputs);

/// Throws std::invalid_argument, saying all that is wrong, unless the graph is valid and takes so many inputs.
void require_valid(const ComputationGraph& graph, size_t input_count);
/// The same, and every operator must be there.
void require_runnable(const ComputationGraph& graph, size_t input_count, const OperatorRegistry& registry);

}  // namespace omega::graph
