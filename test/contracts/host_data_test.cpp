// SPDX-License-Identifier: Apache-2.0
// Random types and data: decoded, kept in the state, read, encoded, hashed into topics, cut and deleted, compiled through LLVM with the shared C, against the
// interpreter. Data is right, or right but for some bytes.
#include <gtest/gtest.h>

#include <random>

#include "omega/base/keccak.h"
#include "omega/interp/contract_data.h"
#include "omega/ir/contract.h"
#include "omega/ir/op_info.h"
#include "test/contracts/host_testing.h"

namespace omega::contract_tests {
namespace {

using interp::Word;
using ir::DataKind;

class RandomData {
 public:
  explicit RandomData(uint64_t seed) : random_(seed) { type_ = make_type(0); }

  ir::DataTypeId type() const { return type_; }
  const ir::Contract& contract() const { return contract_; }

  /// The contract: `run` takes a value of the type to the state and back, `get` gives what is there, `remove` deletes it.
  std::string text() {
    std::string text = "contract \"Data\" {\n";
    for (size_t i = 0; i < contract_.types.size(); ++i) {
      text += "  type t" + std::to_string(i) + " = " + row(contract_.types[i]) + "\n";
    }
    const std::string t = "t" + std::to_string(type_), bytes = "t" + std::to_string(contract_.types.size());
    const bool is_calldata = !ir::is_value_kind(contract_.types[type_].kind) && below(2) == 0;
    const std::string reg = ir::type_name(ir::value_type(contract_.types[type_]));
    text += "  type " + bytes + " = bytes\n  variable \"first\": " + t + "\n  variable \"kept\": " + t + "\n  variable \"last\": " + t + "\n";
    text += "  event \"Kept\" (a: " + t + " indexed, b: " + t + ")\n";
    text += "  function \"run\" nonpayable (a: " + t + (is_calldata ? " calldata" : "") + ") -> (" + t + ") = \"run\"\n";
    text += "  function \"get\" view () -> (" + t + ") = \"get\"\n  function \"remove\" nonpayable () -> (" + t + ") = \"remove\"\n";
    text += "  function \"both\" nonpayable (a: " + bytes + ") -> (" + bytes + ") = \"both\"\n}\n";
    const std::string place = "  %p = state.variable ref 1\n", get = "  %v = state.get " + reg + " %p, " + t + "\n";
    text += "function \"run\"(" + reg + ") -> (" + reg + ") at 0 {\nb0:\n  %a = param " + reg + " 0\n" + place + "  state.set %p, %a, " + t + "\n" + get +
            "  event 0 (%v, %a)\n  %q = state.variable ref 2\n  state.copy %q, %p, " + t + "\n  ret (%v)\n}\n";
    text += "function \"get\"() -> (" + reg + ") at 0 {\nb0:\n" + place + get + "  ret (%v)\n}\n";
    text += "function \"remove\"() -> (" + reg + ") at 0 {\nb0:\n" + place + "  state.clear %p, " + t + "\n" + get + "  ret (%v)\n}\n";
    text += "function \"both\"(ref) -> (ref) at 0 {\nb0:\n  %a = param ref 0\n  %x = data.decode " + reg + " %a, (" + t + ", " + t + ")\n  %y = result " + reg +
            " %x, 1\n" + "  %e = data.encode ref Abi (%y: " + t + ", %a: " + bytes + ", %x: " + t + ")\n  ret (%e)\n}\n";
    return text;
  }

  /// A value of the type, in `memory`.
  Word value(interp::ContractMemory& memory, ir::DataTypeId id) {
    const ir::DataType& type = contract_.types[id];
    if (ir::is_value_kind(type.kind)) {
      return value_of(type);
    }
    if (type.kind == DataKind::Bytes || type.kind == DataKind::String) {
      std::string bytes(below(5) == 0 ? 0 : below(80), '\0');
      for (char& c : bytes) {
        c = static_cast<char>(random_());
      }
      return memory.new_bytes(std::string_view(bytes));
    }
    const uint64_t count = type.kind == DataKind::Array ? below(4) : type.kind == DataKind::Struct ? type.field_count : type.length;
    const Word object = memory.new_words(count);
    for (uint64_t k = 0; k < count; ++k) {
      const Word part = value(memory, type.kind == DataKind::Struct ? contract_.fields[type.first_field + k].type : type.element);
      memory.words(object)[k] = part;
    }
    return object;
  }

