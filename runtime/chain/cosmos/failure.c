// SPDX-License-Identifier: Apache-2.0
// Why a call failed, as text: for people, and exact enough for programs (docs/targets.md).

static const char* panic_meaning(uint64_t code) {
  switch (code) {
    case kPanicAssert: return "assertion failed";
    case kPanicOverflow: return "arithmetic overflow";
    case kPanicDivision: return "division by zero";
    case kPanicEnum: return "no such enum member";
    case kPanicPop: return "pop of an empty array";
    case kPanicIndex: return "index out of bounds";
    case kPanicMemory: return "too much memory";
    case kPanicNullCall: return "call of a null function";
    default: return "panic";
  }
}

static uint32_t selector_of(const Bytes* data) {
  return (uint32_t)data->data[0] << 24 | (uint32_t)data->data[1] << 16 | (uint32_t)data->data[2] << 8 | data->data[3];
}

/// `Panic(17): arithmetic overflow`. 0: the data is no panic.
static int write_panic(Writer* text, const Bytes* data) {
  Word code;
  if (data->length != 36 || selector_of(data) != 0x4e487b71) {
    return 0;
  }
  read_word(&code, data->data + 4);
  write_text(text, "Panic(");
  write_decimal(text, &code, 0);
  write_text(text, "): ");
  write_text(text, fits_64(&code) ? panic_meaning(code.limb[0]) : "panic");
  return 1;
}

/// `NAME("5","7")`: the error's name and its arguments as JSON. 0: the data is of no error, or its arguments cannot be given out.
static int write_error(Writer* text, const Bytes* data) {
  for (uint32_t k = 0; k < chain_error_count; ++k) {
    const Message* error = &chain_errors[k];
    Word* arguments = chain_allocate(error->arguments.count * sizeof(Word));
    if (error->selector != selector_of(data) || arguments == 0 || chain_decode_fields(data, 4, error->arguments, arguments) != kDone) {
      continue;
    }
    const uint64_t before = text->length;
    write_name(text, error->name);
    Status status = kDone;
    for (uint32_t i = 0; i < error->arguments.count && status == kDone; ++i) {
      write_byte(text, i == 0 ? '(' : ',');
      status = write_value(text, chain_fields[error->arguments.first + i].type, &arguments[i]);
    }
    if (status == kDone) {
      write_text(text, error->arguments.count == 0 ? "()" : ")");
      return 1;
    }
    text->length = before;
  }
  return 0;
}

/// What the contract, or the chain's side, ended the call with.
static void write_failure(Writer* text) {
  const Bytes* data = this_call.machine.failure;
  if (this_call.machine.chain_code != 0) {
    write_text(text, "failed: ");
    write_text(text, this_call.complaint);
  } else if (byte_count(data) == 0) {
    write_text(text, "reverted");
  } else if (data->length < 4 || (!write_panic(text, data) && !write_error(text, data))) {
    write_text(text, "reverted: 0x");
    write_hex(text, data->data, data->length);
  }
}

/// The answer of a call that did not go well.
static Region* answer_error(const Writer* text) {
  Writer answer = {0, 0, 0, 0};
  write_text(&answer, "{\"error\":");
  if (text->has_failed) {
    write_text(&answer, "\"Panic(65): too much memory\"");
  } else {
    write_quoted(&answer, text->data, text->length);
  }
  write_byte(&answer, '}');
  return answer_of(&answer);
}

static Region* answer_failure(void) {
  Writer text = {0, 0, 0, 0};
  write_failure(&text);
  return answer_error(&text);
}

/// Calls that do not reach the contract's code: `refused: field "to": expected an address`.
static Region* refuse(const char* why, const Bytes* name) {
  Writer text = {0, 0, 0, 0};
  write_text(&text, "refused: ");
  if (name != 0) {
    write_quoted(&text, name->data, name->length);
    write_text(&text, ": ");
  }
  write_text(&text, why);
  return answer_error(&text);
}
