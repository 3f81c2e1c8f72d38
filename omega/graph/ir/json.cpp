// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "omega/base/hexadecimal.h"
#include "omega/graph/ir/assembly.h"
#include "omega/graph/ir/spelling.h"
#include "omega/graph/ir/text.h"

namespace omega::graph {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kFormatVersion = 1;
constexpr size_t kMaxBodyDepth = 64;
/// Brackets around anything in a graph: five around what a graph holds, four more for each body it stands in.
constexpr size_t kMaxBracketDepth = 4 * kMaxBodyDepth + 8;

struct Mistake {
  base::Error error;
};

[[noreturn]] void fail(const std::string& place, const std::string& message) { throw Mistake{syntax_error(place, message)}; }

/// Strings are JSON strings when they are plain ASCII, else {"hex": "..."}, since JSON can hold text only and strings here hold any bytes.
Json text_json(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      return Json{{"hex", base::hexadecimal(text)}};
    }
  }
  return std::string(text);
}

Json attribute_json(const AttributeValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    return text_json(*text);
  }
  if (const auto* real = std::get_if<double>(&value)) {
    // A number with its point would do, were it not for writers that drop it.
    return Json{{"float64", spell_double(*real)}};
  }
  if (const auto* truth = std::get_if<bool>(&value)) {
    return *truth;
  }
  return std::get<int64_t>(value);
}

Json attributes_json(std::span<const Attribute> attributes) {
  Json list = Json::array();
  for (const Attribute& attribute : attributes) {
    list.push_back(Json::array({text_json(attribute.key), attribute_json(attribute.value)}));
  }
  return list;
}

Json constant_json(const ComputationGraph& graph, const ValueRecord& value, const Constant& constant) {
  Json data;
  if (constant.dtype == DType::string) {
    data = text_json(constant.bytes);
  } else {
    data = Json::array();
    for (size_t i = 0; i < element_count(constant); ++i) {
      const std::string text = spell_element(constant, i);
      constant.dtype == DType::int64 || constant.dtype == DType::boolean ? data.push_back(Json::parse(text)) : data.push_back(text);
    }
  }
  return Json{{"constant", std::move(data)}, {"type", spell_type(graph, value.dtype, value.shape)}};
}

Json graph_json(const ComputationGraph& graph);

Json operation_json(const ComputationGraph& graph, const Operation& op) {
  Json json{{std::string(name_of(op.type)), text_json(graph.text(op.callee))}, {"inputs", Json::array()}, {"outputs", Json::array()}};
  for (const ValueRef input : graph.inputs(op)) {
    json["inputs"].push_back(input.index);
  }
  for (uint32_t i = 0; i < op.output_count; ++i) {
    const ValueRecord& value = graph.values()[op.first_output + i];
    json["outputs"].push_back(spell_type(graph, value.dtype, value.shape));
  }
  for (const auto& [bit, name] : kFlagNames) {
    if ((op.flags & bit) != 0) {
      json["flags"].push_back(std::string(name));
    }
  }
  if (!graph.attributes(op).empty()) {
    json["attributes"] = attributes_json(graph.attributes(op));
  }
  for (const ComputationGraph& body : graph.bodies(op)) {
    json["bodies"].push_back(graph_json(body));
  }
  return json;
}

Json graph_json(const ComputationGraph& graph) {
  Json json{{"omega_graph", kFormatVersion}, {"name", text_json(graph.graph_name())}, {"metadata", attributes_json(graph.metadata())}};
  Json& definitions = json["definitions"] = Json::array();
  uint32_t next_value = 0;
  size_t next_input = 0;
  const auto leaves_before = [&](uint32_t end) {
    for (; next_value < end; ++next_value) {
      const ValueRecord& value = graph.values()[next_value];
      if (value.kind == ValueKind::input) {
        definitions.push_back(Json{{"input", text_json(graph.input_name(next_input++))}, {"type", spell_type(graph, value.dtype, value.shape)}});
      } else {
        definitions.push_back(constant_json(graph, value, graph.constant({next_value})));
      }
    }
  };
  for (const Operation& op : graph.operations()) {
    leaves_before(op.first_output);
    definitions.push_back(operation_json(graph, op));
    next_value = op.first_output + op.output_count;
  }
  leaves_before(static_cast<uint32_t>(graph.values().size()));
  Json& outputs = json["outputs"] = Json::array();
  for (const ValueRef output : graph.outputs()) {
    outputs.push_back(output.index);
  }
  return json;
}

