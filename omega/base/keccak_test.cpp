// SPDX-License-Identifier: Apache-2.0
#include "omega/base/keccak.h"

#include <gtest/gtest.h>

#include <string>

#include "omega/base/digest_testing.h"
#include "omega/base/hexadecimal.h"

namespace omega::base {
namespace {

TEST(Keccak256, KnownHashes) {
  EXPECT_EQ(hexadecimal(keccak256("")), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  EXPECT_EQ(hexadecimal(keccak256("abc")), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
  EXPECT_EQ(keccak256_selector("transfer(address,uint256)"), 0xa9059cbbu);
  EXPECT_EQ(keccak256_selector("Error(string)"), 0x08c379a0u);
  EXPECT_EQ(keccak256_selector("Panic(uint256)"), 0x4e487b71u);
}

// Bytes i % 251; computed by an implementation whose SHA3-256 was the one of Python's hashlib.
TEST(Keccak256, LengthsAroundTheRate) {
  static constexpr struct {
    size_t length;
    std::string_view hash;
  } cases[] = {
      {1, "bc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a"},    {134, "861e165162f806cd361c4421a48f205820ddf4deb02db9f041f48e179ddada97"},
      {135, "cbdfd9dee5faad3818d6b06f95a219fd290b0e1706f6a82e5a595b9ce9faca62"},  {136, "7ce759f1ab7f9ce437719970c26b0a66ff11fe3e38e17df89cf5d29c7d7f807e"},
      {137, "ac73d4fae68b8453f764007c1a20ce95994187861f0c3227a3a8e99a73a3b1db"},  {271, "27eceb59ebc3dc8a04a5b135be641591a7278540e4556a2ba9f408194e666ec3"},
      {272, "8e2476e65823b24d96ebe239f2c1534cdf763e689e2410c3b1cb0c74e6177bfc"},  {273, "3f02f134370e4debb95140ef49ddd3aed8c65ff1ed83a43f1b269421f179c5f9"},
      {1000, "af692982e84a5a9688359025660a7857cd28ee7c8d867cfa1677baf2e6d1f63b"},
  };
  for (const auto& [length, hash] : cases) {
    EXPECT_EQ(hexadecimal(keccak256(counted_bytes(length))), hash) << length;
  }
}

TEST(Keccak, Sha3DiffersByItsPadding) {
  EXPECT_EQ(hexadecimal(sha3_256("")), "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
  EXPECT_EQ(hexadecimal(sha3_256("abc")), "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
  EXPECT_EQ(hexadecimal(sha3_256(std::string(135, 'a'))), "8094bb53c44cfb1e67b7c30447f9a1c33696d2463ecc1d9c92538913392843c9");
}

}  // namespace
}  // namespace omega::base
