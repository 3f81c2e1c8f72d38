// SPDX-License-Identifier: Apache-2.0
// What the parts of Solana's side of chain.h share: the machine's system calls, the accounts of a call, the tables that omega/codegen/solana writes.
//
// A call brings its accounts with it, serialized one behind the other in front of the instruction's data (the input). Account 0 is the sender, who signs and
// pays. The state lies in accounts of the program, each of which begins with a header that says what it holds; docs/targets.md has the layout.
#pragma once

/// shared.h has no copy_bytes then: the machine has a better one.
#define CHAIN_COPIES_BYTES
#define CHAIN_GROWS_MEMORY
#include "runtime/chain/shared.h"

// ---- system calls (Agave, syscalls/src) ----

typedef struct {
  const void* address;
  uint64_t length;
} Slice;

extern void sol_log_(const uint8_t* text, uint64_t length);
extern void sol_log_data(const Slice* fields, uint64_t count);
extern void sol_set_return_data(const uint8_t* data, uint64_t length);
extern uint64_t sol_sha256(const Slice* parts, uint64_t count, uint8_t* digest);
extern uint64_t sol_keccak256(const Slice* parts, uint64_t count, uint8_t* digest);
extern uint64_t sol_secp256k1_recover(const uint8_t* hash, uint64_t recovery, const uint8_t* signature, uint8_t* key);
extern uint64_t sol_try_find_program_address(const Slice* seeds, uint64_t count, const uint8_t* program, uint8_t* address, uint8_t* bump);
extern uint64_t sol_get_clock_sysvar(uint8_t* clock);
extern uint64_t sol_get_rent_sysvar(uint8_t* rent);
extern void sol_memcpy_(void* to, const void* from, uint64_t size);
extern void sol_memset_(void* to, uint8_t value, uint64_t size);
extern uint64_t sol_invoke_signed_c(const void* instruction, const void* accounts, uint64_t account_count, const void* signers, uint64_t signer_count);

/// For what generated code calls with constants: it becomes part of that code.
#define EXPORTED __attribute__((always_inline))

/// Numbers at any address, as load_64.
typedef uint32_t __attribute__((may_alias)) Four;
typedef uint16_t __attribute__((may_alias)) Two;

INLINE void copy_bytes(uint8_t* to, const uint8_t* from, uint64_t count) { sol_memcpy_(to, from, count); }

INLINE int is_same_key(const uint8_t* a, const uint8_t* b) {
  return load_64(a) == load_64(b) && load_64(a + 8) == load_64(b + 8) && load_64(a + 16) == load_64(b + 16) && load_64(a + 24) == load_64(b + 24);
}

// ---- tables that omega/codegen/solana writes beside those of chain.h ----

enum { kInPlace = 0xff };

/// Bytes that a value of each type takes where it stands.
extern const uint32_t solana_type_sizes[];
/// Of arrays: the base-2 logarithm of the elements that one account holds; kInPlace when they stand where the array stands.
extern const uint8_t solana_chunk_shifts[];
/// Where each field stands in its struct, by its number in chain_fields.
extern const uint32_t solana_field_offsets[];
/// Where each variable, and behind them each immutable, stands in the state account.
extern const uint32_t solana_variable_offsets[];
/// Bytes of all variables.
extern const uint32_t solana_state_size;
/// What an account of the state begins with: the first eight bytes of the SHA-256 of "account:" and its kind.
extern const uint64_t solana_state_discriminator, solana_entry_discriminator;

/// Takes the arguments of the function with this discriminator from the `size` bytes of the instruction's data behind it, runs it, gives its results.
Status solana_run(uint64_t discriminator, const uint8_t* data, uint64_t size);

// ---- the call ----

/// A place whose account is known not to exist, and the account at its address.
typedef struct Absent {
  struct Absent* next;
  uint8_t* record;
  uint64_t origin;
  uint64_t key[4];
  uint64_t bump;
} Absent;

/// Of an instruction (Agave, program-runtime/src/serialization.rs): the runtime does not run a program with more.
enum { kMaxAccounts = 255 };

typedef struct {
  Machine machine;
  const uint8_t* data;   ///< what has not been read of the instruction's data; only where their length is not known when compiling
  const uint8_t* end;    ///< where the instruction's data end; the program's address follows
  uint8_t* state;        ///< the account of the variables; null until somebody wants it
  uint8_t* const* next;  ///< behind the account of the state that was found last
  Absent* absent;
  uint8_t* const* accounts_end;
  uint8_t* accounts[kMaxAccounts + 1];  ///< one that is there twice stands here twice; behind all of them one that holds nothing
} Call;

