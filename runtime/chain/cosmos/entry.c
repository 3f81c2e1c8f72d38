// SPDX-License-Identifier: Apache-2.0
// The entry points: instantiate, execute, query.

static const Fields kNoFields = {0, 0};

/// Nothing of an earlier call stays but the memory in use, which holds this call's message.
static void begin_call(void) {
  this_call.machine.failure = 0;
  this_call.machine.chain_code = 0;
  this_call.sender = this_call.value = this_call.self = this_call.time = this_call.height = word_of(0);
  this_call.addresses = 0;
  const Writer empty = {0, 0, 0, 0};
  this_call.events = empty;
  this_call.messages = empty;
  this_call.sendings = 0;
  this_call.complaint = 0;
}

static uint32_t entry_named(const Bytes* name) {
  for (uint32_t k = 0; k < chain_entry_count; ++k) {
    if (chain_entries[k].kind == kFunctionEntry && same_name(name, chain_entries[k].name)) {
      return k;
    }
  }
  return kNone;
}

static int is_view(const Entry* entry) { return entry->mutability == kPure || entry->mutability == kView; }

/// Runs an entry whose arguments are read; null when it failed.
static Word* run(uint32_t entry, const Word* arguments) {
  Word* results = chain_allocate(((uint64_t)chain_entries[entry].results.count + 1) * sizeof(Word));
  if (results == 0) {
    chain_panic(kPanicMemory);
    return 0;
  }
  return chain_call(entry, arguments, results) == kDone ? results : 0;
}

static Word* room_for_arguments(uint32_t entry) { return chain_allocate(((uint64_t)chain_entries[entry].params.count + 1) * sizeof(Word)); }

/// Reads {"FUNCTION":{…}}. kNone after a complaint, which it leaves in the reader.
static uint32_t read_call(Reader* reader, int is_query, Word** arguments) {
  int is_first = 1;
  Bytes* name = 0;
  if (!next_field(reader, &is_first, &name)) {
    reject(reader, "expected an object with one function");
    return kNone;
  }
  const uint32_t entry = entry_named(name);
  if (entry == kNone) {
    reject(reader, "the contract has no such function");
    return kNone;
  }
  const Entry* row = &chain_entries[entry];
  if (is_view(row) != is_query) {
    reject(reader, is_query ? "the function changes the state: execute it" : "the function changes nothing: query it");
    return kNone;
  }
  if (row->mutability != kPayable && !is_zero(&this_call.value)) {
    reject(reader, "the function takes no funds");
    return kNone;
  }
  *arguments = room_for_arguments(entry);
  const int has_sender = is_query && row->reads_sender != 0;
  if (*arguments == 0 || !read_fields(reader, row->params, *arguments, has_sender ? "msg.sender" : 0, &this_call.sender)) {
    reject(reader, "there is no memory for a message");
    return kNone;
  }
  reader->field = 0;
  if (next_field(reader, &is_first, &name)) {
    reject(reader, "expected one function alone");
  }
  return is_over(reader) && reader->why == 0 ? entry : kNone;
}

Region* instantiate(const Region* env, const Region* info, const Region* message) {
  begin_call();
  Reader side = reader_of(region_bytes(info), info->length);
  if (!read_env(env) || !read_info(&side)) {
    return refuse(side.why != 0 ? side.why : "the block and the contract are not said", side.field);
  }
  uint32_t entry = 0;
  while (entry < chain_entry_count && chain_entries[entry].kind != kConstructorEntry) {
    ++entry;
  }
  const int has_constructor = entry < chain_entry_count;
  if ((!has_constructor || chain_entries[entry].mutability != kPayable) && !is_zero(&this_call.value)) {
    return refuse("the constructor takes no funds", 0);
  }
  Reader reader = reader_of(region_bytes(message), message->length);
  Word* arguments = has_constructor ? room_for_arguments(entry) : 0;
  if (!read_fields(&reader, has_constructor ? chain_entries[entry].params : kNoFields, arguments, 0, 0) || !is_over(&reader)) {
    return refuse(reader.why, reader.field);
  }
  if (has_constructor && run(entry, arguments) == 0) {
    return answer_failure();
  }
  return answer_response(kNoFields, 0);
}

/// Reads a call of a function, runs it, and answers.
static Region* answer(const Region* message, int is_query) {
  Reader reader = reader_of(region_bytes(message), message->length);
  Word* arguments = 0;
  const uint32_t entry = read_call(&reader, is_query, &arguments);
  if (entry == kNone) {
    return refuse(reader.why, reader.field);
  }
  const Word* results = run(entry, arguments);
  if (results == 0) {
    return answer_failure();
  }
  const Fields types = chain_entries[entry].results;
  return is_query ? answer_query(types, results) : answer_response(types, results);
}

Region* execute(const Region* env, const Region* info, const Region* message) {
  begin_call();
  Reader side = reader_of(region_bytes(info), info->length);
  if (!read_env(env) || !read_info(&side)) {
    return refuse(side.why != 0 ? side.why : "the block and the contract are not said", side.field);
  }
  return answer(message, 0);
}

Region* query(const Region* env, const Region* message) {
  begin_call();
  return read_env(env) ? answer(message, 1) : refuse("the block and the contract are not said", 0);
}
