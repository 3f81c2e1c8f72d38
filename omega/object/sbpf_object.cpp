// SPDX-License-Identifier: Apache-2.0
#include "omega/object/sbpf_object.h"

#include <bit>
#include <cstring>

#include "omega/object/elf_format.h"

namespace omega::object::sbpf {
namespace {

constexpr uint16_t kRelocatable = 1;
constexpr uint16_t kBpf = 247;
constexpr uint32_t kRelocationSection = 9;  // SHT_REL: what is added stands in place
constexpr uint16_t kCommonSymbol = 0xfff2;
constexpr uint32_t kNotDynamic32 = 4;  // R_BPF_64_NODYLD32: of debug sections

struct RelocationRecord {
  uint64_t offset;
  uint64_t info;
};
static_assert(sizeof(RelocationRecord) == 16);

/// The error of a file, thrown inside this file only.
struct Malformed {
  std::string what;
};

void require(bool condition, const char* what) {
  if (!condition) {
    throw Malformed{what};
  }
}

class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  Object read() {
    header();
    sections();
    symbols();
    for (const elf::SectionHeader& header : headers_) {
      if (header.type == kRelocationSection && header.info < headers_.size() && numbers_[header.info] != kNoSection) {
        relocations(header, object_.sections[numbers_[header.info]]);
      }
    }
    return std::move(object_);
  }

 private:
  std::string_view part(uint64_t offset, uint64_t size) const {
    require(offset <= file_.size() && size <= file_.size() - offset, "a part lies outside of the file");
    return file_.substr(offset, size);
  }
  template <class T>
  T record(std::string_view table, uint64_t index) const {
    require(index < table.size() / sizeof(T), "a table ends too early");
    T value;
    std::memcpy(&value, table.data() + index * sizeof(T), sizeof(T));
    return value;
  }
  std::string_view name(std::string_view names, uint32_t offset) const {
    require(offset < names.size(), "a name lies outside of its table");
    const size_t end = names.find('\0', offset);
    require(end != std::string_view::npos, "a name has no end");
    return names.substr(offset, end - offset);
  }

  void header() {
    header_ = record<elf::Header>(file_, 0);
    static constexpr uint8_t kIdent[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};  // 64 bits, little-endian, version 1
    require(std::memcmp(header_.ident, kIdent, sizeof kIdent) == 0, "this is no 64-bit little-endian ELF file");
    require(header_.type == kRelocatable && header_.machine == kBpf, "this is no relocatable file of BPF code");
    require(header_.section_header_size == sizeof(elf::SectionHeader), "section headers have another size");
  }

  void sections() {
    const std::string_view table = part(header_.section_headers, uint64_t{header_.section_header_count} * sizeof(elf::SectionHeader));
    for (uint32_t k = 0; k < header_.section_header_count; ++k) {
      headers_.push_back(record<elf::SectionHeader>(table, k));
    }
    require(header_.section_name_index < headers_.size(), "the names of sections are missing");
    const elf::SectionHeader& names_header = headers_[header_.section_name_index];
    const std::string_view names = part(names_header.offset, names_header.size);
    for (const elf::SectionHeader& section : headers_) {
      numbers_.push_back(kNoSection);
      if ((section.flags & elf::kSectionAlloc) == 0 || section.size == 0) {
        continue;
      }
      const std::string_view title = name(names, section.name);
      // Constants that hold addresses are writable until they are linked, and only until then.
      const bool is_constant = (section.flags & elf::kSectionWrite) == 0 || title.starts_with(".data.rel.ro");
      if (section.type != elf::kProgBits || !is_constant) {
        throw Malformed{"section `" + std::string(title) + "` holds data that can be written, which there is none of on this machine"};
      }
      Section made;
      made.name = title;
      made.is_code = (section.flags & elf::kSectionExecute) != 0;
      made.bytes = part(section.offset, section.size);
      require(made.bytes.size() <= 0x7fffffffu, "a section has more than 2 GiB");
      require(section.alignment <= 4096 && std::has_single_bit(section.alignment | (section.alignment == 0 ? 1u : 0u)), "a section has a strange alignment");
      made.alignment = section.alignment == 0 ? 1 : static_cast<uint32_t>(section.alignment);
      require(!made.is_code || made.bytes.size() % kInstructionBytes == 0, "the code ends inside an instruction");
      numbers_.back() = static_cast<uint32_t>(object_.sections.size());
      object_.sections.push_back(std::move(made));
    }
  }

  void symbols() {
    for (const elf::SectionHeader& header : headers_) {
      if (header.type != elf::kSymbolTable) {
        continue;
      }
      require(object_.symbols.empty(), "there are two symbol tables");
      const std::string_view table = part(header.offset, header.size);
      require(header.link < headers_.size(), "the symbols have no names");
      const std::string_view names = part(headers_[header.link].offset, headers_[header.link].size);
      symbol_table_ = static_cast<uint32_t>(&header - headers_.data());
      for (uint64_t k = 0; k < table.size() / sizeof(elf::Symbol); ++k) {
        object_.symbols.push_back(symbol(record<elf::Symbol>(table, k), names));
      }
    }
  }
  Symbol symbol(const elf::Symbol& from, std::string_view names) const {
    Symbol to;
    to.name = name(names, from.name);
    to.is_function = (from.info & 15u) == elf::kFunction;
    require(from.section != kCommonSymbol, "there is a common symbol");
    if (from.section < numbers_.size() && numbers_[from.section] != kNoSection) {
      to.section = numbers_[from.section];
      require(from.value <= object_.sections[to.section].bytes.size(), "a symbol lies outside of its section");
      to.offset = static_cast<uint32_t>(from.value);
    }
    return to;
  }

  void relocations(const elf::SectionHeader& header, Section& section) const {
    require(header.link == symbol_table_, "relocations name another symbol table");
    const std::string_view table = part(header.offset, header.size);
    for (uint64_t k = 0; k < table.size() / sizeof(RelocationRecord); ++k) {
      const RelocationRecord from = record<RelocationRecord>(table, k);
      const uint32_t kind = static_cast<uint32_t>(from.info);
      if (kind == kNotDynamic32 && !section.is_code) {
        throw Malformed{"a 32-bit address in data"};
      }
      Relocation to{static_cast<uint32_t>(from.offset), static_cast<RelocationKind>(kind), static_cast<uint32_t>(from.info >> 32)};
      uint64_t bytes = 8;
      switch (to.kind) {
        case RelocationKind::Load64: bytes = 2 * uint64_t{kInstructionBytes}; [[fallthrough]];
        case RelocationKind::Call32: require(section.is_code && from.offset % kInstructionBytes == 0, "a relocation of an instruction lies elsewhere"); break;
        case RelocationKind::Absolute64: require(!section.is_code, "a relocation of data lies in code"); break;
        default: throw Malformed{"relocation " + std::to_string(kind) + " is unknown"};
      }
      require(from.offset <= section.bytes.size() && bytes <= section.bytes.size() - from.offset, "a relocation lies outside of its section");
      require(to.symbol < object_.symbols.size(), "a relocation names no symbol");
      section.relocations.push_back(to);
    }
  }

  std::string_view file_;
  elf::Header header_{};
  std::vector<elf::SectionHeader> headers_;
  std::vector<uint32_t> numbers_;  ///< of each header, the section that is loaded
  uint32_t symbol_table_ = 0;
  Object object_;
};

}  // namespace

base::Result<Object> read_object(std::string_view file) {
  try {
    return Reader(file).read();
  } catch (Malformed& failure) {
    return base::Error{"malformed object file: " + failure.what, 0, ""};
  }
}

}  // namespace omega::object::sbpf
