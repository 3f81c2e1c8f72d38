// SPDX-License-Identifier: Apache-2.0
// The accounts of a call: found by what their headers say, made at the address that follows from their place, lengthened.
//
// An account is believed only when the program owns it: nobody else can write what is in it, and the program writes headers only here, at addresses it has
// derived. That a place has no account is believed only when the account at the derived address is there and empty.
#include "runtime/chain/solana/solana.h"

/// The address of the system program, which owns what nobody made yet.
static const uint8_t kSystemProgram[32];

INLINE const uint8_t* own_address(void) { return CALL->end; }

/// Whether this is the account of ours with that header, and of at least `length` bytes, which are not less than a header's.
INLINE int is_account(const uint8_t* record, uint64_t length, uint64_t origin, uint64_t key0, uint64_t key1, uint64_t key2, uint64_t key3) {
  const uint8_t* header = record + kAccountData;
  const uint8_t* owner = record + kAccountOwner;
  const uint8_t* own = own_address();
  return LIKELY(account_length(record) >= length) && LIKELY(load_64(header + kHeaderOrigin) == origin) && LIKELY(load_64(header + kHeaderKey) == key0) &&
         LIKELY(load_64(header + kHeaderKey + 8) == key1) && LIKELY(load_64(header + kHeaderKey + 16) == key2) &&
         LIKELY(load_64(header + kHeaderKey + 24) == key3) && LIKELY(load_64(owner) == load_64(own)) && LIKELY(load_64(owner + 8) == load_64(own + 8)) &&
         LIKELY(load_64(owner + 16) == load_64(own + 16)) && LIKELY(load_64(owner + 24) == load_64(own + 24));
}

/// The account with this header; null when the call does not have it. What accounts hold may have changed since the last look, but a header stays.
/// Clients name accounts in the order in which calls want them, so the search begins with the last one found and goes on behind it.
static OUTLINE uint8_t* find_account(uint64_t origin, uint64_t key0, uint64_t key1, uint64_t key2, uint64_t key3) {
  Call* const call = CALL;
  uint8_t* const* const first = call->next - 1;
  uint8_t* const* at = first;
  do {
    uint8_t* record = *at++;
    if (UNLIKELY(is_account(record, kHeaderSize, origin, key0, key1, key2, key3))) {
      call->next = at;
      return record;
    }
    if (UNLIKELY(at == call->accounts_end)) {
      at = call->accounts;
    }
  } while (at != first);
  return 0;
}

/// An account of the state has been found, and behind it goes the search for the next one.
INLINE int has_found_account(void) { return CALL->next != &CALL->accounts[1]; }

INLINE uint8_t* find_state(void) { return find_account(kOriginState, 0, 0, 0, 0); }
INLINE uint8_t* find_place(const Place* place) { return find_account(origin_of(place), place->word[0], place->word[1], place->word[2], place->word[3]); }

static OUTLINE uint8_t* find_address(const uint8_t* address) {
  for (uint8_t* const* at = CALL->accounts; at != CALL->accounts_end; ++at) {
    if (is_same_key(*at + kAccountKey, address)) {
      return *at;
    }
  }
  return 0;
}

// ---- addresses ----

static const uint8_t kStateSeed[5] = {'s', 't', 'a', 't', 'e'};

/// The seeds of an account's address: "state", or origin and key. Returns how many; there is room for one more.
static uint64_t seeds_of(Slice seeds[3], const uint64_t* origin, const uint64_t key[4]) {
  if (*origin == kOriginState) {
    seeds[0].address = kStateSeed;
    seeds[0].length = sizeof kStateSeed;
    return 1;
  }
  seeds[0].address = origin;
  seeds[0].length = 8;
  seeds[1].address = key;
  seeds[1].length = 32;
  return 2;
}

/// What the call lacks, for clients: they add the account and call again.
typedef struct {
  uint64_t discriminator;
  uint64_t origin;
  uint64_t key[4];
  uint8_t address[32];
} Missing;
/// First eight bytes of SHA-256 of "omega:missing".
#define MISSING_DISCRIMINATOR 0x032ed130f08adfdfull

static OUTLINE Status missing_account(const Missing* missing) {
  const Slice field = {missing, sizeof *missing};
  sol_log_data(&field, 1);
  return chain_ends(kAccountMissing);
}

static OUTLINE Status reach_state(void);

