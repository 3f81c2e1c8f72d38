// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/ir/graph.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "omega/base/hash.h"
#include "omega/graph/ir/order.h"

namespace omega::graph {
namespace {

constexpr uint32_t kFree = UINT32_MAX;

uint64_t hash_extents(std::span<const int64_t> extents) {
  uint64_t hash = extents.size();
  for (const int64_t extent : extents) {
    hash = base::hash_combine(hash, static_cast<uint64_t>(extent));
  }
  return hash;
}

/// Finds `hash` in an open-addressing table of indices, growing it so that one more fits. `equal(index)` compares, `hash_of(index)`
/// rehashes.
template <class Equal, class HashOf>
uint32_t& find_or_free(base::PodVector<uint32_t>& slots, size_t count, uint64_t hash, Equal equal, HashOf hash_of) {
  if (slots.size() < 2 * (count + 1)) {
    const size_t size = std::max<size_t>(16, slots.size() * 2);
    slots.clear();
    slots.resize(size, kFree);
    for (uint32_t i = 0; i < count; ++i) {
      size_t at = hash_of(i) & (size - 1);
      while (slots[at] != kFree) {
        at = (at + 1) & (size - 1);
      }
      slots[at] = i;
    }
  }
  size_t at = hash & (slots.size() - 1);
  while (slots[at] != kFree && !equal(slots[at])) {
    at = (at + 1) & (slots.size() - 1);
  }
  return slots[at];
}

template <class T>
std::string bytes_of(const T& value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

}  // namespace

std::string_view name_of(OpType type) {
  static constexpr std::array<std::string_view, 5> names = {"call", "load", "store", "control", "fused"};
  return names[static_cast<size_t>(type)];
}

NameRef ComputationGraph::name(std::string_view text) {
  uint32_t& slot = find_or_free(
      name_slots_, names_.size(), base::hash_bytes(text), [&](uint32_t i) { return names_[i] == text; },
      [&](uint32_t i) { return base::hash_bytes(names_[i]); });
  if (slot == kFree) {
    slot = static_cast<uint32_t>(names_.size());
    names_.emplace_back(text);
  }
  return {slot};
}

std::optional<NameRef> ComputationGraph::find_name(std::string_view text) const {
  if (name_slots_.empty()) {
    return std::nullopt;
  }
  const size_t mask = name_slots_.size() - 1;
  for (size_t at = base::hash_bytes(text) & mask; name_slots_[at] != kFree; at = (at + 1) & mask) {
    if (names_[name_slots_[at]] == text) {
      return NameRef{name_slots_[at]};
    }
  }
  return std::nullopt;
}

ShapeRef ComputationGraph::shape(std::span<const int64_t> extents) {
  if (shapes_.empty()) {
    shapes_.push_back({0, 0});
  }
  if (extents.empty()) {
    return kScalarShape;
  }
  OMEGA_CHECK(extents.size() <= kMaxRank, "a shape has at most kMaxRank extents");
  const auto extents_of = [&](uint32_t i) { return std::span<const int64_t>{extents_.data() + shapes_[i].first, shapes_[i].rank}; };
  uint32_t& slot = find_or_free(
      shape_slots_, shapes_.size(), hash_extents(extents), [&](uint32_t i) { return std::ranges::equal(extents_of(i), extents); },
      [&](uint32_t i) { return hash_extents(extents_of(i)); });
  if (slot == kFree) {
    slot = static_cast<uint32_t>(shapes_.size());
    shapes_.push_back({static_cast<uint32_t>(extents_.size()), static_cast<uint32_t>(extents.size())});
    extents_.append(extents.data(), extents.size());
  }
  return {slot};
}

std::span<const int64_t> ComputationGraph::extents(ShapeRef ref) const {
  if (ref.index == 0) {
    return {};
  }
  return {extents_.data() + shapes_[ref.index].first, shapes_[ref.index].rank};
}

void ComputationGraph::clear() {
  operations_.clear();
  values_.clear();
  input_values_.clear();
  roots_.clear();
  inputs_.clear();
  input_names_.clear();
  outputs_.clear();
  details_.clear();
  constants_.clear();
  names_.clear();
  name_slots_.clear();
  extents_.clear();
  shapes_.clear();
  shape_slots_.clear();
  metadata_.clear();
  graph_name_.clear();
  constant_refs_.clear();
  all_flags_ = 0;
  is_ordered_ = true;
  is_assembled_ = carries_data_ = accesses_memory_ = false;
}

void ComputationGraph::reserve(size_t operations, size_t inputs) {
  operations_.reserve(operations);
  values_.reserve(operations);
  dependency_counts_.resize(operations_.capacity());
  input_values_.reserve(inputs);
  uses_.resize(input_values_.capacity());
}

/// Room for one more operation, at least twice what there was where there is none left.
void ComputationGraph::make_room(size_t inputs, size_t outputs) {
  const auto grown = [](const auto& array, size_t more) {
    return array.size() + more <= array.capacity() ? array.capacity() : std::max(array.size() + more, std::max<size_t>(16, 2 * array.capacity()));
  };
  values_.reserve(grown(values_, outputs));
  reserve(grown(operations_, 1), grown(input_values_, inputs));
}

ValueRef ComputationGraph::add_input(DType dtype, ShapeRef shape, std::string_view text) {
  const ValueRef ref{static_cast<uint32_t>(values_.size())};
  values_.push_back({UINT32_MAX, UINT32_MAX, shape, dtype, ValueKind::input});
  inputs_.push_back(ref);
  input_names_.push_back(name(text));
  return ref;
}

ValueRef ComputationGraph::add_constant(Constant constant) {
  const ValueRef ref{static_cast<uint32_t>(values_.size())};
  values_.push_back({static_cast<uint32_t>(constants_.size()), UINT32_MAX, shape(constant.shape), constant.dtype, ValueKind::constant});
  constants_.push_back(std::move(constant));
  constant_refs_.push_back(ref);
  return ref;
}

ValueRef ComputationGraph::add_constant(double value) { return add_constant(Constant{DType::float64, {}, bytes_of(value)}); }
ValueRef ComputationGraph::add_constant(int64_t value) { return add_constant(Constant{DType::int64, {}, bytes_of(value)}); }
ValueRef ComputationGraph::add_constant(bool value) { return add_constant(Constant{DType::boolean, {}, bytes_of(value)}); }

uint32_t ComputationGraph::add_details(std::span<const Attribute> attributes, std::vector<ComputationGraph> bodies) {
  if (attributes.empty() && bodies.empty()) {
    return UINT32_MAX;
  }
  details_.push_back({{attributes.begin(), attributes.end()}, std::move(bodies)});
  return static_cast<uint32_t>(details_.size() - 1);
}

OperationId ComputationGraph::add_operation(OpType type, NameRef callee, std::span<const ValueRef> inputs, std::span<const OutputSpec> outputs, uint8_t flags,
                                            std::span<const Attribute> attributes, std::vector<ComputationGraph> bodies) {
  OMEGA_CHECK(outputs.size() <= UINT16_MAX, "an operation has at most 65535 outputs");
  const uint32_t operation = begin_operation(type, callee, inputs, flags, static_cast<uint16_t>(outputs.size()));
  operations_.back().details = add_details(attributes, std::move(bodies));
  for (const OutputSpec& output : outputs) {
    values_.push_back({operation, UINT32_MAX, output.shape, output.dtype, ValueKind::result});
    carries_data_ |= output.dtype != DType::token;
  }
  accesses_memory_ |= type == OpType::load || type == OpType::store;
  for (const ComputationGraph& body : this->bodies(operations_.back())) {
    accesses_memory_ |= body.has_memory_order();
  }
  return {operation};
}

OperationId ComputationGraph::append_unlinked(OpType type, NameRef callee, std::span<const ValueRef> inputs, std::span<const OutputSpec> outputs, uint8_t flags,
                                              std::span<const Attribute> attributes, std::vector<ComputationGraph> bodies) {
  const OperationId id = add_operation(type, callee, {}, outputs, flags, attributes, std::move(bodies));
  is_assembled_ = true;
  Operation& op = operations_.back();
  op.input_count = static_cast<uint32_t>(inputs.size());
  make_room(inputs.size(), 0);
  input_values_.append(inputs.data(), inputs.size());
  return id;
}

void ComputationGraph::relink() {
  roots_.clear();
  is_ordered_ = true;
  for (ValueRecord& value : values_) {
    value.first_use = UINT32_MAX;
  }
  for (uint32_t id = 0; id < operations_.size(); ++id) {
    const Operation& op = operations_[id];
    uint32_t dependencies = 0;
    for (uint32_t at = op.first_input; at < op.first_input + op.input_count; ++at) {
      const ValueRef input = input_values_[at];
      uses_[at] = {id, UINT32_MAX};
      if (input.index >= values_.size()) {
        continue;
      }
      ValueRecord& value = values_[input.index];
      uses_[at].next = value.first_use;
      value.first_use = at;
      if (value.kind == ValueKind::result) {
        ++dependencies;
        is_ordered_ &= input.index < op.first_output;
      }
    }
    dependency_counts_[id] = dependencies;
    if (dependencies == 0) {
      roots_.push_back(id);
    }
  }
}

ValueRef ComputationGraph::load(std::string_view resource, std::span<const ValueRef> inputs, DType dtype, ShapeRef shape) {
  const OutputSpec output{dtype, shape};
  return {operations_[add_operation(OpType::load, name(resource), inputs, {&output, 1}).index].first_output};
}

ValueRef ComputationGraph::store(std::string_view resource, std::span<const ValueRef> inputs) {
  const OutputSpec output{DType::token, kScalarShape};
  return {operations_[add_operation(OpType::store, name(resource), inputs, {&output, 1}, kImpure).index].first_output};
}

ValueRef ComputationGraph::barrier(std::span<const ValueRef> inputs) {
  const OutputSpec output{DType::token, kScalarShape};
  return {operations_[add_operation(OpType::control, name("barrier"), inputs, {&output, 1}).index].first_output};
}

void ComputationGraph::set_attribute(Attribute attribute) {
  for (Attribute& old : metadata_) {
    if (old.key == attribute.key) {
      old.value = std::move(attribute.value);
      return;
    }
  }
  metadata_.push_back(std::move(attribute));
}

std::string_view ComputationGraph::text(NameRef ref) const { return names_[ref.index]; }

std::span<const Attribute> ComputationGraph::attributes(const Operation& op) const {
  return op.details == UINT32_MAX ? std::span<const Attribute>{} : std::span<const Attribute>{details_[op.details].attributes};
}

const AttributeValue* ComputationGraph::attribute(const Operation& op, std::string_view key) const {
  for (const Attribute& attribute : attributes(op)) {
    if (attribute.key == key) {
      return &attribute.value;
    }
  }
  return nullptr;
}

std::span<const ComputationGraph> ComputationGraph::bodies(const Operation& op) const {
  return op.details == UINT32_MAX ? std::span<const ComputationGraph>{} : std::span<const ComputationGraph>{details_[op.details].bodies};
}

std::vector<OperationId> ComputationGraph::dependencies(OperationId id) const {
  std::vector<OperationId> result;
  for (const ValueRef input : inputs(operations_[id.index])) {
    if (input.index < values_.size() && values_[input.index].kind == ValueKind::result) {
      result.push_back({values_[input.index].producer});
    }
  }
  if (has_memory_order()) {
    for (const OrderEdge& edge : order_edges(*this)) {
      if (edge.after == id) {
        result.push_back(edge.before);
      }
    }
  }
  std::ranges::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

std::vector<std::vector<OperationId>> ComputationGraph::independent_sets() const {
  const std::vector<uint32_t> levels = operation_levels(*this);
  OMEGA_CHECK(levels.size() == operations_.size(), "independent_sets() of a graph with a cycle");
  std::vector<std::vector<OperationId>> sets;
  for (uint32_t id = 0; id < levels.size(); ++id) {
    if (levels[id] >= sets.size()) {
      sets.resize(levels[id] + 1);
    }
    sets[levels[id]].push_back({id});
  }
  return sets;
}

bool identical(const ComputationGraph& a, const ComputationGraph& b) {
  if (a.operations().size() != b.operations().size() || a.values().size() != b.values().size() || a.inputs().size() != b.inputs().size() ||
      !std::ranges::equal(a.inputs(), b.inputs()) || !std::ranges::equal(a.outputs(), b.outputs()) || a.graph_name() != b.graph_name() ||
      !std::ranges::equal(a.metadata(), b.metadata())) {
    return false;
  }
  for (uint32_t i = 0; i < a.values().size(); ++i) {
    const ValueRecord& x = a.values()[i];
    const ValueRecord& y = b.values()[i];
    if (x.dtype != y.dtype || x.kind != y.kind || x.shape.valid() != y.shape.valid() ||
        (x.shape.valid() && !std::ranges::equal(a.extents(x.shape), b.extents(y.shape))) || (x.kind == ValueKind::result && x.producer != y.producer) ||
        (x.kind == ValueKind::constant && !(a.constant({i}) == b.constant({i})))) {
      return false;
    }
  }
  for (size_t i = 0; i < a.inputs().size(); ++i) {
    if (a.input_name(i) != b.input_name(i)) {
      return false;
    }
  }
  for (uint32_t i = 0; i < a.operations().size(); ++i) {
    const Operation& x = a.operations()[i];
    const Operation& y = b.operations()[i];
    if (x.type != y.type || x.flags != y.flags || x.first_output != y.first_output || x.output_count != y.output_count ||
        a.text(x.callee) != b.text(y.callee) || !std::ranges::equal(a.inputs(x), b.inputs(y)) || !std::ranges::equal(a.attributes(x), b.attributes(y)) ||
        a.bodies(x).size() != b.bodies(y).size()) {
      return false;
    }
    for (size_t k = 0; k < a.bodies(x).size(); ++k) {
      if (!identical(a.bodies(x)[k], b.bodies(y)[k])) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace omega::graph
