// SPDX-License-Identifier: Apache-2.0
// Panics: raising, landing, the report with its place in the source, faults.
#include "internal.h"

// ---- places ---------------------------------------------------------------------------------------------------------

static uint64_t read_number(const uint8_t **at) {
  uint64_t value = 0;
  for (uint32_t shift = 0;; shift += 7) {
    uint8_t byte = *(*at)++;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) {
      return value;
    }
  }
}

// The place of the last row at or before `offset` among a function's.
static om_location locate_in_rows(const uint8_t *at, const uint8_t *end, uint32_t begin, uint32_t offset) {
  om_location found = {0, 0, 0}, place = {0, 0, 0};
  uint64_t row_offset = begin;
  while (at < end) {
    uint32_t head = *at++;
    if (head < OM_ROW_LONG) {
      row_offset += head % OM_ROW_DISTANCES;
      place.line += head / OM_ROW_DISTANCES;
    } else {
      row_offset += read_number(&at);
      uint64_t step = read_number(&at);
      place.line += (step & 1) != 0 ? ~(uint32_t)(step >> 1) : (uint32_t)(step >> 1);
      if (head > OM_ROW_LONG) {
        place.file = (uint16_t)read_number(&at);
      }
    }
    place.column = (uint16_t)read_number(&at);
    if (row_offset > offset) {
      break;
    }
    found = place;
  }
  return found;
}

om_location om_locate(const uint8_t *pc) {
  const om_program *p = om_the_program;
  om_location nowhere = {0, 0, 0};
  if (pc < p->code_lo || pc >= p->code_hi || p->function_count == 0) {
    return nowhere;
  }
  uint32_t offset = (uint32_t)(pc - p->code_lo);
  uint32_t low = 0, high = p->function_count;
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (p->functions[middle].offset <= offset) {
      low = middle;
    } else {
      high = middle;
    }
  }
  const om_function_lines *f = &p->functions[low];
  uint32_t rows_end = low + 1 < p->function_count ? f[1].rows : p->rows_size;
  return f->offset <= offset ? locate_in_rows(p->rows + f->rows, p->rows + rows_end, f->offset, offset) : nowhere;
}

#if defined(OMEGA_FREESTANDING)
// Follows the runtime's own frames up to the first return address in the program.
static om_location locate_by_frames(const uint8_t *frame) {
  const om_program *p = om_the_program;
  const om_thread *t = om_self();
  om_location nowhere = {0, 0, 0};
  for (int i = 0; i < 64 && frame != NULL && frame + 16 <= t->stack_high && ((uintptr_t)frame & 7) == 0; i++) {
    const uint8_t *pc = ((const uint8_t *const *)frame)[1];
    if (pc > p->code_lo && pc <= p->code_hi) {
      return om_locate(pc - 1);
    }
    const uint8_t *next = *(const uint8_t *const *)frame;
    if (next <= frame) {
      break;
    }
    frame = next;
  }
  return nowhere;
}
#endif

om_location om_here(void) {
  if (om_the_program->locate != NULL) {
    return om_the_program->locate();
  }
#if defined(OMEGA_FREESTANDING)
  return locate_by_frames(__builtin_frame_address(0));
#else
  om_thread *t = om_self();
  om_location at = {0, 0, 0};
  if (t != NULL) {
    at.line = (uint32_t)t->at;
    at.column = (uint16_t)(t->at >> 32);
    at.file = (uint16_t)(t->at >> 48);
  }
  return at;
#endif
}

void om_at(uint64_t at) { om_self()->at = at; }

// ---- text -----------------------------------------------------------------------------------------------------------

static void put(om_sink *s, const char *text) { om_sink_append(s, text, strlen(text)); }