/// The place's account does not exist, or is not among the call's: the latter ends the call. So does that there is no contract, which any account of its
/// state disproves, for nothing but a constructor makes the first one.
static OUTLINE Status find_absent(Absent** to, uint64_t origin, const uint64_t key[4]) {
  for (Absent* known = CALL->absent; known; known = known->next) {
    if (known->origin == origin && known->key[0] == key[0] && known->key[1] == key[1] && known->key[2] == key[2] && known->key[3] == key[3]) {
      *to = known;
      return kDone;
    }
  }
  Slice seeds[3];
  const uint64_t count = seeds_of(seeds, &origin, key);
  Missing missing;
  uint8_t bump;
  if (sol_try_find_program_address(seeds, count, own_address(), missing.address, &bump) != 0) {
    return chain_ends(kAccountMissing);
  }
  uint8_t* record = find_address(missing.address);
  if (!record) {
    missing.discriminator = MISSING_DISCRIMINATOR;
    missing.origin = origin;
    for (int k = 0; k < 4; ++k) {
      missing.key[k] = key[k];
    }
    return missing_account(&missing);
  }
  if (origin != kOriginState && !has_found_account() && reach_state() != kDone) {
    return kFailed;
  }
  Absent* made = chain_allocate(sizeof(Absent));
  if (!made) {
    return chain_panic(kPanicMemory);
  }
  made->next = CALL->absent;
  made->record = record;
  made->origin = origin;
  for (int k = 0; k < 4; ++k) {
    made->key[k] = key[k];
  }
  made->bump = bump;
  CALL->absent = made;
  *to = made;
  return kDone;
}

/// Why the state account has not been found: the constructor has not run, or the account is not among the call's.
static OUTLINE Status absent_state(void) {
  static const uint64_t kNoKey[4];
  Absent* absent;
  return find_absent(&absent, kOriginState, kNoKey) == kDone ? chain_ends(kNotMade) : kFailed;
}

/// The address of the loader whose programs have an upgrade authority: BPFLoaderUpgradeab1e11111111111111111111111.
static const uint8_t kLoader[32] = {0x02, 0xa8, 0xf6, 0x91, 0x4e, 0x88, 0xa1, 0xb0, 0xe2, 0x10, 0x15, 0x3e, 0xf7, 0x63, 0xae, 0x2b,
                                    0x00, 0xc2, 0xb9, 0x3d, 0x16, 0xc1, 0x24, 0xd2, 0xc0, 0x53, 0x7a, 0x10, 0x04, 0x80, 0x00, 0x00};

/// The sender is the program's upgrade authority: the account of the program's data says who that is. Layout (Agave, UpgradeableLoaderState::ProgramData):
/// 3 in four bytes, the slot in eight, 1 when there is an authority, its address.
static OUTLINE Status check_authority(void) {
  const Slice seed = {own_address(), 32};
  Missing missing;
  uint8_t bump;
  sol_try_find_program_address(&seed, 1, kLoader, missing.address, &bump);
  const uint8_t* record = find_address(missing.address);
  if (!record) {
    missing.discriminator = MISSING_DISCRIMINATOR;
    missing.origin = 0;
    for (int k = 0; k < 4; ++k) {
      missing.key[k] = load_64(own_address() + 8 * k);
    }
    return missing_account(&missing);
  }
  const uint8_t* payer = sender();
  const uint8_t* data = record + kAccountData;
  if (!payer[kAccountSigner]) {
    return chain_ends(kNotSigned);
  }
  const int is_authority = account_length(record) >= 45 && *(const Four*)data == 3 && data[12] == 1 && is_same_key(data + 13, payer + kAccountKey);
  return is_authority ? kDone : chain_ends(kNotAuthority);
}

/// Finds the state account, without which there is no contract.
static OUTLINE Status reach_state(void) {
  if (!CALL->state) {
    CALL->state = find_state();
  }
  return CALL->state ? kDone : absent_state();
}

/// The account of a place, or null when there is none.
INLINE Status reach(uint8_t** record, const Place* place) {
  if (origin_of(place) == kOriginState) {
    const Status status = reach_state();
    *record = CALL->state;
    return status;
  }
  *record = find_place(place);
  if (*record) {
    return kDone;
  }
  Absent* absent;
  return find_absent(&absent, origin_of(place), place->word);
}

// ---- the system program ----

typedef struct {
  const uint8_t* key;
  uint8_t is_writable;
  uint8_t is_signer;
} InstructionAccount;

typedef struct {
  const uint8_t* program;
  const InstructionAccount* accounts;
  uint64_t account_count;
  const uint8_t* data;
  uint64_t length;
} Instruction;

typedef struct {
  const uint8_t* key;
  uint8_t* lamports;
  uint64_t length;
  uint8_t* data;
  const uint8_t* owner;
  uint64_t rent_epoch;
  uint8_t is_signer;
  uint8_t is_writable;
  uint8_t is_executable;
} AccountInfo;

static void describe(AccountInfo* to, uint8_t* record) {
  to->key = record + kAccountKey;
  to->lamports = record + kAccountLamports;
  to->length = account_length(record);
  to->data = record + kAccountData;
  to->owner = record + kAccountOwner;
  to->rent_epoch = ~0ull;
  to->is_signer = record[kAccountSigner];
  to->is_writable = record[kAccountWritable];
  to->is_executable = 0;
}

