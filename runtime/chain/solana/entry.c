// SPDX-License-Identifier: Apache-2.0
// Where the machine begins: reads the input, finds the function, and says afterwards what went wrong, as Anchor's programs do.
#include "runtime/chain/solana/solana.h"

Machine* chain_machine(void) { return &CALL->machine; }

// ---- the input ----

/// Behind the account that begins here.
INLINE uint8_t* behind_account(uint8_t* record) {
  // Records begin at multiples of eight; the last eight bytes are the rent epoch.
  return (uint8_t*)(((uint64_t)record + account_length(record) + (kAccountData + kAccountGrowth + 8 + 7)) & ~7ull);
}

/// What stands behind the last account: no account of the state.
static const uint8_t kNoAccount[kAccountData] __attribute__((aligned(8)));

/// Notes where the accounts and the data are. Layout: an account count; accounts, those that came before as their number in eight bytes; the length of the
/// data, the data, the program's address.
INLINE Status read_input(const uint8_t** data, uint8_t* input) {
  Call* call = CALL;
  const uint64_t count = load_64(input);
  if (UNLIKELY(count == 0)) {
    return chain_ends(kTooFewAccounts);
  }
  uint8_t* at = input + 8;
  uint8_t** to = call->accounts;
  uint8_t** const end = to + count;
  while (to != end) {
    // A loop of its own, for there is hardly ever an account twice.
    while (LIKELY(at[kAccountMark] == kNoDuplicate)) {
      *to = at;
      at = behind_account(at);
      if (++to == end) {
        break;
      }
    }
    if (to != end) {
      *to++ = call->accounts[at[kAccountMark]];
      at += 8;
    }
  }
  call->accounts_end = end;
  *end = (uint8_t*)(uintptr_t)kNoAccount;
  call->next = &call->accounts[1];
  *data = at + 8;
  call->end = at + 8 + load_64(at);
  return kDone;
}

// ---- what generated code calls ----

/// Generated: logs event number `event`.
Status solana_event(uint32_t event, const Word* arguments);
EXPORTED Status chain_event(uint32_t event, const Word* arguments) { return solana_event(event, arguments); }

/// The contract must be there, also for a function that has asked for nothing of the state. What it has done is undone with the call.
EXPORTED Status solana_end_function(void) { return UNLIKELY(!has_found_account()) ? reach_state() : kDone; }

/// The contract must not be there yet, and who makes it must be the program's upgrade authority.
Status solana_begin_constructor(void) {
  static const uint64_t kNoKey[4];
  if (find_state()) {
    return chain_ends(kMadeBefore);
  }
  if (check_authority() != kDone) {
    return kFailed;
  }
  Absent* absent;
  if (find_absent(&absent, kOriginState, kNoKey) != kDone || make_account(absent, solana_state_size) != kDone) {
    return kFailed;
  }
  CALL->state = absent->record;
  return kDone;
}

/// The instruction's data are not what the function takes.
Status solana_bad_data(void) { return bad_data(); }

/// Arguments are taken from here on.
EXPORTED void solana_begin_data(const uint8_t* data) { CALL->data = data; }

/// The arguments must be all of the data.
EXPORTED Status solana_end_of_data(void) { return CALL->data == CALL->end ? kDone : bad_data(); }

/// The discriminator is none of the contract's.
Status solana_unknown(void) { return chain_ends(kUnknownInstruction); }

/// Room for `count` values; null when there is none: then the call has failed.
Word* solana_words(uint64_t count) {
  Word* words = chain_allocate(count * sizeof(Word));
  if (!words) {
    chain_panic(kPanicMemory);
  }
  return words;
}

/// First eight bytes of SHA-256 of "omega:result", "omega:revert".
#define RESULT_DISCRIMINATOR 0xa7bf20b4e01da39cull
#define REVERT_DISCRIMINATOR 0x12020188542714baull
/// The most that a program may give back.
enum { kMostReturned = 1024 };

/// Memory for results or an event, eight bytes longer, so that a discriminator fits in front. Null when there is none: then the call has failed.
uint8_t* solana_buffer(uint64_t size) {
  uint8_t* buffer = chain_allocate(size + 8);
  if (!buffer) {
    chain_panic(kPanicMemory);
  }
  return buffer;
}

/// Gives results back, `size` bytes behind the first eight of the buffer. More than the machine takes are logged.
void solana_give(uint8_t* buffer, uint64_t size) {
  if (size <= kMostReturned) {
    sol_set_return_data(buffer + 8, size);
    return;
  }
  store_64(buffer, RESULT_DISCRIMINATOR);
  const Slice field = {buffer, size + 8};
  sol_log_data(&field, 1);
}

/// Logs an event, `size` bytes behind its discriminator.
void solana_log(const uint8_t* buffer, uint64_t size) {
  const Slice field = {buffer, size + 8};
  sol_log_data(&field, 1);
}

// ---- failures ----

/// A line of the log, on the stack, for there may be no memory left. What does not fit is cut off.
typedef struct {
  uint64_t length;
  uint8_t text[640];
} Line;

