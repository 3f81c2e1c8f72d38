// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/natural_loops.h"

#include <algorithm>

#include "omega/ir/op_info.h"

namespace omega::compile {

using ir::BlockId;

NaturalLoops::NaturalLoops(const ir::Function& function, const ir::ControlFlow& flow) {
  for (const BlockId b : flow.order) {
    ir::for_each_successor(function, function.insts[function.blocks[b].end - 1], [&](BlockId header, std::span<const uint32_t>) {
      if (flow.dominates(header, b)) {
        add(function, flow, header, b);
      } else if (flow.position[header] <= flow.position[b]) {
        second_way_in = header;
      }
    });
  }
  for (auto& [header, inside] : blocks) {
    std::ranges::sort(inside);
  }
}

/// The blocks from which `latch` is reached without passing `header`.
void NaturalLoops::add(const ir::Function& function, const ir::ControlFlow& flow, BlockId header, BlockId latch) {
  std::vector<BlockId>& inside = blocks[header];
  std::vector<BlockId> todo{latch};
  if (std::ranges::find(inside, header) == inside.end()) {
    inside.push_back(header);
  }
  std::vector<bool> in(function.blocks.size(), false);
  for (const BlockId b : inside) {
    in[b] = true;
  }
  while (!todo.empty()) {
    const BlockId b = todo.back();
    todo.pop_back();
    if (in[b]) {
      continue;
    }
    in[b] = true;
    inside.push_back(b);
    for (const BlockId before : flow.predecessors(b)) {
      if (flow.reachable(before)) {
        todo.push_back(before);
      }
    }
  }
}

}  // namespace omega::compile
