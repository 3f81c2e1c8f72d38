// SPDX-License-Identifier: Apache-2.0
// Reads and links any bytes as an object file of BPF code: no crash; what is linked begins with its header and ends where its segments do.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "omega/object/elf_format.h"
#include "omega/object/sbpf_linker.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace omega::object;
  const auto made = sbpf::link({reinterpret_cast<const char*>(data), size}, "entrypoint");
  if (!made.has_value()) {
    return 0;
  }
  elf::Header header;
  std::memcpy(&header, made->data(), sizeof header);
  uint64_t end = sizeof header + header.program_header_count * sizeof(elf::ProgramHeader);
  for (uint32_t k = 0; k < header.program_header_count; ++k) {
    elf::ProgramHeader segment;
    std::memcpy(&segment, made->data() + header.program_headers + k * sizeof segment, sizeof segment);
    if (segment.offset != end || segment.file_size % 8 != 0) {
      std::abort();
    }
    end += segment.file_size;
  }
  if (end != made->size() || header.entry < sbpf::kCodeAddress) {
    std::abort();
  }
  return 0;
}