const Json& member(const Json& json, const char* key, const std::string& place) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  if (!json.is_object() || found == json.end()) {
    fail(place, std::string("`") + key + "` is missing");
  }
  return *found;
}

const Json& array_member(const Json& json, const char* key, const std::string& place) {
  const Json& value = member(json, key, place);
  if (!value.is_array()) {
    fail(place, std::string("`") + key + "` must be an array");
  }
  return value;
}

std::string text_of(const Json& json, const std::string& place) {
  if (json.is_string()) {
    return json.get<std::string>();
  }
  if (json.is_object() && json.size() == 1 && json.contains("hex") && json["hex"].is_string()) {
    const auto& digits = json["hex"].get_ref<const std::string&>();
    std::optional<std::string> bytes = base::bytes_of_hexadecimal(digits);
    if (!bytes || digits.size() % 2 != 0) {
      fail(place, "`hex` takes hexadecimal digits, two a byte");
    }
    return std::move(*bytes);
  }
  fail(place, "expected a string");
}

SpelledType type_of(const Json& json, ComputationGraph& graph, const std::string& place) {
  if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    std::string_view rest = text;
    const auto type = read_type(rest, graph);
    if (type && rest.empty()) {
      return *type;
    }
  }
  fail(place, "expected a type, such as \"float64\" or \"float64[3, ?]\"");
}

/// A value's number as GraphAssembly's name for it.
base::NameId value_of(const Json& json, const std::string& place, GraphAssembly& assembly) {
  if (!json.is_number_unsigned()) {
    fail(place, "expected the number of a value");
  }
  return assembly.name(std::to_string(json.get<uint64_t>()));
}

AttributeValue attribute_of(const Json& json, const std::string& place) {
  if (json.is_boolean()) {
    return json.get<bool>();
  }
  if (json.is_number_unsigned() && json.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    fail(place, "an integer of an attribute has 64 bits with a sign");
  }
  if (json.is_number_integer()) {
    return json.get<int64_t>();
  }
  if (json.is_object() && json.contains("float64") && json["float64"].is_string()) {
    if (const auto real = read_double(json["float64"].get<std::string>())) {
      return *real;
    }
    fail(place, "`float64` takes a number in quotes");
  }
  if (json.is_number_float()) {
    return json.get<double>();
  }
  return text_of(json, place);
}

Attribute pair_of(const Json& json, const std::string& place) {
  if (!json.is_array() || json.size() != 2) {
    fail(place, "an attribute is a pair of key and value");
  }
  return {text_of(json[0], place), attribute_of(json[1], place)};
}

class GraphReader {
 public:
  GraphReader(std::string place, size_t depth) : place_(std::move(place)), depth_(depth) {}

  ComputationGraph run(const Json& json) {
    if (depth_ > kMaxBodyDepth) {
      fail(place_, "bodies are nested deeper than " + std::to_string(kMaxBodyDepth));
    }
    if (const Json& version = member(json, "omega_graph", place_); version != kFormatVersion) {
      fail(place_, "`omega_graph` must be " + std::to_string(kFormatVersion));
    }
    assembly_.graph().set_name(text_of(member(json, "name", place_), place_ + "/name"));
    for (const Json& pair : array_member(json, "metadata", place_)) {
      assembly_.graph().set_attribute(pair_of(pair, place_ + "/metadata"));
    }
    size_t number = 0;
    for (const Json& definition : array_member(json, "definitions", place_)) {
      read_definition(definition, place_ + "/definitions/" + std::to_string(number++));
    }
    for (const Json& output : array_member(json, "outputs", place_)) {
      assembly_.output(value_of(output, place_ + "/outputs", assembly_), place_ + "/outputs");
    }
    auto graph = std::move(assembly_).finish();
    if (!graph) {
      throw Mistake{graph.error()};
    }
    return std::move(graph).value();
  }

 private:
  static void check(const base::Result<void>& result) {
    if (!result) {
      throw Mistake{result.error()};
    }
  }

  base::NameId next_name() { return assembly_.name(std::to_string(next_value_++)); }

