// SPDX-License-Identifier: Apache-2.0
// Every integer operation at many widths, in the Move VM against the interpreter.
#include <gtest/gtest.h>

#include "omega/base/keccak.h"
#include "omega/codegen/common/arithmetic_testing.h"
#include "omega/codegen/move/move_testing.h"
#include "omega/interp/contract_machine.h"

namespace omega::codegen::move {
namespace {

using interp::Word;

/// Decimal digits of the text as a word; the text is the VM's own.
Word from_decimal(std::string_view text) {
  Word value = interp::word_of(0);
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      unsigned __int128 carry = static_cast<unsigned>(c - '0');
      for (uint64_t& limb : value.limb) {
        carry += static_cast<unsigned __int128>(limb) * 10;
        limb = static_cast<uint64_t>(carry);
        carry >>= 64;
      }
    }
  }
  return value;
}

std::string to_decimal(Word value) {
  std::string digits;
  while (!interp::is_zero(value)) {
    unsigned __int128 rest = 0;
    for (uint32_t i = 4; i-- > 0;) {
      rest = rest << 64 | value.limb[i];
      value.limb[i] = static_cast<uint64_t>(rest / 10);
      rest %= 10;
    }
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest)));
  }
  return digits.empty() ? "0" : digits;
}

/// The answer of one machine: a number or the code of a panic.
struct Answer {
  bool panics = false;
  Word value{};
  bool operator==(const Answer& other) const { return panics == other.panics && interp::same_word(value, other.value); }
};

std::ostream& operator<<(std::ostream& out, const Answer& answer) { return out << (answer.panics ? "panic " : "") << to_decimal(answer.value); }

/// The same contract in both machines.
class Both {
 public:
  explicit Both(const std::string& text) : in_vm_(text, {}) {
    auto module = ir::parse_text(text);
    code_ = std::make_shared<const interp::ContractCode>(std::make_shared<const ir::Module>(std::move(*module)));
    address_ = machine_.deploy(code_, sender_, interp::word_of(0), "").address;
  }

  Answer interpreter(const std::string& name, const Word& a, const Word& b) {
    const std::string data =
        interp::word_bytes(interp::word_of(base::keccak256_selector(name + "(uint256,uint256)")), 4) + interp::word_bytes(a) + interp::word_bytes(b);
    const interp::ContractOutcome outcome = machine_.call(address_, sender_, interp::word_of(0), data);
    return {!outcome.success, interp::word_from_bytes(std::string_view(outcome.data).substr(outcome.success ? 0 : 4))};
  }
  Answer vm(const std::string& name, const Word& a, const Word& b) {
    const std::string answer = in_vm_.view(name, {"\"" + to_decimal(a) + "\"", "\"" + to_decimal(b) + "\""});
    const bool panics = answer.starts_with("abort ");
    EXPECT_TRUE(panics || answer.starts_with("\"")) << answer;
    return {panics, from_decimal(answer)};
  }

 private:
  Deployed in_vm_;
  interp::ContractMachine machine_;
  interp::Address sender_ = interp::word_of(0xa11ce);
  interp::Address address_{};
  std::shared_ptr<const interp::ContractCode> code_;
};

class MoveArithmetic : public ::testing::TestWithParam<const char*> {};

TEST_P(MoveArithmetic, IsThatOfTheInterpreter) {
  const std::string type = GetParam();
  const uint32_t bits = static_cast<uint32_t>(std::stoi(type.substr(1)));
  const codegen::Operations operations(type);
  Both both(operations.text());
  const std::vector<Word> values = codegen::values_for(bits);
  uint32_t panics = 0;
  for (const std::string& name : operations.names()) {
    for (size_t i = 0; i < values.size(); ++i) {
      for (size_t j = 0; j < values.size(); ++j) {
        const Answer expected = both.interpreter(name, values[i], values[j]);
        panics += expected.panics ? 1 : 0;
        ASSERT_EQ(both.vm(name, values[i], values[j]), expected) << type << " " << name << " " << to_decimal(values[i]) << " " << to_decimal(values[j]);
      }
    }
  }
  EXPECT_GT(panics, 50u);
}

INSTANTIATE_TEST_SUITE_P(Types, MoveArithmetic, ::testing::Values("u8", "u64", "u128", "u160", "u256", "s8", "s24", "s128", "s136", "s256"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(MoveModularArithmetic, IsThatOfTheInterpreter) {
  Both both(codegen::modular_operations());
  const Word all{{~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}}};
  const Word values[] = {interp::word_of(0),
                         interp::word_of(5),
                         interp::word_of(1000),
                         all,
                         interp::shifted_right(all, 1),
                         {{0x9e3779b97f4a7c15, 0xd6e8feb86659fd93, 0xa24baed4963ee407, 0xc2b2ae3d27d4eb4f}}};
  for (const Word& a : values) {
    for (const Word& b : values) {
      for (const char* op : {"addmod", "mulmod"}) {
        EXPECT_EQ(both.vm(op, a, b), both.interpreter(op, a, b)) << op << " " << to_decimal(a) << " " << to_decimal(b);
      }
    }
  }
}

}  // namespace
}  // namespace omega::codegen::move
