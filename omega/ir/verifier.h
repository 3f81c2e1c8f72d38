// SPDX-License-Identifier: Apache-2.0
// The verifier's inside: one function of a module.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "omega/ir/contract.h"
#include "omega/ir/op_info.h"

namespace omega::ir {

/// Lines reported for one function.
inline constexpr uint32_t kLargestReport = 40;

/// Checks one function; used once.
class Verifier {
 public:
  /// `facts`: of the contract's types, when the module is one.
  Verifier(const Module& module, const Function& function, std::span<const DataTypeFacts> facts, std::string& out)
      : m_(module), f_(function), facts_(facts), out_(out) {}

  void run() {
    if (f_.is_extern) {
      return;
    }
    check_shape();
    if (mistakes_ != 0) {
      return;
    }
    check_parameters();
    for (uint32_t i = 0; i < f_.insts.size(); ++i) {
      at_ = i;
      check_types(f_.insts[i]);
    }
    check_loops();
    if (mistakes_ == 0) {
      check_dominance();
    }
  }

 private:
  void mistake(std::string_view text) {
    if (++mistakes_ > kLargestReport) {
      return;
    }
    out_ += f_.name;
    if (at_ != kNone) {
      out_ += ": %" + std::to_string(at_) + " ";
      out_ += op_info(f_.insts[at_].op).text;
    }
    out_ += ": ";
    out_ += text;
    out_ += '\n';
  }
  bool require(bool condition, std::string_view text) {
    if (!condition) {
      mistake(text);
    }
    return condition;
  }

  // ---- shape ----
  void check_shape();
  void check_operand_ranges(const Inst& inst);
  bool range_in_extra(uint32_t first, uint32_t count) { return uint64_t{first} + count <= f_.extra.size(); }
  void need_extra(uint32_t first, uint32_t count) { require(range_in_extra(first, count), "list outside of extra"); }
  void check_parameters();
  void check_loops();

  // ---- types ----
  Type type_of(ValueId v) const { return f_.insts[v].type; }
  void need(ValueId v, Type type, std::string_view what) {
    if (type_of(v) != type) {
      mistake(std::string(what) + " must be " + type_name(type) + ", is " + type_name(type_of(v)));
    }
  }
  void need_result(const Inst& inst, Type type) {
    if (inst.type != type) {
      mistake("gives " + type_name(type) + ", not " + type_name(inst.type));
    }
  }
  void need_index(ValueId v) {
    require(is_integer(type_of(v)) && (m_.contract || !is_wide(type_of(v))), "index must be an integer, of at most 64 bits but in contracts");
  }
  void check_arguments(std::span<const uint32_t> args, const Type* types, size_t count, std::string_view what);
  void check_types(const Inst& inst);
  void check_constant(const Inst& inst);
  void check_arithmetic(const Inst& inst);
  void check_conversion(const Inst& inst);
  void check_memory(const Inst& inst);
  void check_call(const Inst& inst);
  void check_result(const Inst& inst);
  void check_parallel_for(const Inst& inst);
  void check_terminator(const Inst& inst);
  bool function_has(FunctionId id, std::initializer_list<Type> params);

  // ---- contracts (verify_contract.cpp) ----
  void check_contract_operand_ranges(const Inst& inst);
  /// What holds of every instruction of a contract.
  void check_in_contract(const Inst& inst);
  void check_place_uses(const Inst& inst);
  void check_contract(const Inst& inst);
  void check_state(const Inst& inst);
  void check_data(const Inst& inst);
  void check_create(const Inst& inst);
  void check_call_of_contract(const Inst& inst);
  void check_values(std::span<const uint32_t> values, DataFields fields, std::string_view what);
  void check_result_of_contract(const Inst& call, const Inst& inst);
  /// The type of the place that `v` certainly is; kNone: it may be anything.
  DataTypeId place_type(ValueId v) const;
  bool is_certainly_memory(ValueId v) const;
  void need_place(ValueId v, DataTypeId type);
  const DataType& data_type(DataTypeId id) const { return m_.contract->types[id]; }
  Type field_type(DataFields fields, uint32_t k) const { return value_type(data_type(m_.contract->fields[fields.first + k].type)); }

  void check_dominance();

  const Module& m_;
  const Function& f_;
  std::span<const DataTypeFacts> facts_;
  std::string& out_;
  uint32_t at_ = kNone;
  uint32_t mistakes_ = 0;
};

/// Appends what is wrong with the tables of the module's contract, which is there; true when nothing is.
bool verify_contract_tables(const Module& module, std::string& out);

/// Appends the functions that set immutables though others than the constructor run them. The functions are right.
void check_immutable_writers(const Module& module, std::string& out);

}  // namespace omega::ir