  void read_definition(const Json& json, const std::string& place) {
    if (!json.is_object()) {
      fail(place, "a definition is an object");
    }
    if (json.contains("input")) {
      const SpelledType type = type_of(member(json, "type", place), assembly_.graph(), place);
      check(assembly_.input(next_name(), type.dtype, type.shape, text_of(json["input"], place), place));
    } else if (json.contains("constant")) {
      read_constant(json, place);
    } else {
      read_operation(json, place);
    }
  }

  void read_constant(const Json& json, const std::string& place) {
    const SpelledType type = type_of(member(json, "type", place), assembly_.graph(), place);
    if (!type.shape.valid()) {
      fail(place, "a constant has a known shape");
    }
    const auto extents = assembly_.graph().extents(type.shape);
    Constant constant{type.dtype, {extents.begin(), extents.end()}, {}};
    const Json& data = json["constant"];
    if (type.dtype == DType::string) {
      constant.bytes = text_of(data, place);
    } else {
      if (!data.is_array()) {
        fail(place, "the data of a constant is an array, also that of a scalar");
      }
      for (const Json& element : data) {
        if (element.is_structured()) {  // Its text would be made recursively.
          fail(place, "the data of a constant is an array without arrays or objects in it");
        }
        const bool good = element.is_string() ? append_element(constant, element.get_ref<const std::string&>()) : append_element(constant, element.dump());
        if (!good) {
          fail(place, element.dump() + " is no " + std::string(name_of(type.dtype)));
        }
      }
    }
    check(assembly_.constant(next_name(), std::move(constant), place));
  }

  void read_operation(const Json& json, const std::string& place) {
    GraphAssembly::PendingOperation op{};
    op.place = place;
    bool found = false;
    for (const OpType type : {OpType::call, OpType::load, OpType::store, OpType::control, OpType::fused}) {
      const auto member = json.find(name_of(type));
      if (member != json.end()) {
        op.type = type;
        op.callee = text_of(*member, place);
        found = true;
      }
    }
    if (!found) {
      fail(place, "a definition has one of input, constant, call, load, store, control and fused");
    }
    for (const Json& input : array_member(json, "inputs", place)) {
      op.inputs.push_back(value_of(input, place + "/inputs", assembly_));
    }
    for (const Json& output : array_member(json, "outputs", place)) {
      const SpelledType type = type_of(output, assembly_.graph(), place + "/outputs");
      op.outputs.push_back({next_name(), type.dtype, type.shape});
    }
    if (json.contains("flags")) {
      for (const Json& name : array_member(json, "flags", place)) {
        const auto bit = flag_named(text_of(name, place + "/flags"));
        if (!bit) {
          fail(place + "/flags", "there are the flags impure, ordered, waits and isolated");
        }
        op.flags |= *bit;
      }
    }
    if (json.contains("attributes")) {
      for (const Json& pair : array_member(json, "attributes", place)) {
        op.attributes.push_back(pair_of(pair, place + "/attributes"));
      }
    }
    if (json.contains("bodies")) {
      for (const Json& body : array_member(json, "bodies", place)) {
        op.bodies.push_back(GraphReader(place + "/bodies/" + std::to_string(op.bodies.size()), depth_ + 1).run(body));
      }
    }
    check(assembly_.operation(std::move(op)));
  }

  std::string place_;
  size_t depth_;
  uint64_t next_value_ = 0;
  GraphAssembly assembly_;
};

/// Whether the text opens more brackets than it closes by more than the limit, those in strings apart. Deep values are copied recursively.
bool nests_too_deep(std::string_view text) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size() && depth <= kMaxBracketDepth; ++i) {
    const char c = text[i];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      i += c == '\\' ? 1 : 0;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return depth > kMaxBracketDepth;
}

}  // namespace

std::string write_json(const ComputationGraph& graph, int indent) { return graph_json(graph).dump(indent); }

base::Result<ComputationGraph> parse_json(std::string_view text) {
  if (nests_too_deep(text)) {
    return base::Error{"brackets are nested deeper than " + std::to_string(kMaxBracketDepth), 0, ""};
  }
  try {
    return GraphReader("graph", 0).run(Json::parse(text));
  } catch (const Json::parse_error& error) {
    return base::Error{"byte " + std::to_string(error.byte) + ": this is not JSON", 0, ""};
  } catch (const Json::out_of_range&) {
    return base::Error{"a number is too large", 0, ""};
  } catch (Mistake& mistake) {
    return std::move(mistake.error);
  }
}

}  // namespace omega::graph
