// SPDX-License-Identifier: Apache-2.0
// Everything that a contract for the host links, in one unit.
#include "runtime/chain/host/host.h"

// clang-format off
#include "runtime/chain/memory.c"
#include "runtime/chain/fail.c"
#include "runtime/chain/arithmetic.c"
#include "runtime/chain/encode.c"
#include "runtime/chain/decode.c"
#include "runtime/chain/state.c"
#include "runtime/chain/hash.c"
#include "runtime/chain/keccak256.c"
#include "runtime/chain/sha256.c"
#include "runtime/chain/ripemd160.c"
// clang-format on

static Machine machine;
static const Host* host;

Machine* chain_machine(void) { return &machine; }

// ---- places: the number of the variable, or the hash of the way from there ----

void chain_place_variable(Place* to, uint32_t variable) {
  const Place place = {{variable, 0, 0, 0, 0}, 0};
  *to = place;
}

/// The place at a key of 32 bytes within another one; `step` keeps apart what is reached in different ways.
static void place_within(Place* to, const Place* place, const uint8_t key[32], uint64_t step) {
  uint64_t way[10] = {place->word[0], place->word[1], place->word[2], place->word[3], place->word[4], step};
  for (int i = 0; i < 4; ++i) {
    way[6 + i] = load_64(key + 8 * i);
  }
  uint64_t digest[4];
  chain_keccak256((uint8_t*)digest, (const uint8_t*)way, sizeof way);
  for (int i = 0; i < 4; ++i) {
    to->word[i] = digest[i];
  }
  to->word[4] = 1;
}

void chain_place_entry(Place* to, const Place* mapping, const Word* key, uint32_t mapping_type) {
  uint64_t bytes[4];
  if (is_value(&chain_types[chain_types[mapping_type].key])) {
    write_word((uint8_t*)bytes, key);
  } else {
    const Bytes* text = (const Bytes*)reference(key);
    chain_keccak256((uint8_t*)bytes, text == NULL ? NULL : text->data, byte_count(text));
  }
  place_within(to, mapping, (const uint8_t*)bytes, 1);
}

void chain_place_element(Place* to, const Place* array, uint64_t index, uint32_t array_type) {
  (void)array_type;
  const uint64_t key[4] = {index, 0, 0, 0};
  place_within(to, array, (const uint8_t*)key, 2);
}

void chain_place_field(Place* to, const Place* structure, uint32_t field, uint32_t struct_type) {
  (void)struct_type;
  const uint64_t key[4] = {field, 0, 0, 0};
  place_within(to, structure, (const uint8_t*)key, 3);
}

// ---- leaves ----

Status chain_get(Word* to, const Place* place, uint32_t type) {
  (void)type;
  host->get_word(host->context, to, place);
  return kDone;
}

Status chain_set(const Place* place, const Word* value, uint32_t type) {
  (void)type;
  host->set_word(host->context, place, value);
  return kDone;
}

Status chain_get_bytes(Bytes** to, const Place* place) {
  *to = chain_new_bytes(host->get_size(host->context, place));
  if (*to == NULL) {
    return chain_panic(kPanicMemory);
  }
  host->get_bytes(host->context, (*to)->data, place);
  return kDone;
}

Status chain_set_bytes(const Place* place, const Bytes* value) {
  host->set_bytes(host->context, place, value == NULL ? NULL : value->data, byte_count(value));
  return kDone;
}

Status chain_get_length(uint64_t* to, const Place* place, uint32_t type) {
  if (is_bytes(&chain_types[type])) {
    *to = host->get_size(host->context, place);
  } else {
    Word length;
    host->get_word(host->context, &length, place);
    *to = length.limb[0];
  }
  return kDone;
}

Status chain_set_length(const Place* place, uint64_t length, uint32_t type) {
  if (!is_bytes(&chain_types[type])) {
    const Word word = word_of(length);
    host->set_word(host->context, place, &word);
    return kDone;
  }
  Bytes* before = NULL;
  Bytes* bytes = chain_new_bytes(length);
  if (bytes == NULL) {
    return chain_panic(kPanicMemory);
  }
  if (chain_get_bytes(&before, place) != kDone) {
    return kFailed;
  }
  copy_bytes(bytes->data, before->data, before->length < length ? before->length : length);
  return chain_set_bytes(place, bytes);
}

// ---- the message, events ----

Status chain_message(uint32_t field, Word* to) {
  enum { kData = 2 };
  if (field != kData) {
    host->message(host->context, to, field);
    return kDone;
  }
  // The size first, then the bytes, into memory of the call.
  Word size = word_of(0);
  host->message(host->context, &size, field);
  Bytes* bytes = chain_new_bytes(size.limb[0]);
  if (bytes == NULL) {
    return chain_panic(kPanicMemory);
  }
  *to = word_of_reference(bytes->data);
  host->message(host->context, to, field);
  *to = word_of_reference(bytes);
  return kDone;
}