static void add(Line* line, const uint8_t* text, uint64_t length) {
  for (uint64_t k = 0; k < length && line->length < sizeof line->text; ++k) {
    // The machine ends a program that logs what is not UTF-8, and cutting off may make it so.
    line->text[line->length++] = text[k] < 0x80 ? text[k] : '?';
  }
}
#define ADD(line, literal) add(line, (const uint8_t*)(literal), sizeof(literal) - 1)

static void add_number(Line* line, uint64_t number) {
  uint8_t digits[20];
  uint64_t count = 0;
  do {
    digits[19 - count++] = (uint8_t)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  add(line, digits + 20 - count, count);
}

/// `AnchorError occurred. Error Code: NAME. Error Number: N. Error Message: TEXT.`, as Anchor's clients parse it.
static OUTLINE void log_error(const uint8_t* name, uint64_t name_length, uint32_t number, const uint8_t* text, uint64_t text_length) {
  Line line;
  line.length = 0;
  ADD(&line, "AnchorError occurred. Error Code: ");
  add(&line, name, name_length);
  ADD(&line, ". Error Number: ");
  add_number(&line, number);
  ADD(&line, ". Error Message: ");
  // The number of the text is bounded by the line, so that the full stop fits.
  add(&line, text, text_length < 400 ? text_length : 400);
  ADD(&line, ".");
  sol_log_(line.text, line.length);
}
#define LOG_ERROR(name, number, text) log_error((const uint8_t*)(name), sizeof(name) - 1, number, (const uint8_t*)(text), sizeof(text) - 1)

static uint32_t chain_failure(uint32_t code) {
  switch (code) {
    case kUnknownInstruction: LOG_ERROR("InstructionFallbackNotFound", code, "The contract has no function with this discriminator"); break;
    case kBadInstruction: LOG_ERROR("InstructionDidNotDeserialize", code, "The instruction's data end before the discriminator does"); break;
    case kTooFewAccounts: LOG_ERROR("AccountNotEnoughKeys", code, "The sender is missing"); break;
    case kNotWritable: LOG_ERROR("AccountNotMutable", code, "An account that the call changes is not writable"); break;
    case kNotSigned: LOG_ERROR("AccountNotSigner", code, "The first account is the sender and must sign"); break;
    case kNotMade: LOG_ERROR("AccountNotInitialized", code, "The constructor has not run"); break;
    case kAccountMissing: LOG_ERROR("AccountMissing", code, "An account of the state is missing: the data before this line say which"); break;
    case kMadeBefore: LOG_ERROR("MadeBefore", code, "The constructor runs once"); break;
    case kNotAuthority: LOG_ERROR("NotAuthority", code, "The constructor is for the program's upgrade authority"); break;
    default: LOG_ERROR("Failed", code, "The call cannot be done"); break;
  }
  return code;
}

#define ERROR_SELECTOR 0x08c379a0u
#define PANIC_SELECTOR 0x4e487b71u

/// The revert's data in the log, the line that Anchor's clients look for, and the program error's number.
static uint32_t contract_failure(const Bytes* data) {
  if (!data || data->length == 0) {
    LOG_ERROR("Revert", kReverted, "Reverted without data");
    return kReverted;
  }
  static const uint64_t kDiscriminator = REVERT_DISCRIMINATOR;
  const Slice fields[2] = {{&kDiscriminator, 8}, {data->data, data->length}};
  sol_log_data(fields, 2);
  const uint32_t selector = data->length < 4 ? 0 : __builtin_bswap32(*(const Four*)data->data);
  if (selector == PANIC_SELECTOR && data->length == 36) {
    const uint32_t code = data->data[35];
    LOG_ERROR("Panic", code, "An assertion, an index, a number or memory");
    return code;
  }
  for (uint32_t k = 0; k < chain_error_count; ++k) {
    const Message* error = &chain_errors[k];
    if (error->selector != selector) {
      continue;
    }
    const uint8_t* name = chain_names + error->name.first;
    if (selector == ERROR_SELECTOR && data->length >= 68) {
      const uint64_t length = __builtin_bswap64(load_64(data->data + 60));
      log_error(name, error->name.length, kFirstError + k, data->data + 68, length < data->length - 68 ? length : data->length - 68);
    } else {
      log_error(name, error->name.length, kFirstError + k, name, error->name.length);
    }
    return kFirstError + k;
  }
  LOG_ERROR("Revert", kRevertedWithData, "Reverted with data");
  return kRevertedWithData;
}

static OUTLINE uint64_t report(void) {
  const Machine* machine = &CALL->machine;
  return machine->chain_code ? chain_failure(machine->chain_code) : contract_failure(machine->failure);
}

/// The program. Gives 0, or the number of the program error.
uint64_t entrypoint(uint8_t* input) {
  const uint8_t* data;
  if (UNLIKELY(read_input(&data, input) != kDone)) {
    return report();
  }
  const uint64_t length = (uint64_t)(CALL->end - data);
  if (UNLIKELY(length < 8)) {
    chain_ends(kBadInstruction);
    return report();
  }
  return UNLIKELY(solana_run(load_64(data), data + 8, length - 8) != kDone) ? report() : 0;
}
