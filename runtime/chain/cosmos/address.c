// SPDX-License-Identifier: Apache-2.0
// Addresses: text outside, inside a number of 160 bits: the last 20 bytes of an account. Accounts of people have 20 bytes, those of contracts 32 in most
// chains; what stands in front is kept for the length of the call, so that such an address comes out as it came in.

/// Up to 32 bytes as a number, the first one the most significant.
static Word word_of_bytes(const uint8_t* bytes, uint32_t length) {
  Word word = {{0, 0, 0, 0}};
  for (uint32_t i = 0; i < length; ++i) {
    const uint32_t place = length - 1 - i;
    word.limb[place / 8] |= (uint64_t)bytes[i] << (place % 8 * 8);
  }
  return word;
}

static void bytes_of_word(uint8_t* to, const Word* word, uint32_t length) {
  for (uint32_t i = 0; i < length; ++i) {
    const uint32_t place = length - 1 - i;
    to[i] = (uint8_t)(word->limb[place / 8] >> (place % 8 * 8));
  }
}

static Word account_of(const uint8_t* canonical, uint32_t length) { return word_of_bytes(canonical + length - kAddressBytes, kAddressBytes); }

/// Keeps an address of more than 20 bytes. 0: no memory, or two of them end alike.
static int remember_address(const uint8_t* canonical, uint32_t length, const Word* account) {
  for (const LongAddress* known = this_call.addresses; known != 0; known = known->next) {
    const Word other = account_of(known->bytes, known->length);
    if (same_word(&other, account)) {
      return known->length == length && same_bytes(known->bytes, canonical, length);
    }
  }
  LongAddress* address = chain_allocate(sizeof(LongAddress));
  if (address == 0) {
    return 0;
  }
  address->next = this_call.addresses;
  address->length = length;
  for (uint32_t i = 0; i < length; ++i) {
    address->bytes[i] = canonical[i];
  }
  this_call.addresses = address;
  return 1;
}

/// The account that a text names. 0: it names none.
static int read_address(Word* to, const Bytes* text) {
  if (text == 0 || text->length > kMaxAddressText) {
    return 0;
  }
  uint8_t canonical[kMaxCanonical];
  Region into = {(uint32_t)(uintptr_t)canonical, kMaxCanonical, 0};
  const Region from = region_of(text->data, text->length);
  if (addr_canonicalize(&from, &into) != 0 || into.length < kAddressBytes || into.length > kMaxCanonical) {
    return 0;
  }
  *to = account_of(canonical, into.length);
  return into.length == kAddressBytes || remember_address(canonical, into.length, to);
}

/// The text of an account, without quotes.
static Status write_address(Writer* writer, const Word* account) {
  uint8_t canonical[kMaxCanonical];
  uint32_t length = kAddressBytes;
  bytes_of_word(canonical, account, kAddressBytes);
  for (const LongAddress* known = this_call.addresses; known != 0; known = known->next) {
    const Word other = account_of(known->bytes, known->length);
    if (same_word(&other, account)) {
      length = known->length;
      for (uint32_t i = 0; i < length; ++i) {
        canonical[i] = known->bytes[i];
      }
    }
  }
  uint8_t text[kMaxAddressText];
  Region into = {(uint32_t)(uintptr_t)text, kMaxAddressText, 0};
  const Region from = region_of(canonical, length);
  if (addr_humanize(&from, &into) != 0 || into.length > kMaxAddressText) {
    return complain(kBadAddress, "the chain has no text for an address");
  }
  write_bytes(writer, text, into.length);
  return kDone;
}
