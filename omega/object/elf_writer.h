// SPDX-License-Identifier: Apache-2.0
// Writes static x86-64 ELF executables: segments at fixed addresses, a symbol table, sections that are not loaded.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omega/base/pod_vector.h"

namespace omega::object {

/// Granularity of segments: those with different rights share no page.
inline constexpr uint64_t page_size = 4096;

/// What a segment's memory may be used for; reading is always allowed.
struct Access {
  bool writable = false;
  bool executable = false;
};

/// Makes one executable: declare segments, sections and symbols, then lay_out(), fill the segments' bytes, and take the image.
/// Not thread-safe, but after lay_out() different threads may fill different ranges.
class ElfWriter {
 public:
  /// Part of the process image: `file_size` bytes of the file at `address`, zeros up to `memory_size`. Segments must not share pages.
  /// `section` names it for tools. Returns its number.
  uint32_t add_segment(std::string_view section, uint64_t address, uint64_t file_size, uint64_t memory_size, Access access);

  /// A section that is not loaded; `bytes` must live until lay_out().
  void add_section(std::string_view name, std::span<const uint8_t> bytes);

  /// A symbol inside the segment of that number.
  void add_symbol(std::string_view name, uint64_t address, uint64_t size, bool is_function, uint32_t segment);
  /// Room for so many symbols in all, with names of so many bytes.
  void reserve_symbols(size_t count, size_t name_bytes);
  /// Symbols named alike (`STT_FILE`): `name` is the source the following symbols come from.
  void add_file_symbol(std::string_view name);

  /// Fixes the layout and makes the image with everything but the segments' bytes. `entry` is where execution begins.
  void lay_out(uint64_t entry);

  /// The bytes of a segment in the image, not initialised.
  std::span<uint8_t> segment_bytes(uint32_t segment);

  /// The whole file.
  base::PodVector<uint8_t>& image() { return image_; }

 private:
  struct Segment {
    uint32_t name;
    uint64_t address;
    uint64_t file_size;
    uint64_t memory_size;
    Access access;
    uint64_t offset;
  };
  struct Section {
    uint32_t name;
    std::span<const uint8_t> bytes;
    uint64_t offset;
  };

  uint32_t add_section_name(std::string_view name);
  uint32_t add_name(std::string_view name);

  std::vector<Segment> segments_;
  std::vector<Section> sections_;
  base::PodVector<uint8_t> symbols_;
  base::PodVector<char> names_{'\0'};
  std::string section_names_ = std::string(1, '\0');
  base::PodVector<uint8_t> image_;
};

}  // namespace omega::object
