// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/cosmos/gate.h"

#include <algorithm>
#include <string>

#include "omega/object/wasm_reader.h"
#include "omega/object/wasm_validate.h"

namespace omega::codegen::cosmos {

namespace {

using object::wasm::ExternalKind;
using object::wasm::Module;
using object::wasm::ValueType;

constexpr uint32_t kMostPages = 512;
constexpr uint32_t kMostTableElements = 2500;
constexpr size_t kMostImports = 100;
constexpr size_t kMostFunctions = 20000;
constexpr size_t kMostParameters = 100;
constexpr size_t kMostParametersInAll = 10000;
constexpr uint64_t kMostLocalsInAll = 10000;

constexpr std::string_view kImports[] = {
    "abort",
    "addr_canonicalize",
    "addr_humanize",
    "addr_validate",
    "bls12_381_aggregate_g1",
    "bls12_381_aggregate_g2",
    "bls12_381_hash_to_g1",
    "bls12_381_hash_to_g2",
    "bls12_381_pairing_equality",
    "db_next",
    "db_next_key",
    "db_next_value",
    "db_read",
    "db_remove",
    "db_scan",
    "db_write",
    "debug",
    "ed25519_batch_verify",
    "ed25519_verify",
    "query_chain",
    "secp256k1_recover_pubkey",
    "secp256k1_verify",
    "secp256r1_recover_pubkey",
    "secp256r1_verify",
};

/// The rules in turn; each gives what breaks it, or nothing.
class Gate {
 public:
  explicit Gate(const Module& module) : module_(module) {}

  std::string refusal() const {
    for (const auto rule : {&Gate::memory, &Gate::tables, &Gate::imports, &Gate::exports, &Gate::functions, &Gate::locals, &Gate::types}) {
      std::string why = (this->*rule)();
      if (!why.empty()) {
        return why;
      }
    }
    return {};
  }

 private:
  std::string memory() const {
    if (object::wasm::imported(module_, ExternalKind::Memory) != 0) {
      return "the memory is imported";
    }
    if (module_.memories.size() != 1) {
      return "there is not exactly one memory";
    }
    if (module_.memories[0].minimum > kMostPages) {
      return "the memory has more than 512 pages at first";
    }
    return module_.memories[0].maximum ? "the memory has a maximum" : "";
  }

  std::string tables() const {
    if (module_.tables.size() > 1) {
      return "there are several tables";
    }
    for (const object::wasm::Limits& table : module_.tables) {
      if (!table.maximum) {
        return "the table has no maximum";
      }
      if (*table.maximum > kMostTableElements) {
        return "the table may have more than 2500 elements";
      }
    }
    return {};
  }

  std::string imports() const {
    if (module_.imports.size() > kMostImports) {
      return "there are more than 100 imports";
    }
    for (const object::wasm::Import& import : module_.imports) {
      if (import.kind != ExternalKind::Function) {
        return "`" + import.name + "` is imported and no function";
      }
      if (import.module != "env" || std::ranges::find(kImports, import.name) == std::end(kImports)) {
        return "no chain has `" + import.module + "." + import.name + "`";
      }
    }
    return {};
  }

  bool exports_function(std::string_view name) const {
    return std::ranges::any_of(module_.exports, [&](const object::wasm::Export& item) { return item.kind == ExternalKind::Function && item.name == name; });
  }

  std::string exports() const {
    size_t versions = 0;
    for (const object::wasm::Export& item : module_.exports) {
      versions += item.kind == ExternalKind::Function && item.name.starts_with("interface_version_") ? 1 : 0;
    }
    if (versions != 1 || !exports_function("interface_version_8")) {
      return "`interface_version_8` is not the one version of the interface that is exported";
    }
    for (const std::string_view name : {"allocate", "deallocate", "instantiate"}) {
      if (!exports_function(name)) {
        return "`" + std::string(name) + "` is not exported";
      }
    }
    return {};
  }

  std::string functions() const {
    if (module_.functions.size() > kMostFunctions) {
      return "there are more than 20000 functions";
    }
    for (const object::wasm::FunctionType& type : module_.types) {
      if (type.params.size() > kMostParameters) {
        return "a function has more than 100 parameters";
      }
      if (type.results.size() > 1) {
        return "a function has several results";
      }
    }
    size_t parameters = 0;
    for (const object::wasm::Function& function : module_.functions) {
      parameters += function.type < module_.types.size() ? module_.types[function.type].params.size() : 0;
    }
    return parameters > kMostParametersInAll ? "all functions together have more than 10000 parameters" : "";
  }

  std::string locals() const {
    uint64_t all = 0;
    for (const object::wasm::Function& function : module_.functions) {
      uint64_t count = 0;
      for (const object::wasm::LocalRun& run : function.locals) {
        count += run.count;
      }
      if (count > kMostLocals) {
        return "a function has more than 100 locals";
      }
      all += count;
    }
    return all > kMostLocalsInAll ? "all functions together have more than 10000 locals" : "";
  }

  /// Values of floats, beside the instructions, which validation finds.
  std::string types() const {
    const auto is_float = [](ValueType type) { return type == ValueType::F32 || type == ValueType::F64; };
    bool has_floats = std::ranges::any_of(module_.globals, [&](const object::wasm::Global& global) { return is_float(global.type.type); });
    for (const object::wasm::FunctionType& type : module_.types) {
      has_floats = has_floats || std::ranges::any_of(type.params, is_float) || std::ranges::any_of(type.results, is_float);
    }
    for (const object::wasm::Function& function : module_.functions) {
      has_floats = has_floats || std::ranges::any_of(function.locals, is_float, &object::wasm::LocalRun::type);
    }
    return has_floats ? "there are values of floats" : "";
  }

  const Module& module_;
};

}  // namespace

base::Result<void> check_module(std::string_view bytes) {
  const base::Result<Module> module = object::wasm::read(bytes);
  if (!module) {
    return module.error();
  }
  std::string why = Gate(*module).refusal();
  if (!why.empty()) {
    return base::Error{std::move(why), 0, {}};
  }
  return object::wasm::validate(*module);
}

}  // namespace omega::codegen::cosmos