/// Calls the system program on the payer (when it pays) and on `record`, whose address `absent` signs for when it is given. The machine ends the call when
/// the system program fails.
static OUTLINE Status call_system(uint8_t* record, const Absent* absent, uint8_t pays, const uint8_t* data, uint64_t length) {
  AccountInfo infos[2];
  InstructionAccount accounts[2];
  uint64_t count = 0;
  if (pays) {
    describe(&infos[0], sender());
    accounts[0].key = sender() + kAccountKey;
    accounts[0].is_writable = accounts[0].is_signer = 1;
    count = 1;
  }
  describe(&infos[count], record);
  accounts[count].key = record + kAccountKey;
  accounts[count].is_writable = 1;
  accounts[count].is_signer = absent != 0;
  ++count;
  const Instruction instruction = {kSystemProgram, accounts, count, data, length};
  Slice seeds[3];
  Slice signer = {seeds, 0};
  if (absent) {
    signer.length = seeds_of(seeds, &absent->origin, absent->key);
    seeds[signer.length].address = &absent->bump;
    seeds[signer.length].length = 1;
    ++signer.length;
  }
  sol_invoke_signed_c(&instruction, infos, count, &signer, absent != 0);
  return kDone;
}

/// The payer can pay, and the system program is there to be called.
static OUTLINE Status check_payment(void) {
  const uint8_t* payer = sender();
  if (!payer[kAccountSigner]) {
    return chain_ends(kNotSigned);
  }
  if (!payer[kAccountWritable]) {
    return chain_ends(kNotWritable);
  }
  if (!find_address(kSystemProgram)) {
    // The system program's address is zeros.
    const Missing missing = {MISSING_DISCRIMINATOR, 0, {0, 0, 0, 0}, {0}};
    return missing_account(&missing);
  }
  return kDone;
}

/// The lamports that an account of `length` bytes must hold (Agave's Rent::minimum_balance: the threshold is a double, which this machine computes by hand).
static OUTLINE uint64_t least_lamports(uint64_t length) {
  uint64_t rent[3];
  sol_get_rent_sysvar((uint8_t*)rent);
  const uint64_t bytes = (length + 128) * rent[0];
  const uint64_t bits = rent[1];
  const int64_t exponent = (int64_t)(bits >> 52 & 0x7ff) - 1023;
  // The upper 32 bits of the mantissa, rounded up: the smallest factor with so many bits that is not below the threshold.
  uint64_t mantissa = (bits & 0xfffffffffffffull) | 1ull << 52;
  mantissa = (mantissa + 0x1fffffull) >> 21;
  const int64_t shift = 31 - exponent;
  return shift <= 0 ? bytes * mantissa << -shift : shift > 63 ? 0 : (bytes * mantissa + ((1ull << shift) - 1)) >> shift;
}

enum { kCreateAccount = 0, kAssign = 1, kTransfer = 2, kAllocate = 8 };

/// Pays what an account of `length` bytes lacks.
static OUTLINE Status top_up(uint8_t* record, uint64_t length) {
  const uint64_t needed = least_lamports(length);
  const uint64_t has = load_64(record + kAccountLamports);
  if (has >= needed) {
    return kDone;
  }
  uint8_t data[16];
  *(Four*)data = kTransfer;
  store_64(data + 4, needed - has);
  if (check_payment() != kDone) {
    return kFailed;
  }
  return call_system(record, 0, 1, data, 12);
}

/// Makes the account of a place that has none, with `size` zeroed bytes behind the header.
static OUTLINE Status make_account(Absent* absent, uint64_t size) {
  uint8_t* record = absent->record;
  if (!record[kAccountWritable]) {
    return chain_ends(kNotWritable);
  }
  if (check_payment() != kDone) {
    return kFailed;
  }
  const uint64_t length = kHeaderSize + size;
  *(Four*)(record + kAccountFirstLength) = (uint32_t)account_length(record) + 1;
  uint8_t data[56];
  if (load_64(record + kAccountLamports) == 0) {
    *(Four*)data = kCreateAccount;
    store_64(data + 4, least_lamports(length));
    store_64(data + 12, length);
    for (int k = 0; k < 4; ++k) {
      store_64(data + 20 + 8 * k, load_64(own_address() + 8 * k));
    }
    call_system(record, absent, 1, data, 52);
  } else {
    // Somebody has sent lamports there before: it counts as made, and only the rest is left to do.
    if (top_up(record, length) != kDone) {
      return kFailed;
    }
    *(Four*)data = kAllocate;
    store_64(data + 4, length);
    call_system(record, absent, 0, data, 12);
    *(Four*)data = kAssign;
    for (int k = 0; k < 4; ++k) {
      store_64(data + 4 + 8 * k, load_64(own_address() + 8 * k));
    }
    call_system(record, absent, 0, data, 36);
  }
  uint8_t* header = record + kAccountData;
  store_64(header, absent->origin == kOriginState ? solana_state_discriminator : solana_entry_discriminator);
  store_64(header + kHeaderOrigin, absent->origin);
  for (int k = 0; k < 4; ++k) {
    store_64(header + kHeaderKey + 8 * k, absent->key[k]);
  }
  return kDone;
}

