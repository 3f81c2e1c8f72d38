// SPDX-License-Identifier: Apache-2.0
// Memory that lives as long as the call, handed out upwards.
#include "runtime/chain/shared.h"

void* chain_allocate(uint64_t size) {
  Machine* machine = chain_machine();
  const uint64_t at = machine->heap_next, free = machine->heap_end - at;
  if (size > free || ((size + 7) & ~(uint64_t)7) > free) {
    return NULL;
  }
  machine->heap_next = at + ((size + 7) & ~(uint64_t)7);
  return (void*)(uintptr_t)at;
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
