// SPDX-License-Identifier: Apache-2.0
// The coins of accounts: what the bank says, and what is on its way. Source of the forms: cosmwasm-std, query/bank.rs and results/cosmos_msg.rs.

/// The bytes of the field `wanted` of {"WANTED":"BASE64"}, decoded; null when there are none.
static Bytes* read_binary_field(Reader* reader, const char* wanted) {
  int is_first = 1;
  Bytes* found = 0;
  Bytes* name = 0;
  while (next_field(reader, &is_first, &name)) {
    if (same_text(name, wanted)) {
      found = read_string(reader);
    } else {
      skip_value(reader);
    }
  }
  return reader->why == 0 && found != 0 && decode_base64(found) ? found : 0;
}

/// {"ok":{"ok":"BASE64"}}: the system's answer around the bank's.
static int read_balance(const Region* answer, Word* to) {
  Reader reader = reader_of(region_bytes(answer), answer->length);
  int is_first = 1;
  Bytes* name = 0;
  Bytes* content = 0;
  while (next_field(&reader, &is_first, &name)) {
    if (same_text(name, "ok")) {
      content = read_binary_field(&reader, "ok");
    } else {
      skip_value(&reader);
    }
  }
  if (reader.why != 0 || content == 0) {
    return 0;
  }
  Reader inner = reader_of(content->data, content->length);
  int is_there = 0;
  int is_value = 0;
  is_first = 1;
  while (next_field(&inner, &is_first, &name)) {
    if (same_text(name, "amount")) {
      is_there = read_coin(&inner, to, &is_value);
    } else {
      skip_value(&inner);
    }
  }
  return inner.why == 0 && is_there && is_value;
}

/// What the bank says, which knows nothing of this call yet but its funds.
static Status ask_balance(Word* to, const Word* address) {
  *to = word_of(0);
  Writer request = {0, 0, 0, 0};
  write_text(&request, "{\"bank\":{\"balance\":{\"address\":\"");
  if (write_address(&request, address) != kDone) {
    return kFailed;
  }
  write_text(&request, "\",\"denom\":\"");
  write_text(&request, (const char*)chain_denom);
  write_text(&request, "\"}}}");
  if (request.has_failed) {
    return chain_panic(kPanicMemory);
  }
  const Region region = region_of(request.data, request.length);
  const Region* answer = query_chain(&region);
  return answer != 0 && read_balance(answer, to) ? kDone : complain(kNoBalance, "the chain does not say the balance of an account");
}

static Word sum(const Word* a, const Word* b) {
  Word result;
  uint64_t carry = 0;
  for (int i = 0; i < 4; ++i) {
    const uint64_t part = a->limb[i] + b->limb[i];
    result.limb[i] = part + carry;
    carry = (uint64_t)(part < b->limb[i]) | (uint64_t)(result.limb[i] < part);
  }
  return result;
}

/// As if what is on its way had arrived: no more goes out than the contract has, so nothing wraps around.
Status chain_balance(Word* to, const Word* address) {
  const Status status = ask_balance(to, address);
  for (const Sending* sending = this_call.sendings; sending != 0 && status == kDone; sending = sending->next) {
    if (same_word(&sending->account, address)) {
      *to = sum(to, &sending->value);
    }
    if (same_word(&this_call.self, address)) {
      *to = less(to, &sending->value);
    }
  }
  return status;
}

static Status write_sending(const Word* account, const Word* value) {
  Writer* messages = &this_call.messages;
  write_text(messages,
             messages->length > 0 ? ",{\"id\":0,\"msg\":{\"bank\":{\"send\":{\"to_address\":\"" : "{\"id\":0,\"msg\":{\"bank\":{\"send\":{\"to_address\":\"");
  if (write_address(messages, account) != kDone) {
    return kFailed;
  }
  write_text(messages, "\",\"amount\":[{\"denom\":\"");
  write_text(messages, (const char*)chain_denom);
  write_text(messages, "\",\"amount\":\"");
  write_decimal(messages, value, 0);
  write_text(messages, "\"}]}}},\"gas_limit\":null,\"reply_on\":\"never\"}");
  return messages->has_failed ? chain_panic(kPanicMemory) : kDone;
}

Status chain_send(Word results[2], const Word* address, const Word* value) {
  Word has;
  results[0] = results[1] = word_of(0);
  if (chain_balance(&has, &this_call.self) != kDone) {
    return kFailed;
  }
  if (is_below(&has, value)) {
    return kDone;
  }
  results[0] = word_of(1);
  // The bank takes no message without coins.
  if (is_zero(value)) {
    return kDone;
  }
  Sending* sending = chain_allocate(sizeof(Sending));
  if (sending == 0) {
    return chain_panic(kPanicMemory);
  }
  sending->next = this_call.sendings;
  sending->account = *address;
  sending->value = *value;
  this_call.sendings = sending;
  return write_sending(address, value);
}
