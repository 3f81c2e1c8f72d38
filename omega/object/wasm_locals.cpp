// SPDX-License-Identifier: Apache-2.0
#include "omega/object/wasm_locals.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "omega/object/uleb128.h"
#include "omega/object/wasm_code.h"
#include "omega/object/wasm_cursor.h"
#include "omega/object/wasm_writer.h"

namespace omega::object::wasm {

namespace {

constexpr uint32_t kSlot = 8;          ///< bytes of a local on the stack
constexpr uint32_t kAdded = 3;         ///< locals that spilling itself needs
constexpr uint32_t kLoopWeight = 8;    ///< how much more often a loop's body is thought to run
constexpr uint8_t kNoResult = 0x40;    ///< the type of a block that gives nothing
constexpr uint32_t kDeepestLoops = 6;  ///< from where on the weight stays

class Spiller {
 public:
  Spiller(const FunctionType& type, Function& function, uint32_t most) : type_(type), function_(function), params_(static_cast<uint32_t>(type.params.size())) {
    for (const LocalRun& run : function.locals) {
      types_.insert(types_.end(), run.count, run.type);
    }
    for (const ValueType one : types_) {
      require(one == ValueType::I32 || one == ValueType::I64, "a float would have to be kept on the stack");
    }
    choose(most - kAdded);
  }

  void spill() {
    rewrite();
    function_.locals.clear();
    for (uint32_t i = 0; i < types_.size(); ++i) {
      if (!is_spilled(i)) {
        add_local(types_[i]);
      }
    }
    add_local(ValueType::I32);
    add_local(ValueType::I32);
    add_local(ValueType::I64);
    function_.code = std::move(made_);
  }

 private:
  void add_local(ValueType type) {
    if (function_.locals.empty() || function_.locals.back().type != type) {
      function_.locals.push_back({0, type});
    }
    ++function_.locals.back().count;
  }

  bool is_spilled(uint32_t local) const { return slots_[local] != UINT32_MAX; }

