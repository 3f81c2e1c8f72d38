// SPDX-License-Identifier: Apache-2.0
// One pass over the terminators (loops, reachability), one over the instructions (uses), then a linear scan deals out homes.
#include "omega/codegen/native/function_plan.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "omega/codegen/native/clobbers.h"
#include "omega/ir/op_info.h"

namespace omega::codegen::native {

using ir::Inst;
using ir::kNone;
using ir::Op;

namespace {

constexpr uint64_t loop_factor = 8;
constexpr uint64_t largest_weight = uint64_t{1} << 24;

/// About how many bytes of code an instruction becomes, by its number, where nothing is in memory.
struct CodeSizes {
  uint8_t bytes[256];

  constexpr CodeSizes() : bytes{} {
    for (uint8_t& b : bytes) {
      b = 24;
    }
    for (const Op op : {Op::Const, Op::ConstFloat, Op::ConstString, Op::ConstWide, Op::FunctionRef, Op::Param, Op::SlotGet, Op::BlockArg, Op::Result}) {
      bytes[static_cast<size_t>(op)] = 0;
    }
    for (const Op op : {Op::SlotSet, Op::And, Op::Or, Op::Xor, Op::Not, Op::Br, Op::Cast, Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::CondBr}) {
      bytes[static_cast<size_t>(op)] = 4;
    }
    for (const Op op : {Op::Load, Op::Store, Op::ElementGet, Op::ElementSet, Op::FixedGet, Op::FixedSet, Op::Shl, Op::Shr, Op::Neg}) {
      bytes[static_cast<size_t>(op)] = 8;
    }
    for (const Op op : {Op::Add, Op::Sub, Op::Mul, Op::Ret, Op::CheckBound}) {
      bytes[static_cast<size_t>(op)] = 14;
    }
    bytes[static_cast<size_t>(Op::Div)] = bytes[static_cast<size_t>(Op::Mod)] = 36;
  }
};
constexpr CodeSizes code_sizes;

/// Those of the registers whose positions lie after `start`. One by one: they have just been written one by one.
template <Gpr... registers>
RegisterSet later_than(const uint32_t (&positions)[16], uint32_t start) {
  return ((static_cast<RegisterSet>(positions[number(registers)] > start) << number(registers)) | ...);
}

/// Those that may be homes.
RegisterSet homes_later_than(const uint32_t (&positions)[16], uint32_t start) {
  return later_than<Gpr::rbx, Gpr::rsi, Gpr::rdi, Gpr::r8, Gpr::r9, Gpr::r12, Gpr::r13, Gpr::r14, Gpr::r15>(positions, start);
}

}  // namespace

void FunctionPlan::make(const ir::Function& f) {
  const size_t count = f.insts.size();
  last_use.resize(count);
  std::memset(last_use.data(), 0, count * sizeof(uint32_t));
  variable_of.resize(count);
  std::memset(variable_of.data(), 0xff, count * sizeof(uint32_t));
  range_of_.resize(count);
  std::memset(range_of_.data(), 0xff, count * sizeof(uint32_t));
  variables.clear();
  variables.resize(f.slots.size(), Variable{});
  for (size_t s = 0; s < f.slots.size(); ++s) {
    variables[s].type = f.slots[s].type;
  }
  zeroed.clear();
  calls.clear();
  call_weight_.clear();
  crossing_xmm.clear();
  order_.clear();
  find_blocks(f);
  find_uses(f);
  has_calls = !calls.empty();
  extend_ranges(f);
  assign_homes(f);
}

void FunctionPlan::find_blocks(const ir::Function& f) {
  const auto n = static_cast<uint32_t>(f.blocks.size());
  reachable.resize(n);
  std::memset(reachable.data(), 0, n);
  smallest_predecessor_.resize(n);
  loop_end.resize(n);
  std::memset(smallest_predecessor_.data(), 0xff, n * sizeof(uint32_t));
  std::memset(loop_end.data(), 0xff, n * sizeof(uint32_t));
  reachable[0] = 1;
  bool again = true;
  irregular = false;
  while (again) {
    again = false;
    for (uint32_t b = 0; b < n; ++b) {
      if (!reachable[b]) {
        continue;
      }
      ir::for_each_successor(f, f.insts[f.blocks[b].end - 1], [&](uint32_t target, std::span<const uint32_t>) {
        if (target > b) {
          smallest_predecessor_[target] = std::min(smallest_predecessor_[target], b);
        } else {
          loop_end[target] = loop_end[target] == kNone ? b : std::max(loop_end[target], b);
          if (reachable[target] == 0) {
            again = irregular = true;
          }
        }
        reachable[target] = 1;
      });
    }
  }

  barrier_.resize(n);
  std::memset(barrier_.data(), 0xff, n * sizeof(uint32_t));
  loop_of_.resize(n);
  block_weight_.resize(n);
  loops_.clear();
  stack_.clear();
  uint32_t loop = kNone;
  uint64_t weight = 1;
  for (uint32_t b = 0; b < n; ++b) {
    const uint32_t from = smallest_predecessor_[b];
    while (!stack_.empty() && from != kNone && stack_.back() > from) {
      barrier_[stack_.back()] = b;
      stack_.pop_back();
    }
    stack_.push_back(b);
    while (loop != kNone && loops_[loop].last_block < b) {
      loop = loops_[loop].parent;
      weight = loop == kNone ? 1 : block_weight_[loops_[loop].first_block];
    }
    if (loop_end[b] != kNone) {
      const uint32_t last = loop_end[b];
      loops_.push_back({b, last, f.blocks[b].first, f.blocks[last].end - 1, loop});
      for (uint32_t outer = loop; outer != kNone && loops_[outer].last_block < last; outer = loops_[outer].parent) {
        loops_[outer].last_block = last;
        loops_[outer].last_position = f.blocks[last].end - 1;
      }
      loop = static_cast<uint32_t>(loops_.size() - 1);
      weight = std::min(weight * loop_factor, largest_weight);
    }
    loop_of_[b] = loop;
    block_weight_[b] = weight;
  }
  // A loop that can be entered behind its first block.
  for (const LoopRange& range : loops_) {
    irregular |= barrier_[range.first_block] <= range.last_block;
  }
}

uint32_t FunctionPlan::make_variable(const ir::Function& f, uint32_t value) {
  const auto v = static_cast<uint32_t>(variables.size());
  Variable variable;
  variable.type = f.insts[value].type;
  variables.push_back(variable);
  variable_of[value] = v;
  range_of_[value] = v;
  order_.push_back(v);
  return v;
}

/// A use in another block than the value's own.
void FunctionPlan::use_far(const ir::Function& f, uint32_t value, uint32_t position) {
  if (is_remade(f.insts[value].op)) {
    return;
  }
  uint32_t v = variable_of[value];
  if (v == kNone) {
    v = make_variable(f, value);
    variables[v].start = value;
    variables[v].start_block = block_;
    irregular |= value > position;
  }
  extend(v, position);
}

[[gnu::always_inline]] inline void FunctionPlan::use(const ir::Function& f, uint32_t value, uint32_t position) {
  last_use[value] = position;
  if (value < block_first_ || value > position) {
    use_far(f, value, position);
  } else if (range_of_[value] != kNone) {
    extend(range_of_[value], position);
  }
}

void FunctionPlan::outlive(uint32_t value, uint32_t position) {
  const uint32_t v = range_of_[value];
  if (v != kNone) {
    variables[v].end = std::max(variables[v].end, position);
  }
}

void FunctionPlan::pass_arguments(const ir::Function& f, uint32_t target, const uint32_t* arguments, uint32_t count, uint32_t position) {
  const uint32_t first = f.blocks[target].first;
  for (uint32_t k = 0; k < count; ++k) {
    use(f, arguments[k], position);
    uint32_t v = variable_of[first + k];
    if (v == kNone) {
      v = make_variable(f, first + k);
      begin(v, position);
    }
    extend(v, position);
  }
}

void FunctionPlan::find_uses(const ir::Function& f) {
  const Inst* insts = f.insts.data();
  const auto block_count = static_cast<uint32_t>(f.blocks.size());
  uint64_t calls_so_far = 0;
  uint32_t code = 0;
  code_before.resize(block_count + 1);
  for (uint32_t b = 0; b < block_count; ++b) {
    code_before[b] = code;
    if (!reachable[b]) {
      continue;
    }
    block_ = b;
    block_first_ = f.blocks[b].first;
    weight_ = block_weight_[b];
    const uint32_t end = f.blocks[b].end;
    for (uint32_t i = block_first_; i < end; ++i) {
      const Inst& inst = insts[i];
      code += code_sizes.bytes[static_cast<size_t>(inst.op)];
      switch (inst.op) {
        case Op::Const:
        case Op::ConstFloat:
        case Op::ConstString:
        case Op::ConstWide:
        case Op::FunctionRef:
        case Op::StackObject:
        case Op::Param:
        case Op::Unreachable: continue;
        case Op::SlotGet: {
          Variable& variable = variables[inst.a];
          if (variable.start == kNone) {
            variable.start = i;
            variable.start_block = b;
            order_.push_back(inst.a);
          }
          variable.end = i;
          variable.end_block = b;
          if (variable_of[i] == kNone) {
            range_of_[i] = inst.a;
          }
          continue;
        }
        case Op::SlotSet: {
          use(f, inst.b, i);
          Variable& variable = variables[inst.a];
          if (variable.start == kNone) {
            begin(inst.a, i);
            variable.begins_with_set = true;
            order_.push_back(inst.a);
            if (insts[inst.b].op == Op::Param) {
              variable.hint = static_cast<uint8_t>(std::min(insts[inst.b].a, 0xfeu));
            }
          }
          extend(inst.a, i);
          continue;
        }
        case Op::BlockArg: {
          uint32_t v = variable_of[i];
          if (v == kNone) {
            v = make_variable(f, i);
            begin(v, i);
          }
          extend(v, i);
          continue;
        }
        case Op::Br:
          if (inst.c != 0) {
            pass_arguments(f, inst.a, f.extra.data() + inst.b, inst.c, i);
          }
          continue;
        case Op::CondBr: {
          use(f, inst.a, i);
          ir::for_each_successor(f, inst, [&](uint32_t target, std::span<const uint32_t> arguments) {
            if (!arguments.empty()) {
              pass_arguments(f, target, arguments.data(), static_cast<uint32_t>(arguments.size()), i);
            }
          });
          continue;
        }
        case Op::Add:
        case Op::Sub:
        case Op::Mul:
        case Op::Div:
        case Op::Mod:
          use(f, inst.a, i);
          use(f, inst.b, i);
          if ((ir::is_wide(inst.type) || inst.op == Op::Mod) && clobbers_registers(f, inst)) {
            break;
          }
          continue;
        case Op::Ret:
          for (uint32_t k = 0; k < inst.c; ++k) {
            use(f, f.extra[inst.b + k], i);
          }
          continue;
        case Op::And:
        case Op::Or:
        case Op::Xor:
        case Op::Eq:
        case Op::Ne:
        case Op::Lt:
        case Op::Le:
        case Op::Gt:
        case Op::Ge:
        case Op::CheckIndex:
        case Op::ElementGet:
          use(f, inst.a, i);
          use(f, inst.b, i);
          continue;
        default: ir::for_each_value(f, inst, [&](const uint32_t& value) { use(f, value, i); }); break;
      }
      if (reads_operands_late(inst.op)) {
        ir::for_each_value(f, inst, [&](const uint32_t& value) { outlive(value, i + 1); });
      }
      if (clobbers_registers(f, inst)) {
        calls.push_back(i);
        calls_so_far += weight_;
        call_weight_.push_back(calls_so_far);
      }
    }
  }
  code_before[block_count] = code;
}

void FunctionPlan::extend_ranges(const ir::Function& f) {
  for (const uint32_t v : order_) {
    Variable& variable = variables[v];
    const bool is_slot = v < f.slots.size();
    if (irregular) {
      variable.start = 0;
      variable.end = static_cast<uint32_t>(f.insts.size());
      variable.starts_zero = is_slot;
    } else {
      if (is_slot && (!variable.begins_with_set || barrier_[variable.start_block] <= variable.end_block)) {
        variable.starts_zero = true;
        variable.start = 0;
      }
      for (uint32_t loop = loop_of_[variable.end_block]; loop != kNone && loops_[loop].first_position > variable.start; loop = loops_[loop].parent) {
        variable.end = std::max(variable.end, loops_[loop].last_position);
      }
    }
    if (variable.starts_zero) {
      zeroed.push_back(v);
    }
  }
  const auto earlier = [&](uint32_t a, uint32_t b) { return variables[a].start < variables[b].start; };
  if (!std::is_sorted(order_.begin(), order_.end(), earlier)) {
    std::stable_sort(order_.begin(), order_.end(), earlier);
  }
}

bool FunctionPlan::crosses_call(const Variable& v) const {
  const uint32_t* next = std::upper_bound(calls.begin(), calls.end(), v.start);
  return next != calls.end() && *next < v.end;
}

uint64_t FunctionPlan::call_weight_inside(const Variable& v) const {
  const size_t first = static_cast<size_t>(std::upper_bound(calls.begin(), calls.end(), v.start) - calls.begin());
  const size_t last = static_cast<size_t>(std::lower_bound(calls.begin(), calls.end(), v.end) - calls.begin());
  if (last <= first) {
    return 0;
  }
  return call_weight_[last - 1] - (first == 0 ? 0 : call_weight_[first - 1]);
}

void FunctionPlan::put_in_frame(uint32_t v) {
  Variable& variable = variables[v];
  variable.home = Home::Frame;
  home_bytes_ += ir::is_wide(variable.type) ? 32 : 8;
  variable.frame = -home_bytes_;
}

void FunctionPlan::assign_general(uint32_t v, bool crosses) {
  Variable& variable = variables[v];
  const RegisterSet allowed = crosses ? convention::saved : convention::saved | convention::unsaved_homes;
  RegisterSet free = allowed & ~homes_later_than(general_until_, variable.start);
  if (variable.weight <= 2) {
    free &= convention::unsaved_homes | used_saved;
  }
  uint32_t chosen = 16;
  if (variable.hint < 16 && (free >> variable.hint & 1) != 0) {
    chosen = variable.hint;
  } else if ((free & convention::unsaved_homes) != 0) {
    chosen = static_cast<uint32_t>(std::countr_zero(free & convention::unsaved_homes));
  } else if ((free & used_saved) != 0) {
    chosen = static_cast<uint32_t>(std::countr_zero(free & used_saved));
  } else if (free != 0) {
    chosen = static_cast<uint32_t>(std::countr_zero(free));
  } else {
    uint64_t lowest = variable.weight;
    for (RegisterSet set = allowed; set != 0; set &= set - 1) {
      const auto r = static_cast<uint32_t>(std::countr_zero(set));
      if (general_owner_[r] != kNone && general_until_[r] > variable.start && variables[general_owner_[r]].weight < lowest) {
        lowest = variables[general_owner_[r]].weight;
        chosen = r;
      }
    }
    if (chosen < 16) {
      put_in_frame(general_owner_[chosen]);
    }
  }
  if (chosen == 16) {
    put_in_frame(v);
    return;
  }
  used_homes_ |= 1u << chosen;
  used_saved |= (1u << chosen) & convention::saved;
  general_owner_[chosen] = v;
  general_until_[chosen] = variable.end;
  variable.home = Home::Gpr;
  variable.reg = static_cast<uint8_t>(chosen);
}

void FunctionPlan::assign_float(uint32_t v, bool crosses) {
  Variable& variable = variables[v];
  if (crosses && call_weight_inside(variable) * 2 >= variable.weight) {
    put_in_frame(v);
    return;
  }
  uint32_t chosen = 16;
  for (uint32_t r = 14; r >= 4; --r) {
    if (float_until_[r] <= variable.start) {
      chosen = r;
      if (variable.hint == r || variable.hint >= 16) {
        break;
      }
    }
  }
  if (chosen == 16) {
    uint64_t lowest = variable.weight;
    for (uint32_t r = 4; r <= 14; ++r) {
      if (float_owner_[r] != kNone && variables[float_owner_[r]].weight < lowest) {
        lowest = variables[float_owner_[r]].weight;
        chosen = r;
      }
    }
    if (chosen == 16) {
      put_in_frame(v);
      return;
    }
    put_in_frame(float_owner_[chosen]);
  }
  float_owner_[chosen] = v;
  float_until_[chosen] = variable.end;
  used_float_homes_ |= 1u << chosen;
  variable.home = Home::Xmm;
  variable.reg = static_cast<uint8_t>(chosen);
  if (crosses) {
    home_bytes_ += 8;
    variable.frame = -home_bytes_;
    crossing_xmm.push_back(v);
  }
}

void FunctionPlan::assign_homes(const ir::Function& f) {
  for (uint32_t r = 0; r < 16; ++r) {
    general_owner_[r] = float_owner_[r] = kNone;
    general_until_[r] = float_until_[r] = 0;
  }
  used_saved = used_homes_ = used_float_homes_ = 0;
  home_bytes_ = 0;
  uint8_t register_of[256];
  uint32_t general = 0, floating = 0;
  for (uint32_t k = 0; k < f.params.size(); ++k) {
    uint8_t reg = 0xff;
    const uint32_t until = variable_of[k] != kNone ? 0 : last_use[k];
    if (ir::is_float(f.params[k])) {
      if (floating < convention::float_arguments) {
        float_until_[floating] = until;
        reg = static_cast<uint8_t>(floating++);
      }
    } else if (general < 6) {
      const uint32_t r = number(convention::arguments[general++]);
      general_until_[r] = until;
      reg = static_cast<uint8_t>(r);
    }
    if (variable_of[k] != kNone) {
      variables[variable_of[k]].hint = reg;
    }
    if (k < sizeof register_of) {
      register_of[k] = reg;
    }
  }
  for (const uint32_t v : order_) {
    Variable& variable = variables[v];
    if (v < f.slots.size() && variable.hint != 0xff) {
      variable.hint = variable.hint < f.params.size() ? register_of[variable.hint] : 0xff;
    }
    if (ir::is_wide(variable.type)) {
      put_in_frame(v);
    } else if (ir::is_float(variable.type)) {
      assign_float(v, crosses_call(variable));
    } else {
      assign_general(v, crosses_call(variable));
    }
  }
  const int32_t saved_bytes = 8 * std::popcount(used_saved);
  for (const uint32_t v : order_) {
    Variable& variable = variables[v];
    variable.frame -= saved_bytes;
    // Place::GprVariable, XmmVariable, FrameVariable
    variable.place = {static_cast<Place::Where>(2 * static_cast<uint32_t>(variable.home) - 1), variable.reg, static_cast<int32_t>(v)};
  }
  frame_size = home_bytes_ + saved_bytes;
  temporaries = (convention::always_temporary | convention::unsaved_homes) & ~used_homes_;
  float_temporaries = (convention::float_always_temporary | convention::float_homes) & ~used_float_homes_;
}

}  // namespace omega::codegen::native
