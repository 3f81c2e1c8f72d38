// SPDX-License-Identifier: Apache-2.0
// Each value's hash is made of its operation's and its inputs' hashes, so equal expressions have equal hashes whatever their numbers.
#include "omega/graph/ir/content_hash.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "omega/graph/ir/order.h"

namespace omega::graph {
namespace {

/// Two lanes of multiply and xor-shift over 64-bit words; the constants are those of the splitmix64 finaliser (Steele, Lea, Flood 2014).
class Mixer {
 public:
  void word(uint64_t value) {
    state_.high = mix(state_.high ^ value, 0xbf58476d1ce4e5b9u);
    state_.low = mix(state_.low + value * 0x9e3779b97f4a7c15u + 1, 0x94d049bb133111ebu);
  }
  void hash(ContentHash value) {
    word(value.high);
    word(value.low);
  }
  void text(std::string_view text) {
    word(text.size());
    for (size_t at = 0; at < text.size(); at += 8) {
      uint64_t packed = 0;
      for (size_t i = at; i < text.size() && i < at + 8; ++i) {
        packed |= static_cast<uint64_t>(static_cast<uint8_t>(text[i])) << (8 * (i - at));
      }
      word(packed);
    }
  }
  [[nodiscard]] ContentHash result() const { return state_; }

 private:
  static uint64_t mix(uint64_t value, uint64_t factor) {
    value = (value ^ (value >> 30)) * factor;
    value = (value ^ (value >> 27)) * 0x9e3779b97f4a7c15u;
    return value ^ (value >> 31);
  }

  ContentHash state_{0x6f6d656761677261u, 0x7068686173686564u};
};

void mix_attribute(Mixer& mixer, const Attribute& attribute) {
  mixer.text(attribute.key);
  mixer.word(attribute.value.index());
  if (const auto* integer = std::get_if<int64_t>(&attribute.value)) {
    mixer.word(static_cast<uint64_t>(*integer));
  } else if (const auto* real = std::get_if<double>(&attribute.value)) {
    mixer.word(std::bit_cast<uint64_t>(*real));
  } else if (const auto* truth = std::get_if<bool>(&attribute.value)) {
    mixer.word(*truth ? 1 : 0);
  } else {
    mixer.text(std::get<std::string>(attribute.value));
  }
}

void mix_type(Mixer& mixer, const ComputationGraph& graph, const ValueRecord& value) {
  mixer.word(static_cast<uint64_t>(value.dtype));
  mixer.word(value.shape.valid() ? 1 : 0);
  if (value.shape.valid()) {
    for (const int64_t extent : graph.extents(value.shape)) {
      mixer.word(static_cast<uint64_t>(extent));
    }
  }
}

ContentHash hash_operation(const ComputationGraph& graph, const Operation& op, const std::vector<ContentHash>& values) {
  Mixer mixer;
  mixer.word(static_cast<uint64_t>(op.type) << 8 | op.flags);
  mixer.text(graph.text(op.callee));
  mixer.word(op.input_count);
  for (const ValueRef input : graph.inputs(op)) {
    mixer.hash(values[input.index]);
  }
  std::vector<const Attribute*> attributes;
  for (const Attribute& attribute : graph.attributes(op)) {
    attributes.push_back(&attribute);
  }
  std::ranges::sort(attributes, {}, [](const Attribute* attribute) -> const std::string& { return attribute->key; });
  for (const Attribute* attribute : attributes) {
    mix_attribute(mixer, *attribute);
  }
  for (const ComputationGraph& body : graph.bodies(op)) {
    mixer.hash(content_hash(body));
  }
  return mixer.result();
}

}  // namespace

ContentHash content_hash(const ComputationGraph& graph) {
  std::vector<ContentHash> values(graph.values().size());
  Mixer result;
  for (size_t i = 0; i < graph.inputs().size(); ++i) {
    Mixer mixer;
    mixer.word(1);
    mixer.word(i);
    mix_type(mixer, graph, graph.value(graph.inputs()[i]));
    values[graph.inputs()[i].index] = mixer.result();
    result.hash(mixer.result());
  }
  for (uint32_t v = 0; v < values.size(); ++v) {
    if (graph.values()[v].kind == ValueKind::constant) {
      Mixer mixer;
      mixer.word(2);
      mix_type(mixer, graph, graph.values()[v]);
      mixer.text(graph.constant({v}).bytes);
      values[v] = mixer.result();
    }
  }
  const std::vector<OperationId> order = topological_order(graph);
  OMEGA_CHECK(order.size() == graph.operations().size(), "content_hash() of a graph with a cycle");
  // What is ordered by more than values counts in program order, numbered so that equal ones are told apart.
  std::vector<ContentHash> effects(graph.operations().size());
  uint64_t effect_number = 0;
  std::vector<uint64_t> numbers(graph.operations().size(), 0);
  const auto is_effect = [](const Operation& op) { return op.type == OpType::load || op.type == OpType::store || (op.flags & (kImpure | kOrdered)) != 0; };
  for (uint32_t id = 0; id < graph.operations().size(); ++id) {
    numbers[id] = is_effect(graph.operations()[id]) ? ++effect_number : 0;
  }
  for (const OperationId id : order) {
    const Operation& op = graph.operation(id);
    Mixer mixer;
    mixer.word(3);
    mixer.word(numbers[id.index]);
    mixer.hash(hash_operation(graph, op, values));
    effects[id.index] = mixer.result();
    for (uint32_t i = 0; i < op.output_count; ++i) {
      Mixer output;
      output.hash(mixer.result());
      output.word(i);
      mix_type(output, graph, graph.values()[op.first_output + i]);
      values[op.first_output + i] = output.result();
    }
  }
  for (uint32_t id = 0; id < effects.size(); ++id) {
    if (numbers[id] != 0) {
      result.hash(effects[id]);
    }
  }
  for (const ValueRef output : graph.outputs()) {
    result.hash(values[output.index]);
  }
  return result.result();
}

std::string to_text(ContentHash hash) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const uint64_t half : {hash.high, hash.low}) {
    for (int shift = 60; shift >= 0; shift -= 4) {
      text += digits[half >> shift & 15];
    }
  }
  return text;
}

}  // namespace omega::graph
