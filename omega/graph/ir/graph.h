// SPDX-License-Identifier: Apache-2.0
// ComputationGraph: operations over SSA values in flat arrays, named by 32-bit ids. It holds no pointers into itself or the process, so it
// can be copied, written, hashed, compared and sent to another machine.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "omega/base/id.h"
#include "omega/base/pod_vector.h"
#include "omega/graph/ir/types.h"

namespace omega::graph {

struct ValueTag;
struct OperationTag;
struct NameTag;
struct ShapeTag;
/// A value of one graph, defined once: an input, a constant, or an output of one operation.
using ValueRef = base::Id<ValueTag>;
/// An operation of one graph. Numbers follow the order in which operations were added, the program's order.
using OperationId = base::Id<OperationTag>;
/// A string of one graph.
using NameRef = base::Id<NameTag>;
/// A shape of one graph; `none` when it is not known. Shape 0 is that of a scalar.
using ShapeRef = base::Id<ShapeTag>;
inline constexpr ShapeRef kScalarShape{0};

/// What an operation does. CALL: an operator, by name. LOAD, STORE: reads, writes the resource of its name. CONTROL: `barrier`, or a body
/// run by rule (`map`, `scan`, `if`, `while`). FUSED: a program of element operators in one pass over memory, perhaps folded into a scalar.
enum class OpType : uint8_t { call, load, store, control, fused };
inline constexpr size_t kOpTypes = 5;
std::string_view name_of(OpType type);

/// Facts about one operation that rewrites and execution go by.
enum OperationFlag : uint8_t {
  kImpure = 1,    ///< has an effect besides its outputs: stays when they are unused, and is not shared
  kOrdered = 2,   ///< runs in program order with the other ordered ones
  kWaits = 4,     ///< mostly waits (network, disk, sleep): runs beside the cores
  kIsolated = 8,  ///< may crash or is not thread-safe: hybrid execution gives it a process
};

/// One operation. Its inputs are input_values()[first_input, +input_count), its outputs the values [first_output, +output_count).
struct Operation {
  OpType type;
  uint8_t flags;  ///< OperationFlag bits
  uint16_t output_count;
  NameRef callee;  ///< operator, resource or control rule
  uint32_t first_input;
  uint32_t input_count;
  uint32_t first_output;
  uint32_t details;  ///< attributes and bodies; UINT32_MAX: none
};
static_assert(sizeof(Operation) == 24);

/// What defines a value.
enum class ValueKind : uint8_t { input, constant, result };

/// One value.
struct ValueRecord {
  uint32_t producer;   ///< operation of a result; index into constants of a constant; else UINT32_MAX
  uint32_t first_use;  ///< head of the list of uses(); UINT32_MAX: none
  ShapeRef shape;
  DType dtype;
  ValueKind kind;
  uint16_t reserved = 0;
};
static_assert(sizeof(ValueRecord) == 16);

/// One place where a value is an input; uses()[i] belongs to input_values()[i].
struct Use {
  uint32_t operation;
  uint32_t next;  ///< next use of the same value; UINT32_MAX: none
};

/// What an attribute can hold.
using AttributeValue = std::variant<int64_t, double, bool, std::string>;
/// A named fact about an operation or graph.
struct Attribute {
  std::string key;
  AttributeValue value;
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

/// Data known while the graph is built: a scalar, an array or a string. Elements lie as in memory, little-endian.
struct Constant {
  DType dtype;
  std::vector<int64_t> shape;  ///< empty: a scalar
  std::string bytes;
  friend bool operator==(const Constant&, const Constant&) = default;
};

/// The core IR: a dataflow graph with SSA values. Building appends; nothing is changed afterwards except by making a new graph. Reading
/// from several threads is safe while none builds.
class ComputationGraph {
 public:
  // Building. References must be of this graph; inputs of operations must be defined already.

  /// The name's id in this graph; made when new.
  NameRef name(std::string_view text);
  /// The shape's id in this graph; made when new. At most kMaxRank extents, each kUnknownExtent or at least 0.
  ShapeRef shape(std::span<const int64_t> extents);
  /// Takes everything out and keeps the memory, for a graph to be built next.
  void clear();
  /// Makes room for so many operations, each with one output, and inputs in all.
  void reserve(size_t operations, size_t inputs);

  ValueRef add_input(DType dtype, ShapeRef shape = kScalarShape, std::string_view name = "");
  ValueRef add_constant(Constant constant);
  ValueRef add_constant(double value);
  ValueRef add_constant(int64_t value);
  ValueRef add_constant(bool value);
  void add_output(ValueRef value) { outputs_.push_back(value); }

