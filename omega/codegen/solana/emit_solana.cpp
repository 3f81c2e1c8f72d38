// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/solana/emit_solana.h"

#include <algorithm>

#include "omega/base/check.h"
#include "omega/codegen/llvm/contract_text.h"
#include "omega/codegen/llvm/library.h"
#include "omega/codegen/solana/dispatch.h"
#include "omega/codegen/solana/idl.h"
#include "omega/codegen/solana/interface.h"
#include "omega/codegen/solana/layout.h"
#include "omega/ir/contract.h"
#include "omega/object/sbpf_linker.h"
#include "runtime/chain/bitcode.h"

namespace omega::codegen::solana {
namespace {

constexpr std::string_view kEntry = "entrypoint";
constexpr std::string_view kTriple = "bpfel";

/// What of default<O2> pays here: programs as short and as fast as by all of it. Without ipsccp and globalopt a transfer of a token takes half as many units
/// more, without what is done to loops a tenth. argpromotion, which default<O3> has, makes functions of more arguments than the machine passes.
constexpr std::string_view kPasses =
    "ipsccp,globalopt,deadargelim,function(sroa,early-cse,simplifycfg),"
    "cgscc(inline,function-attrs,function(sroa,early-cse<memssa>,jump-threading,simplifycfg,"
    "instcombine<no-verify-fixpoint>,loop(loop-rotate,loop-unroll-full),simplifycfg)),"
    "deadargelim,function(gvn,memcpyopt,dse,adce,simplifycfg,sink),globaldce";

/// More accesses to the state than the functions of most contracts have.
constexpr uint32_t kMostInlined = 24;

constexpr uint32_t bit(ir::MessageField field) { return 1u << static_cast<uint32_t>(field); }

llvm::ChainTarget chain_target() {
  llvm::ChainTarget target;
  target.name = "Solana";
  target.triple = kTriple;
  target.data_layout = "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128";
  target.message_fields = bit(ir::MessageField::Sender) | bit(ir::MessageField::Origin) | bit(ir::MessageField::Self) | bit(ir::MessageField::BlockNumber) |
                          bit(ir::MessageField::Timestamp);
  target.has_ripemd160 = true;
  target.most_inlined = kMostInlined;
  target.moves_divisions = true;
  target.keeps_no_comparisons = true;
  return target;
}

/// Says what Solana cannot do with the contract as others see it. True when there is nothing.
bool check(const ir::Module& module, const Layout& layout, diag::Sink& sink) {
  const size_t errors = sink.error_count();
  const auto refuse = [&](ir::FunctionId id, const std::string& what) {
    const ir::Function& f = module.functions[id];
    sink.report(diag::Kind::NotOnChain, {f.file, f.location, f.location}, {what, "Solana"});
  };
  if (!layout.too_large.empty() && !module.functions.empty()) {
    refuse(0, layout.too_large + " of more than " + std::to_string(kMostBytes) + " bytes");
  }
  return sink.error_count() == errors;
}

}  // namespace

std::optional<Artifacts> emit(const ir::Module& module, diag::Sink& sink) {
  OMEGA_CHECK(module.contract != nullptr, "the Solana target takes contracts");
  const ir::Contract& contract = *module.contract;
  const Layout layout = layout_of(contract);
  const bool is_fine = check(module, layout, sink);
  std::optional<std::string> text = llvm::contract_text(module, chain_target(), sink);
  if (!is_fine || !text) {
    return std::nullopt;
  }
  const Interface interface = interface_of(contract);
  *text += dispatch_text(module, interface, layout);
  static constexpr std::string_view kArguments[] = {"-bpf-stack-size=4096"};
  static constexpr std::string_view kKept[] = {kEntry};
  llvm::ObjectOptions options;
  options.triple = kTriple;
  options.cpu = "v2";
  options.arguments = kArguments;
  options.passes = kPasses;
  options.kept = kKept;
  const llvm::ObjectResult made = llvm::make_object(*text, chain_runtime::solana(), options);
  const auto fail = [&](const std::string& why) {
    const base::FileId file = module.functions.empty() ? base::FileId{0} : module.functions.front().file;
    sink.report(diag::Kind::ChainCodeFailed, {file, 0, 0}, {"Solana", why});
    return std::nullopt;
  };
  if (!made.object) {
    return fail(made.error);
  }
  base::Result<std::string> program = object::sbpf::link(*made.object, kEntry);
  if (!program) {
    return fail(program.error().message);
  }
  return Artifacts{std::move(*program), idl_json(module, interface, layout), made.cpu_ns};
}

}  // namespace omega::codegen::solana