static void put_i64(om_sink *s, int64_t v) {
  char buffer[24];
  int n = om_format_u64(buffer + 1, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
  buffer[0] = '-';
  om_sink_append(s, v < 0 ? buffer : buffer + 1, (uint64_t)(v < 0 ? n + 1 : n));
}

static const char *kind_text(int32_t kind) {
  switch (kind) {
    case OM_PANIC_OVERFLOW: return "arithmetic overflow";
    case OM_PANIC_DIVIDE: return "division by zero";
    case OM_PANIC_CAST: return "value does not fit the type it is converted to";
    case OM_PANIC_ENUM: return "value is no member of the enum";
    case OM_PANIC_ASSERT: return "assertion failed";
    case OM_PANIC_REQUIRE: return "requirement failed";
    case OM_PANIC_REVERT: return "reverted";
    case OM_PANIC_RESULT: return "value of a failed result";
    case OM_PANIC_LENGTH: return "negative length";
    case OM_PANIC_NULL_CALL: return "call of an unset function value";
    case OM_PANIC_ALIASED: return "two arrays that the parallel loop writes and uses are the same memory";
    case OM_PANIC_UNREACHABLE: return "code that must not be reached was reached";
    case OM_PANIC_POP_EMPTY: return "pop from an empty array";
    case OM_PANIC_ARGUMENT: return "argument out of range";
    case OM_PANIC_STACK: return "stack overflow (recursion too deep)";
    case OM_PANIC_MEMORY: return "out of memory";
    case OM_PANIC_TIMEOUT: return "time ran out";
    default: return "error";
  }
}

static void put_failure(om_sink *s, const om_failure *f) {
  int alone = f->kind == OM_PANIC_REQUIRE || f->kind == OM_PANIC_REVERT || f->kind == OM_PANIC_RESULT;
  int has_text = f->text != NULL && f->text->len != 0;
  if (f->kind == OM_PANIC_INDEX) {
    put(s, "index ");
    put_i64(s, f->operand[0]);
    put(s, " is outside the array of length ");
    put_i64(s, f->operand[1]);
  } else if (f->kind == OM_PANIC_SLICE) {
    put(s, "slice ");
    put_i64(s, f->operand[0]);
    put(s, "..<");
    put_i64(s, f->operand[1]);
    put(s, " is outside the length ");
    put_i64(s, f->operand[2]);
  } else if (!alone || !has_text) {
    put(s, kind_text(f->kind));
  }
  if (has_text) {
    if (!alone) {
      put(s, ": ");
    }
    om_sink_append(s, f->text->data, (uint64_t)f->text->len);
  }
  for (int32_t i = 0; i < f->loops && i < OM_FAILURE_LOOPS; i++) {
    put(s, i == 0 ? " in iteration " : ", in iteration ");
    put_i64(s, f->iteration[i]);
    put(s, " of the parallel loop");
  }
}

om_array *om_failure_text(const om_failure *f) {
  om_sink s = {.kind = OM_SINK_TEXT};
  put_failure(&s, f);
  om_array *text = om_string_new(s.data, (int64_t)s.len);
  om_raw_free(s.data, s.cap);
  return text;
}

void om_failure_report(const om_failure *f) {
  om_flush();
  om_sink s = {.kind = OM_SINK_TEXT};
  put(&s, "error: ");
  put_failure(&s, f);
  put(&s, "\n");
  if (f->at.line != 0) {
    put(&s, " --> ");
    put(&s, f->at.file < om_the_program->file_count ? om_the_program->files[f->at.file] : "?");
    put(&s, ":");
    put_i64(&s, f->at.line);
    if (f->at.column != 0) {
      put(&s, ":");
      put_i64(&s, f->at.column);
    }
    put(&s, "\n");
  }
  om_write_all(2, s.data, s.len);
  om_raw_free(s.data, s.cap);
}

void om_bug(const char *what) {
  om_write_all(2, "internal error: ", 16);
  om_write_all(2, what, strlen(what));
  om_write_all(2, "\n", 1);
  om_exit_process(70);
}

void om_fatal_memory(void) {
  om_write_all(2, "error: out of memory\n", 21);
  om_exit_process(3);
}

// ---- raising and landing --------------------------------------------------------------------------------------------

void om_catch_push(om_thread *t, om_catch *c, int32_t kind) {
  c->previous = t->catch_top;
  c->sink = t->sink;
  c->deadline = t->deadline;
  c->kind = kind;
  t->catch_top = c;
}

// A panic is on its way to `c`. May be done again: while the stack is still deep, a signal that finds no room is a fault of its own.
static void head_for(om_thread *t, om_catch *c) {
  t->landing = c;
  __asm__ volatile("" ::: "memory");
  t->catch_top = c->previous;
  t->deadline = c->deadline;
}

void om_landed(om_thread *t, om_catch *c) {
  t->landing = NULL;
  t->critical = 0;
  om_stop_here(t);
  om_sink_unwind(t, c->sink);
}

// Finds where `f` lands on this thread and heads for it; null = nowhere.
static om_catch *land(om_thread *t, const om_failure *f) {
  om_catch *c = t->catch_top;
  while (c != NULL && ((c->kind == OM_CATCH_TRY && f->kind >= OM_PANIC_TIMEOUT) ||
                       (c->kind == OM_CATCH_TIMEOUT && (f->kind != OM_PANIC_TIMEOUT || f->deadline != (void *)c)))) {
    c = c->previous;
  }
  if (c != NULL) {
    t->failure = *f;
    __asm__ volatile("" ::: "memory");
    head_for(t, c);
  }
  return c;
}

static OM_COLD void end_by_failure(om_thread *t, const om_failure *f) {
  if (f->kind == OM_PANIC_EXIT) {
    om_exit_process(t == &om_main_thread ? om_finish(f->exit_code) : f->exit_code);
  }
  t->stack_low = NULL;  // the report is made on what is left of the stack
  om_sink_unwind(t, NULL);
  om_failure_report(f);
  om_exit_process(t == &om_main_thread ? om_finish(f->exit_code) : f->exit_code);
}

void om_raise(const om_failure *f) {
  om_thread *t = om_self();
  if (t == NULL) {
    om_failure_report(f);
    om_exit_process(f->exit_code);
  }
  om_catch *c = land(t, f);
  if (c == NULL) {
    end_by_failure(t, f);
  } else {
    om_long_jump(&c->jump, 1);
  }
  om_bug("a panic came back");
}

static OM_COLD void raise_kind(int32_t kind, const om_array *text, int64_t a, int64_t b, int64_t c) {
  om_failure f = {.kind = kind, .exit_code = kind == OM_PANIC_MEMORY ? 3 : 1, .text = text, .operand = {a, b, c}};
  f.at = om_here();
  om_raise(&f);
}

#define OM_NEVER om_bug("a panic came back")

void om_panic(int32_t kind, const om_array *text) {
  raise_kind(kind, text, 0, 0, 0);
  OM_NEVER;
}
void om_panic_overflow(void) {
  raise_kind(OM_PANIC_OVERFLOW, NULL, 0, 0, 0);
  OM_NEVER;
}
void om_panic_divide(void) {
  raise_kind(OM_PANIC_DIVIDE, NULL, 0, 0, 0);
  OM_NEVER;
}
void om_panic_cast(void) {
  raise_kind(OM_PANIC_CAST, NULL, 0, 0, 0);
  OM_NEVER;
}
void om_panic_index(int64_t index, int64_t length) {
  raise_kind(OM_PANIC_INDEX, NULL, index, length, 0);
  OM_NEVER;
}
void om_panic_slice(int64_t from, int64_t to, int64_t length) {
  raise_kind(OM_PANIC_SLICE, NULL, from, to, length);
  OM_NEVER;
}

void om_stack_ends(void) {
  raise_kind(OM_PANIC_STACK, NULL, 0, 0, 0);
  OM_NEVER;
}

// ---- faults ---------------------------------------------------------------------------------------------------------

om_catch *om_on_fault(int signal, const uint8_t *pc, const uint8_t *frame, int is_overflow) {
  static om_atomic32 faulting;
  om_thread *t = om_self();
  om_failure f = {.kind = OM_PANIC_STACK, .exit_code = 1};
  f.at = om_locate(pc);
#if defined(OMEGA_FREESTANDING)
  if (f.at.line == 0 && t != NULL) {
    f.at = locate_by_frames(frame);
  }
#else
  (void)frame;
  f.at = om_here();
#endif
  // What must not be stopped has room on the stack: a fault there is no overflow, and what it holds would stay held.
  if (is_overflow && t != NULL && (t->critical == 0 || t->landing != NULL)) {
    om_catch *c = t->landing;
    if (c != NULL) {
      head_for(t, c);
    } else {
      c = land(t, &f);
    }
    if (c != NULL) {
      t->critical = 1;     // until it has landed
      om_deadline_arm(t);  // its signal may have been the one that found no room
      return c;
    }
    om_failure_report(&f);
    om_exit_process(1);
  }
  if (om_swap32(&faulting, 1) == 0) {
    om_sink s = {.kind = OM_SINK_TEXT};
    put(&s, "internal error: signal ");
    put_i64(&s, signal);
    put(&s, f.at.line != 0 ? " at " : " in the runtime");
    if (f.at.line != 0) {
      put(&s, f.at.file < om_the_program->file_count ? om_the_program->files[f.at.file] : "?");
      put(&s, ":");
      put_i64(&s, f.at.line);
    }
    put(&s, "\n");
    om_write_all(2, s.data, s.len);
  }
  om_exit_process(70);
  return NULL;
}

// ---- try ------------------------------------------------------------------------------------------------------------

static OM_NOINLINE om_array *caught_text(void) {
  om_thread *t = om_self();
  t->caught_kind = t->failure.kind;
  return om_failure_text(&t->failure);
}

om_array *om_try(void *closure, void *result) {
  om_thread *t = om_self();
  om_catch c;
  om_catch_push(t, &c, OM_CATCH_TRY);
  if (om_set_jump(&c.jump) == 0) {
    om_call_closure(closure, result);
    om_catch_pop(t, &c);
    return NULL;
  }
  om_landed(t, &c);
  return caught_text();
}

int32_t om_caught_kind(void) { return om_self()->caught_kind; }
