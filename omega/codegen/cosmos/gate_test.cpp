// SPDX-License-Identifier: Apache-2.0
// The gate: each rule of production is broken by a module made for it.
#include "omega/codegen/cosmos/gate.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

#include "omega/object/wasm_module.h"
#include "omega/object/wasm_writer.h"

namespace omega::codegen::cosmos {
namespace {

using object::wasm::ExternalKind;
using object::wasm::Module;
using object::wasm::ValueType;

constexpr ValueType I = ValueType::I32;

/// A module that every chain takes.
Module accepted() {
  Module module;
  module.types = {{{I}, {I}}, {{I}, {}}, {{}, {}}, {{I, I, I}, {I}}};
  module.imports = {{"env", "db_read", ExternalKind::Function, 0, {}, {}}};
  const std::string zero("\x41\x00\x0b", 3);
  module.functions = {{0, {}, zero}, {1, {}, "\x0b"}, {2, {}, "\x0b"}, {3, {}, zero}};
  module.tables = {{2, 2}};
  module.memories = {{17, {}}};
  module.globals = {{{I, true}, {0x41, 1048576}}};
  module.exports = {{"memory", ExternalKind::Memory, 0},
                    {"allocate", ExternalKind::Function, 1},
                    {"deallocate", ExternalKind::Function, 2},
                    {"interface_version_8", ExternalKind::Function, 3},
                    {"instantiate", ExternalKind::Function, 4}};
  module.elements = {{{0x41, 1}, {1}}};
  module.data = {{{0x41, 8}, "data"}};
  return module;
}

std::string error_of(const Module& module) {
  const base::Result<void> result = check_module(object::wasm::write(module));
  return result ? "" : result.error().message;
}

std::string error_after(const std::function<void(Module&)>& change) {
  Module module = accepted();
  change(module);
  return error_of(module);
}

TEST(CosmosGate, TakesWhatChainsTake) {
  EXPECT_EQ(error_of(accepted()), "");
  EXPECT_EQ(error_after([](Module& module) { module.memories[0].minimum = 512; }), "");
  EXPECT_EQ(error_after([](Module& module) { module.tables[0].maximum = 2500; }), "");
  EXPECT_EQ(error_after([](Module& module) { module.functions[0].locals = {{100, I}}; }), "");
}

TEST(CosmosGate, RefusesEachRuleThatIsBroken) {
  struct Row {
    const char* error;
    std::function<void(Module&)> change;
  };
  const Row rows[] = {
      {"there is not exactly one memory", [](Module& module) { module.memories.clear(); }},
      {"there is not exactly one memory", [](Module& module) { module.memories.push_back({1, {}}); }},
      {"the memory is imported", [](Module& module) { module.imports.push_back({"env", "memory", ExternalKind::Memory, 0, {1, {}}, {}}); }},
      {"the memory has more than 512 pages at first", [](Module& module) { module.memories[0].minimum = 513; }},
      {"the memory has a maximum", [](Module& module) { module.memories[0].maximum = 512; }},
      {"there are several tables", [](Module& module) { module.tables.push_back({1, 1}); }},
      {"the table has no maximum", [](Module& module) { module.tables[0].maximum.reset(); }},
      {"the table may have more than 2500 elements", [](Module& module) { module.tables[0].maximum = 2501; }},
      {"there are more than 100 imports", [](Module& module) { module.imports.resize(101, module.imports[0]); }},
      {"no chain has `env.memcpy`", [](Module& module) { module.imports[0].name = "memcpy"; }},
      {"no chain has `wasi.db_read`", [](Module& module) { module.imports[0].module = "wasi"; }},
      {"`g` is imported and no function", [](Module& module) { module.imports.push_back({"env", "g", ExternalKind::Global, 0, {}, {I, false}}); }},
      {"`interface_version_8` is not the one version of the interface that is exported",
       [](Module& module) { module.exports[3].name = "interface_version_7"; }},
      {"`interface_version_8` is not the one version of the interface that is exported",
       [](Module& module) { module.exports.push_back({"interface_version_9", ExternalKind::Function, 3}); }},
      {"`allocate` is not exported", [](Module& module) { module.exports[1].name = "malloc"; }},
      {"`deallocate` is not exported", [](Module& module) { module.exports[2].name = "free"; }},
      {"`instantiate` is not exported", [](Module& module) { module.exports[4] = {"instantiate", ExternalKind::Global, 0}; }},
      {"there are more than 20000 functions", [](Module& module) { module.functions.resize(20001, module.functions[1]); }},
      {"a function has more than 100 parameters", [](Module& module) { module.types.push_back({std::vector<ValueType>(101, I), {}}); }},
      {"a function has several results", [](Module& module) { module.types.push_back({{}, {I, I}}); }},
      {"all functions together have more than 10000 parameters",
       [](Module& module) {
         module.types.push_back({std::vector<ValueType>(100, I), {}});
         module.functions.resize(104, {4, {}, "\x0b"});
       }},
      {"a function has more than 100 locals", [](Module& module) { module.functions[0].locals = {{60, I}, {41, I}}; }},
      {"all functions together have more than 10000 locals", [](Module& module) { module.functions.resize(105, {2, {{100, I}}, "\x0b"}); }},
      {"there are values of floats", [](Module& module) { module.functions[1].locals = {{1, ValueType::F64}}; }},
      {"the code has an instruction on floats (function 2)", [](Module& module) { module.functions[1].code = std::string("\x43\0\0\0\0\x1a\x0b", 7); }},
      {"the code has an instruction of a later version (function 2)", [](Module& module) { module.functions[1].code = std::string("\xfd\x0f\x1a\x0b", 4); }},
      {"the code has an instruction of a later version (function 2)", [](Module& module) { module.functions[1].code = std::string("\xfc\x0a\0\0\x0b", 5); }},
      {"an operand is missing (function 2)", [](Module& module) { module.functions[1].code = "\x1a\x0b"; }},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(error_after(row.change), row.error);
  }
}

TEST(CosmosGate, RefusesWhatIsNoModule) {
  const std::string whole = object::wasm::write(accepted());
  EXPECT_FALSE(check_module("").has_value());
  EXPECT_FALSE(check_module("not a module").has_value());
  for (size_t size = 0; size < whole.size(); ++size) {
    // What the cut leaves whole lacks its code or its data at least; the last section is the data.
    if (check_module(std::string_view(whole).substr(0, size)).has_value()) {
      EXPECT_EQ(whole.substr(size), std::string("\x0b\x0a\x01\x00\x41\x08\x0b\x04"
                                                "data",
                                                12));
    }
  }
}

/// wasm-validate of the package wabt, with what chains do not have switched off.
bool is_valid_elsewhere(const std::string& bytes) {
  const std::string path = ::testing::TempDir() + "omega_gate_" + std::to_string(getpid()) + ".wasm";
  std::ofstream(path, std::ios::binary) << bytes;
  const std::string command = "wasm-validate --disable-simd --disable-multi-value --disable-bulk-memory --disable-reference-types " + path + " >/dev/null 2>&1";
  const bool is_valid = std::system(command.c_str()) == 0;
  std::remove(path.c_str());
  return is_valid;
}

TEST(CosmosGate, LetsNothingThroughThatAnotherValidatorRefuses) {
  ASSERT_EQ(std::system("wasm-validate --version >/dev/null 2>&1"), 0) << "the package wabt is missing";
  const std::string whole = object::wasm::write(accepted());
  EXPECT_TRUE(is_valid_elsewhere(whole));
  size_t taken = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    for (const int flip : {0x01, 0x02, 0x10, 0x40, 0x80}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      if (check_module(damaged).has_value()) {
        ++taken;
        EXPECT_TRUE(is_valid_elsewhere(damaged)) << i << " ^ " << flip;
      }
    }
  }
  EXPECT_GT(taken, 0u);
}

}  // namespace
}  // namespace omega::codegen::cosmos
