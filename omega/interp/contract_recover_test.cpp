// SPDX-License-Identifier: Apache-2.0
#include "omega/interp/contract_recover.h"

#include <gtest/gtest.h>

namespace omega::interp {
namespace {

Word word(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return word_from_bytes(bytes);
}

struct Signature {
  std::string_view signer;
  char hash_digit;
  uint64_t v;
  std::string_view r, s;
};

// Made by ethers 6 with the keys 0x1111… and 0xabab….
constexpr Signature kSignatures[] = {
    {"19e7e376e7c213b7e7e7e46cc70a5dd086daff2a", '2', 27, "cfd18ee918d6729134adbc61212142cf71fcf186dfc3123cfca8f7062e0fad5a",
     "703cc467d9857349ddb6e148bd1663f5050f3f6b9d788d64349c357f14eb4a5f"},
    {"19e7e376e7c213b7e7e7e46cc70a5dd086daff2a", 'f', 28, "45c1e80d7a6594f02ee06e4539b015822faa10f1e210abfd717cf730527e47e7",
     "0c795c208cf7025f80e87422b183a74793f2862e4ddf8ef3c1931fd7ff9da148"},
    {"e239cdc5fbe977a8a141b72194d3cf8c41bc5bc6", '2', 28, "1a94ae9148dc7a9b0ebbc72ab1e6fccfb9c78cb0d5994b3bfb43f12e8be0ee0e",
     "798350ed02ad478ca0aa5737449c602133bf8ee7b00d7e8cc36b8e3fc856b9f8"},
    {"e239cdc5fbe977a8a141b72194d3cf8c41bc5bc6", 'f', 28, "4817a09ac943d8da05f0a98cbfb92fe4cff45dc0408f930b7ac7ce2e0a1df14e",
     "498edd8228d92b0f90ef4a68c85d97a3cfabdffa6a4b87f0b139509fa70a0c5c"},
};

TEST(RecoverSigner, KnownSignatures) {
  for (const Signature& one : kSignatures) {
    const Word hash = word(std::string(64, one.hash_digit));
    EXPECT_TRUE(same_word(recover_signer(hash, word_of(one.v), word(one.r), word(one.s)), word(one.signer))) << one.signer << one.hash_digit;
    EXPECT_FALSE(same_word(recover_signer(hash, word_of(55 - one.v), word(one.r), word(one.s)), word(one.signer)));
  }
}

TEST(RecoverSigner, NoSignatures) {
  const Signature& one = kSignatures[0];
  const Word hash = word(std::string(64, one.hash_digit)), r = word(one.r), s = word(one.s);
  const Word order = word("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
  const Word none = word_of(0);
  EXPECT_TRUE(is_zero(recover_signer(hash, word_of(26), r, s)));
  EXPECT_TRUE(is_zero(recover_signer(hash, Word{{27, 1, 0, 0}}, r, s)));
  EXPECT_TRUE(is_zero(recover_signer(hash, word_of(27), none, s)));
  EXPECT_TRUE(is_zero(recover_signer(hash, word_of(27), r, none)));
  EXPECT_TRUE(is_zero(recover_signer(hash, word_of(27), order, s)));
  EXPECT_TRUE(is_zero(recover_signer(hash, word_of(27), r, order)));
  EXPECT_TRUE(is_zero(recover_signer(hash, word_of(27), word_of(5), s))) << "5 is the x of no point";
}

}  // namespace
}  // namespace omega::interp
