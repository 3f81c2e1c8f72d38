// SPDX-License-Identifier: Apache-2.0
#include "omega/base/digests.h"

#include <gtest/gtest.h>

#include <string_view>

#include "omega/base/digest_testing.h"
#include "omega/base/hexadecimal.h"

namespace omega::base {
namespace {

TEST(Digests, KnownHashes) {
  EXPECT_EQ(hexadecimal(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hexadecimal(ripemd160("")), "9c1185a5c5e9fc54612808977ee8f548b2258d31");
  EXPECT_EQ(hexadecimal(ripemd160("abc")), "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
  EXPECT_EQ(hexadecimal(ripemd160("abcdefghijklmnopqrstuvwxyz")), "f71c27109c692c1b56bbdceb5b9d2865b3708dbc");
}

// Bytes i % 251; computed by Python's hashlib.
TEST(Digests, LengthsAroundTheBlock) {
  static constexpr struct {
    size_t length;
    std::string_view sha256;
    std::string_view ripemd160;
  } cases[] = {
      {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "9c1185a5c5e9fc54612808977ee8f548b2258d31"},
      {1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "c81b94933420221a7ac004a90242d8b1d3e5070d"},
      {55, "463eb28e72f82e0a96c0a4cc53690c571281131f672aa229e0d45ae59b598b59", "3c86963b3ff646a65ae42996e9664c747cc7e5e6"},
      {56, "da2ae4d6b36748f2a318f23e7ab1dfdf45acdc9d049bd80e59de82a60895f562", "ebdd79cfd4fd9949ef8089673d2620427f487cfb"},
      {63, "29af2686fd53374a36b0846694cc342177e428d1647515f078784d69cdb9e488", "6d31d3d634b4a7aa15914c239576eb1956f2d9a4"},
      {64, "fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108", "2581f5e9f957b44b0fa24d31996de47409dd1e0f"},
      {65, "4bfd2c8b6f1eec7a2afeb48b934ee4b2694182027e6d0fc075074f2fabb31781", "109949b95341eeea7365e8ac4d0d3883d98f709a"},
      {119, "da18797ed7c3a777f0847f429724a2d8cd5138e6ed2895c3fa1a6d39d18f7ec6", "ad430b4283203a7b7f338b9d252dfdbf807402bf"},
      {120, "f52b23db1fbb6ded89ef42a23ce0c8922c45f25c50b568a93bf1c075420bbb7c", "b89cdc109009f1982c8b34fca446953584d3f6c4"},
      {200, "1901da1c9f699b48f6b2636e65cbf73abf99d0441ef67f5c540a42f7051dec6f", "c315823ea8fe07a2dd18de4e545255afe3af0738"},
  };
  for (const auto& [length, sha, ripemd] : cases) {
    const std::string bytes = counted_bytes(length);
    EXPECT_EQ(hexadecimal(sha256(bytes)), sha) << length;
    EXPECT_EQ(hexadecimal(ripemd160(bytes)), ripemd) << length;
  }
}

}  // namespace
}  // namespace omega::base
