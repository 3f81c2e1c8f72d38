// SPDX-License-Identifier: Apache-2.0
// Writing text: bytes, decimal numbers, JSON strings, base64, hexadecimal.

static void write_bytes(Writer* writer, const uint8_t* bytes, uint64_t length) {
  if (writer->length + length > writer->capacity && !writer->has_failed) {
    const uint64_t capacity = (writer->length + length) * 2 + 64;
    uint8_t* data = chain_allocate(capacity);
    if (data == 0) {
      writer->has_failed = 1;
    } else {
      for (uint64_t i = 0; i < writer->length; ++i) {
        data[i] = writer->data[i];
      }
      writer->data = data;
      writer->capacity = capacity;
    }
  }
  if (writer->has_failed) {
    return;
  }
  for (uint64_t i = 0; i < length; ++i) {
    writer->data[writer->length + i] = bytes[i];
  }
  writer->length += length;
}

static void write_byte(Writer* writer, uint8_t byte) { write_bytes(writer, &byte, 1); }

static void write_text(Writer* writer, const char* text) {
  uint64_t length = 0;
  while (text[length] != 0) {
    ++length;
  }
  write_bytes(writer, (const uint8_t*)text, length);
}

static void write_name(Writer* writer, Name name) { write_bytes(writer, chain_names + name.first, name.length); }

static Word negated(const Word* value) {
  Word result;
  uint64_t carry = 1;
  for (int i = 0; i < 4; ++i) {
    result.limb[i] = ~value->limb[i] + carry;
    carry = carry != 0 && result.limb[i] == 0;
  }
  return result;
}

/// 2^256 has 78 digits.
enum { kMaxDigits = 78, kChunk = 1000000000, kChunkDigits = 9 };

static void write_decimal(Writer* writer, const Word* value, int is_signed) {
  Word rest = *value;
  if (is_signed && is_negative(value)) {
    write_byte(writer, '-');
    rest = negated(value);
  }
  uint8_t digits[kMaxDigits + kChunkDigits];
  uint32_t at = sizeof digits;
  do {
    uint64_t chunk = 0;
    for (int i = 7; i >= 0; --i) {
      const uint32_t shift = (uint32_t)(i & 1) * 32;
      const uint64_t part = chunk << 32 | ((rest.limb[i / 2] >> shift) & 0xffffffff);
      rest.limb[i / 2] = (rest.limb[i / 2] & ~((uint64_t)0xffffffff << shift)) | (part / kChunk) << shift;
      chunk = part % kChunk;
    }
    for (int i = 0; i < kChunkDigits; ++i) {
      digits[--at] = (uint8_t)('0' + chunk % 10);
      chunk /= 10;
    }
  } while ((rest.limb[0] | rest.limb[1] | rest.limb[2] | rest.limb[3]) != 0);
  while (at + 1 < sizeof digits && digits[at] == '0') {
    ++at;
  }
  write_bytes(writer, digits + at, sizeof digits - at);
}

static uint8_t hex_digit(uint32_t value) { return (uint8_t)(value < 10 ? '0' + value : 'a' + value - 10); }

static void write_hex(Writer* writer, const uint8_t* bytes, uint64_t length) {
  for (uint64_t i = 0; i < length; ++i) {
    write_byte(writer, hex_digit(bytes[i] >> 4));
    write_byte(writer, hex_digit(bytes[i] & 15));
  }
}

static uint8_t base64_digit(uint32_t value) {
  return (uint8_t)(value < 26 ? 'A' + value : value < 52 ? 'a' + value - 26 : value < 62 ? '0' + value - 52 : value == 62 ? '+' : '/');
}

/// Source: RFC 4648, section 4.
static void write_base64(Writer* writer, const uint8_t* bytes, uint64_t length) {
  for (uint64_t i = 0; i < length; i += 3) {
    const uint64_t left = length - i;
    const uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
    const uint8_t digits[4] = {base64_digit(group >> 18), base64_digit(group >> 12 & 63), left > 1 ? base64_digit(group >> 6 & 63) : '=',
                               left > 2 ? base64_digit(group & 63) : '='};
    write_bytes(writer, digits, 4);
  }
}

/// How many bytes the well-formed UTF-8 sequence at the beginning has; 0: there is none. Source: the Unicode Standard, table 3-7.
static uint64_t utf8_sequence(const uint8_t* bytes, uint64_t length) {
  const uint8_t lead = bytes[0];
  if (lead < 0x80) {
    return 1;
  }
  const uint64_t size = lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  if (size == 0 || size > length) {
    return 0;
  }
  const uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (bytes[1] < low || bytes[1] > high) {
    return 0;
  }
  for (uint64_t i = 2; i < size; ++i) {
    if (bytes[i] < 0x80 || bytes[i] > 0xbf) {
      return 0;
    }
  }
  return size;
}

static int is_utf8(const uint8_t* bytes, uint64_t length) {
  for (uint64_t i = 0; i < length;) {
    const uint64_t size = utf8_sequence(bytes + i, length - i);
    if (size == 0) {
      return 0;
    }
    i += size;
  }
  return 1;
}

/// Well-formed UTF-8 as a JSON string.
static void write_quoted(Writer* writer, const uint8_t* bytes, uint64_t length) {
  write_byte(writer, '"');
  for (uint64_t i = 0; i < length; ++i) {
    const uint8_t byte = bytes[i];
    if (byte == '"' || byte == '\\') {
      write_byte(writer, '\\');
      write_byte(writer, byte);
    } else if (byte < 0x20 || byte == 0x7f) {
      write_text(writer, "\\u00");
      write_hex(writer, &byte, 1);
    } else {
      write_byte(writer, byte);
    }
  }
  write_byte(writer, '"');
}

static int same_bytes(const uint8_t* a, const uint8_t* b, uint64_t length) {
  for (uint64_t i = 0; i < length; ++i) {
    if (a[i] != b[i]) {
      return 0;
    }
  }
  return 1;
}

static int same_text(const Bytes* bytes, const char* text) {
  uint64_t i = 0;
  for (; bytes != 0 && i < bytes->length && text[i] != 0; ++i) {
    if (bytes->data[i] != (uint8_t)text[i]) {
      return 0;
    }
  }
  return text[i] == 0 && i == (bytes != 0 ? bytes->length : 0);
}

static int same_name(const Bytes* bytes, Name name) {
  return (bytes != 0 ? bytes->length : 0) == name.length && (name.length == 0 || same_bytes(bytes->data, chain_names + name.first, name.length));
}