  /// Appends a CALL with one output.
  [[gnu::always_inline]] ValueRef call(NameRef callee, std::span<const ValueRef> inputs, DType dtype = DType::any, ShapeRef shape = {}, uint8_t flags = 0) {
    const uint32_t operation = begin_operation(OpType::call, callee, inputs, flags, 1);
    const ValueRef output{static_cast<uint32_t>(values_.size())};
    values_.push_back_unchecked({operation, UINT32_MAX, shape, dtype, ValueKind::result});
    carries_data_ |= dtype != DType::token;
    return output;
  }
  ValueRef call(std::string_view callee, std::span<const ValueRef> inputs, DType dtype = DType::any, ShapeRef shape = {}, uint8_t flags = 0) {
    return call(name(callee), inputs, dtype, shape, flags);
  }

  /// Type and shape of an output to be.
  struct OutputSpec {
    DType dtype = DType::any;
    ShapeRef shape{};
  };
  /// Appends an operation of any type. Bodies are the graphs that a CONTROL operation runs.
  OperationId add_operation(OpType type, NameRef callee, std::span<const ValueRef> inputs, std::span<const OutputSpec> outputs, uint8_t flags = 0,
                            std::span<const Attribute> attributes = {}, std::vector<ComputationGraph> bodies = {});
  /// A read of `resource`, which `inputs` may index. Gives the value read.
  ValueRef load(std::string_view resource, std::span<const ValueRef> inputs = {}, DType dtype = DType::any, ShapeRef shape = {});
  /// A write of inputs.back() to `resource`, indexed by the inputs before it. Gives a token.
  ValueRef store(std::string_view resource, std::span<const ValueRef> inputs);
  /// Gives a token that stands for the end of all producers of `inputs`.
  ValueRef barrier(std::span<const ValueRef> inputs);

  /// For readers of written graphs, where a use may stand before the definition: as add_operation(), but `inputs` may name values that come
  /// later, or none at all. relink() must follow the last one.
  OperationId append_unlinked(OpType type, NameRef callee, std::span<const ValueRef> inputs, std::span<const OutputSpec> outputs, uint8_t flags,
                              std::span<const Attribute> attributes, std::vector<ComputationGraph> bodies);
  /// Recomputes uses and dependency counts after append_unlinked().
  void relink();

  void set_name(std::string_view text) { graph_name_ = text; }
  void set_attribute(Attribute attribute);

  // Reading.

  [[nodiscard]] std::span<const Operation> operations() const { return {operations_.data(), operations_.size()}; }
  [[nodiscard]] const Operation& operation(OperationId id) const { return operations_[id.index]; }
  [[nodiscard]] std::span<const ValueRecord> values() const { return {values_.data(), values_.size()}; }
  [[nodiscard]] const ValueRecord& value(ValueRef ref) const { return values_[ref.index]; }
  [[nodiscard]] std::span<const ValueRef> inputs() const { return {inputs_.data(), inputs_.size()}; }
  [[nodiscard]] std::span<const ValueRef> outputs() const { return {outputs_.data(), outputs_.size()}; }
  /// The inputs of one operation, in order.
  [[nodiscard]] std::span<const ValueRef> inputs(const Operation& op) const { return {input_values_.data() + op.first_input, op.input_count}; }
  [[nodiscard]] ValueRef output(const Operation& op, uint32_t i = 0) const { return {op.first_output + i}; }
  [[nodiscard]] std::span<const Use> uses() const { return {uses_.data(), input_values_.size()}; }
  /// Of each operation: its inputs that are results.
  [[nodiscard]] std::span<const uint32_t> dependency_counts() const { return {dependency_counts_.data(), operations_.size()}; }
  /// Operations without such inputs, in order.
  [[nodiscard]] std::span<const uint32_t> roots() const { return {roots_.data(), roots_.size()}; }
  /// True when every value is defined before it is used, which rules out cycles. Always so unless append_unlinked() was used.
  [[nodiscard]] bool is_ordered() const { return is_ordered_; }
  /// True when some operation, or one in its bodies, is a LOAD, a STORE or kOrdered, so that order matters beyond values.
  [[nodiscard]] bool has_memory_order() const { return accesses_memory_ || (all_flags_ & kOrdered) != 0; }

  /// True when some result holds data, not only order.
  [[nodiscard]] bool carries_data() const { return carries_data_; }
  /// All flags of all operations.
  [[nodiscard]] uint8_t all_flags() const { return all_flags_; }
  /// True when append_unlinked() was used: only then can a graph have cycles or values that nothing defines.
  [[nodiscard]] bool is_assembled() const { return is_assembled_; }
  /// The values that are constants, in order.
  [[nodiscard]] std::span<const ValueRef> constants() const { return {constant_refs_.data(), constant_refs_.size()}; }

  [[nodiscard]] std::string_view text(NameRef ref) const;
  [[nodiscard]] size_t name_count() const { return names_.size(); }
  [[nodiscard]] std::optional<NameRef> find_name(std::string_view text) const;
  /// Extents; empty for a scalar. The shape must be known.
  [[nodiscard]] std::span<const int64_t> extents(ShapeRef ref) const;
  [[nodiscard]] std::string_view input_name(size_t i) const { return text(input_names_[i]); }
  [[nodiscard]] const Constant& constant(ValueRef ref) const { return constants_[values_[ref.index].producer]; }
  [[nodiscard]] std::span<const Attribute> attributes(const Operation& op) const;
  /// The attribute of that name, or null.
  [[nodiscard]] const AttributeValue* attribute(const Operation& op, std::string_view key) const;
  [[nodiscard]] std::span<const ComputationGraph> bodies(const Operation& op) const;
  [[nodiscard]] std::span<const Attribute> metadata() const { return metadata_; }
  [[nodiscard]] const std::string& graph_name() const { return graph_name_; }