  /// Changes a few bytes, or cuts some off.
  void spoil(std::string& data) {
    for (uint64_t k = below(3); k > 0 && !data.empty(); --k) {
      const size_t at = below(data.size());
      if (below(3) == 0) {
        data[at / 32 * 32 + std::min<size_t>(31, data.size() - 1 - at / 32 * 32)] = static_cast<char>(below(200));  // lengths and offsets
      } else {
        data[at] = static_cast<char>(below(2) == 0 ? random_() : 0xff);
      }
    }
    if (below(4) == 0 && !data.empty()) {
      data.resize(below(data.size()));
    }
  }

  uint64_t below(uint64_t limit) { return random_() % limit; }

 private:
  ir::DataTypeId add(ir::DataType type) {
    contract_.types.push_back(std::move(type));
    return static_cast<ir::DataTypeId>(contract_.types.size() - 1);
  }

  ir::DataTypeId make_type(uint32_t depth) {
    const uint64_t kind = below(depth < 3 ? 11 : 8);
    ir::DataType type;
    switch (kind) {
      case 0: type.kind = DataKind::Bool; break;
      case 1: type.kind = DataKind::Address; break;
      case 2: type.kind = DataKind::Enum, type.name = "E", type.length = 1 + below(256); break;
      case 3: type.kind = DataKind::Unsigned, type.bits = static_cast<uint16_t>(8 + 8 * below(32)); break;
      case 4: type.kind = DataKind::Signed, type.bits = static_cast<uint16_t>(8 + 8 * below(32)); break;
      case 5: type.kind = DataKind::FixedBytes, type.bits = static_cast<uint16_t>(8 + 8 * below(32)); break;
      case 6: type.kind = DataKind::Bytes; break;
      case 7: type.kind = DataKind::String; break;
      case 8: type.kind = DataKind::Array, type.element = make_type(depth + 1); break;
      case 9: type.kind = DataKind::FixedArray, type.element = make_type(depth + 1), type.length = 1 + below(3); break;
      default: {
        std::vector<ir::DataField> fields(1 + below(4));
        for (ir::DataField& field : fields) {
          field.name = "f";
          field.type = make_type(depth + 1);
        }
        type.kind = DataKind::Struct;
        type.name = "S" + std::to_string(contract_.types.size());
        type.first_field = static_cast<uint32_t>(contract_.fields.size());
        type.field_count = static_cast<uint32_t>(fields.size());
        contract_.fields.insert(contract_.fields.end(), fields.begin(), fields.end());
      }
    }
    return add(std::move(type));
  }

  std::string row(const ir::DataType& type) const {
    const auto t = [](ir::DataTypeId id) { return "t" + std::to_string(id); };
    switch (type.kind) {
      case DataKind::Bool: return "bool";
      case DataKind::Address: return "address";
      case DataKind::Enum: return "enum \"E\" " + std::to_string(type.length);
      case DataKind::Unsigned: return "uint " + std::to_string(type.bits);
      case DataKind::Signed: return "int " + std::to_string(type.bits);
      case DataKind::FixedBytes: return "bytes " + std::to_string(type.bits / 8);
      case DataKind::Bytes: return "bytes";
      case DataKind::String: return "string";
      case DataKind::Array: return "array " + t(type.element);
      case DataKind::FixedArray: return "fixed " + t(type.element) + " " + std::to_string(type.length);
      default: break;
    }
    std::string text = "struct \"" + type.name + "\" (";
    for (uint32_t k = 0; k < type.field_count; ++k) {
      text += (k == 0 ? "f" : ", f") + std::to_string(k) + ": " + t(contract_.fields[type.first_field + k].type);
    }
    return text + ")";
  }

