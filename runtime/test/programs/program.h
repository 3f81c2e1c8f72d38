// SPDX-License-Identifier: Apache-2.0
// What every test program shares: it stands for what the compiler emits. Hosted or on the freestanding image.
#pragma once
#include "runtime/atomics.h"
#include "runtime/omega_runtime.h"

#define TEXT(name, literal) static om_array name = {(uint8_t *)(uintptr_t)literal, sizeof(literal) - 1, 0, 1, OM_ARRAY_STATIC}

#if defined(TEST_HOSTED)
#define PROGRAM(main_function, globals, globals_size)                                                            \
  int main(int argc, char **argv) {                                                                              \
    static om_program program;                                                                                   \
    program.magic = OM_PROGRAM_MAGIC;                                                                            \
    program.main = main_function;                                                                                \
    program.globals_lo = (globals);                                                                              \
    program.globals_hi = (uint8_t *)program.globals_lo + (globals_size);                                         \
    return om_start(argc, argv, &program);                                                                       \
  }
#else
extern const uint8_t code_begin[], code_end[];
#define PROGRAM(main_function, globals, globals_size)                                                             \
  static const char *const files[] = {"program.omega"};                                                           \
  static const om_function_lines functions[] = {{0, 0}};                                                          \
  static const uint8_t rows[] = {OM_ROW_LONG, 0, 2 * 7, 3}; /* all code is line 7, column 3 */                    \
  const om_program program = {OM_PROGRAM_MAGIC, main_function, code_begin, code_end, (void *)(globals),           \
                              (char *)(globals) + (globals_size), functions, rows, 1, sizeof rows, files, 1, 0, 0, 0, 0};
#endif

static inline int64_t number(const om_array *args, int64_t i, int64_t otherwise) {
  int64_t v = otherwise;
  if (i < args->len) {
    om_parse_int(((om_array **)(void *)args->data)[i], OM_INT(64, 1), &v);
  }
  return v;
}