  /// Operations that must be done before `op` may start, each once, in program order: producers of its inputs, and earlier accesses to the
  /// same memory. For many operations use order_edges() once.
  [[nodiscard]] std::vector<OperationId> dependencies(OperationId op) const;
  /// All operations in sets that can run in parallel: set k holds those whose longest chain of dependencies has k operations. The graph
  /// must be free of cycles.
  [[nodiscard]] std::vector<std::vector<OperationId>> independent_sets() const;

 private:
  friend class CallAppender;

  struct Details {
    std::vector<Attribute> attributes;
    std::vector<ComputationGraph> bodies;
  };
  struct ShapeRange {
    uint32_t first;
    uint32_t rank;
  };

  /// What using a value as an input writes to.
  struct InputArrays {
    ValueRecord* values;
    ValueRef* inputs;
    Use* uses;
  };
  /// Makes `input` the input number `at` of all; gives how many dependencies it is.
  [[gnu::always_inline]] static uint32_t add_use(const InputArrays& arrays, ValueRef input, uint32_t at, uint32_t operation) {
    ValueRecord& value = arrays.values[input.index];
    arrays.inputs[at] = input;
    Use& use = arrays.uses[at];
    use.operation = operation;
    use.next = value.first_use;
    value.first_use = at;
    return value.kind == ValueKind::result ? 1u : 0u;
  }

  /// Appends the record and its inputs; the caller appends `output_count` values, for which there is room. Always inline: most of it is
  /// known where it is called.
  [[gnu::always_inline]] uint32_t begin_operation(OpType type, NameRef callee, std::span<const ValueRef> inputs, uint8_t flags, uint16_t output_count) {
    const size_t operation = operations_.size();
    const size_t first = input_values_.size();
    const size_t count = inputs.size();
    const size_t first_output = values_.size();
    if (operation == operations_.capacity() || first + count > input_values_.capacity() || first_output + output_count > values_.capacity()) [[unlikely]] {
      make_room(count, output_count);
    }
    all_flags_ |= flags;
    const auto id = static_cast<uint32_t>(operation);
    *operations_.extend_unchecked(1) = {
        type, flags, output_count, callee, static_cast<uint32_t>(first), static_cast<uint32_t>(count), static_cast<uint32_t>(first_output), UINT32_MAX};
    input_values_.extend_unchecked(count);
    const InputArrays arrays{values_.data(), input_values_.data(), uses_.data()};
    uint32_t dependencies = 0;
    for (size_t i = 0; i < count; ++i) {
      dependencies += add_use(arrays, inputs[i], static_cast<uint32_t>(first + i), id);
    }
    dependency_counts_.data()[operation] = dependencies;
    if (dependencies == 0) {
      roots_.push_back(id);
    }
    return id;
  }

  void make_room(size_t inputs, size_t outputs);
  uint32_t add_details(std::span<const Attribute> attributes, std::vector<ComputationGraph> bodies);
  uint32_t find_slot(const base::PodVector<uint32_t>& slots, std::string_view text) const;

  base::PodVector<Operation> operations_;
  base::PodVector<ValueRecord> values_;
  base::PodVector<ValueRef> input_values_;
  base::PodVector<Use> uses_;                    ///< as long as input_values_ has room; those of input_values_ mean something
  base::PodVector<uint32_t> dependency_counts_;  ///< as long as operations_ has room; those of operations_ mean something
  base::PodVector<uint32_t> roots_;
  base::PodVector<ValueRef> inputs_;
  base::PodVector<NameRef> input_names_;
  base::PodVector<ValueRef> outputs_;
  std::vector<Details> details_;
  std::vector<Constant> constants_;
  std::vector<std::string> names_;
  base::PodVector<uint32_t> name_slots_;  ///< open addressing by hash of the text; UINT32_MAX: free
  base::PodVector<int64_t> extents_;
  base::PodVector<ShapeRange> shapes_;
  base::PodVector<uint32_t> shape_slots_;
  std::vector<Attribute> metadata_;
  std::string graph_name_;
  base::PodVector<ValueRef> constant_refs_;
  uint8_t all_flags_ = 0;
  bool is_ordered_ = true;
  bool is_assembled_ = false;
  bool carries_data_ = false;
  bool accesses_memory_ = false;  ///< some operation, or one in its bodies, is a LOAD or a STORE, or bodies are ordered
};

/// True when both hold the same operations, values, names and metadata in the same order.
bool identical(const ComputationGraph& a, const ComputationGraph& b);

}  // namespace omega::graph
