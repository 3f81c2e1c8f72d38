// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/solana/state_use.h"

#include "omega/ir/contract.h"
#include "omega/ir/dominators.h"

namespace omega::codegen::solana {

using ir::Op;

namespace {

constexpr uint32_t kMostCalls = 16;

/// Whether an instruction looks for an account: what reads and writes whole arrays and structs may find nothing to do.
bool reaches(const ir::Contract& contract, const ir::Inst& in) {
  const auto is_leaf = [&](ir::DataTypeId type) {
    const ir::DataKind kind = contract.types[type].kind;
    return ir::is_value_kind(kind) || kind == ir::DataKind::Bytes || kind == ir::DataKind::String;
  };
  switch (in.op) {
    case Op::StateGet: return is_leaf(in.b);
    case Op::StateSet: return is_leaf(in.c);
    case Op::StateLength: return true;
    default: return false;
  }
}

}  // namespace

bool StateUse::always(ir::FunctionId id, uint32_t depth) {
  if (known_[id] == Known::Unknown && depth < kMostCalls) {
    known_[id] = Known::No;  // for those who ask on the way: functions that call themselves
    known_[id] = find(id, depth) ? Known::Yes : Known::No;
  }
  return known_[id] == Known::Yes;
}

bool StateUse::find(ir::FunctionId id, uint32_t depth) {
  const ir::Function& f = module_.functions[id];
  const ir::ControlFlow flow(f);
  std::vector<ir::BlockId> returning;
  for (const ir::BlockId b : flow.order) {
    if (f.insts[f.blocks[b].end - 1].op == Op::Ret) {
      returning.push_back(b);
    }
  }
  for (const ir::BlockId b : flow.order) {
    bool is_on_every_way = true;
    for (const ir::BlockId end : returning) {
      is_on_every_way = is_on_every_way && flow.dominates(b, end);
    }
    for (uint32_t i = f.blocks[b].first; is_on_every_way && i < f.blocks[b].end; ++i) {
      const ir::Inst& in = f.insts[i];
      if (reaches(*module_.contract, in) || (in.op == Op::Call && always(in.a, depth + 1))) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace omega::codegen::solana
