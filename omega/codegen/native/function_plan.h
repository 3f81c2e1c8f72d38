// SPDX-License-Identifier: Apache-2.0
// FunctionPlan: what is decided about a function before code is written: last uses, loops, and where slots and values that live across
// blocks have their home.
#pragma once

#include <cstdint>

#include "omega/base/pod_vector.h"
#include "omega/codegen/native/registers.h"
#include "omega/ir/ir.h"

namespace omega::codegen::native {

/// Where a variable lives for its whole life.
enum class Home : uint8_t { None, Gpr, Xmm, Frame };

/// Where a value is now.
struct Place {
  /// Variables follow the temporary of their kind. Short: a constant of 32 bits, sign-extended; Remade: another one; Fused: in the flags, once computed.
  enum Where : uint8_t { InGpr, GprVariable, InXmm, XmmVariable, InFrame, FrameVariable, FrameAddress, Short, Remade, Fused, Nowhere };
  Where where = Nowhere;
  uint8_t reg = 0;  ///< InGpr to XmmVariable
  int32_t at = 0;   ///< of variables: the number; InFrame, FrameAddress: offset from rbp; Short: the constant

  bool is_gpr() const { return where <= GprVariable; }
  bool is_variable() const { return where == GprVariable || where == XmmVariable || where == FrameVariable; }
  bool is_variable(uint32_t v) const { return is_variable() && static_cast<uint32_t>(at) == v; }
  /// Whether it takes a register or room in the frame that others may use afterwards.
  bool is_temporary() const { return where == InGpr || where == InXmm || where == InFrame; }
};

/// A slot, or a value used in other blocks than its own. Positions are instruction numbers.
struct Variable {
  Place place;  ///< of a value that is the variable
  ir::Type type = ir::Type::Void;
  Home home = Home::None;
  uint8_t reg = 0;           ///< of the home
  bool starts_zero = false;  ///< may be read before it is set
  bool begins_with_set = false;
  uint8_t hint = 0xff;  ///< register it would like (a parameter's)
  int32_t frame = 0;    ///< offset from rbp, for Home::Frame
  uint32_t start = ir::kNone;
  uint32_t end = 0;
  uint32_t start_block = 0;
  uint32_t end_block = 0;
  uint64_t weight = 0;  ///< uses, weighted by loop depth

  Gpr gpr() const { return static_cast<Gpr>(reg); }
  Xmm xmm() const { return static_cast<Xmm>(reg); }
};

/// Registers code generation deals out.
namespace convention {
inline constexpr Gpr arguments[6] = {Gpr::rdi, Gpr::rsi, Gpr::rdx, Gpr::rcx, Gpr::r8, Gpr::r9};
inline constexpr uint32_t float_arguments = 8;  ///< xmm0 to xmm7
/// Never allocated: for moves inside one instruction, and the address of the result area at a call.
inline constexpr Gpr scratch = Gpr::r11;
inline constexpr Xmm float_scratch = Xmm::xmm15;
inline constexpr RegisterSet saved = bit(Gpr::rbx) | bit(Gpr::r12) | bit(Gpr::r13) | bit(Gpr::r14) | bit(Gpr::r15);
/// Caller-saved registers that may be homes of variables no call lies in.
inline constexpr RegisterSet unsaved_homes = bit(Gpr::rsi) | bit(Gpr::rdi) | bit(Gpr::r8) | bit(Gpr::r9);
inline constexpr RegisterSet always_temporary = bit(Gpr::rax) | bit(Gpr::rcx) | bit(Gpr::rdx) | bit(Gpr::r10);
inline constexpr RegisterSet float_homes = 0x7ff0;  ///< xmm4 to xmm14
inline constexpr RegisterSet float_always_temporary = 0x000f;
}  // namespace convention

/// The plan of one function; meant to be reused for the next, so that nothing is allocated after the first ones.
class FunctionPlan {
 public:
  /// Plans `function`.
  void make(const ir::Function& function);

