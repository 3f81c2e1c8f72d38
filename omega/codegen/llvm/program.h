// SPDX-License-Identifier: Apache-2.0
// What all functions of a contract share while its LLVM text is written.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omega/codegen/llvm/contract_text.h"
#include "omega/ir/contract.h"

namespace omega::codegen::llvm {

/// How a function takes and gives values: up to four parameters of at most 64 bits as they are, everything else in a frame of 64-bit words that the caller
/// owns, whose address is the last parameter. (BPF passes five registers and gives back one.)
struct Convention {
  std::vector<uint32_t> parameter_words;  ///< where in the frame; kNone: not there but a parameter of its own
  std::vector<uint32_t> result_words;
  uint32_t words = 0;  ///< of the frame; 0: none is passed
  bool gives_references = false;
};

/// The module in the making. Not thread-safe.
class Program {
 public:
  Program(const ir::Module& module, const ChainTarget& target, diag::Sink& sink) : module_(module), target_(target), sink_(sink) {
    conventions_.resize(module.functions.size());
    is_known_.resize(module.functions.size());
  }

  const ir::Module& module() const { return module_; }
  const ir::Contract& contract() const { return *module_.contract; }
  const ChainTarget& target() const { return target_; }

  /// Says that the chain cannot do `what`, at an instruction of a function, or at the function when the instruction is kNone.
  void refuse(const ir::Function& function, uint32_t instruction, std::string_view what);

  /// How a function is called, which is then to be written too.
  const Convention& convention(ir::FunctionId id);
  /// The next function that was asked for and is not written yet; kNone when there is none.
  ir::FunctionId next_function() { return written_ < queue_.size() ? queue_[written_++] : ir::kNone; }

  /// The constant that holds a string as Bytes: `@s3`.
  std::string string_constant(const std::string& text);
  /// The constant that holds numbers of data types: `@t3`; null when there are none.
  std::string type_list(std::span<const uint32_t> types);
  /// The constants asked for.
  const std::string& constants() const { return constants_; }

 private:
  const ir::Module& module_;
  const ChainTarget& target_;
  diag::Sink& sink_;
  std::vector<Convention> conventions_;
  std::vector<uint8_t> is_known_;
  std::vector<ir::FunctionId> queue_;
  size_t written_ = 0;
  std::map<std::string, uint32_t> strings_;
  std::map<std::vector<uint32_t>, uint32_t> type_lists_;
  std::string constants_;
};

/// 256 bits, the least significant limb first.
struct Limbs {
  uint64_t limb[4];
};

/// Words of 64 bits that a value takes in a frame.
uint32_t frame_words(ir::Type type);
/// LLVM's name of a type: `i160`, `ptr`.
std::string type_text(ir::Type type);
/// A whole number of so many bits as LLVM reads it.
std::string literal(const Limbs& value, uint32_t bits);
/// Bytes as LLVM's `c"…"`.
std::string bytes_literal(std::string_view bytes);

/// Appends one function.
void write_function(Program& program, ir::FunctionId id, std::string& out);
/// Appends chain_call, which asks for the functions behind the entries.
void write_call(Program& program, std::string& out);
/// Appends the contract's tables.
void write_tables(const Program& program, std::string& out);

}  // namespace omega::codegen::llvm
