// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/ir/drawing.h"

#include <algorithm>
#include <vector>

#include "omega/graph/ir/order.h"
#include "omega/graph/ir/spelling.h"

namespace omega::graph {
namespace {

std::string dot_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c == '\n' ? ' ' : c;
  }
  return out + '"';
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f ? '?' : c;
    }
  }
  return out;
}

std::string label_of(const ComputationGraph& graph, const Operation& op) {
  std::string label(graph.text(op.callee));
  return op.type == OpType::call ? label : std::string(name_of(op.type)) + " " + label;
}

/// Operations row by row, each row ordered so that an operation stands near the middle of those it takes values from.
std::vector<std::vector<uint32_t>> rows_of(const ComputationGraph& graph, size_t limit) {
  const std::vector<uint32_t> levels = operation_levels(graph);
  OMEGA_CHECK(levels.size() == graph.operations().size(), "draw_svg() of a graph with a cycle");
  std::vector<std::vector<uint32_t>> rows;
  size_t drawn = 0;
  for (const OperationId id : topological_order(graph)) {
    if (drawn++ == limit) {
      break;
    }
    if (levels[id.index] >= rows.size()) {
      rows.resize(levels[id.index] + 1);
    }
    rows[levels[id.index]].push_back(id.index);
  }
  std::vector<double> position(levels.size(), 0);
  for (std::vector<uint32_t>& row : rows) {
    std::vector<std::pair<double, uint32_t>> keyed;
    for (const uint32_t id : row) {
      double sum = 0;
      uint32_t count = 0;
      for (const ValueRef input : graph.inputs(graph.operations()[id])) {
        if (graph.value(input).kind == ValueKind::result) {
          sum += position[graph.value(input).producer];
          ++count;
        }
      }
      keyed.emplace_back(count == 0 ? 0 : sum / count, id);
    }
    std::ranges::sort(keyed);
    for (size_t i = 0; i < keyed.size(); ++i) {
      row[i] = keyed[i].second;
      position[row[i]] = (static_cast<double>(i) + 0.5) / static_cast<double>(keyed.size());
    }
  }
  return rows;
}

}  // namespace

std::string draw_dot(const ComputationGraph& graph) {
  std::string out = "digraph " + dot_quoted(graph.graph_name()) + " {\n  node [fontname=\"sans-serif\", fontsize=10];\n";
  const auto node_of = [&](ValueRef ref) {
    const ValueRecord& value = graph.value(ref);
    return value.kind == ValueKind::result ? "o" + std::to_string(value.producer) : "v" + std::to_string(ref.index);
  };
  for (uint32_t v = 0; v < graph.values().size(); ++v) {
    const ValueRecord& value = graph.values()[v];
    if (value.kind != ValueKind::result) {
      const std::string what = value.kind == ValueKind::input ? "input %" : "constant %";
      out += "  v" + std::to_string(v) + " [shape=ellipse, label=" + dot_quoted(what + std::to_string(v) + " " + spell_type(graph, value.dtype, value.shape)) +
             "];\n";
    }
  }
  for (uint32_t id = 0; id < graph.operations().size(); ++id) {
    const Operation& op = graph.operations()[id];
    out += "  o" + std::to_string(id) + " [shape=box, label=" + dot_quoted(label_of(graph, op)) + "];\n";
    for (const ValueRef input : graph.inputs(op)) {
      if (input.index < graph.values().size()) {
        const bool is_order = graph.value(input).dtype == DType::token;
        out += "  " + node_of(input) + " -> o" + std::to_string(id) + " [label=" + dot_quoted("%" + std::to_string(input.index)) +
               (is_order ? ", style=dashed];\n" : "];\n");
      }
    }
  }
  for (const OrderEdge& edge : order_edges(graph)) {
    out += "  o" + std::to_string(edge.before.index) + " -> o" + std::to_string(edge.after.index) + " [style=dashed];\n";
  }
  for (size_t i = 0; i < graph.outputs().size(); ++i) {
    const std::string name = "r" + std::to_string(i);
    out += "  " + name + " [shape=ellipse, label=" + dot_quoted("output " + std::to_string(i)) + "];\n";
    if (graph.outputs()[i].index < graph.values().size()) {
      out += "  " + node_of(graph.outputs()[i]) + " -> " + name + ";\n";
    }
  }
  return out + "}\n";
}

