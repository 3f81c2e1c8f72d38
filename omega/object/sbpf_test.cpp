// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "omega/object/elf_format.h"
#include "omega/object/sbpf_linker.h"
#include "omega/object/sbpf_object.h"
#include "omega/object/sbpf_testing.h"

namespace omega::object::sbpf {
namespace {

std::string error_of(const ObjectFile& file) {
  const auto made = link(file.bytes(), "entrypoint");
  return made.has_value() ? "linked" : made.error().message;
}

template <class T>
T at(const std::string& bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

TEST(SystemCall, NumbersAreMurmur3) {
  // Values of solana-sbpf's hash_symbol_name.
  EXPECT_EQ(system_call_number("sol_log_"), 0x207559bdu);
  EXPECT_EQ(system_call_number("abort"), 0xb6fc1a11u);
  EXPECT_EQ(system_call_number("sol_memcpy_"), 0x717cc4a3u);
}

TEST(Link, CodeAlone) {
  ObjectFile file;
  file.code = instruction(0x95, 0, 0, 0, 0);
  file.symbols.push_back({"entrypoint", ObjectFile::kCode, 0, true});
  const auto made = link(file.bytes(), "entrypoint");
  ASSERT_TRUE(made.has_value()) << made.error().message;
  const auto header = at<elf::Header>(*made, 0);
  EXPECT_EQ(header.machine, 247);
  EXPECT_EQ(header.flags, 3u);
  EXPECT_EQ(header.entry, kCodeAddress);
  ASSERT_EQ(header.program_header_count, 1);
  const auto segment = at<elf::ProgramHeader>(*made, 64);
  EXPECT_EQ(segment.address, kCodeAddress);
  EXPECT_EQ(segment.flags, elf::kExecute);
  EXPECT_EQ(segment.offset + segment.file_size, made->size());
  EXPECT_EQ(made->substr(segment.offset), file.code);
}

TEST(Link, ConstantsHaveAddresses) {
  ObjectFile file;
  file.code = instruction(0x18, 1, 0, 0, 3) + instruction(0, 0, 0, 0, 0) + instruction(0x95, 0, 0, 0, 0);
  file.constants = std::string("abcdefgh") + std::string(8, '\0');
  file.symbols.push_back({"entrypoint", ObjectFile::kCode, 0, true});
  file.symbols.push_back({"text", ObjectFile::kConstants, 0, false});
  file.code_relocations.push_back({0, 1, 2});
  file.constant_relocations.push_back({8, 2, 2});
  const auto made = link(file.bytes(), "entrypoint");
  ASSERT_TRUE(made.has_value()) << made.error().message;
  const auto constants = at<elf::ProgramHeader>(*made, 64), code = at<elf::ProgramHeader>(*made, 64 + 56);
  EXPECT_EQ(constants.address, kConstantsAddress);
  EXPECT_EQ(constants.file_size % 8, 0u);
  const uint64_t text = made->find("abcdefgh") - constants.offset;
  EXPECT_NE(text, 0u);
  EXPECT_EQ(at<uint64_t>(*made, constants.offset + text + 8), text);
  EXPECT_EQ(at<uint32_t>(*made, code.offset + 4), text + 3);
  EXPECT_EQ(at<uint32_t>(*made, code.offset + 12), 0u);
}

TEST(Link, CallsOfFunctionsAndOfTheSystem) {
  ObjectFile file;
  file.code = instruction(0x85, 0, 1, 0, -1) + instruction(0x85, 0, 1, 0, -1) + instruction(0x95, 0, 0, 0, 0) + instruction(0x95, 0, 0, 0, 0);
  file.symbols.push_back({"entrypoint", ObjectFile::kCode, 0, true});
  file.symbols.push_back({"helper", ObjectFile::kCode, 24, true});
  file.symbols.push_back({"sol_log_", ObjectFile::kUndefined, 0, false});
  file.code_relocations.push_back({0, 10, 2});
  file.code_relocations.push_back({8, 10, 3});
  const auto made = link(file.bytes(), "entrypoint");
  ASSERT_TRUE(made.has_value()) << made.error().message;
  const uint64_t code = at<elf::ProgramHeader>(*made, 64).offset;
  EXPECT_EQ(made->substr(code, 8), instruction(0x85, 0, 1, 0, 2));
  EXPECT_EQ(made->substr(code + 8, 8), instruction(0x85, 0, 0, 0, 0x207559bd));
}

TEST(Link, RefusesWhatTheLoaderWouldTake) {
  ObjectFile unknown;
  unknown.code = instruction(0x85, 0, 1, 0, -1) + instruction(0x95, 0, 0, 0, 0);
  unknown.symbols.push_back({"entrypoint", ObjectFile::kCode, 0, true});
  unknown.symbols.push_back({"sol_made_up", ObjectFile::kUndefined, 0, false});
  unknown.code_relocations.push_back({0, 10, 2});
  EXPECT_EQ(error_of(unknown), "`sol_made_up` is neither a function of the program nor a system call");

  ObjectFile deep;
  deep.code = instruction(0x7b, 10, 1, -4104, 0) + instruction(0x95, 0, 0, 0, 0);
  deep.symbols.push_back({"entrypoint", ObjectFile::kCode, 0, true});
  EXPECT_EQ(error_of(deep), "function `entrypoint` needs 4104 bytes of stack, of which there are 4096");
  deep.code = instruction(0xbf, 1, 10, 0, 0) + instruction(0x07, 1, 0, 0, -5000) + instruction(0x95, 0, 0, 0, 0);
  EXPECT_EQ(error_of(deep), "function `entrypoint` needs 5000 bytes of stack, of which there are 4096");
  deep.code = instruction(0xbf, 1, 10, 0, 0) + instruction(0x07, 1, 0, 0, -4096) + instruction(0x95, 0, 0, 0, 0);
  EXPECT_EQ(error_of(deep), "linked");

  ObjectFile astray;
  astray.code = instruction(0x85, 0, 1, 0, 5) + instruction(0x95, 0, 0, 0, 0);
  astray.symbols.push_back({"entrypoint", ObjectFile::kCode, 0, true});
  EXPECT_EQ(error_of(astray), "a call leads out of the code");

  ObjectFile headless;
  headless.code = instruction(0x95, 0, 0, 0, 0);
  EXPECT_EQ(error_of(headless), "there is no function `entrypoint`");
}

TEST(Link, RefusesMalformedFiles) {
  ObjectFile file;
  file.code = instruction(0x18, 1, 0, 0, 0) + instruction(0, 0, 0, 0, 0) + instruction(0x95, 0, 0, 0, 0);
  file.symbols.push_back({"entrypoint", ObjectFile::kCode, 0, true});
  file.code_relocations.push_back({16, 1, 1});
  EXPECT_EQ(error_of(file), "malformed object file: a relocation lies outside of its section");
  file.code_relocations = {{0, 7, 1}};
  EXPECT_EQ(error_of(file), "malformed object file: relocation 7 is unknown");
  file.code_relocations = {{0, 1, 9}};
  EXPECT_EQ(error_of(file), "malformed object file: a relocation names no symbol");
  file.code_relocations = {{0, 1, 1}};
  EXPECT_EQ(error_of(file), "the address of the function `entrypoint` is used as a value");
  file.code_relocations = {};
  const std::string whole = file.bytes();
  // Nothing shorter is taken for the whole, and nothing crashes.
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read_object(std::string_view(whole).substr(0, size)).has_value()) << size;
  }
  EXPECT_TRUE(read_object(whole).has_value());
}

}  // namespace
}  // namespace omega::object::sbpf
