// SPDX-License-Identifier: Apache-2.0
// Layout: ELF header, program headers, segments (congruent to their addresses), other sections, section headers.
#include "omega/object/elf_writer.h"

#include <cstring>
#include <utility>

#include "omega/base/check.h"

namespace omega::object {

namespace {

uint64_t align_up(uint64_t value, uint64_t alignment) { return (value + alignment - 1) & ~(alignment - 1); }

template <class T>
void append(base::PodVector<uint8_t>& to, const T& record) {
  to.append(reinterpret_cast<const uint8_t*>(&record), sizeof record);
}

Pieces::Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

}  // namespace

void Symbols::reserve(size_t count, size_t name_bytes) {
  symbols_.reserve(count);
  names_.reserve(name_bytes + count);
}

uint32_t Symbols::add_name(std::string_view name) {
  const auto at = static_cast<uint32_t>(names_.size());
  names_.append(bytes_of(name).data(), name.size());
  names_.push_back(0);
  return at;
}

uint32_t Symbols::add(std::string_view name, uint64_t address, uint64_t size, bool is_function, uint32_t segment) {
  const uint32_t at = add_name(name);
  symbols_.push_back({at, is_function ? elf::kFunction : elf::kObject, 0, static_cast<uint16_t>(segment + 1), address, size});
  return at;
}

void Symbols::add_file(std::string_view name) { symbols_.push_back({add_name(name), elf::kFile, 0, elf::kAbsolute, 0, 0}); }

uint32_t ElfWriter::add_section_name(std::string_view name) {
  const auto at = static_cast<uint32_t>(section_names_.size());
  section_names_ += name;
  section_names_ += '\0';
  return at;
}

uint32_t ElfWriter::add_segment(std::string_view section, uint64_t address, Pieces contents, uint64_t memory_size, Access access) {
  OMEGA_CHECK(memory_size >= contents.size(), "a segment's file part exceeds its memory");
  segments_.push_back({add_section_name(section), address, memory_size, access, std::move(contents), 0});
  return static_cast<uint32_t>(segments_.size() - 1);
}

void ElfWriter::add_section(std::string_view name, Pieces contents) {
  sections_.push_back({{add_section_name(name), elf::kProgBits, 0, 0, 0, 0, 0, 0, 1, 0}, std::move(contents), false});
}

void ElfWriter::add_section_of_names(std::string_view name) {
  add_section(name, {});
  sections_.back().is_names = true;
}

uint32_t ElfWriter::add_symbols(Symbols&& symbols) {
  const uint32_t at = names_size_;
  names_size_ += static_cast<uint32_t>(symbols.names_.size());
  symbols_.push_back(std::move(symbols));
  return at;
}

void ElfWriter::add_symbol_sections() {
  static constexpr elf::Symbol first{};
  static constexpr uint8_t no_name[1] = {0};
  Pieces symbols, names;
  symbols.add({reinterpret_cast<const uint8_t*>(&first), sizeof first});
  names.add(no_name);
  for (Symbols& part : symbols_) {
    for (elf::Symbol& symbol : part.symbols_) {
      symbol.name += static_cast<uint32_t>(names.size());
    }
    base::PodVector<uint8_t> bytes;
    bytes.append(reinterpret_cast<const uint8_t*>(part.symbols_.data()), part.symbols_.size() * sizeof(elf::Symbol));
    symbols.add(std::move(bytes));
    names.add(std::move(part.names_));
  }
  const auto count = static_cast<uint32_t>(symbols.size() / sizeof(elf::Symbol));
  const auto names_section = static_cast<uint32_t>(1 + segments_.size() + sections_.size() + 1);
  add_section(".symtab", std::move(symbols));
  sections_.back().header.type = elf::kSymbolTable;
  sections_.back().header.link = names_section;
  sections_.back().header.info = count;
  sections_.back().header.entry_size = sizeof(elf::Symbol);
  sections_.back().header.alignment = 8;
  add_section(".strtab", std::move(names));
  sections_.back().header.type = elf::kStringTable;
  const uint32_t own_name = add_section_name(".shstrtab");
  base::PodVector<uint8_t> section_names;
  section_names.append(bytes_of(section_names_).data(), section_names_.size());
  sections_.push_back({{own_name, elf::kStringTable, 0, 0, 0, 0, 0, 0, 1, 0}, {}, false});
  sections_.back().contents.add(std::move(section_names));
}

base::PodVector<uint8_t> ElfWriter::headers(uint64_t entry, uint64_t section_headers, uint64_t section_count) const {
  elf::Header header{};
  std::memcpy(header.ident,
              "\x7f"
              "ELF\x02\x01\x01",
              7);
  header.type = 2;
  header.machine = 62;
  header.version = 1;
  header.entry = entry;
  header.program_headers = sizeof(elf::Header);
  header.section_headers = section_headers;
  header.header_size = sizeof(elf::Header);
  header.program_header_size = sizeof(elf::ProgramHeader);
  header.program_header_count = static_cast<uint16_t>(segments_.size() + 1);
  header.section_header_size = sizeof(elf::SectionHeader);
  header.section_header_count = static_cast<uint16_t>(section_count);
  header.section_name_index = static_cast<uint16_t>(section_count - 1);
  base::PodVector<uint8_t> bytes;
  append(bytes, header);
  for (const Segment& s : segments_) {
    const uint32_t flags = elf::kRead | (s.access.writable ? elf::kWrite : 0) | (s.access.executable ? elf::kExecute : 0);
    append(bytes, elf::ProgramHeader{elf::kLoad, flags, s.offset, s.address, s.address, s.contents.size(), s.memory_size, page_size});
  }
  append(bytes, elf::ProgramHeader{elf::kGnuStack, elf::kRead | elf::kWrite, 0, 0, 0, 0, 0, 16});
  return bytes;
}

Pieces ElfWriter::finish(uint64_t entry) {
  add_symbol_sections();
  uint64_t at = sizeof(elf::Header) + (segments_.size() + 1) * sizeof(elf::ProgramHeader);
  for (Segment& s : segments_) {
    at = align_up(at, 16);
    at += (s.address - at) & (page_size - 1);
    s.offset = at;
    at += s.contents.size();
  }
  for (Section& s : sections_) {
    at = align_up(at, 8);
    s.header.offset = at;
    s.header.size = s.contents.size();
    at += s.header.size;
  }
  const Section& names = sections_[sections_.size() - 2];
  for (Section& s : sections_) {
    if (s.is_names) {
      s.header.offset = names.header.offset;
      s.header.size = names.header.size;
    }
  }
  const uint64_t section_headers_at = align_up(at, 8);
  const uint64_t section_count = 1 + segments_.size() + sections_.size();

  Pieces file;
  file.add(headers(entry, section_headers_at, section_count));
  base::PodVector<uint8_t> section_headers;
  append(section_headers, elf::SectionHeader{});
  for (Segment& s : segments_) {
    const uint64_t size = s.contents.size();
    const uint64_t flags = elf::kSectionAlloc | (s.access.writable ? elf::kSectionWrite : 0) | (s.access.executable ? elf::kSectionExecute : 0);
    append(section_headers,
           elf::SectionHeader{s.name, size == 0 ? elf::kNoBits : elf::kProgBits, flags, s.address, s.offset, size == 0 ? s.memory_size : size, 0, 0, 16, 0});
    file.pad(s.offset - file.size());
    file.add(std::move(s.contents));
  }
  for (Section& s : sections_) {
    append(section_headers, s.header);
    if (s.is_names) {
      continue;
    }
    file.pad(s.header.offset - file.size());
    file.add(std::move(s.contents));
  }
  file.pad(section_headers_at - file.size());
  file.add(std::move(section_headers));
  return file;
}

}  // namespace omega::object
