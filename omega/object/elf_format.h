// SPDX-License-Identifier: Apache-2.0
// The records of a 64-bit ELF file that an executable needs, as the System V ABI lays them out.
#pragma once

#include <cstdint>

namespace omega::object::elf {

struct Header {
  uint8_t ident[16];
  uint16_t type;
  uint16_t machine;
  uint32_t version;
  uint64_t entry;
  uint64_t program_headers;
  uint64_t section_headers;
  uint32_t flags;
  uint16_t header_size;
  uint16_t program_header_size;
  uint16_t program_header_count;
  uint16_t section_header_size;
  uint16_t section_header_count;
  uint16_t section_name_index;
};
static_assert(sizeof(Header) == 64);

struct ProgramHeader {
  uint32_t type;
  uint32_t flags;
  uint64_t offset;
  uint64_t address;
  uint64_t physical_address;
  uint64_t file_size;
  uint64_t memory_size;
  uint64_t alignment;
};
static_assert(sizeof(ProgramHeader) == 56);

struct SectionHeader {
  uint32_t name;
  uint32_t type;
  uint64_t flags;
  uint64_t address;
  uint64_t offset;
  uint64_t size;
  uint32_t link;
  uint32_t info;
  uint64_t alignment;
  uint64_t entry_size;
};
static_assert(sizeof(SectionHeader) == 64);

struct Symbol {
  uint32_t name;
  uint8_t info;
  uint8_t other;
  uint16_t section;
  uint64_t value;
  uint64_t size;
};
static_assert(sizeof(Symbol) == 24);

inline constexpr uint32_t kLoad = 1, kGnuStack = 0x6474e551;                               // program header types
inline constexpr uint32_t kExecute = 1, kWrite = 2, kRead = 4;                             // program header flags
inline constexpr uint32_t kProgBits = 1, kSymbolTable = 2, kStringTable = 3, kNoBits = 8;  // section types
inline constexpr uint64_t kSectionWrite = 1, kSectionAlloc = 2, kSectionExecute = 4;       // section flags
inline constexpr uint8_t kObject = 1, kFunction = 2, kFile = 4;                            // symbol types
inline constexpr uint16_t kAbsolute = 0xfff1;

}  // namespace omega::object::elf
