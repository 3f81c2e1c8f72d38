// SPDX-License-Identifier: Apache-2.0
// Memory that lives as long as the call, handed out upwards.
#include "runtime/chain/shared.h"

#ifndef CHAIN_GROWS_MEMORY
/// A chain whose memory can grow defines CHAIN_GROWS_MEMORY and this function: it moves heap_end so that `size` bytes more are free, or gives 0.
INLINE int chain_grow(uint64_t size) {
  (void)size;
  return 0;
}
#endif

void* chain_allocate(uint64_t size) {
  Machine* machine = chain_machine();
  const uint64_t needed = (size + 7) & ~(uint64_t)7;
  if (size > needed || (needed > machine->heap_end - machine->heap_next && !chain_grow(needed))) {
    return NULL;
  }
  const uint64_t at = machine->heap_next;
  machine->heap_next = at + needed;
  return (void*)(uintptr_t)at;
}

Word* chain_transients(uint64_t count) {
  Machine* machine = chain_machine();
  if (machine->transients == NULL) {
    machine->transients = (Word*)chain_allocate(count * sizeof(Word));
  }
  return machine->transients;
}

Bytes* chain_new_bytes(uint64_t length) {
  Bytes* bytes = length > (uint64_t)1 << 40 ? NULL : (Bytes*)chain_allocate(sizeof(Bytes) + length);
  if (bytes != NULL) {
    bytes->length = length;
  }
  return bytes;
}

Array* chain_new_array(uint64_t length) {
  Array* array = length > (uint64_t)1 << 40 ? NULL : (Array*)chain_allocate(sizeof(Array) + length * sizeof(Word));
  if (array != NULL) {
    array->length = length;
  }
  return array;
}
