// SPDX-License-Identifier: Apache-2.0
// Layout: ELF header, program headers, segments (congruent to their addresses), other sections, section headers.
#include "omega/object/elf_writer.h"

#include <cstring>

#include "omega/base/check.h"
#include "omega/object/elf_format.h"

namespace omega::object {

namespace {

uint64_t align_up(uint64_t value, uint64_t alignment) { return (value + alignment - 1) & ~(alignment - 1); }

template <class T>
void put(base::PodVector<uint8_t>& image, uint64_t offset, const T& record) {
  std::memcpy(image.data() + offset, &record, sizeof record);
}

}  // namespace

uint32_t ElfWriter::add_section_name(std::string_view name) {
  const auto at = static_cast<uint32_t>(section_names_.size());
  section_names_ += name;
  section_names_ += '\0';
  return at;
}

uint32_t ElfWriter::add_name(std::string_view name) {
  const auto at = static_cast<uint32_t>(names_.size());
  names_.append(name.data(), name.size());
  names_.push_back('\0');
  return at;
}

uint32_t ElfWriter::add_segment(std::string_view section, uint64_t address, uint64_t file_size, uint64_t memory_size, Access access) {
  OMEGA_CHECK(memory_size >= file_size, "a segment's file part exceeds its memory");
  segments_.push_back({add_section_name(section), address, file_size, memory_size, access, 0});
  return static_cast<uint32_t>(segments_.size() - 1);
}

void ElfWriter::add_section(std::string_view name, std::span<const uint8_t> bytes) { sections_.push_back({add_section_name(name), bytes, 0}); }

void ElfWriter::reserve_symbols(size_t count, size_t name_bytes) {
  symbols_.reserve((count + 1) * sizeof(elf::Symbol));
  names_.reserve(name_bytes + count + 1);
}

void ElfWriter::add_symbol(std::string_view name, uint64_t address, uint64_t size, bool is_function, uint32_t segment) {
  const elf::Symbol symbol{add_name(name), is_function ? elf::kFunction : elf::kObject, 0, static_cast<uint16_t>(segment + 1), address, size};
  symbols_.append(reinterpret_cast<const uint8_t*>(&symbol), sizeof symbol);
}

void ElfWriter::add_file_symbol(std::string_view name) {
  const elf::Symbol symbol{add_name(name), elf::kFile, 0, elf::kAbsolute, 0, 0};
  symbols_.append(reinterpret_cast<const uint8_t*>(&symbol), sizeof symbol);
}

void ElfWriter::lay_out(uint64_t entry) {
  const uint32_t symtab_name = add_section_name(".symtab");
  const uint32_t strtab_name = add_section_name(".strtab");
  const uint32_t shstrtab_name = add_section_name(".shstrtab");
  const uint64_t program_header_count = segments_.size() + 1;
  uint64_t at = sizeof(elf::Header) + program_header_count * sizeof(elf::ProgramHeader);
  for (Segment& s : segments_) {
    at = align_up(at, 16);
    at += (s.address - at) & (page_size - 1);
    s.offset = at;
    at += s.file_size;
  }
  for (Section& s : sections_) {
    s.offset = at = align_up(at, 8);
    at += s.bytes.size();
  }
  const uint64_t symbols_at = align_up(at, 8);
  const uint64_t symbols_size = sizeof(elf::Symbol) + symbols_.size();
  const uint64_t names_at = symbols_at + symbols_size;
  const uint64_t section_names_at = names_at + names_.size();
  const uint64_t headers_at = align_up(section_names_at + section_names_.size(), 8);
  const uint64_t section_count = 1 + segments_.size() + sections_.size() + 3;
  image_.resize(headers_at + section_count * sizeof(elf::SectionHeader));

  elf::Header header{};
  std::memcpy(header.ident, "\x7f" "ELF\x02\x01\x01", 7);
  header.type = 2;
  header.machine = 62;
  header.version = 1;
  header.entry = entry;
  header.program_headers = sizeof(elf::Header);
  header.section_headers = headers_at;
  header.header_size = sizeof(elf::Header);
  header.program_header_size = sizeof(elf::ProgramHeader);
  header.program_header_count = static_cast<uint16_t>(program_header_count);
  header.section_header_size = sizeof(elf::SectionHeader);
  header.section_header_count = static_cast<uint16_t>(section_count);
  header.section_name_index = static_cast<uint16_t>(section_count - 1);
  put(image_, 0, header);

  uint64_t program_at = sizeof(elf::Header);
  uint64_t section_at = headers_at;
  uint64_t filled = program_at + program_header_count * sizeof(elf::ProgramHeader);
  auto zero_to = [&](uint64_t offset) { std::memset(image_.data() + filled, 0, offset - filled); };
  auto put_section = [&](const elf::SectionHeader& s) {
    put(image_, section_at, s);
    section_at += sizeof s;
  };
  put_section({});
  for (const Segment& s : segments_) {
    zero_to(s.offset);
    filled = s.offset + s.file_size;
    const uint32_t flags = elf::kRead | (s.access.writable ? elf::kWrite : 0) | (s.access.executable ? elf::kExecute : 0);
    put(image_, program_at, elf::ProgramHeader{elf::kLoad, flags, s.offset, s.address, s.address, s.file_size, s.memory_size, page_size});
    program_at += sizeof(elf::ProgramHeader);
    const uint64_t section_flags =
        elf::kSectionAlloc | (s.access.writable ? elf::kSectionWrite : 0) | (s.access.executable ? elf::kSectionExecute : 0);
    put_section({s.name, s.file_size == 0 ? elf::kNoBits : elf::kProgBits, section_flags, s.address, s.offset,
                 s.file_size == 0 ? s.memory_size : s.file_size, 0, 0, 16, 0});
  }
  put(image_, program_at, elf::ProgramHeader{elf::kGnuStack, elf::kRead | elf::kWrite, 0, 0, 0, 0, 0, 16});
  for (const Section& s : sections_) {
    zero_to(s.offset);
    filled = s.offset + s.bytes.size();
    if (!s.bytes.empty()) {
      std::memcpy(image_.data() + s.offset, s.bytes.data(), s.bytes.size());
    }
    put_section({s.name, elf::kProgBits, 0, 0, s.offset, s.bytes.size(), 0, 0, 1, 0});
  }
  zero_to(symbols_at);
  const auto names_section = static_cast<uint32_t>(section_count - 2);
  const auto local_count = static_cast<uint32_t>(symbols_size / sizeof(elf::Symbol));
  put_section({symtab_name, elf::kSymbolTable, 0, 0, symbols_at, symbols_size, names_section, local_count, 8, sizeof(elf::Symbol)});
  put_section({strtab_name, elf::kStringTable, 0, 0, names_at, names_.size(), 0, 0, 1, 0});
  put_section({shstrtab_name, elf::kStringTable, 0, 0, section_names_at, section_names_.size(), 0, 0, 1, 0});
  put(image_, symbols_at, elf::Symbol{});
  if (!symbols_.empty()) {
    std::memcpy(image_.data() + symbols_at + sizeof(elf::Symbol), symbols_.data(), symbols_.size());
  }
  std::memcpy(image_.data() + names_at, names_.data(), names_.size());
  std::memcpy(image_.data() + section_names_at, section_names_.data(), section_names_.size());
  filled = section_names_at + section_names_.size();
  zero_to(headers_at);
}

std::span<uint8_t> ElfWriter::segment_bytes(uint32_t segment) {
  const Segment& s = segments_[segment];
  return {image_.data() + s.offset, s.file_size};
}

}  // namespace omega::object
