// SPDX-License-Identifier: Apache-2.0
// One IR function as LLVM text.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omega/codegen/llvm/program.h"
#include "omega/ir/dominators.h"
#include "omega/ir/op_info.h"

namespace omega::codegen::llvm {

/// Writes one function. IR value n is `%vn`, an integer of the IR's width or a pointer; IR block n is `bn`, behind which more blocks may follow: what may fail
/// branches to `fail` or `panicCODE`, which the function ends with. A place in the state is a pointer to a Place: in the function's own memory where it is
/// only used by operations on the state, else on the heap.
class FunctionWriter {
 public:
  FunctionWriter(Program& program, ir::FunctionId id);
  void write(std::string& out);

 private:
  using ValueId = ir::ValueId;
  struct Edge {
    uint32_t from;  ///< number of the LLVM block
    std::span<const uint32_t> arguments;
  };

  // ---- plan (function_writer.cpp) ----
  void find_aliases();
  void find_equals();
  void choose_inlined();
  void find_places();
  void forget_places_used_last(uint32_t i);

  // ---- text ----
  template <class... Parts>
  void line(const Parts&... parts) {
    code_ += "  ";
    (code_.append(parts), ...);
    code_ += '\n';
  }
  std::string temporary() { return "%t" + std::to_string(temporaries_++); }
  /// `%t3 = TEXT`; gives `%t3`.
  template <class... Parts>
  std::string assign(const Parts&... parts) {
    std::string name = temporary();
    line(name, " = ", parts...);
    return name;
  }
  void begin_block(uint32_t number);
  static std::string label(uint32_t block) { return "b" + std::to_string(block); }
  /// Goes on where `condition` holds and panics where not.
  void panic_unless(const std::string& condition, uint32_t code);
  /// Goes on where the status is kDone.
  void fail_unless_done(const std::string& status);
  std::string memory(std::string_view what);

  // ---- values ----
  ir::Type type_of(ValueId v) const { return f_.insts[v].type; }
  const ir::Inst& inst(ValueId v) const { return f_.insts[alias_[v]]; }
  /// What stands for the value in the text.
  std::string value(ValueId v) const;
  std::string name(ValueId v) const { return "%v" + std::to_string(v); }
  /// `i160 %v3`
  std::string typed(ValueId v) const { return type_text(type_of(v)) + " " + value(v); }
  bool constant(ValueId v, Limbs& limbs) const;
  /// The value with another number of bits, extended by its sign.
  std::string resized(ValueId v, uint32_t bits);
  /// As a length or index of 64 bits that is known to fit.
  std::string as_index(ValueId v) { return resized(v, 64); }
  /// True where an unsigned number of any width is below a 64-bit one.
  std::string is_below(ValueId index, const std::string& limit);
  void store_word(ValueId v, const std::string& to);
  void load_word(const std::string& result, ir::Type type, const std::string& from);
  /// Memory of its own for the k-th word handed to the shared code; the value is put there.
  std::string word(uint32_t k);
  std::string word_with(uint32_t k, ValueId v);
  std::string words_for(uint32_t count);
  std::string words_with(std::span<const uint32_t> values);
  std::string word_at(const std::string& words, uint32_t k);
  std::string offset(const std::string& address, const std::string& bytes);

  // ---- instructions ----
  void block(ir::BlockId id);
  void instruction(uint32_t i);
  void operation(uint32_t i);
  bool is_plain_send(const ir::Inst& in) const;
  void call(uint32_t i);
  void results(uint32_t i, size_t count, const std::string& words);
  void terminator(uint32_t i);
  void jump(ir::BlockId to, std::span<const uint32_t> arguments);
  std::string_view likely_way(const ir::Inst& branch) const;
  void return_values(const ir::Inst& in);
  void revert(const ir::Inst& in);
  // write_arithmetic.cpp
  void arithmetic(uint32_t i);
  void add_or_subtract(uint32_t i);
  void multiply(uint32_t i);
  void divide(uint32_t i);
  bool divide_by_power_of_two(uint32_t i);
  void wide_arithmetic(uint32_t i, std::string_view function, bool may_overflow);
  void narrow_result(uint32_t i, const std::string& in_register);
  void negate(uint32_t i);
  void shift(uint32_t i);
  void comparison(uint32_t i);
  void cast(uint32_t i);
  void modular(uint32_t i);
  std::string runtime_type(ir::Type type) const;
  // write_limbs.cpp
  bool goes_by_limbs(ir::Type type) const;
  std::string limb(ValueId v, uint32_t k);
  void add_or_subtract_limbs(uint32_t i, bool is_checked);
  void compare_limbs(uint32_t i);
  // write_memory.cpp
  void memory_operation(uint32_t i);
  std::string length_of(ValueId array);
  void new_array(uint32_t i);
  std::string element(ValueId array, ValueId index, uint32_t header, bool is_word);
  void message(uint32_t i);
  void data(uint32_t i);
  void state(uint32_t i);
  std::string new_place(uint32_t i);
  void transient(uint32_t i);
  void state_get(uint32_t i);
  void state_set(const std::string& place, ir::DataTypeId type, ValueId v);
  void refuse(uint32_t i, std::string_view what) { program_.refuse(f_, i, what); }

  Program& program_;
  const ir::Function& f_;
  ir::FunctionId id_;
  Convention convention_;
  ir::ControlFlow flow_;
  std::string code_;            ///< of the block being written
  std::string memory_;          ///< the function's own memory, at its head
  std::vector<ValueId> alias_;  ///< the value that stands for it: itself, what a cast changes nothing of, or an equal one from before
  std::vector<std::vector<Edge>> edges_;
  std::string_view inlined_;  ///< behind the names of functions of the state that there are to become part of this one; else empty
  uint32_t temporaries_ = 0;
  uint32_t next_block_ = 0;
  uint32_t current_block_ = 0;
  uint32_t memories_ = 0;
  std::map<uint32_t, bool> panics_;
  bool can_fail_ = false;
  std::vector<std::string> words_;  ///< handed to the shared code
  uint32_t most_words_ = 0;
  std::vector<uint8_t> escapes_;  ///< places that outlive their instruction's next run
  std::vector<uint32_t> last_use_;
  std::vector<std::string> place_;  ///< memory of a place
  std::vector<std::string> free_places_;
};

}  // namespace omega::codegen::llvm
