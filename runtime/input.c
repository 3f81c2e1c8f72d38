// SPDX-License-Identifier: Apache-2.0
// Program arguments, standard input, files, environment.
#include "internal.h"

om_array *om_args(void) {
  om_array *r = om_array_reserve(om_argc > 1 ? om_argc - 1 : 0, 8, OM_ARRAY_REFS);
  for (int i = 1; i < om_argc; i++) {
    om_array_push_u64(r, (uint64_t)(uintptr_t)om_string_from_c(om_argv[i]));
  }
  return r;
}

int32_t om_environment(const om_array *name, om_array **out) {
  int64_t n = om_length(name);
  for (char **e = om_environment_block(); e != NULL && *e != NULL; e++) {
    if (n != 0 && strlen(*e) > (size_t)n && memcmp(*e, name->data, (size_t)n) == 0 && (*e)[n] == '=') {
      *out = om_string_from_c(*e + n + 1);
      return 1;
    }
  }
  *out = om_string_new(NULL, 0);
  return 0;
}

// ---- descriptors ----------------------------------------------------------------------------------------------------

static int64_t read_some(int64_t fd, void *to, int64_t size) {
  om_thread *t = om_self();
  int64_t n;
  do {
    om_safe_enter(t);
    n = om_syscall3(OM_SYS_read, fd, (int64_t)(intptr_t)to, size);
    om_safe_leave(t);
    if (n == -OM_ERR_INTR) {
      om_poll();  // only here: what was read must not be lost
    }
  } while (n == -OM_ERR_INTR);
  return n;
}

// ---- standard input -------------------------------------------------------------------------------------------------

enum { IN_SIZE = 65536 };
static OM_LARGE uint8_t in_buffer[IN_SIZE];
static int64_t in_from, in_to;
static int in_end;

static int fill_input(void) {
  if (in_from == in_to && !in_end) {
    om_flush();
    int64_t n = read_some(0, in_buffer, IN_SIZE);
    in_from = 0;
    in_to = n > 0 ? n : 0;
    in_end = n <= 0;
  }
  return in_from < in_to;
}

int32_t om_read_line(om_array **out) {
  om_array *line = om_array_reserve(0, 1, 0);
  *out = line;
  if (!fill_input()) {
    return 0;
  }
  while (fill_input()) {
    const uint8_t *end = memchr(in_buffer + in_from, '\n', (uint64_t)(in_to - in_from));
    om_array piece = {in_buffer + in_from, end == NULL ? in_to - in_from : end - (in_buffer + in_from), 0, 1, 0};
    om_array_append(line, &piece);
    in_from += piece.len + (end != NULL);
    if (end != NULL) {
      break;
    }
  }
  if (line->len != 0 && line->data[line->len - 1] == '\r') {
    line->len--;
  }
  return 1;
}

om_array *om_read_all(void) {
  om_array *all = om_array_reserve(0, 1, 0);
  while (fill_input()) {
    om_array piece = {in_buffer + in_from, in_to - in_from, 0, 1, 0};
    om_array_append(all, &piece);
    in_from = in_to;
  }
  return all;
}

// ---- files ----------------------------------------------------------------------------------------------------------

static const char *error_name(int32_t error) {
  switch (error) {
    case 1: return "operation not permitted";
    case 2: return "no such file or directory";
    case 13: return "permission denied";
    case 17: return "file exists";
    case 20: return "not a directory";
    case 21: return "is a directory";
    case 22: return "invalid argument";
    case 24: return "too many open files";
    case 27: return "file too large";
    case 28: return "no space left on device";
    case 30: return "read-only file system";
    case 36: return "file name too long";
    default: return NULL;
  }
}

static om_array *error_text(const char *what, const om_array *path, int32_t error) {
  om_text_begin();
  om_out_bytes(what, (int64_t)strlen(what));
  om_out_str(path);
  om_out_bytes(": ", 2);
  const char *name = error_name(error);
  if (name != NULL) {
    om_out_bytes(name, (int64_t)strlen(name));
  } else {
    om_out_bytes("error ", 6);
    om_out_i64(error);
  }
  return om_text_end();
}

static int64_t open_path(const om_array *path, int32_t mode) {
  char name[4096];
  int64_t n = om_length(path);
  if (n >= (int64_t)sizeof name) {
    return -36;
  }
  if (n == 0) {
    return -2;
  }
  memcpy(name, path->data, (uint64_t)n);
  name[n] = 0;
  return strlen(name) != (size_t)n ? -22 : om_open(name, mode);
}

int32_t om_read_file(const om_array *path, om_array **out) {
  int64_t fd = open_path(path, OM_OPEN_READ), n = 0;
  if (fd < 0) {
    *out = error_text("cannot read ", path, (int32_t)-fd);
    return (int32_t)-fd;
  }
  om_array *data = om_array_reserve(65536, 1, 0);
  *out = data;
  while ((n = read_some(fd, data->data + data->len, data->cap - data->len)) > 0) {
    data->len += n;
    if (data->cap - data->len < 4096) {
      int64_t len = data->len;
      om_array_resize(data, data->cap * 2);
      data->len = len;
    }
  }
  om_syscall3(OM_SYS_close, fd, 0, 0);
  if (n < 0) {
    *out = error_text("cannot read ", path, (int32_t)-n);
    return (int32_t)-n;
  }
  return 0;
}

static int32_t write_path(const om_array *path, const om_array *data, om_array **error, int32_t mode) {
  int64_t fd = open_path(path, mode);
  int32_t status = fd < 0 ? (int32_t)-fd : 0;
  if (status == 0) {
    status = om_length(data) == 0 ? 0 : om_write_all((int)fd, data->data, (uint64_t)data->len);
    int64_t closed = om_syscall3(OM_SYS_close, fd, 0, 0);
    status = status == 0 && closed < 0 ? (int32_t)-closed : status;
  }
  *error = status == 0 ? NULL : error_text("cannot write ", path, status);
  return status;
}

int32_t om_write_file(const om_array *path, const om_array *data, om_array **error) { return write_path(path, data, error, OM_OPEN_WRITE); }
int32_t om_append_file(const om_array *path, const om_array *data, om_array **error) { return write_path(path, data, error, OM_OPEN_APPEND); }
