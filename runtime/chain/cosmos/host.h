// SPDX-License-Identifier: Apache-2.0
// What a CosmWasm chain gives and takes: the functions it lends, regions of memory, and the record of a call. Source: CosmWasm's cosmwasm-std, imports.rs and
// memory.rs.
#pragma once

#include "runtime/chain/shared.h"

/// Memory that changes hands: `capacity` bytes at `offset`, of which `length` are used.
typedef struct {
  uint32_t offset;
  uint32_t capacity;
  uint32_t length;
} Region;

// A region that comes back is the contract's; null where the key is not there. Addresses: null, or a region that says what is wrong.
extern Region* db_read(const Region* key);
extern void db_write(const Region* key, const Region* value);
extern void db_remove(const Region* key);
extern Region* addr_canonicalize(const Region* text, Region* canonical);
extern Region* addr_humanize(const Region* canonical, Region* text);
/// The high half is an error's number, the low half a region with the key.
extern uint64_t secp256k1_recover_pubkey(const Region* hash, const Region* signature, uint32_t parity);
extern Region* query_chain(const Region* request);

/// The denomination that value is counted in: a text of the module, ended by a zero byte.
extern const uint8_t chain_denom[];

/// Most bytes of a value that a chain keeps under one key. Source: cosmwasm-vm, imports.rs.
enum { kMaxStoredBytes = 128 * 1024 };
/// Bytes that an address takes: as text, and as an account's.
enum { kMaxAddressText = 256, kMaxCanonical = 64, kAddressBytes = 20 };

/// Text that is being written. After a failure (no memory) nothing more is.
typedef struct {
  uint8_t* data;
  uint64_t length;
  uint64_t capacity;
  int has_failed;
} Writer;

/// An address of more than 20 bytes that came up in this call: contracts have such.
typedef struct LongAddress {
  const struct LongAddress* next;
  uint32_t length;
  uint8_t bytes[kMaxCanonical];
} LongAddress;

/// Value that goes to an account when the call is over.
typedef struct Sending {
  const struct Sending* next;
  Word account;
  Word value;
} Sending;

/// What a call knows beside Machine.
typedef struct {
  Machine machine;
  Word sender;
  Word value;
  Word self;
  Word time;
  Word height;
  const LongAddress* addresses;
  const Sending* sendings;  ///< the last one first
  Writer events;            ///< JSON objects, a comma between them
  Writer messages;          ///< the same for what the chain is to do when the call is over
  const char* complaint;    ///< why the chain's side ended the call, for people: chain_code is not 0
} Call;

/// Numbers of ir::MessageField that chain_message answers.
enum { kMessageSender = 0, kMessageValue = 1, kMessageSelf = 7, kMessageSelfBalance = 8, kMessageBlockNumber = 9, kMessageTimestamp = 10 };

/// Numbers of Machine::chain_code.
enum { kBadState = 1, kNotUtf8, kTooLong, kBadAddress, kNoBalance };
