// SPDX-License-Identifier: Apache-2.0
// An object put together by hand becomes a module; functions with too many locals keep their meaning, which Node's machine says.
#include "omega/object/wasm_linker.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

#include "omega/base/hexadecimal.h"
#include "omega/object/wasm_code.h"
#include "omega/object/wasm_locals.h"
#include "omega/object/wasm_testing.h"
#include "omega/object/wasm_validate.h"
#include "omega/object/wasm_writer.h"

namespace omega::object::wasm {
namespace {

constexpr ValueType I = ValueType::I32;
constexpr std::string_view kRun[] = {"run"};

/// run() loads through a pointer in the data that points at the second word of it, calls `help`, and adds where the heap begins.
std::string object_bytes(std::string_view needed = "__heap_base") {
  Module module;
  module.types = {{{I}, {I}}, {{}, {I}}};
  module.imports = {{"env", "__linear_memory", ExternalKind::Memory, 0, {1, {}}, {}},
                    {"env", "__stack_pointer", ExternalKind::Global, 0, {}, {I, true}},
                    {"env", "help", ExternalKind::Function, 0, {}, {}}};
  std::string code = "\x41" + padded(0) + "\x28\x02";
  code.push_back(0);
  const size_t call = code.size() + 1;
  code += "\x10" + padded(0);
  const size_t heap = code.size() + 1;
  code += "\x41" + padded(0) + "\x6a\x0b";
  module.functions = {{1, {}, code}};
  module.data = {{{0x41, 0}, std::string("\0\0\0\0\x2a\0\0\0", 8)}};
  // Symbols: 0 run, 1 help, 2 the data, 3 the heap's beginning.
  std::string symbols("\x04", 1);
  symbols += std::string("\x00\x00\x01", 3) + text_field("run");
  symbols += std::string("\x00\x10\x00", 3);
  symbols += std::string("\x01\x00", 2) + text_field("data") + std::string("\x00\x00\x08", 3);
  symbols += std::string("\x01\x10", 2) + text_field(needed);
  const std::string segments = std::string("\x01", 1) + text_field("data") + std::string("\x02\x00", 2);
  module.customs = {{"linking", std::string("\x02\x05", 2) + text_field(segments) + "\x08" + text_field(symbols)}};
  // Positions count from the section's content: a count, the body's size, its locals, then the code. Sections: types, imports, functions, code, data.
  const auto at = [](size_t offset) { return static_cast<char>(3 + offset); };
  module.customs.push_back({"reloc.CODE", std::string("\x03\x03\x04", 3) + at(1) + std::string("\x02\x00", 2) + std::string(1, 0) + at(call) +
                                              std::string("\x01", 1) + std::string("\x04", 1) + at(heap) + std::string("\x03\x00", 2)});
  // The pointer in the data: position 6, behind the count, the flags, the offset and the size.
  module.customs.push_back({"reloc.DATA", std::string("\x04\x01\x05\x06\x02\x04", 6)});
  return write(module);
}

TEST(WasmLinker, FillsInWhatTheObjectLeavesOpen) {
  const base::Result<Module> module = link(object_bytes(), {.stack_size = 1024, .exports = kRun});
  ASSERT_TRUE(module.has_value()) << module.error().message;
  EXPECT_EQ(module->imports.size(), 1u);
  EXPECT_EQ(module->functions[0].code, std::string("\x41\x80\x08\x28\x02\x00\x10\x00\x41\x90\x08\x6a\x0b", 13));
  ASSERT_EQ(module->data.size(), 1u);
  EXPECT_EQ(module->data[0].bytes, std::string("\x04\x04\0\0\x2a", 5));
  EXPECT_EQ(module->data[0].offset.value, 1024);
  EXPECT_EQ(module->globals.size(), 1u);
  EXPECT_EQ(module->exports.size(), 2u);
  EXPECT_TRUE(validate(*module).has_value());
}

TEST(WasmLinker, SaysWhatDoesNotFit) {
  const auto error = [](std::string_view object, std::span<const std::string_view> exports) {
    const base::Result<Module> module = link(object, {.exports = exports});
    return module.has_value() ? std::string() : module.error().message;
  };
  static constexpr std::string_view kOther[] = {"walk"};
  EXPECT_EQ(error(object_bytes(), kOther), "the object lacks the function `walk`");
  EXPECT_EQ(error(object_bytes("errno"), kRun), "the object needs the data `errno`");
  EXPECT_EQ(error("", kRun), "the bytes end too early");
}

TEST(WasmLinker, AnyDamageIsAnErrorOrAModule) {
  const std::string whole = object_bytes();
  for (size_t i = 0; i < whole.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      const base::Result<Module> module = link(damaged, {.exports = kRun});
      EXPECT_TRUE(!module.has_value() || !write(*module).empty());
    }
  }
}

/// What Node's machine gives for run(0) … run(9) of a module.
std::string run_in_node(const Module& module) {
  std::string command = "node -e \"const m = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from('" + base::hexadecimal(write(module)) +
                        "', 'hex'))); for (let i = 0; i < 10; ++i) console.log(m.exports.run(i), m.exports.stack.value)\"";
  std::FILE* pipe = popen(command.c_str(), "r");
  std::string out;
  std::array<char, 4096> buffer{};
  for (size_t n; pipe != nullptr && (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) != 0;) {
    out.append(buffer.data(), n);
  }
  return pipe != nullptr && pclose(pipe) == 0 ? out : "";
}

/// run(n): 30 locals of two types, filled from n, then folded in a loop that is left early by a return when n is odd.
Module many_locals() {
  std::string code;
  const auto local = [&](uint8_t opcode, uint32_t index) {
    code.push_back(static_cast<char>(opcode));
    append_uleb128(code, index);
  };
  for (uint32_t k = 0; k < 15; ++k) {
    local(kLocalGet, 0);
    code += "\x41" + std::string(1, static_cast<char>(k + 1)) + "\x6c";  // * (k + 1)
    local(kLocalTee, 1 + k);
    code += "\xad";  // to 64 bits
    local(kLocalSet, 16 + k);
  }
  code += "\x03\x40";  // loop
  for (uint32_t k = 0; k + 1 < 15; ++k) {
    local(kLocalGet, 1 + k);
    local(kLocalGet, 16 + k);
    code += "\xa7\x6a";
    local(kLocalGet, 2 + k);
    code += "\x73";  // xor
    local(kLocalSet, 2 + k);
  }
  local(kLocalGet, 0);
  code += "\x41\x01\x71\x04\x40";  // if odd
  local(kLocalGet, 15);
  code += "\x0f\x0b";  // return
  local(kLocalGet, 1);
  code += "\x41\x01\x6a";
  local(kLocalTee, 1);
  code += "\x41\x14\x48\x0d";  // while less than 20
  code.push_back(0);
  code += "\x0b";
  local(kLocalGet, 15);
  code += "\x0b";
  Module module = module_of({{I}, {I}}, {{15, I}, {15, ValueType::I64}}, code);
  module.memories = {{1, {}}};
  module.globals = {{{I, true}, {0x41, 4096}}};
  module.exports = {{"run", ExternalKind::Function, 0}, {"stack", ExternalKind::Global, 0}};
  return module;
}

TEST(WasmLocals, SpillingKeepsMeaning) {
  const Module plain = many_locals();
  ASSERT_TRUE(validate(plain).has_value()) << validate(plain).error().message;
  const std::string expected = run_in_node(plain);
  ASSERT_NE(expected, "");
  for (const uint32_t most : {4u, 5u, 12u, 29u}) {
    Module spilled = plain;
    spill_locals(spilled, most);
    uint32_t count = 0;
    for (const LocalRun& run : spilled.functions[0].locals) {
      count += run.count;
    }
    EXPECT_EQ(count, most);
    EXPECT_TRUE(validate(spilled).has_value()) << validate(spilled).error().message;
    EXPECT_EQ(run_in_node(spilled), expected) << most;
  }
  Module untouched = plain;
  spill_locals(untouched, 30);
  EXPECT_TRUE(untouched == plain);
}

}  // namespace
}  // namespace omega::object::wasm
