// SPDX-License-Identifier: Apache-2.0
// What the chain says beside a message (Env, MessageInfo), and what the contract asks of it. Source: cosmwasm-std, types.rs.

static const uint64_t kNanoseconds = 1000000000;

/// A number that is no negative one, as a number or a string.
static int read_count(Reader* reader, Word* to) {
  int is_below_zero = 0;
  return read_integer(reader, to, &is_below_zero) && (!is_below_zero || reject(reader, "expected no negative number"));
}

static int read_block(Reader* reader) {
  int is_first = 1;
  Bytes* name = 0;
  while (next_field(reader, &is_first, &name)) {
    Word time = word_of(0);
    if (same_text(name, "height")) {
      read_count(reader, &this_call.height);
    } else if (same_text(name, "time")) {
      read_count(reader, &time);
      this_call.time = word_of(time.limb[0] / kNanoseconds);
    } else {
      skip_value(reader);
    }
  }
  return reader->why == 0;
}

/// Reads the field `wanted` of an object as an address; others are passed over.
static int read_address_field(Reader* reader, const char* wanted, Word* to) {
  int is_first = 1;
  int is_there = 0;
  Bytes* name = 0;
  while (next_field(reader, &is_first, &name)) {
    if (same_text(name, wanted)) {
      const Bytes* text = read_string(reader);
      is_there = text != 0 && (read_address(to, text) || reject(reader, "expected an address"));
    } else {
      skip_value(reader);
    }
  }
  return reader->why == 0 && (is_there || reject(reader, "an address is missing"));
}

static int read_env(const Region* env) {
  Reader reader = reader_of(region_bytes(env), env->length);
  int is_first = 1;
  Bytes* name = 0;
  while (next_field(&reader, &is_first, &name)) {
    if (same_text(name, "block")) {
      read_block(&reader);
    } else if (same_text(name, "contract")) {
      read_address_field(&reader, "address", &this_call.self);
    } else {
      skip_value(&reader);
    }
  }
  return is_over(&reader) && reader.why == 0;
}

static int same_denomination(const Bytes* text) { return same_text(text, (const char*)chain_denom); }

/// A coin's amount; `*is_value` says whether it is of the denomination that value is counted in.
static int read_coin(Reader* reader, Word* amount, int* is_value) {
  int is_first = 1;
  Bytes* name = 0;
  *is_value = 0;
  while (next_field(reader, &is_first, &name)) {
    if (same_text(name, "denom")) {
      *is_value = same_denomination(read_string(reader));
    } else if (same_text(name, "amount")) {
      read_count(reader, amount);
    } else {
      skip_value(reader);
    }
  }
  return reader->why == 0;
}

/// Coins other than those of value are refused: the contract could not give them back.
static int read_funds(Reader* reader) {
  int is_first = 1;
  uint32_t count = 0;
  while (next_element(reader, &is_first)) {
    int is_value = 0;
    if (!read_coin(reader, &this_call.value, &is_value)) {
      return 0;
    }
    if (!is_value || ++count > 1) {
      return reject(reader, "the contract takes coins of one denomination only");
    }
  }
  return reader->why == 0;
}

static int read_info(Reader* reader) {
  int is_first = 1;
  int has_sender = 0;
  Bytes* name = 0;
  while (next_field(reader, &is_first, &name)) {
    if (same_text(name, "sender")) {
      const Bytes* text = read_string(reader);
      has_sender = text != 0 && (read_address(&this_call.sender, text) || reject(reader, "expected an address"));
    } else if (same_text(name, "funds")) {
      read_funds(reader);
    } else {
      skip_value(reader);
    }
  }
  return is_over(reader) && reader->why == 0 && (has_sender || reject(reader, "the sender is missing"));
}

Status chain_message(uint32_t field, Word* to) {
  switch (field) {
    case kMessageSender: *to = this_call.sender; return kDone;
    case kMessageValue: *to = this_call.value; return kDone;
    case kMessageSelf: *to = this_call.self; return kDone;
    case kMessageSelfBalance: return chain_balance(to, &this_call.self);
    case kMessageBlockNumber: *to = this_call.height; return kDone;
    default: *to = this_call.time; return kDone;
  }
}

/// n, the order of secp256k1's group, and half of it. Source: SEC 2, version 2.0, section 2.4.1.
static const Word kGroupOrder = {{0xbfd25e8cd0364141, 0xbaaedce6af48a03b, 0xfffffffffffffffe, 0xffffffffffffffff}};
static const Word kHalfOrder = {{0xdfe92f46681b20a0, 0x5d576e7357a4501d, 0xffffffffffffffff, 0x7fffffffffffffff}};

static int is_below(const Word* a, const Word* b) {
  for (int i = 3; i >= 0; --i) {
    if (a->limb[i] != b->limb[i]) {
      return a->limb[i] < b->limb[i];
    }
  }
  return 0;
}

static Word less(const Word* a, const Word* b) {
  Word result;
  uint64_t borrow = 0;
  for (int i = 0; i < 4; ++i) {
    const uint64_t part = a->limb[i] - b->limb[i];
    result.limb[i] = part - borrow;
    borrow = (uint64_t)(a->limb[i] < b->limb[i]) | (uint64_t)(part < borrow);
  }
  return result;
}

void chain_recover(Word* to, const Word* hash, const Word* v, const Word* r, const Word* s) {
  *to = word_of(0);
  const int is_known = fits_64(v) && (v->limb[0] == 27 || v->limb[0] == 28);
  if (!is_known || is_zero(r) || is_zero(s) || !is_below(r, &kGroupOrder) || !is_below(s, &kGroupOrder)) {
    return;
  }
  // Chains take the smaller one of the two values that s may have; the other one belongs to the other parity.
  const int is_high = is_below(&kHalfOrder, s);
  const Word low = is_high ? less(&kGroupOrder, s) : *s;
  uint8_t digest[32], signature[64], hashed[32];
  bytes_of_word(digest, hash, 32);
  bytes_of_word(signature, r, 32);
  bytes_of_word(signature + 32, &low, 32);
  const Region hash_region = region_of(digest, sizeof digest);
  const Region signature_region = region_of(signature, sizeof signature);
  const uint64_t answer = secp256k1_recover_pubkey(&hash_region, &signature_region, (uint32_t)(v->limb[0] - 27) ^ (uint32_t)is_high);
  const Region* key = (const Region*)(uintptr_t)(uint32_t)answer;
  // 65 bytes: a 4 and the two coordinates.
  if (answer >> 32 != 0 || key == 0 || key->length != 65 || region_bytes(key)[0] != 4) {
    return;
  }
  chain_keccak256(hashed, region_bytes(key) + 1, 64);
  *to = word_of_bytes(hashed + 12, kAddressBytes);
}
