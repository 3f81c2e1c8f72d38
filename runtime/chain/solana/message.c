// SPDX-License-Identifier: Apache-2.0
// What a contract asks of its surroundings: who calls, the clock, hashes, signatures.
#include "runtime/chain/solana/solana.h"

/// Numbers of ir::MessageField (omega/ir/ir.h): those that Solana answers. omega/codegen/solana refuses the others.
enum { kSender = 0, kOrigin = 4, kSelf = 7, kBlockNumber = 9, kTimestamp = 10 };

INLINE Status clock_field(Word* to, uint64_t field) {
  // Slot, start of the epoch, epoch, epoch of the leader schedule, Unix time.
  uint64_t clock[5];
  sol_get_clock_sysvar((uint8_t*)clock);
  to->limb[0] = clock[field];
  to->limb[1] = to->limb[2] = to->limb[3] = 0;
  return kDone;
}

EXPORTED Status chain_message(uint32_t field, Word* to) {
  switch (field) {
    case kSender:
    case kOrigin:
      if (UNLIKELY(!sender()[kAccountSigner])) {
        return chain_ends(kNotSigned);
      }
      read_address(to, sender() + kAccountKey);
      return kDone;
    case kSelf: read_address(to, own_address()); return kDone;
    case kTimestamp: return clock_field(to, 4);
    case kBlockNumber: return clock_field(to, 0);
    default: __builtin_unreachable();
  }
}

void chain_keccak256(uint8_t to[32], const uint8_t* bytes, uint64_t length) {
  const Slice part = {bytes, length};
  sol_keccak256(&part, 1, to);
}

void chain_sha256(uint8_t to[32], const uint8_t* bytes, uint64_t length) {
  const Slice part = {bytes, length};
  sol_sha256(&part, 1, to);
}

void chain_recover(Word* to, const Word* hash, const Word* v, const Word* r, const Word* s) {
  to->limb[0] = to->limb[1] = to->limb[2] = to->limb[3] = 0;
  uint8_t digest[32], signature[64], key[64];
  if ((v->limb[0] != 27 && v->limb[0] != 28) || (v->limb[1] | v->limb[2] | v->limb[3]) != 0) {
    return;
  }
  write_fixed_bytes(digest, hash, 32);
  write_fixed_bytes(signature, r, 32);
  write_fixed_bytes(signature + 32, s, 32);
  if (sol_secp256k1_recover(digest, v->limb[0] - 27, signature, key) != 0) {
    return;
  }
  uint8_t hashed[32];
  chain_keccak256(hashed, key, sizeof key);
  read_address(to, hashed);
}