Status chain_balance(Word* to, const Word* address) {
  host->balance(host->context, to, address);
  return kDone;
}

void chain_recover(Word* to, const Word* hash, const Word* v, const Word* r, const Word* s) { host->recover(host->context, to, hash, v, r, s); }

Status chain_event(uint32_t event, const Word* arguments) {
  enum { kMostTopics = 5, kMostArguments = 256 };
  const Message* message = &chain_events[event];
  uint8_t topics[kMostTopics * 32];
  uint32_t types[kMostArguments];
  Word plain[kMostArguments];
  uint32_t topic_count = 0, plain_count = 0;
  if (message->is_anonymous == 0) {
    copy_bytes(topics, message->topic, 32);
    topic_count = 1;
  }
  for (uint32_t k = 0; k < message->arguments.count && plain_count < kMostArguments; ++k) {
    const Field* field = &chain_fields[message->arguments.first + k];
    if ((field->flags & kIndexed) == 0) {
      types[plain_count] = field->type;
      plain[plain_count++] = arguments[k];
    } else if (chain_topic(topics + 32 * topic_count++, &arguments[k], field->type) != kDone) {
      return kFailed;
    }
  }
  const Bytes* data = chain_encode(plain_count, types, plain, NULL);
  if (data == NULL) {
    return chain_panic(kPanicMemory);
  }
  host->log(host->context, topics, topic_count, data->data, data->length);
  return kDone;
}

// ---- calls ----

static uint32_t entry_of_kind(uint32_t kind) {
  for (uint32_t k = 0; k < chain_entry_count; ++k) {
    if (chain_entries[k].kind == kind) {
      return k;
    }
  }
  return kNone;
}

static uint32_t entry_for(const HostCall* call) {
  if (call->makes_contract != 0) {
    return entry_of_kind(kConstructorEntry);
  }
  if (call->data_size >= 4) {
    const uint8_t* d = call->data;
    const uint32_t selector = (uint32_t)d[0] << 24 | (uint32_t)d[1] << 16 | (uint32_t)d[2] << 8 | d[3];
    for (uint32_t k = 0; k < chain_entry_count; ++k) {
      if (chain_entries[k].kind == kFunctionEntry && chain_entries[k].selector == selector) {
        return k;
      }
    }
  }
  const uint32_t receive = entry_of_kind(kReceiveEntry);
  return call->data_size == 0 && receive != kNone ? receive : entry_of_kind(kFallbackEntry);
}

static Status run_entry(HostCall* call, uint32_t number) {
  const Entry* entry = &chain_entries[number];
  Word* arguments = (Word*)chain_allocate(entry->params.count * sizeof(Word));
  Word* results = (Word*)chain_allocate(entry->results.count * sizeof(Word));
  Bytes* data = chain_new_bytes(call->data_size);
  if (arguments == NULL || results == NULL || data == NULL) {
    return chain_panic(kPanicMemory);
  }
  copy_bytes(data->data, call->data, call->data_size);
  if (entry->mutability != kPayable && call->brings_value != 0) {
    return chain_revert(NULL);
  }
  const int takes_bytes = entry->kind == kReceiveEntry || entry->kind == kFallbackEntry;
  if (takes_bytes && entry->params.count != 0) {
    arguments[0] = word_of_reference(data);
  } else if (!takes_bytes && chain_decode_fields(data, entry->kind == kFunctionEntry ? 4 : 0, entry->params, arguments) != kDone) {
    return kFailed;
  }
  if (chain_call(number, arguments, results) != kDone) {
    return kFailed;
  }
  const Bytes* answer =
      takes_bytes ? entry->results.count == 0 ? NULL : (const Bytes*)reference(&results[0]) : chain_encode_fields(entry->results, results, 0, 0);
  call->answer = answer == NULL ? NULL : answer->data;
  call->answer_size = byte_count(answer);
  return kDone;
}

/// HostRun.
Status host_run(HostCall* call) {
  const Machine fresh = {(uint64_t)(uintptr_t)call->heap, (uint64_t)(uintptr_t)call->heap + call->heap_size, NULL, NULL, 0};
  machine = fresh;
  host = call->host;
  const uint32_t entry = entry_for(call);
  Status status = kDone;
  if (entry != kNone) {
    status = run_entry(call, entry);
  } else if (call->makes_contract == 0 || call->brings_value != 0) {
    status = chain_revert(NULL);
  }
  if (status != kDone) {
    call->answer = machine.failure == NULL ? NULL : machine.failure->data;
    call->answer_size = byte_count(machine.failure);
  }
  return status;
}