/// The heap is zero when a call begins, and ours alone. Its size is what the transaction asks for, at most 256 KiB; the machine ends a call that goes beyond.
/// Most calls hand out none of it, so that heap_next and heap_end stay 0 until one does.
INLINE Call* call_record(void) {
  Call* record = (Call*)0x300000000;
  __asm__("" : "+r"(record));
  return record;
}
#define CALL call_record()
#define HEAP_BEGIN (0x300000000 + sizeof(Call))
#define HEAP_END (0x300000000 + 256 * 1024)

/// The first account of the input, which comes behind the number of accounts. LLVM must not know its address, or it loads the address of each byte anew.
INLINE uint8_t* sender(void) {
  uint8_t* record = (uint8_t*)0x400000008;
  __asm__("" : "+r"(record));
  return record;
}

/// For chain_allocate: there is memory from the first time on that somebody wants some.
INLINE int chain_grow(uint64_t size) {
  Machine* machine = &CALL->machine;
  if (machine->heap_end != 0 || size > HEAP_END - HEAP_BEGIN) {
    return 0;
  }
  machine->heap_next = HEAP_BEGIN;
  machine->heap_end = HEAP_END;
  return 1;
}

// An account in the input: offsets.
enum {
  kAccountMark = 0,  ///< 0xff, or the number of the account that this one is again
  kAccountSigner = 1,
  kAccountWritable = 2,
  kAccountFirstLength = 4,  ///< ours: the length it came with, plus one; 0: as it came
  kAccountKey = 8,
  kAccountOwner = 40,
  kAccountLamports = 72,
  kAccountLength = 80,
  kAccountData = 88,
  kAccountGrowth = 10240  ///< bytes behind the data by which a call may lengthen it
};
enum { kNoDuplicate = 0xff };

// The header of an account of ours.
enum { kHeaderOrigin = 8, kHeaderKey = 16, kHeaderSize = 48 };

INLINE uint64_t account_length(const uint8_t* record) { return load_64(record + kAccountLength); }

// ---- places ----
// word[0..3]  the key of the account
// word[4]     origin << 48 | size << 32 | offset: origin and key tell accounts apart; size is what the whole account will hold, 0 when it grows by and by
//             (chunks of arrays); offset where the value stands, behind the header
// note        where the value stands in the input, once that has been found out (it stays there), or kNotExpected

/// Origins: of the state account; of what lies at offset k of the state account: kOriginFirst + k; of what lies elsewhere, keys are hashes.
enum { kOriginState = 1, kOriginFirst = 2, kOriginHashed = 0xffff };

INLINE uint64_t origin_of(const Place* place) { return place->word[4] >> 48; }
INLINE uint64_t size_of(const Place* place) { return (place->word[4] >> 32) & 0xffff; }
INLINE uint32_t offset_of(const Place* place) { return (uint32_t)place->word[4]; }
INLINE uint64_t place_word(uint64_t origin, uint64_t size) { return origin << 48 | size << 32; }

// ---- why the chain ends a call: numbers of program errors. Anchor's where it has one ----
enum {
  kUnknownInstruction = 101,  ///< Anchor: InstructionFallbackNotFound
  kBadInstruction = 102,      ///< Anchor: InstructionDidNotDeserialize
  kTooFewAccounts = 3005,     ///< Anchor: AccountNotEnoughKeys
  kNotWritable = 3006,        ///< Anchor: AccountNotMutable
  kNotSigned = 3010,          ///< Anchor: AccountNotSigner
  kNotMade = 3012,            ///< Anchor: AccountNotInitialized: the constructor has not run
  kAccountMissing = 5101,     ///< the account of a place is not among the call's; `Program data` says which
  kReverted = 5102,           ///< the contract reverted without data
  kRevertedWithData = 5103,   ///< with data that are no error of the contract
  kMadeBefore = 5104,         ///< the constructor runs once
  kNotAuthority = 5105,       ///< only the program's upgrade authority runs the constructor
  kFirstError = 6000          ///< Anchor: errors of programs; the contract's, by number
};

/// Ends the call.
INLINE Status chain_ends(uint32_t code) {
  CALL->machine.chain_code = code;
  return kFailed;
}
