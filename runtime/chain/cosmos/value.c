// SPDX-License-Identifier: Apache-2.0
// Values as JSON, by their types; docs/targets.md has the forms. Types nest at most 64 deep (ir::kMaxDataTypeDepth), so recursion ends.

enum { kMostNumberBits = 32 };

static int base64_value(uint8_t digit) {
  return digit >= 'A' && digit <= 'Z'   ? digit - 'A'
         : digit >= 'a' && digit <= 'z' ? digit - 'a' + 26
         : digit >= '0' && digit <= '9' ? digit - '0' + 52
         : digit == '+'                 ? 62
         : digit == '/'                 ? 63
                                        : -1;
}

/// Decodes in place. 0: it is no base64 as it is written here: whole groups, zeros in the bits that are over.
static int decode_base64(Bytes* text) {
  if (text->length % 4 != 0) {
    return 0;
  }
  uint64_t made = 0;
  for (uint64_t i = 0; i < text->length; i += 4) {
    const uint8_t* group = text->data + i;
    const int is_last = i + 4 == text->length;
    const int padding = is_last && group[3] == '=' ? (group[2] == '=' ? 2 : 1) : 0;
    uint32_t bits = 0;
    for (int k = 0; k < 4 - padding; ++k) {
      const int value = base64_value(group[k]);
      if (value < 0) {
        return 0;
      }
      bits |= (uint32_t)value << (18 - 6 * k);
    }
    if ((padding == 1 && (bits & 0xff) != 0) || (padding == 2 && (bits & 0xffff) != 0)) {
      return 0;
    }
    for (int k = 0; k < 3 - padding; ++k) {
      text->data[made++] = (uint8_t)(bits >> (16 - 8 * k));
    }
  }
  text->length = made;
  return 1;
}

static int read_value(Reader* reader, uint32_t type, Word* to);

static int read_number(Reader* reader, uint32_t type, Word* to) {
  int is_below_zero = 0;
  if (!read_integer(reader, to, &is_below_zero)) {
    return 0;
  }
  const int is_signed = chain_types[type].kind == kSigned;
  // 2^255 is one too many, but not with a minus in front.
  const int is_too_far = is_signed && is_negative(to) && !(is_below_zero && to->limb[3] == (uint64_t)1 << 63 && (to->limb[0] | to->limb[1] | to->limb[2]) == 0);
  if (is_below_zero) {
    *to = negated(to);
  }
  if (is_too_far || (is_below_zero && !is_signed && !is_zero(to)) || !chain_in_range(to, type)) {
    return reject(reader, "the number is out of range");
  }
  return 1;
}

static int read_fixed_bytes(Reader* reader, uint32_t size, Word* to) {
  const Bytes* text = read_string(reader);
  uint8_t bytes[32];
  if (text == 0 || text->length != (uint64_t)size * 2) {
    return reject(reader, "expected bytes in hexadecimal, two digits each");
  }
  for (uint32_t i = 0; i < size; ++i) {
    const int high = hex_value(text->data[2 * i]), low = hex_value(text->data[2 * i + 1]);
    if (high < 0 || low < 0) {
      return reject(reader, "expected bytes in hexadecimal, two digits each");
    }
    bytes[i] = (uint8_t)(high << 4 | low);
  }
  *to = word_of_bytes(bytes, size);
  return 1;
}

static int read_bytes(Reader* reader, int is_text, Word* to) {
  Bytes* text = read_string(reader);
  if (text == 0 || (!is_text && !decode_base64(text))) {
    return reject(reader, "expected bytes in base64");
  }
  *to = word_of_reference(text->length == 0 ? 0 : text);
  return 1;
}

