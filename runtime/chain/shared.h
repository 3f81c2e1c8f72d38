// SPDX-License-Identifier: Apache-2.0
// Small things that the shared code and chains use. Everything here is inlined.
#pragma once

#include "runtime/chain/chain.h"

#define INLINE static inline __attribute__((always_inline, unused))
#define COLD __attribute__((cold, noinline))
#define OUTLINE __attribute__((noinline))

/// The value, known to be what it is only from here on: a division by it stays behind the check that it is not 0. LLVM's BPF back end takes divisions for free
/// of effects and moves them in front of loops; on Solana one by 0 ends the program.
INLINE uint64_t checked_divisor(uint64_t value) {
  __asm__ volatile("" : "+r"(value));
  return value;
}
#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

INLINE uint64_t byte_count(const Bytes* bytes) { return bytes == NULL ? 0 : bytes->length; }
INLINE uint64_t element_count(const Array* array) { return array == NULL ? 0 : array->length; }

INLINE Word word_of(uint64_t value) {
  Word word = {{value, 0, 0, 0}};
  return word;
}
INLINE int is_zero(const Word* a) { return (a->limb[0] | a->limb[1] | a->limb[2] | a->limb[3]) == 0; }
INLINE int fits_64(const Word* a) { return (a->limb[1] | a->limb[2] | a->limb[3]) == 0; }
INLINE int is_negative(const Word* a) { return (int)(a->limb[3] >> 63); }
INLINE int same_word(const Word* a, const Word* b) {
  return ((a->limb[0] ^ b->limb[0]) | (a->limb[1] ^ b->limb[1]) | (a->limb[2] ^ b->limb[2]) | (a->limb[3] ^ b->limb[3])) == 0;
}

/// References in words.
INLINE void* reference(const Word* word) { return (void*)(uintptr_t)word->limb[0]; }
INLINE Word word_of_reference(const void* object) { return word_of((uint64_t)(uintptr_t)object); }

/// Eight bytes at any address. BPF's machine takes that too, but its compiler would go byte by byte.
#ifdef __bpf__
INLINE uint64_t load_64(const uint8_t* from) { return *(const uint64_t*)(uintptr_t)from; }
INLINE void store_64(uint8_t* to, uint64_t value) { *(uint64_t*)(uintptr_t)to = value; }
#else
INLINE uint64_t load_64(const uint8_t* from) {
  uint64_t value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}
INLINE void store_64(uint8_t* to, uint64_t value) { __builtin_memcpy(to, &value, sizeof value); }
#endif

/// The 32 bytes of a word, the most significant first.
INLINE void write_word(uint8_t* to, const Word* word) {
  for (int i = 0; i < 4; ++i) {
    store_64(to + 8 * i, __builtin_bswap64(word->limb[3 - i]));
  }
}
INLINE void read_word(Word* to, const uint8_t* from) {
  for (int i = 0; i < 4; ++i) {
    to->limb[3 - i] = __builtin_bswap64(load_64(from + 8 * i));
  }
}

#ifndef CHAIN_COPIES_BYTES
/// A chain that has a better way defines CHAIN_COPIES_BYTES and this function.
INLINE void copy_bytes(uint8_t* to, const uint8_t* from, uint64_t count) {
  uint64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    store_64(to + i, load_64(from + i));
  }
  for (; i < count; ++i) {
    to[i] = from[i];
  }
}
#endif

/// Number of the parts of a struct or fixed array, and the type of one.
INLINE uint64_t part_count(const DataType* type) { return type->kind == kStruct ? type->field_count : type->length; }
INLINE uint32_t part_type(const DataType* type, uint64_t k) { return type->kind == kStruct ? chain_fields[type->first_field + k].type : type->element; }
INLINE int is_value(const DataType* type) { return type->kind <= kEnum; }
INLINE int is_bytes(const DataType* type) { return type->kind == kBytes || type->kind == kString; }
