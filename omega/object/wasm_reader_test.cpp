// SPDX-License-Identifier: Apache-2.0
// Modules as bytes and back, and what validation finds.
#include "omega/object/wasm_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "omega/object/wasm_code.h"
#include "omega/object/wasm_testing.h"
#include "omega/object/wasm_validate.h"
#include "omega/object/wasm_writer.h"

namespace omega::object::wasm {
namespace {

constexpr ValueType I = ValueType::I32, L = ValueType::I64;

Module whole() {
  Module module;
  module.types = {{{I, I}, {I}}, {{}, {}}, {{L}, {ValueType::F64}}};
  module.imports = {{"env", "f", ExternalKind::Function, 0, {}, {}},
                    {"env", "g", ExternalKind::Global, 0, {}, {I, false}},
                    {"env", "m", ExternalKind::Memory, 0, {1, 2}, {}},
                    {"env", "t", ExternalKind::Table, 0, {3, {}}, {}}};
  module.functions = {{1, {{3, L}, {200, I}}, std::string("\x0b")}};
  module.tables = {{1, 1}};
  module.memories = {{7, {}}};
  module.globals = {{{L, true}, {0x42, -5'000'000'000}}, {{I, false}, {0x23, 0}}, {{ValueType::F32, false}, {0x43, 0x12345678}}};
  module.exports = {{"run", ExternalKind::Function, 1}, {"memory", ExternalKind::Memory, 0}};
  module.start = 1;
  module.elements = {{{0x41, 1}, {1, 1}}};
  module.data = {{{0x41, -1}, std::string("a\0b", 3)}};
  module.customs = {{"name", "anything"}};
  return module;
}

std::string error_of(const Module& module) {
  const base::Result<void> result = validate(module);
  return result ? "" : result.error().message;
}

TEST(WasmReader, GivesBackWhatWasWritten) {
  const Module module = whole();
  const std::string bytes = write(module);
  const base::Result<Module> again = read(bytes);
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_TRUE(*again == module);
  EXPECT_EQ(write(*again), bytes);
}

TEST(WasmReader, NoPartOfAModuleIsOne) {
  const std::string bytes = write(whole());
  // Sections are optional: a module that ends between two of them may be whole. Every other end is found.
  for (size_t size = 0; size < bytes.size(); ++size) {
    const base::Result<Module> part = read(std::string_view(bytes).substr(0, size));
    EXPECT_TRUE(!part.has_value() || write(*part).size() <= size) << size;
  }
  EXPECT_FALSE(read("\x7f"
                    "ELF")
                   .has_value());
}

TEST(WasmReader, NamesWhatIsWrong) {
  const auto error = [](std::string_view section) {
    const base::Result<Module> result = read(std::string("\0asm\1\0\0\0", 8) + std::string(section));
    return result.has_value() ? std::string() : result.error().message;
  };
  EXPECT_EQ(error(std::string_view("\x0d\x00", 2)), "a section is of no known kind");
  EXPECT_EQ(error(std::string_view("\x0c\x01\x00", 3)), "a section is of no known kind");
  EXPECT_EQ(error(std::string_view("\x03\x01\x00\x01\x01\x00", 6)), "sections are out of order");
  EXPECT_EQ(error(std::string_view("\x01\x02\x00\x00", 4)), "bytes stand behind a section's content");
  EXPECT_EQ(error(std::string_view("\x01\x04\x01\x60\x01\x70", 6)), "a value's type is none of the first version's");
  EXPECT_EQ(error(std::string_view("\x05\x03\x01\x03\x01", 5)), "limits are none of the first version's");
  EXPECT_EQ(error(std::string_view("\x05\x06\x01\x00\xff\xff\xff\xff\x1f", 8)), "the bytes end too early");
  EXPECT_EQ(error(std::string_view("\x0b\x02\x01\x01", 4)), "a segment of data is none of the first version's");
  EXPECT_EQ(error(std::string_view("\x03\x02\x01\x00", 4)), "functions and their code differ in number");
}

TEST(WasmValidate, TakesWhatIsRight) {
  // Adds its parameters in a loop that is left by a branch with its value.
  std::string code("\x02\x7f\x03\x40\x20\x00\x20\x01\x6a\x0c\x01\x0b\x00\x0b\x0b", 15);
  EXPECT_EQ(error_of(module_of({{I, I}, {I}}, {}, code)), "");
  // if … else with a value; what cannot be reached may leave anything.
  code = std::string("\x20\x00\x04\x7f\x41\x01\x05\x00\x0b\x0b", 10);
  EXPECT_EQ(error_of(module_of({{I}, {I}}, {}, code)), "");
}

TEST(WasmValidate, NamesWhatIsWrong) {
  const auto error = [](FunctionType type, std::string_view code) { return error_of(module_of(std::move(type), {}, std::string(code))); };
  EXPECT_EQ(error({{}, {I}}, {"\x0b", 1}), "an operand is missing (function 0)");
  EXPECT_EQ(error({{}, {I}}, {"\x42\x01\x0b", 3}), "an operand is of another type (function 0)");
  EXPECT_EQ(error({{}, {}}, {"\x41\x01\x0b", 3}), "a block leaves operands behind (function 0)");
  EXPECT_EQ(error({{}, {}}, {"\x0c\x01\x0b", 3}), "a branch leaves more blocks than there are (function 0)");
  EXPECT_EQ(error({{}, {}}, {"\x20\x00\x1a\x0b", 4}), "the code names a local that is not there (function 0)");
  EXPECT_EQ(error({{}, {}}, {"\x23\x00\x1a\x0b", 4}), "the code names a global that is not there (function 0)");
  EXPECT_EQ(error({{}, {}}, {"\x10\x01\x0b", 3}), "a function is named that is not there (function 0)");
  EXPECT_EQ(error({{}, {}}, {"\x41\x00\x28\x02\x00\x1a\x0b", 7}), "the module has no memory (function 0)");
  EXPECT_EQ(error({{}, {}}, {"\x05\x0b", 2}), "an else stands outside of an if (function 0)");
  EXPECT_EQ(error({{I}, {I}}, {"\x20\x00\x04\x7f\x41\x01\x0b\x0b", 8}), "an if without else gives results (function 0)");
  EXPECT_EQ(error({{}, {}}, {"\x02\x40\x0b", 3}), "a function's code has no end (function 0)");
  EXPECT_EQ(error({{}, {}}, {"\x0b\x01", 2}), "code stands behind a function's end (function 0)");
  EXPECT_EQ(error({{}, {}}, {"\x43\x00\x00\x00\x00\x1a\x0b", 7}), "the code has an instruction on floats (function 0)");
  EXPECT_EQ(error({{}, {}}, {"\xfd\x0c\x0b", 3}), "the code has an instruction of a later version (function 0)");
  EXPECT_EQ(error({{}, {}}, {"\xfc\x0b\x00\x0b", 4}), "the code has an instruction of a later version (function 0)");
  EXPECT_EQ(error({{L}, {}}, {"\x20\x00\x41\x01\x41\x01\x1b\x1a\x0b", 9}), "a selection is between different types (function 0)");

  Module module = module_of({{}, {}}, {}, std::string("\x0b"));
  module.exports = {{"a", ExternalKind::Function, 0}, {"a", ExternalKind::Function, 0}};
  EXPECT_EQ(error_of(module), "two exports have one name");
  module.exports = {{"a", ExternalKind::Memory, 0}};
  EXPECT_EQ(error_of(module), "what is exported is not there");
  module.exports.clear();
  module.globals = {{{L, false}, {0x41, 0}}};
  EXPECT_EQ(error_of(module), "an initial value is of another type");
  module.globals.clear();
  module.memories = {{2, 1}};
  EXPECT_EQ(error_of(module), "limits are out of range");
  module.memories = {{1, {}}, {1, {}}};
  EXPECT_EQ(error_of(module), "the module has several memories");
}

}  // namespace
}  // namespace omega::object::wasm
