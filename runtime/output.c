// SPDX-License-Identifier: Apache-2.0
// Standard output: one buffer, sinks that build strings or hold back the output of a parallel iteration until its turn.
#include "internal.h"

enum { OUT_SIZE = 65536 };

static OM_LARGE uint8_t out_buffer[OUT_SIZE];
static uint64_t out_len;
static om_lock out_lock;
static int out_terminal = -1;
int32_t om_output_error;

int32_t om_write_all(int fd, const void *data, uint64_t size) {
  const uint8_t *p = data;
  while (size != 0) {
    int64_t n = om_syscall3(OM_SYS_write, fd, (int64_t)(intptr_t)p, (int64_t)size);
    if (n == -OM_ERR_INTR || n == -11 /* AGAIN */) {
      continue;
    }
    if (n < 0) {
      return (int32_t)-n;
    }
    p += n;
    size -= (uint64_t)n;
  }
  return 0;
}

static void flush_locked(void) {
  if (out_len != 0 && om_output_error == 0) {
    om_output_error = om_write_all(1, out_buffer, out_len);
    if (om_output_error != 0) {
      static const char text[] = "error: cannot write to standard output\n";
      om_write_all(2, text, sizeof text - 1);
    }
  }
  out_len = 0;
}

static int is_terminal(void) {
  if (out_terminal < 0) {
    uint8_t settings[64];
    out_terminal = om_syscall3(OM_SYS_ioctl, 1, 0x5401 /* TCGETS */, (int64_t)(intptr_t)settings) == 0;
  }
  return out_terminal;
}

static void root_write(const void *data, uint64_t size) {
  om_stack_require(om_self(), OM_STACK_SIGNALS);
  om_lock_take(&out_lock);
  if (size > OUT_SIZE - out_len) {
    flush_locked();
  }
  if (size >= OUT_SIZE) {
    if (om_output_error == 0) {
      om_output_error = om_write_all(1, data, size);
    }
  } else if (size != 0) {
    memcpy(out_buffer + out_len, data, size);
    out_len += size;
    if (((const uint8_t *)data)[size - 1] == '\n' && is_terminal()) {
      flush_locked();
    }
  }
  om_lock_give(&out_lock);
}

void om_sink_append(om_sink *s, const void *data, uint64_t size) {
  if (size > s->cap - s->len) {
    uint64_t cap = s->cap == 0 ? 256 : s->cap * 2;
    while (cap < s->len + size) {
      cap *= 2;
    }
    s->data = om_raw_grow(s->data, s->len, s->cap, cap);
    s->cap = cap;
  }
  if (size != 0) {
    memcpy(s->data + s->len, data, size);
  }
  s->len += size;
}

void om_sink_write(om_sink *s, const void *data, uint64_t size) {
  while (s != NULL) {
    if (s->kind == OM_SINK_CAPTURE) {
      if (!s->direct && om_loop_is_lowest(s->loop, s->cell)) {
        s->direct = 1;
        om_sink_write(s->parent, s->data, s->len);
        s->len = 0;
      }
      if (s->direct) {
        s = s->parent;
        continue;
      }
    }
    om_sink_append(s, data, size);
    return;
  }
  root_write(data, size);
}

void om_sink_unwind(om_thread *t, om_sink *keep) {
  while (t->sink != keep && t->sink != NULL && t->sink->kind == OM_SINK_TEXT) {
    om_sink *s = t->sink;
    t->sink = s->parent;
    om_raw_free(s->data, s->cap);
    om_raw_free(s, sizeof *s);
  }
  t->sink = keep;
}

void om_out_bytes(const void *data, int64_t size) { om_sink_write(om_self()->sink, data, (uint64_t)size); }

void om_out_str(const om_array *text) {
  if (text != NULL) {
    om_sink_write(om_self()->sink, text->data, (uint64_t)text->len);
  }
}

void om_text_begin(void) {
  om_thread *t = om_self();
  om_sink *s = om_raw_alloc(sizeof *s);
  if (s == NULL) {
    om_panic(OM_PANIC_MEMORY, NULL);
    return;
  }
  memset(s, 0, sizeof *s);
  s->kind = OM_SINK_TEXT;
  s->parent = t->sink;
  t->sink = s;
}

om_array *om_text_end(void) {
  om_thread *t = om_self();
  om_sink *s = t->sink;
  om_array *text = om_string_new(s->data, (int64_t)s->len);
  t->sink = s->parent;
  om_raw_free(s->data, s->cap);
  om_raw_free(s, sizeof *s);
  return text;
}

void om_flush(void) {
  om_lock_take(&out_lock);
  flush_locked();
  om_lock_give(&out_lock);
}

void om_err_str(const om_array *text) {
  om_stack_require(om_self(), OM_STACK_SIGNALS);
  om_flush();
  if (text != NULL) {
    om_write_all(2, text->data, (uint64_t)text->len);
  }
}
