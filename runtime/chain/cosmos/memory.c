// SPDX-License-Identifier: Apache-2.0
// Memory: handed out upwards, behind what the linker laid out, and grown when it ends. A call has an instance of its own, so nothing is given back.

extern uint8_t __heap_base[];

static Call this_call;

enum { kPage = 65536 };

Machine* chain_machine(void) { return &this_call.machine; }

/// Makes room for `size` more bytes; 0 when the chain gives no more.
int chain_grow(uint64_t size) {
  Machine* machine = &this_call.machine;
  if (machine->heap_next == 0) {
    machine->heap_next = ((uint64_t)(uintptr_t)__heap_base + 7) & ~(uint64_t)7;
    machine->heap_end = (uint64_t)__builtin_wasm_memory_size(0) * kPage;
  }
  if (machine->heap_end - machine->heap_next >= size) {
    return 1;
  }
  const uint64_t pages = (size - (machine->heap_end - machine->heap_next) + kPage - 1) / kPage;
  if (pages > 65536 || __builtin_wasm_memory_grow(0, (uint32_t)pages) == SIZE_MAX) {
    return 0;
  }
  machine->heap_end += pages * kPage;
  return 1;
}

/// What was handed out since `mark` is free again.
static void release_memory(uint64_t mark) {
  Machine* machine = &this_call.machine;
  for (uint8_t* at = (uint8_t*)(uintptr_t)mark; at < (uint8_t*)(uintptr_t)machine->heap_next; ++at) {
    *at = 0;
  }
  machine->heap_next = mark;
}

/// Gives back what was needed for an operation that went well; a failure's data stays.
static Status released(uint64_t mark, Status status) {
  if (status == kDone) {
    release_memory(mark);
  }
  return status;
}

static Region region_of(const void* bytes, uint64_t length) {
  // A region's offset is never 0, not even of an empty one.
  const Region region = {bytes == 0 ? 8 : (uint32_t)(uintptr_t)bytes, (uint32_t)length, (uint32_t)length};
  return region;
}

static const uint8_t* region_bytes(const Region* region) { return (const uint8_t*)(uintptr_t)region->offset; }

/// Ends the call: the chain's side cannot do what is asked.
static Status complain(uint32_t code, const char* why) {
  this_call.machine.chain_code = code;
  this_call.complaint = why;
  return kFailed;
}

/// For the host, which puts here what it hands over. Without memory the call traps.
Region* allocate(uint32_t size) {
  Region* region = chain_allocate(sizeof(Region) + (uint64_t)size);
  if (region == 0) {
    __builtin_trap();
  }
  region->offset = (uint32_t)(uintptr_t)(region + 1);
  region->capacity = size;
  return region;
}

/// The instance ends with the call.
void deallocate(const Region* region) { (void)region; }

/// Says that this is the interface of CosmWasm 1.0 and later.
void interface_version_8(void) {}
