// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "omega/graph/ir/spelling.h"
#include "omega/graph/ir/text.h"

namespace omega::graph {
namespace {

void append_number(std::string& out, uint64_t number) {
  char buffer[20];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

void append_quoted(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
      out += "\\x";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[c & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_attribute_value(std::string& out, const AttributeValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    out += std::to_string(*integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    out += spell_double(*real);
  } else if (const auto* truth = std::get_if<bool>(&value)) {
    out += *truth ? "true" : "false";
  } else {
    append_quoted(out, std::get<std::string>(value));
  }
}

class Writer {
 public:
  Writer(const ComputationGraph& graph, std::string& out, size_t depth) : graph_(graph), out_(out), indent_(2 * depth, ' ') {}

  void run() {
    out_ += "graph ";
    append_quoted(out_, graph_.graph_name());
    out_ += " {\n";
    for (const Attribute& attribute : graph_.metadata()) {
      line("meta ");
      append_quoted(out_, attribute.key);
      out_ += " = ";
      append_attribute_value(out_, attribute.value);
      out_ += '\n';
    }
    for (const Operation& op : graph_.operations()) {
      leaves_before(op.first_output);
      operation(op);
      next_value_ = op.first_output + op.output_count;
    }
    leaves_before(static_cast<uint32_t>(graph_.values().size()));
    if (!graph_.outputs().empty()) {
      line("output ");
      for (size_t i = 0; i < graph_.outputs().size(); ++i) {
        out_ += i == 0 ? "%" : ", %";
        append_number(out_, graph_.outputs()[i].index);
      }
      out_ += '\n';
    }
    out_ += indent_ + "}";
  }

 private:
  void line(std::string_view word) {
    out_ += indent_;
    out_ += "  ";
    out_ += word;
  }

  /// Inputs and constants numbered below `end` that are not written yet.
  void leaves_before(uint32_t end) {
    for (; next_value_ < end; ++next_value_) {
      const ValueRecord& value = graph_.values()[next_value_];
      line("%");
      append_number(out_, next_value_);
      out_ += value.kind == ValueKind::input ? " = input " : " = constant ";
      out_ += spell_type(graph_, value.dtype, value.shape);
      out_ += ' ';
      if (value.kind == ValueKind::input) {
        append_quoted(out_, graph_.input_name(next_input_++));
      } else {
        constant(graph_.constant({next_value_}));
      }
      out_ += '\n';
    }
  }

  void constant(const Constant& constant) {
    if (constant.dtype == DType::string) {
      append_quoted(out_, constant.bytes);
      return;
    }
    const size_t count = element_count(constant);
    out_ += constant.shape.empty() ? "" : "[";
    for (size_t i = 0; i < count; ++i) {
      out_ += (i == 0 ? "" : ", ") + spell_element(constant, i);
    }
    out_ += constant.shape.empty() ? "" : "]";
  }

  void operation(const Operation& op) {
    line("");
    for (uint32_t i = 0; i < op.output_count; ++i) {
      const ValueRecord& value = graph_.values()[op.first_output + i];
      out_ += i == 0 ? "%" : ", %";
      append_number(out_, op.first_output + i);
      out_ += ": ";
      out_ += spell_type(graph_, value.dtype, value.shape);
    }
    out_ += op.output_count == 0 ? "" : " = ";
    out_ += name_of(op.type);
    out_ += ' ';
    append_quoted(out_, graph_.text(op.callee));
    out_ += '(';
    bool first = true;
    for (const ValueRef input : graph_.inputs(op)) {
      out_ += first ? "%" : ", %";
      append_number(out_, input.index);
      first = false;
    }
    out_ += ')';
    for (const auto& [bit, name] : kFlagNames) {
      if ((op.flags & bit) != 0) {
        out_ += ' ';
        out_ += name;
      }
    }
    for (const Attribute& attribute : graph_.attributes(op)) {
      out_ += " with ";
      append_quoted(out_, attribute.key);
      out_ += " = ";
      append_attribute_value(out_, attribute.value);
    }
    for (const ComputationGraph& body : graph_.bodies(op)) {
      out_ += " body ";
      Writer(body, out_, indent_.size() / 2 + 1).run();
    }
    out_ += '\n';
  }

  const ComputationGraph& graph_;
  std::string& out_;
  std::string indent_;
  uint32_t next_value_ = 0;
  size_t next_input_ = 0;
};

}  // namespace

std::string write_text(const ComputationGraph& graph) {
  std::string out;
  Writer(graph, out, 0).run();
  return out + "\n";
}

}  // namespace omega::graph