std::string draw_svg(const ComputationGraph& graph, size_t limit) {
  constexpr int kWidth = 130;    // of a box with its gap [px]
  constexpr int kHeight = 64;    // of a row [px]
  constexpr size_t kWidest = 6;  // boxes side by side: what fits on a page
  std::vector<std::vector<uint32_t>> rows;
  for (const auto& row : rows_of(graph, limit)) {
    for (size_t first = 0; first < row.size(); first += kWidest) {
      rows.emplace_back(row.begin() + static_cast<ptrdiff_t>(first), row.begin() + static_cast<ptrdiff_t>(std::min(row.size(), first + kWidest)));
    }
  }
  size_t widest = 1;
  for (const auto& row : rows) {
    widest = std::max(widest, row.size());
  }
  struct Point {
    int x = -1;
    int y = -1;
  };
  std::vector<Point> at(graph.operations().size());
  std::string lines;
  std::string boxes;
  size_t drawn = 0;
  for (size_t level = 0; level < rows.size(); ++level) {
    const int left = static_cast<int>(widest - rows[level].size()) * kWidth / 2;
    for (size_t i = 0; i < rows[level].size(); ++i) {
      const uint32_t id = rows[level][i];
      const Operation& op = graph.operations()[id];
      at[id] = {left + static_cast<int>(i) * kWidth + kWidth / 2, static_cast<int>(level) * kHeight + kHeight / 2};
      ++drawn;
      boxes += "<g><title>" + std::to_string(id) + "</title><rect x=\"" + std::to_string(at[id].x - 55) + "\" y=\"" + std::to_string(at[id].y - 15) +
               "\" width=\"110\" height=\"30\" rx=\"4\" fill=\"#eef3fb\" stroke=\"#456\"/><text x=\"" + std::to_string(at[id].x) + "\" y=\"" +
               std::to_string(at[id].y + 4) + "\">" + xml_escaped(label_of(graph, op).substr(0, 18)) + "</text></g>\n";
      for (const ValueRef input : graph.inputs(op)) {
        const ValueRecord& value = graph.value(input);
        if (value.kind == ValueKind::result && at[value.producer].x >= 0) {
          lines += "<line x1=\"" + std::to_string(at[value.producer].x) + "\" y1=\"" + std::to_string(at[value.producer].y + 15) + "\" x2=\"" +
                   std::to_string(at[id].x) + "\" y2=\"" + std::to_string(at[id].y - 15) +
                   (value.dtype == DType::token ? "\" stroke-dasharray=\"4 3\"/>\n" : "\"/>\n");
        }
      }
    }
  }
  const size_t left_out = graph.operations().size() - drawn;
  const int height = static_cast<int>(rows.size()) * kHeight + (left_out > 0 ? 24 : 0);
  const std::string across = std::to_string(static_cast<int>(widest) * kWidth);
  const std::string down = std::to_string(height);
  // Attributes, not a style sheet: within a page that would hold for all other drawings as well.
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + across + "\" height=\"" + down + "\" viewBox=\"0 0 " + across + " " + down +
                    "\" font-family=\"sans-serif\" font-size=\"11\" text-anchor=\"middle\">\n<g stroke=\"#888\">\n" + lines + "</g>\n" + boxes;
  if (left_out > 0) {
    out += "<text x=\"120\" y=\"" + std::to_string(height - 8) + "\" fill=\"#888\">" + std::to_string(left_out) + " operations are not drawn</text>\n";
  }
  return out + "</svg>\n";
}

}  // namespace omega::graph