enum { kLeastChunk = 128, kMostChunk = 8192 };

/// Bytes for a chunk that has `had` and needs `needed`: so many that growing costs little in the mean.
static uint64_t chunk_size(uint64_t had, uint64_t needed) {
  uint64_t size = had * 2 > needed ? had * 2 : needed;
  size = size < kLeastChunk ? kLeastChunk : size;
  return size > kMostChunk && needed <= kMostChunk ? kMostChunk : size;
}

/// Lengthens an account of ours so that `needed` bytes fit behind the header. New bytes are zero.
static OUTLINE Status lengthen(uint8_t* record, uint64_t needed, uint64_t wanted) {
  const uint64_t had = account_length(record);
  const uint64_t length = kHeaderSize + (wanted > needed ? wanted : wanted == 0 ? chunk_size(had - kHeaderSize, needed) : needed);
  Four* first = (Four*)(record + kAccountFirstLength);
  if (*first == 0) {
    *first = (uint32_t)had + 1;
  }
  if (length - (*first - 1) > kAccountGrowth) {
    return chain_panic(kPanicMemory);
  }
  if (top_up(record, length) != kDone) {
    return kFailed;
  }
  store_64(record + kAccountLength, length);
  return kDone;
}

/// The bytes at a place, `size` of them, to be written; the account is made or lengthened where it must be. `is_zero`: the value is zero, and null comes back
/// when it is there already for lack of an account.
INLINE Status reach_to_write(uint8_t** bytes, const Place* place, uint64_t size, int is_zero) {
  const uint64_t end = offset_of(place) + size;
  if (origin_of(place) == kOriginState && reach_state() != kDone) {
    return kFailed;
  }
  uint8_t* record = origin_of(place) == kOriginState ? CALL->state : find_place(place);
  if (!record) {
    Absent* absent;
    if (find_absent(&absent, origin_of(place), place->word) != kDone) {
      return kFailed;
    }
    if (is_zero) {
      *bytes = 0;
      return kDone;
    }
    const uint64_t wanted = size_of(place) ? size_of(place) : chunk_size(0, end);
    if (make_account(absent, wanted > end ? wanted : end) != kDone) {
      return kFailed;
    }
    record = absent->record;
  }
  if (!record[kAccountWritable]) {
    return chain_ends(kNotWritable);
  }
  if (account_length(record) < kHeaderSize + end) {
    if (is_zero) {
      *bytes = 0;
      return kDone;
    }
    if (lengthen(record, end, size_of(place)) != kDone) {
      return kFailed;
    }
  }
  *bytes = record + kAccountData + kHeaderSize + offset_of(place);
  return kDone;
}

// ---- at the first look ----
// What follows becomes part of the generated code, with constant sizes and origins: it finds what stands where calls mostly have it, and leaves the rest to
// the functions above.

enum { kNotExpected = 1 };

/// The value of `size` bytes at a place: where it was before, in the state account, or in the account behind the one found last. Null where it is not there.
INLINE uint8_t* expected_value(const Place* place, uint64_t size) {
  if (LIKELY(place->note > kNotExpected)) {
    return (uint8_t*)place->note;
  }
  if (place->note == kNotExpected) {
    return 0;
  }
  const uint64_t end = kHeaderSize + offset_of(place) + size;
  uint8_t* record;
  if (origin_of(place) == kOriginState) {
    record = CALL->state;
    if (UNLIKELY(!record || account_length(record) < end)) {
      return 0;
    }
  } else {
    record = *CALL->next;
    if (UNLIKELY(!is_account(record, end, origin_of(place), place->word[0], place->word[1], place->word[2], place->word[3]))) {
      return 0;
    }
    ++CALL->next;
  }
  return record + kAccountData + kHeaderSize + offset_of(place);
}

/// For the next look: where the value is, or that it is not where it was expected. A place is its owner's memory, whoever looks at it.
INLINE void note_value(const Place* place, const uint8_t* value) { ((Place*)(uintptr_t)place)->note = value ? (uintptr_t)value : kNotExpected; }

/// Whether the account of a value at that place may be written.
INLINE int is_writable(const Place* place, const uint8_t* value) { return *(value - (kAccountData + kHeaderSize + offset_of(place)) + kAccountWritable); }
