// SPDX-License-Identifier: Apache-2.0
// Reading JSON from front to back. The first complaint stays; after it nothing more is read. Source: RFC 8259.

/// `why` says what was expected, `field` the innermost name that was being read.
typedef struct {
  const uint8_t* at;
  const uint8_t* end;
  const char* why;
  const Bytes* field;
} Reader;

static Reader reader_of(const uint8_t* bytes, uint64_t length) {
  const Reader reader = {bytes, bytes + length, 0, 0};
  return reader;
}

static int reject(Reader* reader, const char* why) {
  if (reader->why == 0) {
    reader->why = why;
  }
  reader->at = reader->end;
  return 0;
}

/// The next byte that is no white space; 0 at the end.
static uint8_t peek(Reader* reader) {
  while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\n' || *reader->at == '\r')) {
    ++reader->at;
  }
  return reader->at < reader->end ? *reader->at : 0;
}

static int take(Reader* reader, uint8_t byte) {
  if (peek(reader) != byte) {
    return 0;
  }
  ++reader->at;
  return 1;
}

static int take_word(Reader* reader, const char* word) {
  peek(reader);
  uint64_t length = 0;
  while (word[length] != 0) {
    ++length;
  }
  if ((uint64_t)(reader->end - reader->at) < length || !same_bytes(reader->at, (const uint8_t*)word, length)) {
    return 0;
  }
  reader->at += length;
  return 1;
}

static int hex_value(uint8_t digit) {
  return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/// The four digits behind `\u`; negative: there are none.
static int32_t code_unit(Reader* reader) {
  int32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = reader->at < reader->end ? hex_value(*reader->at) : -1;
    if (digit < 0) {
      return -1;
    }
    ++reader->at;
    value = value << 4 | digit;
  }
  return value;
}

static uint64_t put_code_point(uint8_t* to, uint32_t point) {
  if (point < 0x80) {
    to[0] = (uint8_t)point;
    return 1;
  }
  const uint64_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  static const uint8_t lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (uint64_t i = size - 1; i > 0; --i, point >>= 6) {
    to[i] = (uint8_t)(0x80 | (point & 0x3f));
  }
  to[0] = (uint8_t)(lead[size] | point);
  return size;
}

