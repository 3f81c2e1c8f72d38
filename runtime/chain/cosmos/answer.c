// SPDX-License-Identifier: Apache-2.0
// What goes back to the chain. Source of the forms: cosmwasm-std, results.

/// Text as a region. Without memory for it the call traps.
static Region* answer_of(const Writer* text) {
  Region* region = text->has_failed ? 0 : chain_allocate(sizeof(Region));
  if (region == 0) {
    __builtin_trap();
  }
  *region = region_of(text->data, text->length);
  return region;
}

static Region* answer_failure(void);

/// An argument of an event: as it is where that can be told from JSON, which begins with a quote, and keeps its first and last byte; else as JSON.
static Status write_attribute_value(Writer* writer, uint32_t type, const Word* value) {
  const DataType* row = &chain_types[type];
  Writer text = {0, 0, 0, 0};
  const int is_plain = row->kind <= kString;
  if (is_plain && write_plain(&text, type, value) != kDone) {
    return kFailed;
  }
  const int is_json = !is_plain || text.length == 0 || text.data[0] == '"' || text.data[0] <= ' ' || text.data[0] >= 0x7f ||
                      text.data[text.length - 1] <= ' ' || text.data[text.length - 1] >= 0x7f;
  if (is_json) {
    text.length = 0;
    if (is_plain && !is_quoted(row) && row->kind != kString) {
      return kFailed;
    }
    if (write_value(&text, type, value) != kDone) {
      return kFailed;
    }
  } else if (row->kind == kString && !is_utf8(text.data, text.length)) {
    return complain(kNotUtf8, "a string is not UTF-8 and cannot be given out");
  }
  writer->has_failed |= text.has_failed;
  write_quoted(writer, text.data, text.length);
  return kDone;
}

Status chain_event(uint32_t event, const Word* arguments) {
  const Message* message = &chain_events[event];
  Writer* events = &this_call.events;
  write_text(events, events->length > 0 ? ",{\"type\":\"" : "{\"type\":\"");
  write_name(events, message->name);
  write_text(events, "\",\"attributes\":[");
  for (uint32_t k = 0; k < message->arguments.count; ++k) {
    const Field* field = &chain_fields[message->arguments.first + k];
    write_text(events, k > 0 ? ",{\"key\":\"" : "{\"key\":\"");
    write_name(events, field->name);
    write_text(events, "\",\"value\":");
    if (write_attribute_value(events, field->type, &arguments[k]) != kDone) {
      return kFailed;
    }
    write_byte(events, '}');
  }
  write_text(events, "]}");
  return events->has_failed ? chain_panic(kPanicMemory) : kDone;
}

/// Results as JSON: none is null, one itself, several an array.
static Status write_results(Writer* writer, Fields fields, const Word* results) {
  if (fields.count == 0) {
    write_text(writer, "null");
  } else if (fields.count > 1) {
    write_byte(writer, '[');
  }
  for (uint32_t k = 0; k < fields.count; ++k) {
    if (k > 0) {
      write_byte(writer, ',');
    }
    if (write_value(writer, chain_fields[fields.first + k].type, &results[k]) != kDone) {
      return kFailed;
    }
  }
  if (fields.count > 1) {
    write_byte(writer, ']');
  }
  return writer->has_failed ? chain_panic(kPanicMemory) : kDone;
}

/// The answer of instantiate and execute: events, and results where there are any.
static Region* answer_response(Fields fields, const Word* results) {
  Writer json = {0, 0, 0, 0};
  if (write_results(&json, fields, results) != kDone) {
    return answer_failure();
  }
  Writer answer = {0, 0, 0, 0};
  write_text(&answer, "{\"ok\":{\"messages\":[");
  write_bytes(&answer, this_call.messages.data, this_call.messages.length);
  write_text(&answer, "],\"attributes\":[],\"events\":[");
  write_bytes(&answer, this_call.events.data, this_call.events.length);
  write_text(&answer, "],\"data\":");
  if (fields.count == 0) {
    write_text(&answer, "null}}");
  } else {
    write_byte(&answer, '"');
    write_base64(&answer, json.data, json.length);
    write_text(&answer, "\"}}");
  }
  return answer_of(&answer);
}

static Region* answer_query(Fields fields, const Word* results) {
  Writer json = {0, 0, 0, 0};
  if (write_results(&json, fields, results) != kDone) {
    return answer_failure();
  }
  Writer answer = {0, 0, 0, 0};
  write_text(&answer, "{\"ok\":\"");
  write_base64(&answer, json.data, json.length);
  write_text(&answer, "\"}");
  return answer_of(&answer);
}
