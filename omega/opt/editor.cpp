// SPDX-License-Identifier: Apache-2.0
// Taking apart and putting together, in time linear in the function's size.
#include "omega/opt/editor.h"

#include "omega/ir/op_info.h"

namespace omega::opt {

using ir::BlockId;
using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::ValueId;

Editor::Editor(ir::Function& function) : blocks(function.blocks.size()), removed(function.blocks.size(), false), f_(function) {
  for (BlockId b = 0; b < f_.blocks.size(); ++b) {
    blocks[b].reserve(f_.blocks[b].end - f_.blocks[b].first);
    for (ValueId i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
      blocks[b].push_back(i);
    }
  }
  replaced_.assign(f_.insts.size(), kNone);
}

ValueId Editor::add(const Inst& inst, uint32_t location) {
  f_.insts.push_back(inst);
  f_.locations.push_back(location);
  replaced_.push_back(kNone);
  return static_cast<ValueId>(f_.insts.size() - 1);
}

ValueId Editor::constant(ir::Type type, int64_t value, uint32_t location) {
  const auto bits = static_cast<uint64_t>(value);
  if (type == ir::Type::F32 || type == ir::Type::F64) {
    return add({Op::ConstFloat, 0, type, 0, static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32)}, location);
  }
  return add({Op::Const, 0, type, 0, static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32)}, location);
}

uint32_t Editor::add_extra(const std::vector<uint32_t>& words) {
  const auto at = static_cast<uint32_t>(f_.extra.size());
  f_.extra.append(words.data(), words.size());
  return at;
}

void Editor::replace(ValueId old, ValueId now) {
  now = resolve(now);
  if (now != old) {
    replaced_[old] = now;
  }
}

ValueId Editor::resolve(ValueId value) {
  ValueId end = value;
  while (replaced_[end] != kNone) {
    end = replaced_[end];
  }
  while (replaced_[value] != kNone) {
    const ValueId next = replaced_[value];
    replaced_[value] = end;
    value = next;
  }
  return end;
}

void Editor::make_branch(ValueId terminator, BlockId target, const std::vector<uint32_t>& args) {
  const uint32_t at = add_extra(args);
  Inst& inst = f_.insts[terminator];
  inst = {Op::Br, 0, ir::Type::Void, target, at, static_cast<uint32_t>(args.size())};
}

void Editor::rebuild_extra(Inst& inst, base::PodVector<uint32_t>& extra) const {
  auto move = [&](uint32_t& first, uint32_t count) {
    const auto at = static_cast<uint32_t>(extra.size());
    extra.append(f_.extra.data() + first, count);
    first = at;
  };
  switch (inst.op) {
    case Op::ConstWide: move(inst.a, 8); break;
    case Op::ParallelFor: move(inst.a, sizeof(ir::ParallelForRecord) / sizeof(uint32_t)); break;
    case Op::CondBr: {
      const uint32_t then_count = f_.extra[inst.b + 1];
      move(inst.b, 4 + then_count + f_.extra[inst.b + 3 + then_count]);
      break;
    }
    default:
      if (ir::op_info(inst.op).roles[1] == ir::Role::Extra) {
        move(inst.b, ir::list_words(inst));
      }
      break;
  }
}

void Editor::finish() {
  std::vector<BlockId> new_block(blocks.size() + 1, kNone);
  std::vector<ValueId> number(f_.insts.size(), kNone);
  base::PodVector<Inst> insts;
  base::PodVector<uint32_t> locations, extra;
  base::PodVector<ir::Block> places;
  insts.reserve(f_.insts.size());
  locations.reserve(f_.insts.size());
  extra.reserve(f_.extra.size());
  for (BlockId b = 0; b < blocks.size(); ++b) {
    new_block[b] = static_cast<BlockId>(places.size());
    if (removed[b]) {
      continue;
    }
    const auto first = static_cast<uint32_t>(insts.size());
    for (const ValueId id : blocks[b]) {
      number[id] = static_cast<ValueId>(insts.size());
      Inst inst = f_.insts[id];
      rebuild_extra(inst, extra);
      insts.push_back(inst);
      locations.push_back(f_.locations[id]);
    }
    places.push_back({first, static_cast<uint32_t>(insts.size())});
  }
  new_block[blocks.size()] = static_cast<BlockId>(places.size());
  f_.extra = std::move(extra);
  for (Inst& inst : insts) {
    ir::for_each_value(f_, inst, [&](uint32_t& value) {
      value = number[resolve(value)];
      OMEGA_CHECK(value != kNone, "an instruction that is still used was removed");
    });
    ir::for_each_target(f_, inst, [&](uint32_t& target) { target = new_block[target]; });
  }
  base::PodVector<ir::Loop> loops;
  std::vector<ir::LoopId> new_loop(f_.loops.size(), kNone);
  for (uint32_t i = 0; i < f_.loops.size(); ++i) {
    ir::Loop loop = f_.loops[i];
    if (removed[loop.header]) {
      continue;
    }
    loop.header = new_block[loop.header];
    loop.body = new_block[loop.body];
    loop.latch = new_block[loop.latch];
    loop.exit = new_block[loop.exit];
    const auto inside = [&](BlockId b) { return b >= loop.header && b < loop.exit; };
    if (loop.exit >= places.size() || loop.header >= loop.exit || !inside(loop.latch) || !inside(loop.body)) {
      continue;
    }
    new_loop[i] = static_cast<ir::LoopId>(loops.size());
    loops.push_back(loop);
  }
  // A loop around one that stays may be gone; go up until one is left.
  std::vector<ir::LoopId> parents;
  for (uint32_t i = 0; i < f_.loops.size(); ++i) {
    if (new_loop[i] != kNone) {
      ir::LoopId parent = f_.loops[i].parent;
      while (parent != kNone && new_loop[parent] == kNone) {
        parent = f_.loops[parent].parent;
      }
      loops[new_loop[i]].parent = parent == kNone ? kNone : new_loop[parent];
    }
  }
  f_.loops = std::move(loops);
  f_.insts = std::move(insts);
  f_.locations = std::move(locations);
  f_.blocks = std::move(places);
}

}  // namespace omega::opt