  Word value_of(const ir::DataType& type) {
    const ir::Type reg = ir::value_type(type);
    Word word{{random_(), random_(), random_(), random_()}}, fitting;
    if (below(3) == 0) {
      word = interp::word_of(below(3));
    }
    if (type.kind == DataKind::Enum) {
      return interp::word_of(below(type.length));
    }
    const uint32_t sign = ir::is_signed(reg) ? 1 : 0;
    om_wide_convert(&fitting, &word, OM_INT(256, sign), OM_INT(ir::bit_width(reg), sign));
    return fitting;
  }

  std::mt19937_64 random_;
  ir::Contract contract_;
  ir::DataTypeId type_ = 0;
};

std::string selector(const std::string& signature) { return interp::word_bytes(interp::word_of(base::keccak256_selector(signature)), 4); }

class HostData : public ::testing::TestWithParam<int> {};

TEST_P(HostData, IsThatOfTheInterpreter) {
  RandomData data(static_cast<uint64_t>(GetParam()));
  Both both(data.text());
  const interp::DataLayout layout(data.contract());
  const std::string run = selector("run(" + ir::canonical_name(data.contract(), data.type()) + ")");
  uint32_t successes = 0;
  for (int i = 0; i < 300; ++i) {
    interp::ContractBudget budget{1'000'000, 1'000'000};
    interp::ContractMemory memory(budget);
    interp::DataCodec codec(layout, memory, budget);
    const ir::DataTypeId types[] = {data.type(), data.type()};
    const Word values[] = {data.value(memory, data.type()), data.value(memory, data.type())};
    const bool is_two = data.below(2) == 0;
    std::string bytes = codec.encode({types, is_two ? 2u : 1u}, {values, is_two ? 2u : 1u});
    if (i % 3 != 0) {
      data.spoil(bytes);
    }
    if (is_two) {
      // As the bytes argument of `both`.
      std::string argument = interp::word_bytes(interp::word_of(32)) + interp::word_bytes(interp::word_of(bytes.size())) + bytes;
      argument.resize((argument.size() + 31) / 32 * 32);
      bytes = selector("both(bytes)") + argument;
    } else {
      bytes.insert(0, run);
    }
    successes += both.call(bytes) ? 1 : 0;
    both.call(selector("get()"));
    if (i % 10 == 9) {
      both.call(selector("remove()"));
    }
    ASSERT_FALSE(HasFailure()) << data.text();
  }
  EXPECT_GT(successes, 90u);
}

TEST(HostLists, LongOnesAreRight) {
  // More values than lie in a frame.
  constexpr uint32_t kCount = 60;
  std::string text = "contract \"Lists\" {\n  type t0 = uint 256\n  type t1 = bytes\n  function \"f\" pure (a: t0) -> (t1, t0) = \"f\"\n}\n";
  text += "function \"f\"(u256) -> (ref, u256) at 0 {\nb0:\n  %a = param u256 0\n  %x0 = mul u256 %a, %a\n";
  std::string values, types;
  for (uint32_t k = 0; k < kCount; ++k) {
    const std::string number = std::to_string(k);
    text += "  %x" + std::to_string(k + 1) + " = add u256 %x" + number + ", %a\n";
    values += (k == 0 ? "%x" : ", %x") + number + ": t0";
    types += k == 0 ? "t0" : ", t0";
  }
  text += "  %e = data.encode ref Abi (" + values + ")\n  %y0 = data.decode u256 %e, (" + types + ")\n";
  for (uint32_t k = 1; k < kCount; ++k) {
    text += "  %y" + std::to_string(k) + " = result u256 %y0, " + std::to_string(k) + "\n";
  }
  text += "  %s = xor u256 %y0, %y" + std::to_string(kCount - 1) + "\n  ret (%e, %s)\n}\n";
  Both both(text);
  for (const uint64_t a : {0, 1, 77}) {
    EXPECT_TRUE(both.call(selector("f(uint256)") + interp::word_bytes(interp::word_of(a))));
  }
}

INSTANTIATE_TEST_SUITE_P(Types, HostData, ::testing::Range(1, 25));

}  // namespace
}  // namespace omega::contract_tests
