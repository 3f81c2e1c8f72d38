// SPDX-License-Identifier: Apache-2.0
// Blocks are labelled with their lines of the IR's textual form.
#include "omega/driver/graph_text.h"

#include <string_view>
#include <vector>

#include "omega/ir/op_info.h"
#include "omega/ir/text.h"

namespace omega::driver {
namespace {

/// Text for a DOT label whose lines are set left.
std::string label(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\l";
    } else {
      if (c == '"' || c == '\\') {
        out += '\\';
      }
      out += c;
    }
  }
  return out;
}

/// The printed lines of each block: a block begins at a line whose first word is `b` and its number.
std::vector<std::string> block_texts(std::string_view function, size_t count) {
  std::vector<std::string> texts(count);
  size_t block = count;
  while (!function.empty()) {
    const size_t end = std::min(function.find('\n'), function.size() - 1) + 1;
    const std::string_view line = function.substr(0, end);
    const size_t word = std::min(line.find_first_not_of(' '), line.size());
    for (size_t next = block == count ? 0 : block + 1; next < count && next < (block == count ? 1 : block + 2); ++next) {
      const std::string name = "b" + std::to_string(next);
      const std::string_view rest = line.substr(word);
      if (rest.starts_with(name) && rest.size() > name.size() && (rest[name.size()] == ':' || rest[name.size()] == '(')) {
        block = next;
      }
    }
    if (block != count && line.find_first_not_of("}\n ") != std::string_view::npos) {
      texts[block] += line;
    }
    function.remove_prefix(end);
  }
  return texts;
}

}  // namespace

std::string graph_text(const ir::Module& module, const base::NameInterner& names) {
  std::string out = "digraph program {\n  node [shape=box, fontname=monospace, fontsize=10];\n";
  for (size_t id = 0; id < module.functions.size(); ++id) {
    const ir::Function& function = module.functions[id];
    if (function.is_extern) {
      continue;
    }
    const std::string prefix = "f" + std::to_string(id) + "_b";
    out += "  subgraph cluster_" + std::to_string(id) + " {\n    label=\"" + label(function.name) + "\";\n";
    const std::vector<std::string> texts = block_texts(ir::print(module, function, &names), function.blocks.size());
    for (size_t block = 0; block < function.blocks.size(); ++block) {
      out += "    " + prefix + std::to_string(block) + " [label=\"" + label(texts[block]) + "\"];\n";
    }
    for (size_t block = 0; block < function.blocks.size(); ++block) {
      if (function.blocks[block].end == function.blocks[block].first) {
        continue;
      }
      const ir::Inst& last = function.insts[function.blocks[block].end - 1];
      bool then = last.op == ir::Op::CondBr;
      ir::for_each_successor(function, last, [&](uint32_t target, std::span<const uint32_t>) {
        out.append("    ").append(prefix).append(std::to_string(block)).append(" -> ").append(prefix).append(std::to_string(target));
        out.append(then ? " [label=\"yes\"];\n" : ";\n");
        then = false;
      });
    }
    out += "  }\n";
  }
  return out + "}\n";
}

}  // namespace omega::driver
