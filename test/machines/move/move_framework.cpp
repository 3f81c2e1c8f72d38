// SPDX-License-Identifier: Apache-2.0
#include "test/machines/move/move_framework.h"

#include "omega/object/move_builder.h"

namespace omega::testing {

namespace {

using namespace object::move;  // NOLINT(google-build-using-namespace)

constexpr uint8_t kKeyAbilities = kCopy | kDrop;

Type u8() { return type_of(TypeTag::U8); }
Type u64() { return type_of(TypeTag::U64); }
Type address() { return type_of(TypeTag::Address); }
Type bytes() { return vector_of(u8()); }

/// One module of the framework.
class Room {
 public:
  explicit Room(std::string_view name) : builder_(small_address(1), name) {}

  ModuleBuilder& builder() { return builder_; }
  uint32_t other(std::string_view module) { return builder_.module(small_address(1), module); }

  uint32_t native(std::string_view name, const Signature& parameters, const Signature& results, const std::vector<uint8_t>& constraints = {},
                  Visibility visibility = Visibility::Public) {
    FunctionDefinition definition;
    definition.handle = builder_.function(builder_.self(), name, parameters, results, constraints);
    definition.visibility = visibility;
    definition.is_native = true;
    builder_.define_function(definition);
    return definition.handle;
  }

  /// A public function whose body `write` writes.
  template <class Write>
  void function(std::string_view name, const Signature& parameters, const Signature& results, const std::vector<uint8_t>& constraints, Write&& write) {
    CodeWriter code(builder_, static_cast<uint32_t>(parameters.size()));
    write(code);
    code.op(Opcode::Ret);
    builder_.define_function(code.finish(builder_.function(builder_.self(), name, parameters, results, constraints), Visibility::Public));
  }

  Module finish() { return builder_.finish(); }

