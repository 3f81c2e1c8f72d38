// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/cosmos/emit_cosmos.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "omega/base/check.h"
#include "omega/codegen/cosmos/gate.h"
#include "omega/codegen/cosmos/interface.h"
#include "omega/codegen/cosmos/schema.h"
#include "omega/codegen/llvm/contract_text.h"
#include "omega/codegen/llvm/library.h"
#include "omega/ir/contract.h"
#include "omega/object/wasm_linker.h"
#include "omega/object/wasm_writer.h"
#include "runtime/chain/bitcode.h"

namespace omega::codegen::cosmos {

namespace {

constexpr std::string_view kName = "CosmWasm";
constexpr std::string_view kTriple = "wasm32-unknown-unknown";
constexpr std::string_view kExports[] = {"allocate", "deallocate", "interface_version_8", "instantiate", "execute", "query"};
/// Exports, and what LLVM may call by itself.
constexpr std::string_view kKept[] = {"allocate", "deallocate", "interface_version_8", "instantiate", "execute", "query", "memcpy", "memset", "memmove"};
/// Names of variables begin keys of the state, with two bytes in front that say their length.
constexpr size_t kMostNameBytes = 255;

constexpr uint32_t bit(ir::MessageField field) { return 1u << static_cast<uint32_t>(field); }

llvm::ChainTarget chain_target() {
  llvm::ChainTarget target;
  target.name = kName;
  target.triple = kTriple;
  target.data_layout = "e-m:e-p:32:32-p10:8:8-p20:8:8-i64:64-i128:128-n32:64-S128-ni:1:10:20";
  target.message_fields = bit(ir::MessageField::Sender) | bit(ir::MessageField::Value) | bit(ir::MessageField::Self) | bit(ir::MessageField::SelfBalance) |
                          bit(ir::MessageField::BlockNumber) | bit(ir::MessageField::Timestamp);
  target.has_balance = true;
  target.has_send = true;
  target.has_ripemd160 = true;
  return target;
}

/// Says what CosmWasm cannot do with the contract as others see it. True when there is nothing.
bool check(const ir::Module& module, diag::Sink& sink) {
  const ir::Contract& contract = *module.contract;
  const size_t errors = sink.error_count();
  const auto refuse = [&](ir::FunctionId id, const std::string& what) {
    const ir::Function& f = module.functions[id];
    sink.report(diag::Kind::NotOnChain, {f.file, f.location, f.location}, {what, std::string(kName)});
  };
  const auto is_long = [](const auto& row) { return row.name.size() > kMostNameBytes; };
  if (!module.functions.empty() && (std::ranges::any_of(contract.variables, is_long) || std::ranges::any_of(contract.immutables, is_long) ||
                                    std::ranges::any_of(contract.fields, is_long))) {
    refuse(0, "a name of more than 255 bytes in the state");
  }
  return sink.error_count() == errors;
}

/// The module's bytes, or why there are none; `llvm_ns` as in Artifacts.
base::Result<std::string> compile(const std::string& text, int64_t& llvm_ns) {
  llvm::ObjectOptions options;
  options.triple = kTriple;
  options.cpu = "mvp";
  options.features = "+sign-ext,+mutable-globals";
  options.passes = "default<Os>";
  options.kept = kKept;
  const llvm::ObjectResult made = llvm::make_object(text, chain_runtime::cosmos(), options);
  llvm_ns = made.cpu_ns;
  if (!made.object) {
    return base::Error{made.error, 0, {}};
  }
  object::wasm::LinkOptions link;
  link.exports = kExports;
  link.most_locals = kMostLocals;
  base::Result<object::wasm::Module> module = object::wasm::link(*made.object, link);
  if (!module) {
    return module.error();
  }
  std::string bytes = object::wasm::write(*module);
  if (const base::Result<void> fits = check_module(bytes); !fits) {
    return fits.error();
  }
  return bytes;
}

}  // namespace

bool is_denomination(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return text.size() >= 3 && text.size() <= 128 && is_letter(text[0]) && std::ranges::all_of(text, [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || std::string_view("/:._-").find(c) != std::string_view::npos;
         });
}

std::optional<Artifacts> emit(const ir::Module& module, const Options& options, diag::Sink& sink) {
  OMEGA_CHECK(module.contract != nullptr, "the CosmWasm target takes contracts");
  OMEGA_CHECK(is_denomination(options.denomination), "the denomination is none");
  const bool is_fine = check(module, sink);
  const auto named = std::make_shared<const ir::Contract>(with_outside_names(*module.contract));
  ir::Module outside = module;
  outside.contract = named;
  std::optional<std::string> text = llvm::contract_text(outside, chain_target(), sink);
  if (!is_fine || !text) {
    return std::nullopt;
  }
  *text += "@chain_denom = constant [" + std::to_string(options.denomination.size() + 1) + " x i8] c\"" + options.denomination + "\\00\"\n";
  int64_t llvm_ns = 0;
  base::Result<std::string> bytes = compile(*text, llvm_ns);
  if (!bytes) {
    const base::FileId file = module.functions.empty() ? base::FileId{0} : module.functions.front().file;
    sink.report(diag::Kind::ChainCodeFailed, {file, 0, 0}, {std::string(kName), bytes.error().message});
    return std::nullopt;
  }
  return Artifacts{std::move(*bytes), schema_json(module, *named, options.denomination), llvm_ns};
}

}  // namespace omega::codegen::cosmos