/// The character behind a backslash, as UTF-8; 0: there is none.
static uint64_t read_escape(Reader* reader, uint8_t* to) {
  const uint8_t kind = reader->at < reader->end ? *reader->at++ : 0;
  static const uint8_t plain[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
  for (uint32_t i = 0; i + 1 < sizeof plain; i += 2) {
    if (kind == plain[i]) {
      to[0] = plain[i + 1];
      return 1;
    }
  }
  int32_t point = kind == 'u' ? code_unit(reader) : -1;
  if (point >= 0xd800 && point < 0xdc00) {
    const int has_second = reader->end - reader->at >= 2 && reader->at[0] == '\\' && reader->at[1] == 'u';
    reader->at += has_second ? 2 : 0;
    const int32_t second = has_second ? code_unit(reader) : -1;
    point = second >= 0xdc00 && second < 0xe000 ? 0x10000 + ((point - 0xd800) << 10) + (second - 0xdc00) : -1;
  } else if (point >= 0xdc00 && point < 0xe000) {
    point = -1;
  }
  return point < 0 ? 0 : put_code_point(to, (uint32_t)point);
}

/// A string's bytes, well-formed UTF-8. Null after a complaint, which it makes.
static Bytes* read_string(Reader* reader) {
  if (!take(reader, '"')) {
    reject(reader, "expected a string");
    return 0;
  }
  uint64_t room = 0;
  while (reader->at + room < reader->end && reader->at[room] != '"') {
    room += reader->at[room] == '\\' ? 2 : 1;
  }
  Bytes* text = room <= (uint64_t)(reader->end - reader->at) ? chain_new_bytes(room) : 0;
  if (text == 0) {
    reject(reader, "a string has no end");
    return 0;
  }
  uint64_t length = 0;
  while (reader->at < reader->end && *reader->at != '"') {
    uint64_t size = 1;
    if (*reader->at == '\\') {
      ++reader->at;
      size = read_escape(reader, text->data + length);
    } else if (*reader->at < 0x20) {
      size = 0;
    } else {
      size = utf8_sequence(reader->at, (uint64_t)(reader->end - reader->at));
      copy_bytes(text->data + length, reader->at, size);
      reader->at += size;
    }
    if (size == 0) {
      reject(reader, "a string is not well-formed");
      return 0;
    }
    length += size;
  }
  text->length = length;
  if (!take(reader, '"')) {
    reject(reader, "a string has no end");
    return 0;
  }
  return text;
}

/// Reads over any value, without recursion: brackets inside each other are kept as bits.
static int skip_value(Reader* reader) {
  enum { kMostDepth = 64 };
  uint64_t is_object = 0;
  uint32_t depth = 0;
  for (;;) {
    const uint8_t next = peek(reader);
    if (next == '{' || next == '[') {
      if (depth == kMostDepth) {
        return reject(reader, "values lie too deep inside each other");
      }
      ++reader->at;
      is_object = is_object << 1 | (next == '{');
      ++depth;
      if (peek(reader) != (next == '{' ? '}' : ']')) {
        if (next == '{' && (read_string(reader) == 0 || !take(reader, ':'))) {
          return reject(reader, "expected a field");
        }
        continue;
      }
    } else if (next == '"') {
      if (read_string(reader) == 0) {
        return 0;
      }
    } else if (!take_word(reader, "true") && !take_word(reader, "false") && !take_word(reader, "null")) {
      const uint8_t* begin = reader->at;
      while (reader->at < reader->end &&
             ((*reader->at >= '0' && *reader->at <= '9') || *reader->at == '-' || *reader->at == '+' || *reader->at == '.' || (*reader->at | 0x20) == 'e')) {
        ++reader->at;
      }
      if (reader->at == begin) {
        return reject(reader, "expected a value");
      }
    }
    // A value is over: what follows it closes brackets or goes on inside of one.
    while (depth > 0 && take(reader, (is_object & 1) != 0 ? '}' : ']')) {
      is_object >>= 1;
      --depth;
    }
    if (depth == 0) {
      return reader->why == 0;
    }
    if (!take(reader, ',') || ((is_object & 1) != 0 && (read_string(reader) == 0 || !take(reader, ':')))) {
      return reject(reader, "expected a comma and what follows it");
    }
  }
}

/// Goes through an object: 1 and the name of the next field, 0 at its end or after a complaint. `*is_first` is 1 at the beginning.
static int next_field(Reader* reader, int* is_first, Bytes** name) {
  if (*is_first && !take(reader, '{')) {
    return reject(reader, "expected an object");
  }
  if (take(reader, '}')) {
    return 0;
  }
  if (!*is_first && !take(reader, ',')) {
    return reject(reader, "expected a comma or the end of the object");
  }
  *is_first = 0;
  *name = read_string(reader);
  if (*name == 0) {
    return 0;
  }
  reader->field = *name;
  return take(reader, ':') || reject(reader, "expected a colon");
}

/// The same for an array.
static int next_element(Reader* reader, int* is_first) {
  if (*is_first && !take(reader, '[')) {
    return reject(reader, "expected an array");
  }
  if (take(reader, ']')) {
    return 0;
  }
  if (!*is_first && !take(reader, ',')) {
    return reject(reader, "expected a comma or the end of the array");
  }
  *is_first = 0;
  return 1;
}

static int is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

/// Decimal digits with a minus in front or not, as a number of 256 bits and its sign. 0: they are none, or too many.
static int number_of_digits(Word* to, const uint8_t* digits, uint64_t length, int* is_below_zero) {
  *is_below_zero = length > 0 && digits[0] == '-';
  uint64_t i = (uint64_t)*is_below_zero;
  if (i == length || length - i > kMaxDigits || (digits[i] == '0' && length - i > 1)) {
    return 0;
  }
  Word value = word_of(0);
  for (; i < length; ++i) {
    if (!is_digit(digits[i])) {
      return 0;
    }
    uint64_t carry = (uint64_t)(digits[i] - '0');
    for (int k = 0; k < 4; ++k) {
      const uint64_t low = (value.limb[k] & 0xffffffff) * 10 + carry;
      const uint64_t high = (value.limb[k] >> 32) * 10 + (low >> 32);
      value.limb[k] = high << 32 | (low & 0xffffffff);
      carry = high >> 32;
    }
    if (carry != 0) {
      return 0;
    }
  }
  *to = value;
  return 1;
}

/// An exact integer: a number of digits alone, or a string of them. 0 after a complaint.
static int read_integer(Reader* reader, Word* to, int* is_below_zero) {
  const uint8_t* digits = 0;
  uint64_t length = 0;
  if (peek(reader) == '"') {
    const Bytes* text = read_string(reader);
    if (text == 0) {
      return 0;
    }
    digits = text->data;
    length = text->length;
  } else {
    digits = reader->at;
    while (reader->at < reader->end && (is_digit(*reader->at) || *reader->at == '-')) {
      ++reader->at;
    }
    length = (uint64_t)(reader->at - digits);
    if (reader->at < reader->end && (*reader->at == '.' || (*reader->at | 0x20) == 'e')) {
      return reject(reader, "expected a whole number, written with digits alone");
    }
  }
  return number_of_digits(to, digits, length, is_below_zero) || reject(reader, "expected a whole number of up to 256 bits");
}

/// What is left is white space.
static int is_over(Reader* reader) {
  peek(reader);
  return reader->at == reader->end || reject(reader, "something stands behind the value");
}