static int read_array(Reader* reader, uint32_t element, Word* to) {
  Array* array = 0;
  uint64_t capacity = 0;
  int is_first = 1;
  while (next_element(reader, &is_first)) {
    const uint64_t count = element_count(array);
    if (count == capacity) {
      capacity = capacity * 2 + 4;
      Array* larger = chain_new_array(capacity);
      if (larger == 0) {
        return reject(reader, "there is no memory for so many elements");
      }
      for (uint64_t i = 0; i < count; ++i) {
        larger->data[i] = array->data[i];
      }
      larger->length = count;
      array = larger;
    }
    if (!read_value(reader, element, &array->data[count])) {
      return 0;
    }
    array->length = count + 1;
  }
  *to = word_of_reference(array);
  return reader->why == 0;
}

static int read_fixed_array(Reader* reader, const DataType* type, Word* to) {
  Word* parts = chain_allocate(type->length * sizeof(Word));
  if (parts == 0) {
    return reject(reader, "there is no memory for so many elements");
  }
  uint64_t count = 0;
  int is_first = 1;
  while (next_element(reader, &is_first)) {
    if (count == type->length) {
      return reject(reader, "the array has too many elements");
    }
    if (!read_value(reader, type->element, &parts[count])) {
      return 0;
    }
    ++count;
  }
  if (reader->why == 0 && count < type->length) {
    return reject(reader, "the array has too few elements");
  }
  *to = word_of_reference(parts);
  return reader->why == 0;
}

/// The field of that name; kNone where there is none.
static uint32_t field_named(Fields fields, const Bytes* name) {
  for (uint32_t k = 0; k < fields.count; ++k) {
    if (same_name(name, chain_fields[fields.first + k].name)) {
      return k;
    }
  }
  return kNone;
}

/// An object with each of the fields once and no others, but for `extra`, which is read as an address when it is not null and must then be there.
static int read_fields(Reader* reader, Fields fields, Word* to, const char* extra, Word* extra_to) {
  uint8_t* seen = chain_allocate((uint64_t)fields.count + 1);
  if (seen == 0) {
    return reject(reader, "there is no memory for a message");
  }
  uint32_t count = 0;
  int is_first = 1;
  Bytes* name = 0;
  while (next_field(reader, &is_first, &name)) {
    const int is_extra = extra != 0 && same_text(name, extra);
    const uint32_t k = is_extra ? fields.count : field_named(fields, name);
    if (k == kNone) {
      return reject(reader, "there is no such field");
    }
    if (seen[k] != 0) {
      return reject(reader, "the field stands twice");
    }
    seen[k] = 1;
    ++count;
    if (is_extra) {
      Bytes* text = read_string(reader);
      if (text == 0 || !read_address(extra_to, text)) {
        return reject(reader, "expected an address");
      }
    } else if (!read_value(reader, chain_fields[fields.first + k].type, &to[k])) {
      return 0;
    }
  }
  if (reader->why == 0 && count < fields.count + (extra != 0)) {
    Bytes* missing = 0;
    for (uint32_t k = 0; k < fields.count && missing == 0; ++k) {
      const Name field = chain_fields[fields.first + k].name;
      missing = seen[k] == 0 ? chain_new_bytes(field.length) : 0;
      if (missing != 0) {
        copy_bytes(missing->data, chain_names + field.first, field.length);
      }
    }
    reader->field = missing;
    return reject(reader, missing == 0 ? "the sender is missing: `msg.sender`" : "the field is missing");
  }
  return reader->why == 0;
}

static int read_struct(Reader* reader, const DataType* type, Word* to) {
  Word* parts = chain_allocate(type->field_count * sizeof(Word));
  if (parts == 0) {
    return reject(reader, "there is no memory for a struct");
  }
  const Fields fields = {type->first_field, type->field_count};
  *to = word_of_reference(parts);
  return read_fields(reader, fields, parts, 0, 0);
}

