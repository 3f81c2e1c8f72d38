// SPDX-License-Identifier: Apache-2.0
#include "omega/base/digests.h"

#include <bit>
#include <cstring>

namespace omega::base {

namespace {

__extension__ using Wide = unsigned __int128;

/// The bits behind the point of a root of a small number: 32 of them.
constexpr uint32_t root_fraction(uint32_t number, uint32_t degree) {
  const Wide power = Wide{number} << (32 * degree);
  Wide low = 0, high = Wide{1} << 42;
  while (high - low > 1) {
    const Wide middle = (low + high) / 2;
    const Wide raised = degree == 2 ? middle * middle : middle * middle * middle;
    (raised <= power ? low : high) = middle;
  }
  return static_cast<uint32_t>(low);
}

template <size_t count>
constexpr std::array<uint32_t, count> fractions_of_prime_roots(uint32_t degree) {
  std::array<uint32_t, count> fractions{};
  size_t found = 0;
  for (uint32_t number = 2; found < count; ++number) {
    bool is_prime = true;
    for (uint32_t divisor = 2; divisor * divisor <= number; ++divisor) {
      is_prime = is_prime && number % divisor != 0;
    }
    if (is_prime) {
      fractions[found++] = root_fraction(number, degree);
    }
  }
  return fractions;
}

constexpr size_t kBlock = 64;

/// The bytes' blocks, the last ones padded with a 1 bit, zeros and the length in bits, in the given order of bytes.
template <std::endian order, class Block>
void for_each_block(std::string_view bytes, Block&& block) {
  const uint64_t bits = uint64_t{bytes.size()} * 8;
  auto words = [&](std::string_view from) {
    std::array<uint32_t, 16> w;
    std::memcpy(w.data(), from.data(), kBlock);
    if constexpr (order != std::endian::native) {
      for (uint32_t& word : w) {
        word = __builtin_bswap32(word);
      }
    }
    block(w);
  };
  for (; bytes.size() >= kBlock; bytes.remove_prefix(kBlock)) {
    words(bytes.substr(0, kBlock));
  }
  char last[2 * kBlock] = {};
  if (!bytes.empty()) {
    std::memcpy(last, bytes.data(), bytes.size());
  }
  last[bytes.size()] = static_cast<char>(0x80);
  const size_t end = bytes.size() + 9 <= kBlock ? kBlock : 2 * kBlock;
  for (size_t i = 0; i < 8; ++i) {
    last[end - 8 + i] = static_cast<char>(bits >> 8 * (order == std::endian::big ? 7 - i : i));
  }
  words({last, kBlock});
  if (end > kBlock) {
    words({last + kBlock, kBlock});
  }
}

void sha256_block(std::array<uint32_t, 8>& state, const std::array<uint32_t, 16>& block) {
  static constexpr auto constants = fractions_of_prime_roots<64>(3);
  std::array<uint32_t, 64> w{};
  std::memcpy(w.data(), block.data(), kBlock);
  for (size_t i = 16; i < 64; ++i) {
    const uint32_t x = w[i - 15], y = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (std::rotr(x, 7) ^ std::rotr(x, 18) ^ x >> 3) + (std::rotr(y, 17) ^ std::rotr(y, 19) ^ y >> 10);
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (size_t i = 0; i < 64; ++i) {
    const uint32_t first = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + w[i];
    const uint32_t second = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
  }
  const uint32_t added[] = {a, b, c, d, e, f, g, h};
  for (size_t i = 0; i < 8; ++i) {
    state[i] += added[i];
  }
}

/// One of the two lines of RIPEMD-160, which differ in constants, order of words and order of functions.
struct RipemdLine {
  std::array<uint32_t, 5> constants;
  std::array<uint8_t, 16> first_order;
  bool is_reversed;
};

constexpr uint8_t kNextOrder[16] = {7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8};
constexpr uint8_t kShifts[5][16] = {{11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8},
                                    {12, 13, 11, 15, 6, 9, 9, 7, 12, 15, 11, 13, 7, 8, 7, 7},
                                    {13, 15, 14, 11, 7, 7, 6, 8, 13, 14, 13, 12, 5, 5, 6, 9},
                                    {14, 11, 12, 14, 8, 6, 5, 5, 15, 12, 15, 14, 9, 9, 8, 6},
                                    {15, 12, 13, 13, 9, 5, 8, 6, 14, 11, 12, 11, 8, 6, 5, 5}};
constexpr RipemdLine kLines[2] = {{{0, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, false},
                                  {{0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0}, {5, 14, 7, 0, 9, 2, 11, 4, 13, 6, 15, 8, 1, 10, 3, 12}, true}};

uint32_t ripemd_function(uint32_t which, uint32_t x, uint32_t y, uint32_t z) {
  switch (which) {
    case 0: return x ^ y ^ z;
    case 1: return (x & y) | (~x & z);
    case 2: return (x | ~y) ^ z;
    case 3: return (x & z) | (y & ~z);
    default: return x ^ (y | ~z);
  }
}

std::array<uint32_t, 5> ripemd_line(const std::array<uint32_t, 5>& state, const std::array<uint32_t, 16>& block, const RipemdLine& line) {
  auto [a, b, c, d, e] = state;
  std::array<uint8_t, 16> order = line.first_order;
  for (uint32_t round = 0; round < 5; ++round) {
    for (uint8_t& word : order) {
      const uint32_t sum = a + ripemd_function(line.is_reversed ? 4 - round : round, b, c, d) + block[word] + line.constants[round];
      const uint32_t next = std::rotl(sum, kShifts[round][word]) + e;
      a = e, e = d, d = std::rotl(c, 10), c = b, b = next;
      word = kNextOrder[word];
    }
  }
  return {a, b, c, d, e};
}

}  // namespace

Sha256Digest sha256(std::string_view bytes) {
  std::array<uint32_t, 8> state = fractions_of_prime_roots<8>(2);
  for_each_block<std::endian::big>(bytes, [&](const std::array<uint32_t, 16>& block) { sha256_block(state, block); });
  Sha256Digest digest;
  for (size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<uint8_t>(state[i / 4] >> (24 - i % 4 * 8));
  }
  return digest;
}

Ripemd160Digest ripemd160(std::string_view bytes) {
  std::array<uint32_t, 5> state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  for_each_block<std::endian::little>(bytes, [&](const std::array<uint32_t, 16>& block) {
    const std::array<uint32_t, 5> left = ripemd_line(state, block, kLines[0]), right = ripemd_line(state, block, kLines[1]);
    const std::array<uint32_t, 5> before = state;
    for (size_t i = 0; i < 5; ++i) {
      state[i] = before[(i + 1) % 5] + left[(i + 2) % 5] + right[(i + 3) % 5];
    }
  });
  Ripemd160Digest digest;
  for (size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<uint8_t>(state[i / 4] >> (i % 4 * 8));
  }
  return digest;
}

}  // namespace omega::base