  /// The most used stay: what lies in loops counts more.
  void choose(uint32_t kept) {
    std::vector<uint64_t> uses(types_.size());
    CodeReader in(function_.code);
    Instruction instruction;
    std::vector<bool> blocks;
    uint32_t loops = 0;
    while (!in.at_end()) {
      in.next(instruction);
      if (instruction.immediates == Immediates::Local && instruction.first >= params_) {
        const auto local = static_cast<uint32_t>(instruction.first - params_);
        require(local < types_.size(), "the code names a local that is not there");
        uint64_t weight = 1;
        for (uint32_t i = 0; i < std::min(loops, kDeepestLoops); ++i) {
          weight *= kLoopWeight;
        }
        uses[local] += weight;
      } else if (instruction.immediates == Immediates::Block) {
        blocks.push_back(instruction.opcode == kLoop);
        loops += blocks.back() ? 1 : 0;
      } else if (instruction.opcode == kEnd && !blocks.empty()) {
        loops -= blocks.back() ? 1 : 0;
        blocks.pop_back();
      }
    }
    std::vector<uint32_t> order(types_.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::stable_sort(order, std::greater<>(), [&](uint32_t local) { return uses[local]; });
    slots_.assign(types_.size(), UINT32_MAX);
    std::sort(order.begin() + kept, order.end());
    for (size_t i = kept; i < order.size(); ++i) {
      slots_[order[i]] = static_cast<uint32_t>(i - kept);
    }
    renamed_.resize(types_.size());
    uint32_t next = params_;
    for (uint32_t local = 0; local < types_.size(); ++local) {
      renamed_[local] = is_spilled(local) ? UINT32_MAX : next++;
    }
    base_ = next;
    frame_ = (static_cast<uint32_t>(types_.size() - kept) * kSlot + 15) & ~15u;
  }

  void op(uint8_t opcode) { made_.push_back(static_cast<char>(opcode)); }
  void op(uint8_t opcode, uint32_t number) {
    op(opcode);
    append_uleb128(made_, number);
  }
  void constant(uint8_t opcode, int64_t value) {
    op(opcode);
    append_signed(made_, value);
  }
  uint32_t scratch(ValueType type) const { return base_ + (type == ValueType::I32 ? 1 : 2); }

  /// The address is on the stack, below the value for a store.
  void access(uint8_t i32, uint8_t i64, uint32_t local) {
    const bool is_word = types_[local] == ValueType::I32;
    op(is_word ? i32 : i64, is_word ? 2 : 3);
    append_uleb128(made_, uint64_t{slots_[local]} * kSlot);
  }

  void move_stack(uint8_t direction) {
    constant(kI32Const, frame_);
    op(direction);
  }

  /// The body becomes a block, so that every way out of it gives the stack back.
  void rewrite() {
    op(kGlobalGet, 0);
    move_stack(kI32Sub);
    op(kLocalTee, base_);
    op(kGlobalSet, 0);
    for (uint32_t local = 0; local < types_.size(); ++local) {
      if (is_spilled(local)) {
        op(kLocalGet, base_);
        constant(types_[local] == ValueType::I32 ? kI32Const : kI64Const, 0);
        access(kI32Store, kI64Store, local);
      }
    }
    op(kBlock);
    op(type_.results.empty() ? kNoResult : static_cast<uint8_t>(type_.results[0]));
    CodeReader in(function_.code);
    Instruction instruction;
    uint32_t depth = 0;
    while (!in.at_end()) {
      in.next(instruction);
      depth += instruction.immediates == Immediates::Block ? 1 : 0;
      if (instruction.opcode == kReturn) {
        op(kBr, depth);
      } else if (instruction.opcode == kEnd && depth == 0) {
        leave();
        require(in.at_end(), "code stands behind a function's end");
      } else if (instruction.immediates == Immediates::Local && instruction.first >= params_) {
        local(instruction.opcode, static_cast<uint32_t>(instruction.first - params_));
      } else {
        depth -= instruction.opcode == kEnd ? 1 : 0;
        made_ += std::string_view(function_.code).substr(instruction.begin, instruction.end - instruction.begin);
      }
    }
  }

  void leave() {
    op(kEnd);
    op(kLocalGet, base_);
    move_stack(kI32Add);
    op(kGlobalSet, 0);
    op(kEnd);
  }

  void local(uint8_t opcode, uint32_t local) {
    if (!is_spilled(local)) {
      op(opcode, renamed_[local]);
    } else if (opcode == kLocalGet) {
      op(kLocalGet, base_);
      access(kI32Load, kI64Load, local);
    } else {
      const uint32_t value = scratch(types_[local]);
      op(kLocalSet, value);
      op(kLocalGet, base_);
      op(kLocalGet, value);
      access(kI32Store, kI64Store, local);
      if (opcode == kLocalTee) {
        op(kLocalGet, value);
      }
    }
  }

  const FunctionType& type_;
  Function& function_;
  uint32_t params_;
  std::vector<ValueType> types_;   ///< of the locals behind the parameters
  std::vector<uint32_t> slots_;    ///< on the stack, or none
  std::vector<uint32_t> renamed_;  ///< numbers of those that stay
  uint32_t base_ = 0;              ///< the local with the stack's address; behind it one of each type for what is being stored
  uint32_t frame_ = 0;
  std::string made_;
};

}  // namespace

void spill_locals(Module& module, uint32_t most) {
  for (Function& function : module.functions) {
    uint64_t count = 0;
    for (const LocalRun& run : function.locals) {
      count += run.count;
    }
    if (count > most) {
      require(function.type < module.types.size() && module.types[function.type].results.size() <= 1, "a function has no type");
      require(most > kAdded, "too few locals are allowed");
      Spiller(module.types[function.type], function, most).spill();
    }
  }
}

}  // namespace omega::object::wasm
