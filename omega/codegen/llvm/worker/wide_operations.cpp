// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/llvm/worker/wide_operations.h"

#include <string_view>
#include <vector>

namespace omega::codegen::llvm {

namespace {

constexpr int kIntegerKind = 8;  // LLVMIntegerTypeKind
constexpr unsigned kMachineBits = 64, kDigitBits = 32;
/// Numbers of LLVMOpcode.
enum Opcode : int { kMultiply = 12, kShiftLeft = 20, kShiftRight = 21, kShiftRightSigned = 22, kCall = 45 };
constexpr int kNotEqual = 33;  // LLVMIntNE
constexpr std::string_view kUnsignedCheck = "llvm.umul.with.overflow.", kSignedCheck = "llvm.smul.with.overflow.";

/// Writes in front of an instruction what gives the same.
class Expander {
 public:
  Expander(const Library& llvm, void* context)
      : llvm_(llvm),
        context_(context),
        builder_(llvm.LLVMCreateBuilderInContext(context)),
        bit_(llvm.LLVMIntTypeInContext(context, 1)),
        digit_(llvm.LLVMIntTypeInContext(context, kDigitBits)),
        machine_(llvm.LLVMIntTypeInContext(context, kMachineBits)) {}
  Expander(const Expander&) = delete;
  Expander& operator=(const Expander&) = delete;
  ~Expander() { llvm_.LLVMDisposeBuilder(builder_); }

  /// Whether a machine of 64 bits has neither an instruction nor a few for it.
  bool is_too_wide(void* instruction) const {
    const int opcode = llvm_.LLVMGetInstructionOpcode(instruction);
    if (opcode == kCall) {
      return is_checked_product(instruction) && llvm_.LLVMGetIntTypeWidth(llvm_.LLVMTypeOf(llvm_.LLVMGetOperand(instruction, 0))) > kDigitBits;
    }
    const bool is_shift = opcode == kShiftLeft || opcode == kShiftRight || opcode == kShiftRightSigned;
    if (opcode != kMultiply && !(is_shift && llvm_.LLVMIsConstant(llvm_.LLVMGetOperand(instruction, 1)) == 0)) {
      return false;
    }
    void* type = llvm_.LLVMTypeOf(instruction);
    return llvm_.LLVMGetTypeKind(type) == kIntegerKind && llvm_.LLVMGetIntTypeWidth(type) > kMachineBits;
  }

  void expand(void* instruction) {
    llvm_.LLVMPositionBuilderBefore(builder_, instruction);
    void* type = llvm_.LLVMTypeOf(instruction);
    void* a = llvm_.LLVMGetOperand(instruction, 0);
    void* b = llvm_.LLVMGetOperand(instruction, 1);
    const int opcode = llvm_.LLVMGetInstructionOpcode(instruction);
    void* result = opcode == kCall       ? checked_product(instruction, a, b)
                   : opcode == kMultiply ? product(type, digits(a, type), digits(b, type))
                                         : shifted(opcode, type, a, b);
    llvm_.LLVMReplaceAllUsesWith(instruction, result);
    llvm_.LLVMInstructionEraseFromParent(instruction);
  }

 private:
  void* number(void* type, unsigned value) const { return llvm_.LLVMConstInt(type, value, 0); }

  void* product(void* type, const std::vector<void*>& a, const std::vector<void*>& b) {
    void* sum = number(type, 0);
    for (size_t i = 0; i < a.size(); ++i) {
      for (size_t j = 0; i + j < a.size(); ++j) {
        if (llvm_.LLVMIsNull(a[i]) == 0 && llvm_.LLVMIsNull(b[j]) == 0) {
          void* part = llvm_.LLVMBuildZExt(builder_, llvm_.LLVMBuildMul(builder_, a[i], b[j], ""), type, "");
          part = llvm_.LLVMBuildShl(builder_, part, number(type, static_cast<unsigned>(i + j) * kDigitBits), "");
          sum = llvm_.LLVMBuildAdd(builder_, sum, part, "");
        }
      }
    }
    return sum;
  }

