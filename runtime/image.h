// SPDX-License-Identifier: Apache-2.0
// The freestanding runtime as linked bytes: what the native back end puts under every program.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace omega::runtime_image {

/// One loadable segment of the image.
struct Segment {
  uint64_t address;
  const uint8_t* bytes;
  uint64_t file_size;    ///< bytes at `bytes`
  uint64_t memory_size;  ///< the rest up to here is zero
  uint32_t flags;        ///< ELF: 4 read, 2 write, 1 execute
};

/// A function or object of the contract (`runtime/omega_runtime.h`) and its address.
struct Symbol {
  std::string_view name;
  uint64_t address;
};

/// The segments, by address. Programs may use addresses from 0x1000000 on.
std::span<const Segment> segments();
/// All symbols, sorted by name.
std::span<const Symbol> symbols();
/// Address of a symbol; 0 when the image has none of that name. `om_program_table` is the table to patch.
uint64_t address_of(std::string_view name);
/// Where execution starts.
uint64_t entry();

}  // namespace omega::runtime_image