/// A value of a type without mappings, in the form that code has it. 0 after a complaint.
static int read_value(Reader* reader, uint32_t type, Word* to) {
  const DataType* row = &chain_types[type];
  *to = word_of(0);
  switch (row->kind) {
    case kBool:
      to->limb[0] = (uint64_t)take_word(reader, "true");
      return to->limb[0] != 0 || take_word(reader, "false") || reject(reader, "expected true or false");
    case kUnsigned:
    case kSigned:
    case kEnum: return read_number(reader, type, to);
    case kFixedBytes: return read_fixed_bytes(reader, row->bits / 8, to);
    case kAddress: {
      const Bytes* text = read_string(reader);
      return text != 0 && (read_address(to, text) || reject(reader, "expected an address"));
    }
    case kBytes:
    case kString: return read_bytes(reader, row->kind == kString, to);
    case kArray: return read_array(reader, row->element, to);
    case kFixedArray: return read_fixed_array(reader, row, to);
    default: return read_struct(reader, row, to);
  }
}

static Status write_value(Writer* writer, uint32_t type, const Word* value);

static Status write_parts(Writer* writer, uint32_t element, const Word* parts, uint64_t count) {
  write_byte(writer, '[');
  for (uint64_t i = 0; i < count; ++i) {
    if (i > 0) {
      write_byte(writer, ',');
    }
    if (write_value(writer, element, &parts[i]) != kDone) {
      return kFailed;
    }
  }
  write_byte(writer, ']');
  return kDone;
}

static Status write_struct(Writer* writer, const DataType* type, const Word* parts) {
  write_byte(writer, '{');
  for (uint32_t k = 0; k < type->field_count; ++k) {
    const Field* field = &chain_fields[type->first_field + k];
    write_text(writer, k > 0 ? ",\"" : "\"");
    write_name(writer, field->name);
    write_text(writer, "\":");
    if (write_value(writer, field->type, &parts[k]) != kDone) {
      return kFailed;
    }
  }
  write_byte(writer, '}');
  return kDone;
}

/// Values of kinds up to kString as text without quotes.
static Status write_plain(Writer* writer, uint32_t type, const Word* value) {
  const DataType* row = &chain_types[type];
  const Bytes* bytes = reference(value);
  uint8_t fixed[32];
  switch (row->kind) {
    case kBool: write_text(writer, value->limb[0] != 0 ? "true" : "false"); return kDone;
    case kFixedBytes:
      bytes_of_word(fixed, value, row->bits / 8);
      write_hex(writer, fixed, row->bits / 8);
      return kDone;
    case kAddress: return write_address(writer, value);
    case kBytes: write_base64(writer, bytes == 0 ? 0 : bytes->data, byte_count(bytes)); return kDone;
    case kString:
      if (bytes != 0) {
        write_bytes(writer, bytes->data, bytes->length);
      }
      return kDone;
    default: write_decimal(writer, value, row->kind == kSigned); return kDone;
  }
}

static int is_quoted(const DataType* type) {
  return type->kind == kFixedBytes || type->kind == kAddress || type->kind == kBytes ||
         ((type->kind == kUnsigned || type->kind == kSigned) && type->bits > kMostNumberBits);
}

static Status write_value(Writer* writer, uint32_t type, const Word* value) {
  const DataType* row = &chain_types[type];
  if (row->kind == kString) {
    const Bytes* text = reference(value);
    if (text != 0 && !is_utf8(text->data, text->length)) {
      return complain(kNotUtf8, "a string is not UTF-8 and cannot be given out");
    }
    write_quoted(writer, text == 0 ? 0 : text->data, byte_count(text));
    return kDone;
  }
  if (row->kind == kArray) {
    const Array* array = reference(value);
    return write_parts(writer, row->element, array == 0 ? 0 : array->data, element_count(array));
  }
  if (row->kind == kFixedArray) {
    return write_parts(writer, row->element, reference(value), row->length);
  }
  if (row->kind == kStruct) {
    return write_struct(writer, row, reference(value));
  }
  if (is_quoted(row)) {
    write_byte(writer, '"');
  }
  const Status status = write_plain(writer, type, value);
  if (is_quoted(row)) {
    write_byte(writer, '"');
  }
  return status;
}
