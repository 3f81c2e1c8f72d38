// SPDX-License-Identifier: Apache-2.0
// Every integer operation at many widths, compiled through LLVM with the shared C, against the interpreter.
#include <gtest/gtest.h>

#include <random>

#include "omega/base/keccak.h"
#include "omega/codegen/common/arithmetic_testing.h"
#include "test/contracts/host_testing.h"

namespace omega::contract_tests {
namespace {

using interp::Word;

/// A number with long runs of equal bits, as carries and signs like them.
Word random_word(std::mt19937_64& random) {
  Word word{};
  for (uint64_t& limb : word.limb) {
    const uint64_t kind = random() % 4;
    limb = kind == 0 ? 0 : kind == 1 ? ~uint64_t{0} : kind == 2 ? random() : random() >> (random() % 64);
  }
  return random() % 3 == 0 ? interp::shifted_right(word, static_cast<uint32_t>(random() % 256)) : word;
}

std::string call_data(const std::string& name, const Word& a, const Word& b) {
  return interp::word_bytes(interp::word_of(base::keccak256_selector(name + "(uint256,uint256)")), 4) + interp::word_bytes(a) + interp::word_bytes(b);
}

class HostArithmetic : public ::testing::TestWithParam<const char*> {};

TEST_P(HostArithmetic, IsThatOfTheInterpreter) {
  const std::string type = GetParam();
  const auto bits = static_cast<uint32_t>(std::stoi(type.substr(1)));
  const codegen::Operations operations(type);
  Both both(operations.text());
  std::vector<Word> values = codegen::values_for(bits);
  std::mt19937_64 random(bits);
  for (int i = 0; i < 8; ++i) {
    values.push_back(random_word(random));
  }
  uint32_t failures = 0;
  for (const std::string& name : operations.names()) {
    for (const Word& a : values) {
      for (const Word& b : values) {
        failures += both.call(call_data(name, a, b)) ? 0 : 1;
        ASSERT_FALSE(HasFailure()) << type << " " << name;
      }
    }
  }
  EXPECT_GT(failures, 50u);
}

INSTANTIATE_TEST_SUITE_P(Types, HostArithmetic,
                         ::testing::Values("u8", "u24", "u32", "u40", "u64", "u72", "u128", "u160", "u248", "u256", "s8", "s24", "s32", "s48", "s64", "s72",
                                           "s128", "s136", "s248", "s256"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(HostModularArithmetic, IsThatOfTheInterpreter) {
  Both both(codegen::modular_operations());
  std::mt19937_64 random(7);
  for (int i = 0; i < 2000; ++i) {
    const Word a = random_word(random), b = i % 100 == 0 ? a : random_word(random);
    both.call(call_data(i % 2 == 0 ? "addmod" : "mulmod", a, b));
    ASSERT_FALSE(HasFailure());
  }
}

}  // namespace
}  // namespace omega::contract_tests
