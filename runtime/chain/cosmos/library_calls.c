// SPDX-License-Identifier: Apache-2.0
// What LLVM calls by itself where it copies or clears.

void* memcpy(void* to, const void* from, size_t count) {
  copy_bytes(to, from, count);
  return to;
}

void* memset(void* to, int value, size_t count) {
  uint8_t* at = to;
  for (size_t i = 0; i < count; ++i) {
    at[i] = (uint8_t)value;
  }
  return to;
}

void* memmove(void* to, const void* from, size_t count) {
  uint8_t* at = to;
  const uint8_t* source = from;
  if ((uintptr_t)at <= (uintptr_t)source) {
    for (size_t i = 0; i < count; ++i) {
      at[i] = source[i];
    }
  } else {
    for (size_t i = count; i > 0; --i) {
      at[i - 1] = source[i - 1];
    }
  }
  return to;
}
