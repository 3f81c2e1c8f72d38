// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>

#include "omega/object/move_builder.h"
#include "omega/object/move_dump.h"
#include "omega/object/move_reader.h"
#include "omega/object/move_writer.h"
#include "test/machines/move/move_framework.h"
#include "test/machines/move/move_machine.h"

namespace omega::object::move {
namespace {

/// A resource with a count; `start` makes it, `add` adds to it, `get` gives it, `largest` gives the largest u256.
Module counter() {
  ModuleBuilder builder(small_address(0x42), "counter");
  const Type number = type_of(TypeTag::U256);
  const Type signer = reference_to(type_of(TypeTag::Signer));
  const uint32_t state = builder.define_struct("State", kKey, {{"count", number}});
  const uint32_t field = builder.field(state, 0);
  const auto self = [&](CodeWriter& code) { code.op(Opcode::LdConst, builder.constant(type_of(TypeTag::Address), std::string(31, '\0') + "\x42")); };
  {
    CodeWriter code(builder, 1);
    code.move(0).u256(5).op(Opcode::Pack, state).op(Opcode::MoveTo, state).op(Opcode::Ret);
    builder.define_function(code.finish(builder.function(builder.self(), "start", {signer}, {}), Visibility::Private, true));
  }
  {
    CodeWriter code(builder, 2);
    const CodeWriter::Label good = code.label();
    const uint32_t place = code.local(mutable_reference_to(number));
    self(code);
    code.op(Opcode::MutBorrowGlobal, state).op(Opcode::MutBorrowField, field).store(place);
    code.copy(place).op(Opcode::ReadRef).copy(1).op(Opcode::Add).copy(place).op(Opcode::WriteRef);
    code.copy(place).op(Opcode::ReadRef).u64(1000).op(Opcode::CastU256).op(Opcode::Lt).branch_if(good).abort(77).bind(good).op(Opcode::Ret);
    builder.define_function(code.finish(builder.function(builder.self(), "add", {signer, number}, {}), Visibility::Private, true, {state}));
  }
  {
    CodeWriter code(builder, 0);
    self(code);
    code.op(Opcode::ImmBorrowGlobal, state).op(Opcode::ImmBorrowField, field).op(Opcode::ReadRef).op(Opcode::Ret);
    builder.define_function(code.finish(builder.function(builder.self(), "get", {}, {number}), Visibility::Public, false, {state}));
  }
  {
    CodeWriter code(builder, 0);
    code.u256(Limbs{~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}}).op(Opcode::Ret);
    builder.define_function(code.finish(builder.function(builder.self(), "largest", {}, {number}), Visibility::Public));
  }
  // No error descriptions, no attributes of structs, two view functions (kind 1, no arguments).
  builder.add_metadata("initia::metadata_v0", std::string("\0\0\2\3get\1\1\0\7largest\1\1\0", 21));
  return builder.finish();
}

TEST(MoveModule, ReadsWhatItWrote) {
  std::vector<Module> modules = testing::move_framework();
  modules.push_back(counter());
  for (const Module& module : modules) {
    const auto again = read(write(module));
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_TRUE(*again == module) << dump(*again) << dump(module);
  }
}

TEST(MoveModule, DumpNamesWhatIsUsed) {
  const std::string text = dump(counter());
  EXPECT_NE(text.find("module 0x42::counter\n"), std::string::npos);
  EXPECT_NE(text.find("struct State has key {\n  count: u256\n}\n"), std::string::npos);
  EXPECT_NE(text.find("public fun get(): (u256) acquires State {\n"), std::string::npos);
  EXPECT_NE(text.find("MutBorrowField State.count\n"), std::string::npos);
  EXPECT_NE(text.find("entry fun add(&signer, u256): () acquires State {\n  locals (&mut u256)\n"), std::string::npos);
}

TEST(MoveModule, RowsStandOnce) {
  ModuleBuilder builder(small_address(1), "m");
  EXPECT_EQ(builder.identifier("a"), builder.identifier("a"));
  EXPECT_NE(builder.identifier("a"), builder.identifier("b"));
  EXPECT_EQ(builder.signature({type_of(TypeTag::U8)}), builder.signature({type_of(TypeTag::U8)}));
  EXPECT_EQ(builder.constant(type_of(TypeTag::U8), "x"), builder.constant(type_of(TypeTag::U8), "x"));
  EXPECT_EQ(builder.function(0, "f", {}, {}), builder.function(0, "f", {}, {}));
}

TEST(MoveModule, EveryShorterFileIsRefused) {
  const std::string bytes = write(counter());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(read(std::string_view(bytes).substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(read(bytes + "x").has_value());
}

TEST(MoveModule, AnIndexOutOfRangeIsRefused) {
  Module module = counter();
  module.functions[0].code[0].index = 9;
  EXPECT_EQ(read(write(module)).error().message, "an index is out of range");
  module = counter();
  module.structs[0].fields[0].type = struct_type(7);
  EXPECT_EQ(read(write(module)).error().message, "an index is out of range");
}

TEST(MoveModule, DeepTypesAreRefused) {
  Module module = counter();
  Type type = type_of(TypeTag::U8);
  for (uint32_t i = 0; i < 100'000; ++i) {
    type.insert(type.begin(), static_cast<char>(TypeTag::Vector));
  }
  module.structs[0].fields[0].type = type;
  EXPECT_EQ(read(write(module)).error().message, "a type is too deep");
}

class MoveModuleInVm : public ::testing::Test {
 protected:
  void SetUp() override {
    auto machine = testing::MoveMachine::load();
    ASSERT_TRUE(machine.has_value()) << base::describe(machine.error());
    machine_ = std::move(*machine);
    ASSERT_TRUE(machine_->publish(write(counter())).has_value());
  }
  testing::MoveOutcome call(std::string_view function, const std::vector<std::string>& arguments) {
    return machine_->call(small_address(0x42), small_address(0x42), "counter", function, arguments);
  }
  std::string view(std::string_view function) {
    const testing::MoveOutcome outcome = machine_->view(small_address(0x42), "counter", function, {});
    return outcome.ok ? outcome.result : outcome.error;
  }
  std::unique_ptr<testing::MoveMachine> machine_;
};

TEST_F(MoveModuleInVm, IsVerifiedAndRun) {
  const testing::MoveOutcome start = call("start", {});
  ASSERT_TRUE(start.ok) << start.error;
  EXPECT_EQ(view("get"), "\"5\"");
  EXPECT_TRUE(call("add", {"\"37\""}).ok);
  EXPECT_EQ(view("get"), "\"42\"");
  EXPECT_EQ(view("largest"), "\"115792089237316195423570985008687907853269984665640564039457584007913129639935\"");
}

TEST_F(MoveModuleInVm, AnAbortUndoesWhatTheCallWrote) {
  ASSERT_TRUE(call("start", {}).ok);
  const testing::MoveOutcome failed = call("add", {"\"1000\""});
  EXPECT_FALSE(failed.ok);
  EXPECT_TRUE(failed.aborted) << failed.error;
  EXPECT_EQ(failed.code, 77u);
  EXPECT_EQ(view("get"), "\"5\"");
}

TEST_F(MoveModuleInVm, TheVerifierIsThere) {
  Module module = counter();
  module.functions[2].acquires.clear();
  ASSERT_TRUE(machine_->publish(write(module)).has_value());
  EXPECT_NE(view("get").find("MISSING_ACQUIRES_ANNOTATION"), std::string::npos) << view("get");
}

}  // namespace
}  // namespace omega::object::move
