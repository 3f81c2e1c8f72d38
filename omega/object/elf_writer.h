// SPDX-License-Identifier: Apache-2.0
// Writes static x86-64 ELF executables: segments at fixed addresses, a symbol table, sections that are not loaded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "omega/base/pod_vector.h"
#include "omega/object/elf_format.h"
#include "omega/object/pieces.h"

namespace omega::object {

/// Granularity of segments: those with different rights share no page.
inline constexpr uint64_t page_size = 4096;

/// What a segment's memory may be used for; reading is always allowed.
struct Access {
  bool writable = false;
  bool executable = false;
};

/// Part of a symbol table, made apart from the others and appended by ElfWriter. Not thread-safe.
class Symbols {
 public:
  /// Room for so many symbols with names of so many bytes in all.
  void reserve(size_t count, size_t name_bytes);
  /// A symbol inside the segment of that number. Returns where its name stands among this part's.
  uint32_t add(std::string_view name, uint64_t address, uint64_t size, bool is_function, uint32_t segment);
  /// Names the source that the following symbols come from.
  void add_file(std::string_view name);

 private:
  friend class ElfWriter;
  uint32_t add_name(std::string_view name);

  base::PodVector<elf::Symbol> symbols_;  ///< their names as offsets in names_
  base::PodVector<uint8_t> names_;
};

/// Makes one executable: declare segments, sections and symbols, then finish(). Not thread-safe.
class ElfWriter {
 public:
  /// Part of the process image: `contents` at `address`, zeros up to `memory_size`. Segments must not share pages. `section` names it for tools.
  /// Returns its number.
  uint32_t add_segment(std::string_view section, uint64_t address, Pieces contents, uint64_t memory_size, Access access);

  /// A section of the same bytes as the names of the symbols.
  void add_section_of_names(std::string_view name);

  /// A section that is not loaded.
  void add_section(std::string_view name, Pieces contents);

  /// Appends symbols. Returns where the part's names begin among all.
  uint32_t add_symbols(Symbols&& symbols);

  /// The whole file; execution begins at `entry`. Nothing may be added afterwards.
  Pieces finish(uint64_t entry);

 private:
  struct Segment {
    uint32_t name;
    uint64_t address;
    uint64_t memory_size;
    Access access;
    Pieces contents;
    uint64_t offset;
  };
  struct Section {
    elf::SectionHeader header;
    Pieces contents;
    bool is_names = false;
  };

  uint32_t add_section_name(std::string_view name);
  void add_symbol_sections();
  base::PodVector<uint8_t> headers(uint64_t entry, uint64_t section_headers, uint64_t section_count) const;

  std::vector<Segment> segments_;
  std::vector<Section> sections_;
  std::vector<Symbols> symbols_;
  uint32_t names_size_ = 1;  ///< the first name is empty
  std::string section_names_ = std::string(1, '\0');
};

}  // namespace omega::object