  base::PodVector<uint32_t> last_use;      ///< of each value: its last user's position, 0 without uses
  base::PodVector<uint32_t> variable_of;   ///< of each value: its variable, kNone when it is local to its block
  base::PodVector<Variable> variables;     ///< the slots first, then values
  base::PodVector<uint32_t> zeroed;        ///< variables that must be zero at entry
  base::PodVector<uint8_t> reachable;      ///< of each block
  base::PodVector<uint32_t> loop_end;      ///< of each block: the last that goes back to it, kNone when it begins no loop
  base::PodVector<uint32_t> code_before;   ///< of each reachable block, and behind the last: about how many bytes of code stand before it
  base::PodVector<uint32_t> calls;         ///< positions at which caller-saved registers are lost
  base::PodVector<uint32_t> crossing_xmm;  ///< float variables in registers that live across calls, by start

  RegisterSet used_saved = 0;   ///< callee-saved registers that are homes
  RegisterSet temporaries = 0;  ///< general registers for values local to blocks
  RegisterSet float_temporaries = 0;
  bool has_calls = false;
  bool irregular = false;  ///< blocks stand in an order in which definitions do not come first: ranges are the whole function
  int32_t frame_size = 0;  ///< bytes below rbp taken by saved registers and homes so far

 private:
  struct LoopRange {
    uint32_t first_block, last_block;
    uint32_t first_position, last_position;
    uint32_t parent;
  };

  void find_blocks(const ir::Function& f);
  void find_uses(const ir::Function& f);
  void use(const ir::Function& f, uint32_t value, uint32_t position);
  void use_far(const ir::Function& f, uint32_t value, uint32_t position);
  void begin(uint32_t variable, uint32_t position) {
    variables[variable].start = position;
    variables[variable].start_block = block_;
  }
  void extend(uint32_t variable, uint32_t position) {
    Variable& v = variables[variable];
    v.end = position;
    v.end_block = block_;
    v.weight += weight_;
  }
  uint32_t make_variable(const ir::Function& f, uint32_t value);
  void pass_arguments(const ir::Function& f, uint32_t target, const uint32_t* arguments, uint32_t count, uint32_t position);
  void outlive(uint32_t value, uint32_t position);
  void extend_ranges(const ir::Function& f);
  void assign_homes(const ir::Function& f);
  void assign_general(uint32_t v, bool crosses);
  void assign_float(uint32_t v, bool crosses);
  void put_in_frame(uint32_t v);
  bool crosses_call(const Variable& v) const;
  uint64_t call_weight_inside(const Variable& v) const;

  base::PodVector<uint32_t> smallest_predecessor_;
  base::PodVector<uint32_t> barrier_;  ///< first later block that can be entered without passing this one
  base::PodVector<uint32_t> loop_of_;
  base::PodVector<uint64_t> block_weight_;
  base::PodVector<LoopRange> loops_;
  base::PodVector<uint32_t> stack_;
  base::PodVector<uint32_t> order_;        ///< variables by first appearance
  base::PodVector<uint64_t> call_weight_;  ///< running sum of weights of `calls`
  uint64_t weight_ = 1;
  uint32_t block_ = 0;
  uint32_t block_first_ = 0;

  int32_t home_bytes_ = 0;
  RegisterSet used_homes_ = 0;
  RegisterSet used_float_homes_ = 0;
  base::PodVector<uint32_t> range_of_;  ///< of each value: the variable whose range its uses extend: its own, or the slot it was got from
  uint32_t general_owner_[16];
  uint32_t general_until_[16];
  uint32_t float_owner_[16];
  uint32_t float_until_[16];
};

/// True for instructions whose value is made again where it is used: constants.
constexpr bool is_remade(ir::Op op) {
  return op == ir::Op::Const || op == ir::Op::ConstFloat || op == ir::Op::ConstString || op == ir::Op::FunctionRef || op == ir::Op::ConstWide ||
         op == ir::Op::StackObject;
}

}  // namespace omega::codegen::native