 private:
  ModuleBuilder builder_;
};

Module natives(std::string_view name, const std::vector<std::string_view>& hashes) {
  Room room(name);
  for (const std::string_view hash : hashes) {
    room.native(hash, {bytes()}, {bytes()});
  }
  return room.finish();
}

Module signer() {
  Room room("signer");
  const Type reference = reference_to(type_of(TypeTag::Signer));
  const uint32_t borrow = room.native("borrow_address", {reference}, {reference_to(address())});
  room.function("address_of", {reference}, {address()}, {}, [&](CodeWriter& code) { code.move(0).call(borrow).op(Opcode::ReadRef); });
  return room.finish();
}

Module bcs() {
  Room room("bcs");
  room.native("to_bytes", {reference_to(type_parameter(0))}, {bytes()}, {0});
  return room.finish();
}

Module from_bcs() {
  Room room("from_bcs");
  const uint32_t from_bytes = room.native("from_bytes", {bytes()}, {type_parameter(0)}, {0}, Visibility::Friend);
  const auto reader = [&](std::string_view name, const Type& type) {
    room.function(name, {bytes()}, {type}, {},
                  [&](CodeWriter& code) { code.move(0).op(Opcode::CallGeneric, room.builder().function_instance(from_bytes, {type})); });
  };
  reader("to_u256", type_of(TypeTag::U256));
  reader("to_address", address());
  return room.finish();
}

Module aptos_hash() {
  Room room("aptos_hash");
  const uint32_t keccak = room.builder().function(room.other("keccak"), "keccak256", {bytes()}, {bytes()});
  room.function("keccak256", {bytes()}, {bytes()}, {}, [&](CodeWriter& code) { code.move(0).call(keccak); });
  return room.finish();
}

Module string() {
  Room room("string");
  ModuleBuilder& builder = room.builder();
  const uint32_t definition = builder.define_struct("String", kCopy | kDrop | kStore, {{"bytes", bytes()}});
  const Type type = builder.defined_type(definition);
  const uint32_t check = room.native("internal_check_utf8", {reference_to(bytes())}, {type_of(TypeTag::Bool)});
  room.function("utf8", {bytes()}, {type}, {}, [&](CodeWriter& code) {
    const CodeWriter::Label good = code.label();
    code.op(Opcode::ImmBorrowLoc, 0).call(check).branch_if(good).abort(1).bind(good).move(0).op(Opcode::Pack, definition);
  });
  room.function("bytes", {reference_to(type)}, {reference_to(bytes())}, {},
                [&](CodeWriter& code) { code.move(0).op(Opcode::ImmBorrowField, builder.field(definition, 0)); });
  return room.finish();
}

Module event() {
  Room room("event");
  const Type message = type_parameter(0);
  const uint32_t emit_event = room.native("emit_event", {reference_to(message)}, {}, {kDrop}, Visibility::Private);
  room.function("emit", {message}, {}, {kDrop},
                [&](CodeWriter& code) { code.op(Opcode::ImmBorrowLoc, 0).op(Opcode::CallGeneric, room.builder().function_instance(emit_event, {message})); });
  return room.finish();
}

Module block() {
  Room room("block");
  const uint32_t info = room.native("get_block_info", {}, {u64(), u64()});
  room.function("get_current_block_height", {}, {u64()}, {}, [&](CodeWriter& code) { code.call(info).op(Opcode::Pop); });
  return room.finish();
}

Module timestamp() {
  Room room("timestamp");
  const uint32_t info = room.builder().function(room.other("block"), "get_block_info", {}, {u64(), u64()});
  room.function("now_seconds", {}, {u64()}, {}, [&](CodeWriter& code) {
    const uint32_t seconds = code.local(u64());
    code.call(info).store(seconds).op(Opcode::Pop).copy(seconds);
  });
  return room.finish();
}

/// `Table<K, V>` over the natives of the VM, which keep each entry as a Box<V> of its own in the store.
Module table() {
  Room room("table");
  ModuleBuilder& builder = room.builder();
  const Type key = type_parameter(0);
  const Type value = type_parameter(1);
  const uint32_t definition = builder.define_struct("Table", kStore, {{"handle", address()}, {"length", u64()}}, {{kKeyAbilities, true}, {0, true}});
  const uint32_t box_definition = builder.define_struct("Box", kKey | kDrop | kStore, {{"val", type_parameter(0)}}, {{0, false}});
  const Type table = struct_type(builder.handle_of(definition), {key, value});
  const Type box = struct_type(builder.handle_of(box_definition), {value});
  const std::vector<uint8_t> two{kKeyAbilities, 0};
  const std::vector<uint8_t> three{kKeyAbilities, 0, 0};
  const auto native = [&](std::string_view name, const Signature& parameters, const Signature& results) {
    return builder.function_instance(room.native(name, parameters, results, three, Visibility::Private), {key, value, box});
  };
  const Type reference = reference_to(table);
  const Type mutable_reference = mutable_reference_to(table);
  const uint32_t new_handle = builder.function_instance(room.native("new_table_handle", {}, {address()}, {0, 0}, Visibility::Private), {key, value});
  const uint32_t add = native("add_box", {mutable_reference, key, struct_type(builder.handle_of(box_definition), {value})}, {});
  const uint32_t borrow = native("borrow_box", {reference, key}, {reference_to(box)});
  const uint32_t borrow_mut = native("borrow_box_mut", {mutable_reference, key}, {mutable_reference_to(box)});
  const uint32_t contains = native("contains_box", {reference, key}, {type_of(TypeTag::Bool)});
  const uint32_t remove = native("remove_box", {mutable_reference, key}, {box});
  const uint32_t box_instance = builder.struct_instance(box_definition, {value});
  const uint32_t box_value = builder.field_instance(builder.field(box_definition, 0), {value});
  const uint32_t length = builder.field_instance(builder.field(definition, 1), {key, value});
  const uint32_t table_instance = builder.struct_instance(definition, {key, value});

  const auto change_length = [&](CodeWriter& code, Opcode change) {
    code.copy(0).op(Opcode::ImmBorrowFieldGeneric, length).op(Opcode::ReadRef).u64(1).op(change);
    code.copy(0).op(Opcode::MutBorrowFieldGeneric, length).op(Opcode::WriteRef);
  };
  room.function("new", {}, {table}, {kKeyAbilities, kStore},
                [&](CodeWriter& code) { code.op(Opcode::CallGeneric, new_handle).u64(0).op(Opcode::PackGeneric, table_instance); });
  room.function("add", {mutable_reference, key, value}, {}, two, [&](CodeWriter& code) {
    code.copy(0).copy(1).move(2).op(Opcode::PackGeneric, box_instance).op(Opcode::CallGeneric, add);
    change_length(code, Opcode::Add);
  });
  room.function("borrow", {reference, key}, {reference_to(value)}, two,
                [&](CodeWriter& code) { code.move(0).copy(1).op(Opcode::CallGeneric, borrow).op(Opcode::ImmBorrowFieldGeneric, box_value); });
  room.function("borrow_mut", {mutable_reference, key}, {mutable_reference_to(value)}, two,
                [&](CodeWriter& code) { code.move(0).copy(1).op(Opcode::CallGeneric, borrow_mut).op(Opcode::MutBorrowFieldGeneric, box_value); });
  room.function("contains", {reference, key}, {type_of(TypeTag::Bool)}, two, [&](CodeWriter& code) { code.move(0).copy(1).op(Opcode::CallGeneric, contains); });
  room.function("remove", {mutable_reference, key}, {value}, two, [&](CodeWriter& code) {
    const uint32_t taken = code.local(box);
    code.copy(0).copy(1).op(Opcode::CallGeneric, remove).store(taken);
    change_length(code, Opcode::Sub);
    code.move(taken).op(Opcode::UnpackGeneric, box_instance);
  });
  return room.finish();
}

}  // namespace

std::vector<Module> move_framework() {
  std::vector<Module> modules;
  modules.push_back(signer());
  modules.push_back(bcs());
  modules.push_back(from_bcs());
  modules.push_back(natives("hash", {"sha2_256", "sha3_256", "ripemd160"}));
  modules.push_back(natives("keccak", {"keccak256"}));
  modules.push_back(aptos_hash());
  modules.push_back(string());
  modules.push_back(event());
  modules.push_back(block());
  modules.push_back(timestamp());
  modules.push_back(table());
  return modules;
}

}  // namespace omega::testing
