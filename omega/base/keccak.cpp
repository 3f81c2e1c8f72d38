// SPDX-License-Identifier: Apache-2.0
#include "omega/base/keccak.h"

#include <bit>
#include <cstring>

namespace omega::base {

namespace {

constexpr size_t kRate = 136;  ///< bytes taken in between permutations
constexpr size_t kLanes = 25;
constexpr int kRounds = 24;

/// The round constants, from the linear feedback register x^8 + x^6 + x^5 + x^4 + 1 that defines them.
constexpr std::array<uint64_t, kRounds> round_constants() {
  std::array<uint64_t, kRounds> constants{};
  uint32_t shift_register = 1;
  for (uint64_t& constant : constants) {
    for (uint32_t j = 0; j < 7; ++j) {
      if ((shift_register & 1) != 0) {
        constant |= uint64_t{1} << ((1u << j) - 1);
      }
      shift_register = (shift_register << 1) ^ ((shift_register >> 7) * 0x171);
    }
  }
  return constants;
}

struct LaneWalk {
  std::array<uint8_t, kLanes - 1> to{};
  std::array<uint8_t, kLanes - 1> rotation{};
};

/// The order in which rho and pi walk through the lanes, from lane 1 on.
constexpr LaneWalk lane_walk() {
  LaneWalk walk;
  uint32_t x = 1, y = 0;
  for (uint32_t t = 0; t < kLanes - 1; ++t) {
    const uint32_t next_y = (2 * x + 3 * y) % 5;
    x = y;
    y = next_y;
    walk.to[t] = static_cast<uint8_t>(x + 5 * y);
    walk.rotation[t] = static_cast<uint8_t>((t + 1) * (t + 2) / 2 % 64);
  }
  return walk;
}

void permute(uint64_t (&a)[kLanes]) {
  static constexpr auto constants = round_constants();
  static constexpr LaneWalk walk = lane_walk();
  for (const uint64_t constant : constants) {
    uint64_t parity[5];
    for (size_t x = 0; x < 5; ++x) {
      parity[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    }
    for (size_t x = 0; x < 5; ++x) {
      const uint64_t mixed = parity[(x + 4) % 5] ^ std::rotl(parity[(x + 1) % 5], 1);
      for (size_t y = 0; y < kLanes; y += 5) {
        a[x + y] ^= mixed;
      }
    }
    uint64_t carried = a[1];
    for (size_t t = 0; t < kLanes - 1; ++t) {
      const uint64_t next = a[walk.to[t]];
      a[walk.to[t]] = std::rotl(carried, walk.rotation[t]);
      carried = next;
    }
    for (size_t y = 0; y < kLanes; y += 5) {
      const uint64_t row[5] = {a[y], a[y + 1], a[y + 2], a[y + 3], a[y + 4]};
      for (size_t x = 0; x < 5; ++x) {
        a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
      }
    }
    a[0] ^= constant;
  }
}

static_assert(std::endian::native == std::endian::little, "lanes are little-endian");

/// `block`: kRate bytes.
void absorb(uint64_t (&state)[kLanes], std::string_view block) {
  uint64_t lanes[kRate / 8];
  std::memcpy(lanes, block.data(), kRate);
  for (size_t i = 0; i < kRate / 8; ++i) {
    state[i] ^= lanes[i];
  }
  permute(state);
}

/// The sponge with 256 bits of output; `padding` is what stands behind the message.
Keccak256Digest hash(std::string_view bytes, uint8_t padding) {
  uint64_t state[kLanes] = {};
  for (; bytes.size() >= kRate; bytes.remove_prefix(kRate)) {
    absorb(state, bytes.substr(0, kRate));
  }
  char last[kRate] = {};
  if (!bytes.empty()) {
    std::memcpy(last, bytes.data(), bytes.size());
  }
  last[bytes.size()] = static_cast<char>(padding);
  last[kRate - 1] = static_cast<char>(static_cast<uint8_t>(last[kRate - 1]) | 0x80);
  absorb(state, {last, kRate});
  Keccak256Digest digest;
  std::memcpy(digest.data(), state, digest.size());
  return digest;
}

}  // namespace

Keccak256Digest keccak256(std::string_view bytes) { return hash(bytes, 0x01); }

Keccak256Digest sha3_256(std::string_view bytes) { return hash(bytes, 0x06); }

uint32_t keccak256_selector(std::string_view signature) {
  const Keccak256Digest digest = keccak256(signature);
  return static_cast<uint32_t>(digest[0]) << 24 | static_cast<uint32_t>(digest[1]) << 16 | static_cast<uint32_t>(digest[2]) << 8 | digest[3];
}

}  // namespace omega::base
