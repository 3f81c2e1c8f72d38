// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/llvm/contract_text.h"

#include "omega/base/check.h"
#include "omega/codegen/common/refusals.h"
#include "omega/codegen/llvm/program.h"

namespace omega::codegen::llvm {

namespace {

/// The forms of runtime/chain/chain.h, and the functions of the shared code and of chains.
constexpr std::string_view kDeclarations = R"(
%Name = type { i32, i32 }
%Fields = type { i32, i32 }
%DataType = type { i32, i32, i64, i32, i32, i32, i32, i64, i64 }
%Field = type { %Name, i32, i32 }
%Variable = type { %Name, i32 }
%Entry = type { i32, i32, %Name, %Fields, %Fields, i32, i32, i64 }
%Message = type { %Name, %Fields, i32, i32, i64, [32 x i8] }
declare void @llvm.lifetime.start.p0(i64, ptr)
declare void @llvm.lifetime.end.p0(i64, ptr)
declare ptr @chain_allocate(i64) #0
declare ptr @chain_transients(i64) #0
declare ptr @chain_new_bytes(i64) #0
declare ptr @chain_new_array(i64) #0
declare i64 @chain_panic(i32) #0
declare i64 @chain_revert(ptr) #0
declare i64 @chain_revert_error(i32, ptr) #0
declare i64 @chain_multiply(ptr, ptr, ptr, i32) #0
declare i64 @chain_multiply_64(ptr, i64, i64, i32) #0
declare i64 @chain_divide(ptr, ptr, ptr, i32) #0
declare i64 @chain_divide_64(i64, i64) #0
declare i64 @chain_modulo(ptr, ptr, ptr, i32) #0
declare i64 @chain_modulo_64(i64, i64) #0
declare i64 @chain_power(ptr, ptr, ptr, i32) #0
declare void @chain_shift_left(ptr, ptr, i64, i32) #0
declare void @chain_shift_right(ptr, ptr, i64, i32) #0
declare void @chain_add_modulo(ptr, ptr, ptr, ptr) #0
declare void @chain_multiply_modulo(ptr, ptr, ptr, ptr) #0
declare ptr @chain_encode(i32, ptr, ptr, ptr) #0
declare ptr @chain_encode_packed(i32, ptr, ptr) #0
declare ptr @chain_encode_with_selector(i32, ptr, ptr) #0
declare i64 @chain_decode(ptr, i64, i32, ptr, ptr) #0
declare ptr @chain_concat(i32, ptr) #0
declare i64 @chain_slice(ptr, ptr, ptr, ptr) #0
declare void @chain_hash_keccak256(ptr, ptr) #0
declare void @chain_hash_sha256(ptr, ptr) #0
declare void @chain_hash_ripemd160(ptr, ptr) #0
declare void @chain_place_variable(ptr, i32) #0
declare void @chain_place_entry(ptr, ptr, ptr, i32) #0
declare void @chain_place_element(ptr, ptr, i64, i32) #0
declare void @chain_place_field(ptr, ptr, i32, i32) #0
declare void @chain_place_entry_inlined(ptr, ptr, ptr, i32) #0
declare i64 @chain_get_inlined(ptr, ptr, i32) #0
declare i64 @chain_set_inlined(ptr, ptr, i32) #0
declare i64 @chain_get(ptr, ptr, i32) #0
declare i64 @chain_set(ptr, ptr, i32) #0
declare i64 @chain_get_bytes(ptr, ptr) #0
declare i64 @chain_set_bytes(ptr, ptr) #0
declare i64 @chain_get_length(ptr, ptr, i32) #0
declare i64 @chain_load(ptr, ptr, i32) #0
declare i64 @chain_store(ptr, ptr, i32) #0
declare i64 @chain_clear(ptr, i32) #0
declare i64 @chain_copy(ptr, ptr, i32) #0
declare i64 @chain_resize(ptr, ptr, i32) #0
declare i64 @chain_message(i32, ptr) #0
declare i64 @chain_event(i32, ptr) #0
declare i64 @chain_balance(ptr, ptr) #0
declare i64 @chain_send(ptr, ptr, ptr) #0
declare void @chain_recover(ptr, ptr, ptr, ptr, ptr) #0
@no_length = private unnamed_addr constant i64 0, align 8
attributes #0 = { nounwind "no-builtins" "no-jump-tables"="true" }
!0 = !{!"branch_weights", i32 2000, i32 1}
!1 = !{!"branch_weights", i32 1, i32 2000}
)";

void refuse_entries(const ir::Module& module, const ChainTarget& target, diag::Sink& sink) {
  const ir::Contract& contract = *module.contract;
  const std::vector<ir::DataTypeFacts> facts = ir::data_type_facts(contract);
  for (const ir::EntryPoint& entry : contract.entries) {
    if (target.has_fallback && (entry.kind == ir::EntryKind::Receive || entry.kind == ir::EntryKind::Fallback)) {
      continue;
    }
    const std::string what = refused_entry(contract, entry, facts);
    if (!what.empty()) {
      const ir::Function& f = module.functions[entry.function];
      sink.report(diag::Kind::NotOnChain, {f.file, f.location, f.location}, {what, std::string(target.name)});
    }
  }
}

}  // namespace

std::optional<std::string> contract_text(const ir::Module& module, const ChainTarget& target, diag::Sink& sink) {
  OMEGA_CHECK(module.contract != nullptr, "chains take contracts");
  const size_t errors = sink.error_count();
  Program program(module, target, sink);
  refuse_entries(module, target, sink);
  std::string out = "target datalayout = \"" + std::string(target.data_layout) + "\"\ntarget triple = \"" + std::string(target.triple) + "\"\n";
  out += kDeclarations;
  write_tables(program, out);
  write_call(program, out);
  for (ir::FunctionId id = program.next_function(); id != ir::kNone; id = program.next_function()) {
    write_function(program, id, out);
  }
  out += program.constants();
  if (sink.error_count() != errors) {
    return std::nullopt;
  }
  return out;
}

}  // namespace omega::codegen::llvm
