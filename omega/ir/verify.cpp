// SPDX-License-Identifier: Apache-2.0
// The verifier: first the shape (so that the rest may walk the function), then types, then dominance.
#include "omega/ir/verify.h"

#include <cstring>
#include <string_view>
#include <unordered_set>

#include "omega/ir/dominators.h"
#include "omega/ir/op_info.h"
#include "omega/ir/runtime_functions.h"
#include "omega/ir/text.h"
#include "omega/ir/verifier.h"

namespace omega::ir {

void Verifier::check_shape() {
  require(!f_.blocks.empty(), "no blocks");
  require(f_.locations.size() == f_.insts.size(), "one location for each instruction");
  uint32_t next = 0;
  for (const Block& block : f_.blocks) {
    if (!require(block.first == next && block.end > block.first && block.end <= f_.insts.size(), "blocks must be contiguous and not empty")) {
      return;
    }
    next = block.end;
  }
  require(next == f_.insts.size(), "instructions behind the last block");
  for (BlockId b = 0; mistakes_ == 0 && b < f_.blocks.size(); ++b) {
    bool head = true;
    for (uint32_t i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
      at_ = i;
      const Inst& inst = f_.insts[i];
      if (static_cast<uint32_t>(inst.op) >= kOpCount || inst.type > Type::Ref) {
        mistake("no such operation or type");
        return;
      }
      require(is_terminator(inst.op) == (i + 1 == f_.blocks[b].end), "a block ends in its only terminator");
      if (inst.op == Op::BlockArg) {
        require(head && b != 0 && inst.a == i - f_.blocks[b].first && inst.type != Type::Void,
                "block arguments stand in order at the head of a block that is not the entry");
      } else {
        head = false;
      }
      check_operand_ranges(inst);
    }
  }
  at_ = kNone;
}

void Verifier::check_operand_ranges(const Inst& inst) {
  auto target = [&](uint32_t block) { require(block != 0 && block < f_.blocks.size(), "branch target must be a block, not the entry"); };
  switch (inst.op) {
    case Op::Call:
    case Op::CallClosure:
    case Op::CallRuntime:
    case Op::MakeClosure:
    case Op::Ret: need_extra(inst.b, inst.c); break;
    case Op::Br:
      need_extra(inst.b, inst.c);
      target(inst.a);
      break;
    case Op::ConstWide: need_extra(inst.a, 8); break;
    case Op::ParallelFor: need_extra(inst.a, sizeof(ParallelForRecord) / sizeof(uint32_t)); break;
    case Op::CondBr: {
      uint32_t at = inst.b;
      for (int k = 0; k < 2; ++k) {
        if (!require(range_in_extra(at, 2) && range_in_extra(at + 2, f_.extra[at + 1]), "list outside of extra")) {
          return;
        }
        target(f_.extra[at]);
        at += 2 + f_.extra[at + 1];
      }
      break;
    }
    default: check_contract_operand_ranges(inst); break;
  }
  if (mistakes_ != 0) {
    return;
  }
  for_each_value(f_, inst, [&](uint32_t v) { require(v < f_.insts.size() && f_.insts[v].type != Type::Void, "operand is no value"); });
  const OpInfo& info = op_info(inst.op);
  const uint32_t fields[3] = {inst.a, inst.b, inst.c};
  for (int k = 0; k < 3; ++k) {
    switch (info.roles[k]) {
      case Role::Slot: require(fields[k] < f_.slots.size(), "no such slot"); break;
      case Role::Function: require(fields[k] < m_.functions.size(), "no such function"); break;
      case Role::String: require(fields[k] < f_.strings.size(), "no such string"); break;
      case Role::Runtime: require(fields[k] < runtime_functions().size(), "no such runtime function"); break;
      default: break;
    }
  }
}

void Verifier::check_parameters() {
  at_ = kNone;
  for (uint32_t i = 0; i < f_.params.size(); ++i) {
    require(i < f_.blocks[0].end && f_.insts[i].op == Op::Param && f_.insts[i].a == i && f_.insts[i].type == f_.params[i],
            "the entry block begins with the parameters in order");
  }
  for (uint32_t i = static_cast<uint32_t>(f_.params.size()); i < f_.insts.size(); ++i) {
    require(f_.insts[i].op != Op::Param, "param only at the entry block's head");
  }
}

void Verifier::check_loops() {
  at_ = kNone;
  const uint32_t blocks = static_cast<uint32_t>(f_.blocks.size());
  for (LoopId i = 0; i < f_.loops.size(); ++i) {
    const Loop& loop = f_.loops[i];
    auto inside = [&](BlockId b) { return b >= loop.header && b < loop.exit; };
    require(loop.header < loop.exit && loop.exit < blocks && inside(loop.body) && inside(loop.latch), "loop blocks out of order");
    auto slot = [&](SlotId s) { return s == kNone || s < f_.slots.size(); };
    require(slot(loop.iv) && slot(loop.hi) && slot(loop.threads), "loop slots out of range");
    require(static_cast<uint8_t>(loop.kind) < kLoopKindCount, "no such kind of loop");
    if (loop.kind == LoopKind::Parallel || loop.kind == LoopKind::ParallelThreads) {
      require(loop.iv != kNone && loop.hi != kNone && loop.step != 0, "a parallel loop is counted");
    }
    if (loop.parent != kNone) {
      require(loop.parent < f_.loops.size() && loop.parent != i && f_.loops[loop.parent].header <= loop.header && loop.exit <= f_.loops[loop.parent].exit,
              "a loop lies within its parent");
    }
  }
}

void Verifier::check_types(const Inst& inst) {
  const bool is_element = inst.op == Op::ElementGet || inst.op == Op::ElementSet || inst.op == Op::FixedGet || inst.op == Op::FixedSet;
  require((inst.flags & kWord) == 0 || (m_.contract && is_element), "`word` is for elements in contracts");
  require((inst.flags & kTry) == 0 || inst.op == Op::CallContract || inst.op == Op::Create, "`try` is for calls of contracts");
  if (m_.contract) {
    check_in_contract(inst);
  }
  if (inst.op <= Op::SlotSet) {
    check_constant(inst);
  } else if (inst.op <= Op::Select) {
    check_arithmetic(inst);
  } else if (inst.op <= Op::Bitcast) {
    check_conversion(inst);
  } else if (inst.op <= Op::CheckThat) {
    check_memory(inst);
  } else if (inst.op <= Op::ParallelFor) {
    check_call(inst);
  } else if (inst.op <= Op::RevertData) {
    check_contract(inst);
  } else {
    check_terminator(inst);
  }
}

void Verifier::check_constant(const Inst& inst) {
  switch (inst.op) {
    case Op::Const: {
      const int64_t value = const_value(inst);
      if (inst.type == Type::Ref) {
        require(value == 0, "the only constant reference is null");
      } else if (require(is_integer(inst.type), "integers and null only") && bit_width(inst.type) < 64) {
        const uint32_t shift = 64 - bit_width(inst.type);
        const uint64_t bits = static_cast<uint64_t>(value) << shift;
        const int64_t extended = is_signed(inst.type) ? static_cast<int64_t>(bits) >> shift : static_cast<int64_t>(bits >> shift);
        require(extended == value, "value does not fit the type");
      }
      break;
    }
    case Op::ConstWide: {
      if (require(is_wide(inst.type), "wide integers only") && bit_width(inst.type) < 256) {
        const uint32_t bits = bit_width(inst.type);
        auto bit = [&](uint32_t i) { return f_.extra[inst.a + i / 32] >> (i % 32) & 1; };
        const uint32_t fill = is_signed(inst.type) ? bit(bits - 1) : 0;
        bool fits = true;
        for (uint32_t i = bits; i < 256; ++i) {
          fits = fits && bit(i) == fill;
        }
        require(fits, "value does not fit the type");
      }
      break;
    }
    case Op::ConstFloat: require(is_float(inst.type) && (inst.type == Type::F64 || inst.c == 0), "floats only"); break;
    case Op::ConstString: need_result(inst, Type::Ref); break;
    case Op::FunctionRef:
      need_result(inst, Type::Ref);
      require(!m_.functions[inst.a].params.empty() && m_.functions[inst.a].params[0] == Type::Ref, "the function must take the closure as its first parameter");
      break;
    case Op::SlotGet: need_result(inst, f_.slots[inst.a].type); break;
    case Op::SlotSet:
      need(inst.b, f_.slots[inst.a].type, "value");
      need_result(inst, Type::Void);
      break;
    default: break;
  }
}

void Verifier::check_arithmetic(const Inst& inst) {
  const Type t = inst.type;
  const bool number = (is_integer(t) && t != Type::U1) || is_float(t);
  switch (inst.op) {
    case Op::Add:
    case Op::Sub:
    case Op::Mul:
    case Op::Div:
    case Op::Mod:
    case Op::Min:
    case Op::Max:
      require(number, "numbers only");
      need(inst.a, t, "left operand");
      need(inst.b, t, "right operand");
      break;
    case Op::Pow:
    case Op::Shl:
    case Op::Shr:
      require(is_integer(t) && t != Type::U1, "integers only");
      need(inst.a, t, "left operand");
      require(is_integer(type_of(inst.b)), "right operand must be an integer");
      break;
    case Op::Neg:
    case Op::Abs:
      require(number, "numbers only");
      need(inst.a, t, "operand");
      break;
    case Op::Not:
      require(is_integer(t), "integers only");
      need(inst.a, t, "operand");
      break;
    case Op::And:
    case Op::Or:
    case Op::Xor:
      require(is_integer(t), "integers only");
      need(inst.a, t, "left operand");
      need(inst.b, t, "right operand");
      break;
    case Op::Sqrt:
      require(is_float(t), "floats only");
      need(inst.a, t, "operand");
      break;
    case Op::Select:
      need(inst.a, Type::U1, "condition");
      need(inst.b, t, "first choice");
      need(inst.c, t, "second choice");
      break;
    default:  // comparisons
      need_result(inst, Type::U1);
      need(inst.b, type_of(inst.a), "right operand");
      require(type_of(inst.a) != Type::Ref || inst.op == Op::Eq || inst.op == Op::Ne, "references have no order");
      break;
  }
}

void Verifier::check_conversion(const Inst& inst) {
  const Type from = type_of(inst.a);
  const Type to = inst.type;
  if (inst.op == Op::Cast) {
    require((is_integer(from) || is_float(from)) && (is_integer(to) || is_float(to)), "numbers only");
  } else {
    require(to != Type::Void && bit_width(from) == bit_width(to) && is_wide(from) == is_wide(to), "types of one width only");
  }
}

void Verifier::check_memory(const Inst& inst) {
  const bool gives_value = inst.op == Op::Load || inst.op == Op::ElementGet || inst.op == Op::FixedGet;
  const bool stores = inst.op == Op::Store || inst.op == Op::ElementSet || inst.op == Op::FixedSet || inst.op == Op::CheckIndex || inst.op == Op::CheckBound ||
                      inst.op == Op::Atomic || inst.op == Op::CheckThat;
  if (gives_value) {
    require(inst.type != Type::Void, "must give a value");
  } else {
    need_result(inst, stores ? Type::Void : inst.op == Op::ArrayLength ? Type::S64 : Type::Ref);
  }
  switch (inst.op) {
    case Op::Load:
    case Op::Store:
    case Op::FieldAddress:
    case Op::ArrayLength: need(inst.a, Type::Ref, "address"); break;
    case Op::ArrayNew:
      if (m_.contract) {
        require(is_integer(type_of(inst.a)), "length must be an integer");
      } else {
        need(inst.a, Type::S64, "length");
      }
      require(inst.b != 0, "elements have a size");
      break;
    case Op::CheckIndex:
      need_index(inst.a);
      need(inst.b, Type::Ref, "array");
      break;
    case Op::CheckBound: need_index(inst.a); break;
    case Op::ElementGet:
    case Op::ElementSet:
    case Op::ElementAddress:
    case Op::FixedGet:
    case Op::FixedSet:
    case Op::FixedAddress:
      need(inst.a, Type::Ref, "array");
      need_index(inst.b);
      break;
    case Op::Atomic:
      need(inst.a, Type::Ref, "address");
      require(is_integer(type_of(inst.b)), "integers only");
      require(inst.c < kAtomicOpCount, "no such atomic operation");
      break;
    case Op::CheckThat:
      need(inst.a, Type::U1, "condition");
      require(inst.c < kPanicKindCount, "no such kind of panic");
      if (inst.b != kNone) {
        need(inst.b, Type::Ref, "message");
      }
      break;
    default: break;
  }
}

void Verifier::check_arguments(std::span<const uint32_t> args, const Type* types, size_t count, std::string_view what) {
  if (args.size() != count) {
    mistake(std::string(what) + " takes " + std::to_string(count) + " values, not " + std::to_string(args.size()));
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    need(args[i], types[i], std::string(what) + "'s value " + std::to_string(i));
  }
}

void Verifier::check_call(const Inst& inst) {
  switch (inst.op) {
    case Op::Call: {
      const Function& callee = m_.functions[inst.a];
      check_arguments(f_.args(inst), callee.params.data(), callee.params.size(), "the function");
      need_result(inst, callee.results.empty() ? Type::Void : callee.results[0]);
      break;
    }
    case Op::CallClosure: need(inst.a, Type::Ref, "closure"); break;
    case Op::CallRuntime: {
      const RuntimeFunction& callee = runtime_functions()[inst.a];
      check_arguments(f_.args(inst), callee.params().data(), callee.params().size(), callee.name);
      need_result(inst, callee.result);
      break;
    }
    case Op::Result: check_result(inst); break;
    case Op::MakeClosure:
      need_result(inst, Type::Ref);
      function_has(inst.a, {Type::Ref});
      break;
    case Op::ParallelFor:
      need_result(inst, Type::Void);
      check_parallel_for(inst);
      break;
    default: break;
  }
}

void Verifier::check_result(const Inst& inst) {
  const Inst& call = f_.insts[inst.a];
  require(call.op == Op::Call || call.op == Op::CallClosure || call.op == Op::Create || call.op == Op::CallContract || call.op == Op::CallRaw ||
              call.op == Op::DataDecode,
          "of a call only");
  require(inst.b >= 1 && inst.a + inst.b <= at_, "results are numbered from 1 and stand directly behind their call");
  for (uint32_t i = inst.a + 1; i < at_ && mistakes_ == 0; ++i) {
    require(f_.insts[i].op == Op::Result && f_.insts[i].a == inst.a, "results stand directly behind their call");
  }
  require(inst.type != Type::Void, "must give a value");
  if (call.op == Op::Call) {
    const Function& callee = m_.functions[call.a];
    require(inst.b < callee.results.size() && inst.type == callee.results[inst.b], "the function has no such result");
  } else if (call.op != Op::CallClosure && mistakes_ == 0) {
    check_result_of_contract(call, inst);
  }
}

bool Verifier::function_has(FunctionId id, std::initializer_list<Type> params) {
  bool fits = id < m_.functions.size() && m_.functions[id].params.size() >= params.size();
  if (fits) {
    size_t i = 0;
    for (const Type type : params) {
      fits = fits && m_.functions[id].params[i++] == type;
    }
  }
  return require(fits, "the function's parameters do not fit");
}

void Verifier::check_parallel_for(const Inst& inst) {
  const ParallelForRecord& r = parallel_for_record(f_, inst);
  require(r.lo != kNone && r.hi != kNone && r.env != kNone, "bounds and environment must be there");
  if (mistakes_ != 0) {
    return;
  }
  need(r.lo, Type::S64, "low bound");
  need(r.hi, Type::S64, "high bound");
  need(r.env, Type::Ref, "environment");
  if (r.threads != kNone) {
    need(r.threads, Type::S64, "threads");
  }
  if (function_has(r.body, {Type::S64, Type::S64, Type::Ref, Type::Ref, Type::Ref})) {
    require(m_.functions[r.body].params.size() == 5 && m_.functions[r.body].results.empty(), "the body's signature does not fit");
  }
  if (r.combine == kNone) {
    require(r.acc == kNone && r.neutral == kNone && r.acc_size == 0, "an accumulator without a combiner");
    return;
  }
  if (function_has(r.combine, {Type::Ref, Type::Ref})) {
    require(m_.functions[r.combine].params.size() == 2 && m_.functions[r.combine].results.empty(), "the combiner's signature does not fit");
  }
  if (require(r.acc != kNone && r.neutral != kNone && r.acc_size != 0, "a combiner without an accumulator")) {
    need(r.acc, Type::Ref, "accumulator");
    need(r.neutral, Type::Ref, "neutral elements");
  }
}

void Verifier::check_terminator(const Inst& inst) {
  need_result(inst, Type::Void);
  switch (inst.op) {
    case Op::Br:
    case Op::CondBr:
      if (inst.op == Op::CondBr) {
        need(inst.a, Type::U1, "condition");
      }
      for_each_successor(f_, inst, [&](BlockId target, std::span<const uint32_t> args) {
        const uint32_t count = block_arg_count(f_, target);
        if (!require(args.size() == count, "number of block arguments")) {
          return;
        }
        for (uint32_t i = 0; i < count; ++i) {
          need(args[i], f_.insts[f_.blocks[target].first + i].type, "block argument");
        }
      });
      break;
    case Op::Ret: check_arguments(f_.args(inst), f_.results.data(), f_.results.size(), "the function's return"); break;
    case Op::Panic:
      require(inst.a < kPanicKindCount, "no such kind of panic");
      if (inst.b != kNone) {
        need(inst.b, Type::Ref, "message");
      }
      break;
    default: break;
  }
}

void Verifier::check_dominance() {
  const ControlFlow flow(f_);
  base::PodVector<BlockId> block_of(f_.insts.size());
  for (BlockId b = 0; b < f_.blocks.size(); ++b) {
    for (uint32_t i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
      block_of[i] = b;
    }
  }
  for (uint32_t i = 0; i < f_.insts.size(); ++i) {
    const BlockId b = block_of[i];
    if (!flow.reachable(b)) {
      continue;
    }
    at_ = i;
    for_each_value(f_, f_.insts[i], [&](uint32_t v) {
      const BlockId from = block_of[v];
      const bool before = from == b ? v < i : flow.reachable(from) && flow.dominates(from, b);
      if (!before) {
        mistake("uses %" + std::to_string(v) + ", which does not come before it on every way");
      }
    });
  }
}

namespace {

void check_entry(const Module& module, std::string& out) {
  if (module.entry == kNone) {
    return;
  }
  if (module.entry >= module.functions.size()) {
    out += "no such entry function\n";
    return;
  }
  const Function& entry = module.functions[module.entry];
  if (!entry.params.empty() || entry.results.size() > 1 || (entry.results.size() == 1 && entry.results[0] != Type::S64)) {
    out += std::string(entry.name) + ": the entry takes nothing and gives nothing or s64\n";
  }
}

}  // namespace

std::string verify(const Module& module, const Function& function) {
  std::string out;
  const std::vector<DataTypeFacts> facts = module.contract ? data_type_facts(*module.contract) : std::vector<DataTypeFacts>();
  Verifier(module, function, facts, out).run();
  return out;
}

std::string verify(const Module& module) {
  std::string out;
  std::vector<DataTypeFacts> facts;
  if (module.contract) {
    // The functions are looked at only when the tables are right.
    if (!verify_contract_tables(module, out)) {
      return out;
    }
    facts = data_type_facts(*module.contract);
  }
  std::unordered_set<std::string_view> names;
  for (const Function& function : module.functions) {
    if (!names.insert(function.name).second) {
      out += std::string(function.name) + ": two functions of this name\n";
    }
    Verifier(module, function, facts, out).run();
  }
  check_entry(module, out);
  if (module.contract && out.empty()) {
    check_immutable_writers(module, out);
  }
  return out;
}

}  // namespace omega::ir