  std::string_view called(void* call) const {
    size_t size = 0;
    const char* name = llvm_.LLVMGetValueName2(llvm_.LLVMGetCalledValue(call), &size);
    return {name, size};
  }
  bool is_checked_product(void* call) const { return called(call).starts_with(kUnsignedCheck) || called(call).starts_with(kSignedCheck); }

  /// The product in twice the bits, and whether it is not what its lower half stands for.
  void* checked_product(void* call, void* a, void* b) {
    const auto extend = called(call).starts_with(kSignedCheck) ? llvm_.LLVMBuildSExt : llvm_.LLVMBuildZExt;
    void* narrow = llvm_.LLVMTypeOf(a);
    void* wide = llvm_.LLVMIntTypeInContext(context_, 2 * llvm_.LLVMGetIntTypeWidth(narrow));
    void* whole = product(wide, digits(extend(builder_, a, wide, ""), wide), digits(extend(builder_, b, wide, ""), wide));
    void* low = llvm_.LLVMBuildTrunc(builder_, whole, narrow, "");
    void* is_lost = llvm_.LLVMBuildICmp(builder_, kNotEqual, extend(builder_, low, wide, ""), whole, "");
    void* pair = llvm_.LLVMBuildInsertValue(builder_, llvm_.LLVMGetUndef(llvm_.LLVMTypeOf(call)), low, 0, "");
    return llvm_.LLVMBuildInsertValue(builder_, pair, is_lost, 1, "");
  }

  /// The digits of a number, the lowest first, in 64 bits each. Those of a constant are constants.
  std::vector<void*> digits(void* whole, void* type) {
    std::vector<void*> all((llvm_.LLVMGetIntTypeWidth(type) + kDigitBits - 1) / kDigitBits);
    for (size_t k = 0; k < all.size(); ++k) {
      void* above = llvm_.LLVMBuildLShr(builder_, whole, number(type, static_cast<unsigned>(k) * kDigitBits), "");
      all[k] = llvm_.LLVMBuildZExt(builder_, llvm_.LLVMBuildTrunc(builder_, above, digit_, ""), machine_, "");
    }
    return all;
  }

  /// For each bit of the amount a shift by what it stands for. Amounts from the width on give what LLVM gives for them: anything.
  void* shifted(int opcode, void* type, void* whole, void* amount) {
    const auto build = opcode == kShiftLeft ? llvm_.LLVMBuildShl : opcode == kShiftRight ? llvm_.LLVMBuildLShr : llvm_.LLVMBuildAShr;
    for (unsigned k = 0; 1u << k < llvm_.LLVMGetIntTypeWidth(type); ++k) {
      void* is_set = llvm_.LLVMBuildTrunc(builder_, llvm_.LLVMBuildLShr(builder_, amount, number(type, k), ""), bit_, "");
      whole = llvm_.LLVMBuildSelect(builder_, is_set, build(builder_, whole, number(type, 1u << k), ""), whole, "");
    }
    return whole;
  }

  const Library& llvm_;
  void* context_;
  void* builder_;
  void* bit_;
  void* digit_;
  void* machine_;
};

}  // namespace

void expand_wide_operations(const Library& llvm, void* context, void* module) {
  Expander expander(llvm, context);
  std::vector<void*> found;
  for (void* f = llvm.LLVMGetFirstFunction(module); f != nullptr; f = llvm.LLVMGetNextFunction(f)) {
    for (void* block = llvm.LLVMGetFirstBasicBlock(f); block != nullptr; block = llvm.LLVMGetNextBasicBlock(block)) {
      for (void* in = llvm.LLVMGetFirstInstruction(block); in != nullptr; in = llvm.LLVMGetNextInstruction(in)) {
        if (expander.is_too_wide(in)) {
          found.push_back(in);
        }
      }
    }
  }
  for (void* instruction : found) {
    expander.expand(instruction);
  }
}

}  // namespace omega::codegen::llvm
